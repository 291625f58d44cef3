import type { Queryable } from '#common/db/database.ts';
import type { KeystoneTables } from '../tables.ts';
import {
  inheritedMark,
  systemTarget,
  type Actor,
  type Assignment,
  type AssignmentFilter,
  type Target,
} from './model.ts';

type Db = Queryable<KeystoneTables>;

const actorKinds = { User: 'user', Group: 'group' } as const;
const targetWords = { project: 'Project', domain: 'Domain', system: 'System' } as const;

/** `UserProject`, `GroupDomain` …: Keystone's own words; `UserDomainInh` for what the projects below inherit. */
const typeOf = (actor: Actor['kind'], target: Target['kind'], inherited = false): string =>
  `${actor === 'user' ? 'User' : 'Group'}${targetWords[target]}${inherited ? inheritedMark : ''}`;
const targetId = (target: Target): string => (target.kind === 'system' ? systemTarget : target.id);

const toRow = ({ actor, target, roleId, inherited }: Assignment): KeystoneTables['assignment'] => ({
  type: typeOf(actor.kind, target.kind, inherited),
  actor_id: actor.id,
  target_id: targetId(target),
  role_id: roleId,
});

function toAssignment(row: KeystoneTables['assignment']): Assignment {
  const [, actor = 'User', target = 'Project', mark] =
    /^(User|Group)(Project|Domain|System)(Inh)?$/.exec(row.type) ?? [];
  return {
    actor: { kind: actorKinds[actor as keyof typeof actorKinds], id: row.actor_id },
    target:
      target === 'System'
        ? { kind: 'system' }
        : { kind: target === 'Domain' ? 'domain' : 'project', id: row.target_id },
    roleId: row.role_id,
    ...(mark !== undefined && { inherited: true }),
  };
}

/** One that is there already is no error. */
export async function insertAssignment(db: Db, assignment: Assignment): Promise<void> {
  await db
    .insertInto('assignment')
    .values(toRow(assignment))
    .onConflict((c) => c.columns(['actor_id', 'type', 'target_id', 'role_id']).doNothing())
    .execute();
}

/** Whether there was one. */
export async function deleteAssignment(db: Db, assignment: Assignment): Promise<boolean> {
  const row = toRow(assignment);
  const result = await db
    .deleteFrom('assignment')
    .where('type', '=', row.type)
    .where('actor_id', '=', row.actor_id)
    .where('target_id', '=', row.target_id)
    .where('role_id', '=', row.role_id)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** As stored: groups are not resolved to users. With `userId` those of the user's groups too when `throughGroups`. */
export async function listAssignments(
  db: Db,
  filter: AssignmentFilter,
  { throughGroups = false }: { readonly throughGroups?: boolean } = {},
): Promise<Assignment[]> {
  let query = db.selectFrom('assignment').selectAll();
  const { userId, groupId, roleId, target, inherited } = filter;
  const marks = inherited === undefined ? [false, true] : [inherited];
  if (roleId !== undefined) query = query.where('role_id', '=', roleId);
  if (groupId !== undefined) query = query.where('actor_id', '=', groupId).where('type', 'like', 'Group%');
  if (userId !== undefined) {
    const groups = db.selectFrom('user_group_membership').select('group_id').where('user_id', '=', userId);
    query = query.where((eb) => {
      const own = eb.and([eb('actor_id', '=', userId), eb('type', 'like', 'User%')]);
      if (!throughGroups) return own;
      return eb.or([own, eb.and([eb('actor_id', 'in', groups), eb('type', 'like', 'Group%')])]);
    });
  }
  if (target) {
    const types = marks.flatMap((mark) => [typeOf('user', target.kind, mark), typeOf('group', target.kind, mark)]);
    query = query.where('type', 'in', types).where('target_id', '=', targetId(target));
  }
  if (inherited !== undefined) query = query.where('type', inherited ? 'like' : 'not like', `%${inheritedMark}`);
  const rows = await query.orderBy('actor_id').orderBy('type').orderBy('target_id').orderBy('role_id').execute();
  return rows.map(toAssignment);
}
