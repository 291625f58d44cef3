import type { RowEvent, TableEvents } from '#common/bus/row-events.ts';
import type { RowChange, RowValues } from '#common/db/row-watch.ts';
import type { KeystoneTables } from './tables.ts';

const verbs = { insert: 'created', update: 'updated', delete: 'deleted' } as const;

/** Keystone's basic form: who it is about in `resource_info`. Nothing of it is any project's: administrators hear it. */
const identityEvent = (kind: string, verb: string, row: RowValues, more: RowValues = {}): RowEvent => ({
  type: `identity.${kind}.${verb}`,
  projectId: null,
  payload: { resource_info: row['id'], name: row['name'], domain_id: row['domain_id'], ...more },
});

/** A table whose rows are things by themselves. */
const things = (
  kind: string | ((row: RowValues) => string),
  remember: readonly string[],
  tell: readonly string[],
): TableEvents => ({
  key: ['id'],
  remember,
  tell: [...remember, ...tell],
  events: ({ kind: change, row }) =>
    row['id'] === undefined
      ? []
      : [
          identityEvent(typeof kind === 'string' ? kind : kind(row), verbs[change], row, {
            ...('enabled' in row && { enabled: row['enabled'] === 1 }),
          }),
        ],
});

/** `UserProject`, `GroupDomain`, `UserSystem`; `Inh` after it for one that is inherited. */
function assignmentEvents({ kind, row }: RowChange): readonly RowEvent[] {
  const { type, actor_id, target_id, role_id } = row;
  const [, actor, target, inherited] = /^(User|Group)(Project|Domain|System)(Inh)?$/.exec(String(type)) ?? [];
  if (actor === undefined || target === undefined || !actor_id || !role_id) return [];
  return [
    {
      type: `identity.role_assignment.${verbs[kind]}`,
      projectId: null,
      payload: {
        role: role_id,
        [actor.toLowerCase()]: actor_id,
        [target.toLowerCase()]: target_id,
        inherited_to_projects: inherited !== undefined,
      },
    },
  ];
}

/** Everything that Keystone tells. */
export const keystoneRowEvents: Readonly<Partial<Record<keyof KeystoneTables, TableEvents>>> = {
  user: things('user', ['name', 'domain_id', 'enabled'], ['default_project_id', 'password_hash', 'extra']),
  project: things(
    (row) => (row['is_domain'] === 1 ? 'domain' : 'project'),
    ['name', 'domain_id', 'enabled', 'is_domain'],
    ['description', 'parent_id', 'extra'],
  ),
  group: things('group', ['name', 'domain_id'], ['description', 'extra']),
  role: things('role', ['name', 'domain_id'], ['description', 'extra']),
  service: things('service', ['name', 'type', 'enabled'], ['description', 'extra']),
  endpoint: things('endpoint', ['interface', 'service_id', 'enabled'], ['url', 'region_id', 'extra']),
  region: things('region', [], ['description', 'parent_region_id', 'extra']),
  user_group_membership: {
    key: ['user_id', 'group_id'],
    remember: [],
    tell: [],
    events: ({ row }, find) =>
      row['group_id'] === undefined
        ? []
        : [identityEvent('group', 'updated', find('group', { id: row['group_id'] }) ?? { id: row['group_id'] })],
  },
  assignment: { key: ['type', 'actor_id', 'target_id', 'role_id'], remember: [], tell: [], events: assignmentEvents },
};
