import type { Assignment } from '#api/identity/assignments.ts';

/** One party's roles in a place, seen from the place (`actor`) or from the party (`target`). */
export interface GrantRow {
  readonly id: string;
  readonly kind: 'user' | 'group' | 'project' | 'domain' | 'system';
  readonly otherId: string;
  readonly name: string | null;
  readonly domain: string | null;
  readonly inherited: boolean;
  readonly grants: readonly Assignment[];
}

/** Assignments gathered by who has them, or by where they hold; inherited ones by themselves. */
export function grouped(assignments: readonly Assignment[], by: 'actor' | 'target'): readonly GrantRow[] {
  const rows = Map.groupBy(assignments, (one) => `${one[by].kind}/${one[by].id}${one.inherited ? '/below' : ''}`);
  return [...rows].flatMap(([id, grants]) => {
    const [first] = grants;
    if (!first) return [];
    const { kind, id: otherId, name, domain } = first[by];
    return [{ id, kind, otherId, name, domain, inherited: first.inherited, grants }];
  });
}

/** Which roles are to be given and taken so that `after` are left. */
export const rolesDiff = (
  before: readonly string[],
  after: readonly string[],
): { readonly give: readonly string[]; readonly take: readonly string[] } => ({
  give: after.filter((one) => !before.includes(one)),
  take: before.filter((one) => !after.includes(one)),
});

/** Whether taking these away would end what the reader administers with just now. */
export const endsOwnAdmin = (
  taken: readonly Assignment[],
  me: { readonly user: { readonly id: string }; readonly project: { readonly id: string } },
): boolean =>
  taken.some(
    ({ actor, target, role, inherited }) =>
      actor.kind === 'user' &&
      actor.id === me.user.id &&
      target.kind === 'project' &&
      target.id === me.project.id &&
      role.name === 'admin' &&
      !inherited,
  );
