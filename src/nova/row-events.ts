import type { FindRow, RowEvent, TableEvents } from '#common/bus/row-events.ts';
import type { RowChange, RowValues } from '#common/db/row-watch.ts';
import type { PortInfo } from './servers/model.ts';
import { statusOf, type TaskState, type VmState } from './servers/states.ts';
import type { NovaTables } from './tables.ts';

const verbs = { insert: 'create', update: 'update', delete: 'delete' } as const;

/** What of a server's row is worth a message, by the name under which the message has it. */
const told = {
  vm_state: 'state',
  task_state: 'task_state',
  power_state: 'power_state',
  progress: 'progress',
  host: 'host',
  node: 'node',
  display_name: 'name',
  description: 'description',
  metadata: 'metadata',
  tags: 'tags',
  network_info: 'addresses',
  security_groups: 'security_groups',
  flavor: 'flavor',
  image_id: 'image',
  locked_by: 'locked',
  fault: 'fault',
  launched_at: 'launched_at',
  deleted: 'deleted',
} as const;

/** `compute.instance.update`, as Nova sends it at every change of a state. */
function serverEvents({ kind, before, row, written }: RowChange): readonly RowEvent[] {
  // Its archiving is not what happened to the server.
  if (kind === 'delete' || row['id'] === undefined) return [];
  const { vm_state: vmState = null, task_state: taskState = null } = row;
  return [
    {
      type: 'compute.instance.update',
      projectId: text(row['project_id']),
      payload: {
        instance_id: row['id'],
        tenant_id: row['project_id'],
        user_id: row['user_id'],
        display_name: row['display_name'],
        old_display_name: before?.['display_name'],
        host: row['host'],
        node: row['node'],
        old_state: before?.['vm_state'] ?? null,
        state: vmState,
        old_task_state: before?.['task_state'] ?? null,
        new_task_state: taskState,
        state_description: taskState ?? '',
        power_state: row['power_state'],
        progress: row['progress'],
        ...(vmState !== null && {
          status: statusOf({ vmState: vmState as VmState, taskState: taskState as TaskState | null }),
        }),
        changed: kind === 'insert' ? [] : written.flatMap((column) => told[column as keyof typeof told] ?? []),
        ...(written.includes('metadata') && { metadata: json(row['metadata']) }),
        ...(written.includes('network_info') && { fixed_ips: addressesOf(row['network_info']) }),
      },
    },
  ];
}

const addressesOf = (info: unknown) =>
  ((json(info) ?? []) as readonly PortInfo[]).flatMap(({ label, mac, addresses }) =>
    addresses.map(({ address, version, floating }) => ({ address, version, label, vif_mac: mac, floating })),
  );

const flavorPayload = (row: RowValues): Record<string, unknown> => ({
  flavor_id: row['flavor_id'],
  name: row['name'],
  is_public: row['is_public'] === undefined ? undefined : row['is_public'] === 1,
});

/** How a daemon is, for people: `nova-compute on host1`. */
export const serviceEvent = (type: string, row: RowValues, up: boolean): RowEvent => ({
  type,
  projectId: null,
  payload: {
    service_id: row['id'],
    binary: row['binary'],
    host: row['host'],
    topic: row['topic'],
    disabled: row['disabled'] === 1,
    disabled_reason: row['disabled_reason'],
    forced_down: row['forced_down'] === 1,
    state: up && row['forced_down'] !== 1 ? 'up' : 'down',
  },
});

const quotaEvents = ({ row }: RowChange): readonly RowEvent[] => [
  {
    type: 'quota.update',
    projectId: text(row['project_id']),
    payload: { project_id: row['project_id'], service: 'compute' },
  },
];

/** Nova's changes that nobody sends a notification of at another place: every state of a server, and the administrator's things. */
export const novaRowEvents: Readonly<Partial<Record<keyof NovaTables, TableEvents>>> = {
  instances: {
    key: ['id'],
    remember: [
      ...['project_id', 'user_id', 'display_name', 'vm_state', 'task_state', 'power_state', 'progress', 'host', 'node'],
    ],
    tell: Object.keys(told),
    events: serverEvents,
  },
  keypairs: {
    key: ['user_id', 'name'],
    remember: [],
    tell: [],
    events: ({ kind, row }) => [
      {
        type: `keypair.${verbs[kind]}.end`,
        projectId: null,
        payload: { user_id: row['user_id'], key_name: row['name'] },
      },
    ],
  },
  flavors: {
    key: ['num'],
    remember: ['flavor_id', 'name', 'is_public'],
    tell: ['description', 'extra_specs', 'disabled'],
    events: ({ kind, row }) =>
      row['flavor_id'] === undefined
        ? []
        : [{ type: `flavor.${verbs[kind]}`, projectId: null, payload: flavorPayload(row) }],
  },
  flavor_access: {
    key: ['flavor_num', 'project_id'],
    remember: [],
    tell: [],
    events: ({ row }, find) => {
      const flavor = find('flavors', { num: row['flavor_num'] });
      return flavor && row['project_id'] !== undefined
        ? [{ type: 'flavor.update', projectId: text(row['project_id']), payload: flavorPayload(flavor) }]
        : [];
    },
  },
  aggregates: {
    key: ['num'],
    remember: ['id', 'name'],
    tell: ['name', 'metadata'],
    events: ({ kind, row }) => [aggregateEvent(`${verbs[kind]}.end`, row['num'], row['name'])],
  },
  aggregate_hosts: {
    key: ['aggregate_num', 'host'],
    remember: [],
    tell: [],
    events: ({ kind, row }, find) => [
      aggregateEvent(
        kind === 'delete' ? 'removehost.end' : 'addhost.end',
        row['aggregate_num'],
        find('aggregates', { num: row['aggregate_num'] })?.['name'],
        { host: row['host'] },
      ),
    ],
  },
  server_groups: {
    key: ['id'],
    remember: ['project_id', 'name'],
    tell: [],
    events: ({ kind, row }) => [groupEvent(verbs[kind], row)],
  },
  server_group_members: {
    key: ['group_id', 'server_id'],
    remember: [],
    tell: [],
    events: ({ kind, row }, find) => memberEvents(kind, row, find),
  },
  services: {
    key: ['host', 'binary'],
    remember: ['num', 'id', 'topic', 'disabled', 'disabled_reason', 'forced_down', 'last_seen'],
    tell: ['disabled', 'disabled_reason', 'forced_down'],
    events: ({ kind, row }) => [serviceEvent(`service.${verbs[kind]}`, row, kind !== 'delete')],
  },
  quota_limits: { key: ['project_id'], remember: [], tell: ['hard_limit'], events: quotaEvents },
  user_quota_limits: { key: ['project_id'], remember: [], tell: ['hard_limit'], events: quotaEvents },
};

const aggregateEvent = (event: string, num: unknown, name: unknown, more: RowValues = {}): RowEvent => ({
  type: `aggregate.${event}`,
  projectId: null,
  payload: { aggregate_id: num, name, ...more },
});

const groupEvent = (event: string, row: RowValues, more: RowValues = {}): RowEvent => ({
  type: `servergroup.${event}`,
  projectId: text(row['project_id']),
  payload: { server_group_id: row['id'], tenant_id: row['project_id'], name: row['name'], ...more },
});

function memberEvents(kind: RowChange['kind'], row: RowValues, find: FindRow): readonly RowEvent[] {
  const group = find('server_groups', { id: row['group_id'] });
  if (!group) return [];
  const event = kind === 'delete' ? 'removemember' : 'addmember';
  return [groupEvent(event, group, { instance_id: row['server_id'] })];
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const json = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : null);
