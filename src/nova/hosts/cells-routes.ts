import { Type } from '@sinclair/typebox';
import { badRequest, notFound } from '#common/api/errors.ts';
import { routesFor, type AnyRoute, type Method } from '#common/api/route.ts';
import { IdParams } from '../api/schemas.ts';
import { notImplemented, unsupported } from '../api/removed.ts';

const route = routesFor<object>();
const Any = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]);

/** What Icehouse answers where no cells are configured. */
const cell = (method: Method, path: string, id: string): AnyRoute<object> =>
  route({
    id: `cells.${id}`,
    summary: 'Cells: this cloud has none',
    method,
    path,
    versions: { apis: ['v2'] },
    policy: path.endsWith('capacities') ? 'os_compute_api:os-cells:capabilities' : 'os_compute_api:os-cells',
    status: 200,
    ...((method === 'POST' || method === 'PUT') && { body: Any }),
    handle: () => {
      throw notImplemented('Cells is not enabled.');
    },
  });

const cellRoutes = [
  cell('GET', '/os-cells', 'list'),
  cell('GET', '/os-cells/detail', 'detail'),
  cell('GET', '/os-cells/info', 'info'),
  cell('GET', '/os-cells/capacities', 'capacities'),
  cell('POST', '/os-cells', 'create'),
  cell('POST', '/os-cells/sync_instances', 'sync_instances'),
  cell('GET', '/os-cells/:id', 'show'),
  cell('GET', '/os-cells/:id/capacities', 'capacities_of'),
  cell('PUT', '/os-cells/:id', 'update'),
  cell('DELETE', '/os-cells/:id', 'delete'),
];

const policy = 'os_compute_api:os-baremetal-nodes';
/** Icehouse's own bare-metal service has no nodes here; today's API would ask Ironic. */
const old = { apis: ['v2'] } as const;
const today = { max: '2.35', apis: ['v2.1'] } as const;
const useIronic = (command: string) =>
  badRequest(`Command Not supported. Please use Ironic command ${command} to perform this action.`);

const nodeRoutes = [
  route({
    id: 'baremetal_nodes.list',
    summary: 'List bare-metal nodes: there are none',
    method: 'GET',
    path: '/os-baremetal-nodes',
    versions: old,
    policy,
    status: 200,
    handle: () => ({ nodes: [] }),
  }),
  route({
    id: 'baremetal_nodes.show',
    summary: 'Show a bare-metal node: there are none',
    method: 'GET',
    path: '/os-baremetal-nodes/:id',
    versions: old,
    policy,
    status: 200,
    params: IdParams,
    handle: (_nothing, { params }) => {
      throw notFound(`Node ${params.id} could not be found.`);
    },
  }),
  route({
    id: 'baremetal_nodes.list',
    summary: 'List bare-metal nodes: Ironic is not there',
    method: 'GET',
    path: '/os-baremetal-nodes',
    versions: today,
    policy,
    status: 200,
    handle: () => {
      throw unsupported();
    },
  }),
  route({
    id: 'baremetal_nodes.show',
    summary: 'Show a bare-metal node: Ironic is not there',
    method: 'GET',
    path: '/os-baremetal-nodes/:id',
    versions: today,
    policy,
    status: 200,
    params: IdParams,
    handle: () => {
      throw unsupported();
    },
  }),
  ...(
    [
      ['POST', '/os-baremetal-nodes', 'create', 'node-create'],
      ['DELETE', '/os-baremetal-nodes/:id', 'delete', 'node-delete'],
      ['POST', '/os-baremetal-nodes/:id/action', 'action', 'port-create'],
    ] as const
  ).map(([method, path, id, command]) =>
    route({
      id: `baremetal_nodes.${id}`,
      summary: 'Bare-metal nodes are changed through Ironic',
      method,
      path,
      versions: { max: '2.35' },
      policy,
      status: 200,
      ...(method === 'POST' && { body: Any }),
      handle: (_nothing, { api }) => {
        if (api === 'v2') throw notImplemented('The bare-metal driver is not used by this cloud.');
        throw useIronic(command);
      },
    }),
  ),
];

export const cellAndNodeRoutes = [...cellRoutes, ...nodeRoutes];
