import { routesFor } from '#common/api/route.ts';
import { one } from './paging.ts';
import { AnyQuery } from './schemas.ts';

const route = routesFor<object>();

/** What lists may be filtered by, by resource. */
const filters: Readonly<Record<string, readonly string[]>> = {
  volume: [
    ...['name', 'status', 'metadata', 'bootable', 'migration_status', 'availability_zone', 'group_id', 'size'],
    ...['created_at', 'updated_at'],
  ],
  backup: ['name', 'status', 'volume_id'],
  snapshot: ['name', 'status', 'volume_id', 'metadata', 'availability_zone'],
  group: [],
  group_snapshot: ['status', 'group_id'],
  attachment: ['volume_id', 'status', 'instance_id', 'attach_status'],
  message: ['resource_uuid', 'resource_type', 'event_id', 'request_id', 'message_level'],
  pool: ['name', 'volume_type'],
  volume_type: [],
};

export const filterRoutes = [
  route({
    id: 'resource_filters.list',
    summary: 'List what lists may be filtered by',
    method: 'GET',
    path: '/resource_filters',
    versions: { min: '3.33' },
    policy: 'volume:extensions_list',
    status: 200,
    query: AnyQuery,
    handle: (_nothing, { query }) => {
      const wanted = one(query['resource']);
      return {
        resource_filters: Object.entries(filters)
          .filter(([resource]) => wanted === undefined || resource === wanted)
          .map(([resource, names]) => ({ resource, filters: names })),
      };
    },
  }),
  // Icehouse's successor of groups, which Zed still lists: groups of its own are not made here.
  ...(['consistencygroups', 'cgsnapshots'] as const).flatMap((name) =>
    ['', '/detail'].map((suffix) =>
      route({
        id: `${name}.${suffix === '' ? 'list' : 'detail'}`,
        summary: `List ${name}: there are none, groups take their place`,
        method: 'GET',
        path: `/${name}${suffix}`,
        versions: { apis: ['v2', 'v3'] },
        policy: 'group:get_all',
        status: 200,
        query: AnyQuery,
        handle: () => ({ [name]: [] }),
      }),
    ),
  ),
];
