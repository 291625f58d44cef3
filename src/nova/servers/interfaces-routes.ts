import { Type } from '@sinclair/typebox';
import { ApiError, badRequest, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { ApiVersion } from '#common/api/version.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Port } from '#clients/network.ts';
import { IdParams, nullable, strict, Uuid } from '../api/schemas.ts';
import { portOf } from '../networks/request.ts';
import type { Server } from './model.ts';
import type { ServerService } from './service.ts';
import { addressesOf } from './view.ts';

const route = routesFor<ServerService>();
const base = '/servers/:id';
const KeyParams = Type.Object({ id: Type.String(), key: Type.String() });
const Tag = Type.String({ minLength: 1, maxLength: 60, pattern: '^[^,/]*$' });

const showInterface = (port: Port, version: ApiVersion, tag: string | null) => ({
  port_id: port.id,
  net_id: port.network_id,
  mac_addr: port.mac_address,
  port_state: port.status,
  fixed_ips: port.fixed_ips.map(({ subnet_id, ip_address }) => ({ subnet_id, ip_address })),
  ...(version.atLeast('2.70') && { tag }),
});
const tagOf = (server: Server, portId: string): string | null =>
  server.ports.find((port) => port.portId === portId)?.tag ?? null;

/** Milliseconds that a client waits for an interface to be there. */
const attachMs = 90_000;

export const serverInterfaceRoutes = [
  route({
    id: 'server_ips.list',
    summary: "List a server's addresses",
    method: 'GET',
    path: `${base}/ips`,
    policy: 'os_compute_api:ips:index',
    status: 200,
    params: IdParams,
    handle: async (servers, { ctx, params }) => ({
      addresses: addressesOf((await servers.show(ctx, params.id)).ports, false),
    }),
  }),
  route({
    id: 'server_ips.show',
    summary: "List a server's addresses on one network",
    method: 'GET',
    path: `${base}/ips/:key`,
    policy: 'os_compute_api:ips:show',
    status: 200,
    params: KeyParams,
    handle: async (servers, { ctx, params: { id, key } }) => {
      const addresses = addressesOf((await servers.show(ctx, id)).ports, false);
      if (!Object.hasOwn(addresses, key)) throw notFound('Instance is not a member of specified network');
      return { [key]: addresses[key] };
    },
  }),
  route({
    id: 'server_interfaces.list',
    summary: "List a server's interfaces",
    method: 'GET',
    path: `${base}/os-interface`,
    policy: 'os_compute_api:os-attach-interfaces:list',
    status: 200,
    params: IdParams,
    handle: async (servers, { ctx, params, version }) => {
      const server = await servers.show(ctx, params.id);
      const ports = await servers.deps.networkAs(ctx).ports.list({ device_id: server.id });
      return { interfaceAttachments: ports.map((port) => showInterface(port, version, tagOf(server, port.id))) };
    },
  }),
  route({
    id: 'server_interfaces.show',
    summary: 'Show an interface of a server',
    method: 'GET',
    path: `${base}/os-interface/:key`,
    policy: 'os_compute_api:os-attach-interfaces:show',
    status: 200,
    params: KeyParams,
    handle: async (servers, { ctx, params: { id, key }, version }) => {
      const server = await servers.show(ctx, id);
      const port = await servers.deps
        .networkAs(ctx)
        .ports.show(key)
        .catch((error: unknown) => {
          if (error instanceof ApiError && error.status === 404) return null;
          throw error;
        });
      if (port?.device_id !== server.id) throw notFound(`Instance ${id} does not have a port with id ${key}`);
      return { interfaceAttachment: showInterface(port, version, tagOf(server, key)) };
    },
  }),
  route({
    id: 'server_interfaces.create',
    summary: 'Attach an interface to a server',
    method: 'POST',
    path: `${base}/os-interface`,
    policy: 'os_compute_api:os-attach-interfaces:create',
    status: 200,
    params: IdParams,
    body: strict({
      interfaceAttachment: Type.Optional(
        strict({
          port_id: Type.Optional(nullable(Uuid)),
          net_id: Type.Optional(nullable(Uuid)),
          fixed_ips: Type.Optional(
            Type.Array(strict({ ip_address: Type.String({ pattern: '^[0-9a-fA-F:.]{2,45}$' }) }), {
              minItems: 1,
              maxItems: 1,
            }),
          ),
          tag: Type.Optional(Tag),
        }),
      ),
    }),
    handle: async (servers, { ctx, params: { id }, body, version, signal }) => {
      const {
        port_id: portId = null,
        net_id: asked = null,
        fixed_ips: fixed,
        tag = null,
      } = body.interfaceAttachment ?? {};
      if (tag !== null && !version.atLeast('2.49'))
        throw badRequest(
          "Invalid input for field/attribute tag. Additional properties are not allowed ('tag' was unexpected)",
        );
      if (portId !== null && asked !== null) throw badRequest('Must not input both network_id and port_id');
      if (fixed && asked === null) throw badRequest('Must input network_id when request IP address');
      await servers.show(ctx, id);
      const network = servers.deps.networkAs(ctx);
      if (portId !== null) await portOf(network, portId);
      const networkId = portId !== null ? null : await attachableNetwork(servers, ctx, asked);
      const operation = await servers.begin(ctx, id, 'attachInterface', 'server.attach_interface', {
        portId,
        networkId,
        fixedIp: fixed?.[0]?.ip_address ?? null,
        tag,
      });
      const { state } = await servers.outcome(operation, attachMs, signal);
      const port = await network.ports.show(String(state['portId']));
      return { interfaceAttachment: showInterface(port, version, tag) };
    },
  }),
  route({
    id: 'server_interfaces.delete',
    summary: 'Detach an interface from a server',
    method: 'DELETE',
    path: `${base}/os-interface/:key`,
    policy: 'os_compute_api:os-attach-interfaces:delete',
    status: 202,
    params: KeyParams,
    handle: async (servers, { ctx, params: { id, key } }) => {
      const server = await servers.show(ctx, id);
      if (!server.ports.some((port) => port.portId === key))
        throw notFound(`Instance ${id} does not have a port with id ${key}`);
      await servers.begin(ctx, id, 'detachInterface', 'server.detach_interface', { portId: key });
      return undefined;
    },
  }),
];

/** A network that the caller may see, or the only one that he has. @throws ApiError 400, 404 */
async function attachableNetwork(servers: ServerService, ctx: RequestContext, asked: string | null): Promise<string> {
  const { networks } = servers.deps.networkAs(ctx);
  if (asked !== null)
    return networks.show(asked).then(
      (found) => found.id,
      (error: unknown) => {
        if (error instanceof ApiError && error.status === 404) throw badRequest(`Network ${asked} could not be found.`);
        throw error;
      },
    );
  const own = await networks.list({ tenant_id: ctx.projectId ?? '' });
  if (own.length > 1) throw badRequest('Multiple possible networks found, use a Network ID to be more specific.');
  const [only] = own;
  if (!only) throw badRequest('No network of the project can be attached.');
  return only.id;
}
