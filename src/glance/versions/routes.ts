import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';

const route = routesFor<unknown>();

const v2Minors = [15, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];

/** The version document; `v1` ends it when that version is served. */
function versions(host: string, served: { readonly v1: boolean; readonly v2: boolean }) {
  const entry = (id: string, status: string, path: string) => ({
    id,
    status,
    links: [{ rel: 'self', href: `${host}${path}` }],
  });
  const newest = served.v2 ? 'SUPPORTED' : 'CURRENT';
  return {
    versions: [
      ...(served.v2
        ? v2Minors.map((minor, index) => entry(`v2.${minor}`, index === 0 ? 'CURRENT' : 'SUPPORTED', '/v2/'))
        : []),
      ...(served.v1 ? [entry('v1.1', newest, '/v1/'), entry('v1.0', 'SUPPORTED', '/v1/')] : []),
    ],
  };
}

export const versionRoutes = (served: { readonly v1: boolean; readonly v2: boolean }) =>
  [
    { id: 'versions.choices', path: '/', status: 300 },
    { id: 'versions.list', path: '/versions', status: 200 },
  ].map(({ id, path, status }) =>
    route({
      id,
      summary: 'List the versions of the API',
      method: 'GET',
      path,
      policy: null,
      status,
      response: Type.Object({ versions: Type.Array(Type.Unknown()) }),
      handle: (_service, { host }) => versions(host, served),
    }),
  );
