import type { Implication } from './model.ts';

/** The roles with all that they imply, directly or through others. */
export function impliedBy(roleIds: Iterable<string>, implications: readonly Implication[]): Set<string> {
  const all = new Set(roleIds);
  // A Set that grows while it is walked is walked to its new end.
  for (const id of all) for (const { priorId, impliedId } of implications) if (priorId === id) all.add(impliedId);
  return all;
}
