import { Type } from '@sinclair/typebox';
import { ApiError, gone } from '#common/api/errors.ts';
import { routesFor, type AnyRoute, type Method } from '#common/api/route.ts';

const route = routesFor<object>();
const Any = Type.Record(Type.String(), Type.Unknown());

/** What Icehouse had and today's API answers 410 for: method, path. */
const removed: readonly (readonly [Method, string])[] = [
  ...both('/os-agents', ['GET', 'POST'], ['PUT', 'DELETE']),
  ...both('/os-cells', ['GET', 'POST'], ['GET', 'PUT', 'DELETE']),
  ['GET', '/os-cells/detail'],
  ['GET', '/os-cells/info'],
  ['GET', '/os-cells/capacities'],
  ['GET', '/os-cells/:id/capacities'],
  ['POST', '/os-cells/sync_instances'],
  ...both('/os-cloudpipe', ['GET', 'POST'], ['PUT']),
  ...both('/os-fping', ['GET'], ['GET']),
  ...both('/os-fixed-ips', [], ['GET']),
  ['POST', '/os-fixed-ips/:id/action'],
  ...both('/os-floating-ips-bulk', ['GET', 'POST'], ['GET', 'PUT']),
  ...both('/os-floating-ip-dns', ['GET'], ['GET', 'PUT', 'DELETE']),
  ...both('/os-floating-ip-dns/:id/entries', [], ['GET', 'PUT', 'DELETE'], 'entry'),
  ...both('/os-security-group-default-rules', ['GET', 'POST'], ['GET', 'DELETE']),
  ...both('/os-networks', ['POST'], ['DELETE']),
  ['POST', '/os-networks/add'],
  ['POST', '/os-networks/:id/action'],
  ...both('/os-tenant-networks', ['POST'], ['DELETE']),
  ['GET', '/servers/:id/os-virtual-interfaces'],
  ...both('/servers/:id/consoles', ['GET', 'POST'], ['GET', 'DELETE'], 'console_id'),
];

function both(
  path: string,
  all: readonly Method[],
  one: readonly Method[],
  name = 'id',
): (readonly [Method, string])[] {
  return [
    ...all.map((method) => [method, path] as const),
    ...one.map((method) => [method, `${path}/:${name}`] as const),
  ];
}

const idOf = (method: string, path: string): string =>
  `removed.${method.toLowerCase()}${path.replace(/\/:?/g, '_').replace(/-/g, '_')}`;

/** Whoever has a token learns that it is gone, whatever he sends. */
export const removedRoutes: readonly AnyRoute<object>[] = removed.map(([method, path]) =>
  route({
    id: idOf(method, path),
    summary: 'No longer in this version of the API',
    method,
    path,
    versions: { apis: ['v2.1'] },
    policy: 'os_compute_api:gone',
    status: 410,
    ...((method === 'POST' || method === 'PUT') && { body: Type.Union([Any, Type.Null()]) }),
    handle: () => {
      throw gone('This resource is no longer available. No forwarding address is given.');
    },
  }),
);

/** 501: this cloud's drivers have nothing behind the call. */
export const notImplemented = (message: string): ApiError => new ApiError(501, message);
export const unsupported = (): ApiError => notImplemented('The requested functionality is not supported.');
