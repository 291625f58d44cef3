import type { Assignment } from '#api/identity/assignments.ts';
import type { Names } from '#api/identity/use-names.ts';

/** Who and where, by name; by Keystone's own word, or the id's beginning, for what the lists do not have (yet, any more). */
export function assignmentWords(names: Names, system: string) {
  const or = (found: string, id: string, name: string | null): string =>
    found === id.slice(0, 8) && name !== null ? name : found;
  return {
    who: ({ actor }: Assignment): string => or(names[actor.kind](actor.id), actor.id, actor.name),
    where: ({ target }: Assignment): string =>
      target.kind === 'system' ? system : or(names[target.kind](target.id), target.id, target.name),
  };
}
