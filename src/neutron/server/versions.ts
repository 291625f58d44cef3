import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { agentResource } from '../agent-registry/schema.ts';
import { floatingIpResource } from '../floatingips/schema.ts';
import { networkResource } from '../networks/schema.ts';
import { portResource } from '../ports/schema.ts';
import { routerResource } from '../routers/schema.ts';
import { groupResource, ruleResource } from '../security-groups/schema.ts';
import { subnetResource } from '../subnets/schema.ts';

const route = routesFor<unknown>();

const resources = [
  networkResource,
  subnetResource,
  portResource,
  routerResource,
  floatingIpResource,
  groupResource,
  ruleResource,
  agentResource,
];

/** Which versions there are: answered to everybody, since clients ask before they sign in. */
export const versionRoutes = [
  route({
    id: 'versions.list',
    summary: 'List the versions of the Networking API',
    method: 'GET',
    path: '/',
    policy: null,
    status: 200,
    response: Type.Object({ versions: Type.Array(Type.Unknown()) }),
    handle: (_service, { host }) => ({
      versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${host}/v2.0/` }] }],
    }),
  }),
];

export const resourceListRoutes = [
  route({
    id: 'versions.resources',
    summary: 'List the resources of version 2.0',
    method: 'GET',
    path: '/',
    policy: null,
    status: 200,
    response: Type.Object({ resources: Type.Array(Type.Unknown()) }),
    handle: (_service, { host, prefix }) => ({
      resources: resources.map(({ singular, path }) => ({
        links: [{ rel: 'self', href: `${host}${prefix}${path}` }],
        name: singular,
        collection: path.slice(1),
      })),
    }),
  }),
];
