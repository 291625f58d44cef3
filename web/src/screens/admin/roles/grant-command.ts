import type { Grant } from '#api/identity/assignments.ts';
import { commandLine } from '#ui/command-line.ts';

/** The `openstack role …` command of a grant; ids rather than names, which may be in several domains. */
export const grantCommand = (verb: 'add' | 'remove', { actor, target, role, inherited = false }: Grant): string =>
  commandLine(
    `openstack role ${verb}`,
    [`--${actor.kind}`, actor.id],
    [`--${target.kind}`, target.id],
    inherited && '--inherited',
    [role],
  );
