import type { RowEvent, TableEvents } from '#common/bus/row-events.ts';
import type { RowChange, RowValues } from '#common/db/row-watch.ts';
import type { CinderTables } from './tables.ts';

const verbs = { insert: 'create', update: 'update', delete: 'delete' } as const;
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/**
 * `volume.update` at every change of a status: what stands between `create.start` and `create.end`, an attachment being made, a
 * reset by an administrator. After a transfer both projects hear of it.
 */
const changeEvents =
  (kind: 'volume' | 'snapshot' | 'backup') =>
  ({ kind: change, before, row }: RowChange): readonly RowEvent[] => {
    // The rows of deleted ones go much later.
    if (change === 'delete' || row['id'] === undefined) return [];
    const payload = {
      [`${kind}_id`]: row['id'],
      ...(kind !== 'volume' && { volume_id: row['volume_id'] }),
      tenant_id: row['project_id'],
      user_id: row['user_id'],
      display_name: row['name'],
      old_status: before?.['status'] ?? null,
      status: row['status'],
      size: row['size_gb'],
      host: row['host'],
      volume_type: row['volume_type_id'],
    };
    const projects = new Set([text(row['project_id']), text(before?.['project_id'] ?? row['project_id'])]);
    return [...projects].map((projectId) => ({ type: `${kind}.update`, projectId, payload }));
  };

/** How a daemon is. */
export const serviceEvent = (type: string, row: RowValues, up: boolean): RowEvent => ({
  type,
  projectId: null,
  payload: {
    service_id: row['id'],
    binary: row['binary'],
    host: row['host'],
    disabled: row['disabled'] === 1,
    disabled_reason: row['disabled_reason'],
    frozen: row['frozen'] === 1,
    state: up ? 'up' : 'down',
  },
});

const typePayload = (row: RowValues): Record<string, unknown> => ({
  volume_type_id: row['id'],
  name: row['name'],
  is_public: row['is_public'] === undefined ? undefined : row['is_public'] === 1,
});

/** Cinder's changes that nobody sends a notification of at another place. */
export const cinderRowEvents: Readonly<Partial<Record<keyof CinderTables, TableEvents>>> = {
  volumes: {
    key: ['id'],
    remember: ['project_id', 'user_id', 'name', 'status', 'size_gb', 'host', 'volume_type_id'],
    tell: [
      ...['project_id', 'name', 'description', 'status', 'size_gb', 'host', 'volume_type_id', 'metadata'],
      ...['migration_status', 'bootable', 'readonly', 'fault', 'group_id'],
    ],
    events: changeEvents('volume'),
  },
  snapshots: {
    key: ['id'],
    remember: ['project_id', 'user_id', 'volume_id', 'name', 'status', 'size_gb'],
    tell: ['project_id', 'name', 'description', 'status', 'progress', 'metadata'],
    events: changeEvents('snapshot'),
  },
  backups: {
    key: ['id'],
    remember: ['project_id', 'user_id', 'volume_id', 'name', 'status', 'size_gb', 'host'],
    tell: ['name', 'description', 'status', 'fail_reason'],
    events: changeEvents('backup'),
  },
  volume_types: {
    key: ['id'],
    remember: ['name', 'is_public'],
    tell: ['name', 'description', 'is_public', 'extra_specs', 'qos_specs_id', 'encryption'],
    events: ({ kind, row }) =>
      row['id'] === undefined
        ? []
        : [{ type: `volume_type.${verbs[kind]}`, projectId: null, payload: typePayload(row) }],
  },
  volume_type_access: {
    key: ['volume_type_id', 'project_id'],
    remember: [],
    tell: [],
    events: ({ row }, find) => {
      const type = find('volume_types', { id: row['volume_type_id'] });
      return type && row['project_id'] !== undefined
        ? [{ type: 'volume_type.update', projectId: text(row['project_id']), payload: typePayload(type) }]
        : [];
    },
  },
  services: {
    key: ['host', 'binary'],
    remember: ['num', 'id', 'disabled', 'disabled_reason', 'frozen', 'last_seen'],
    tell: ['disabled', 'disabled_reason', 'frozen'],
    events: ({ kind, row }) => [serviceEvent(`volume_service.${verbs[kind]}`, row, kind !== 'delete')],
  },
  quota_limits: {
    key: ['project_id'],
    remember: [],
    tell: ['hard_limit'],
    events: ({ row }) => [
      {
        type: 'quota.update',
        projectId: text(row['project_id']),
        payload: { project_id: row['project_id'], service: 'volume' },
      },
    ],
  },
};
