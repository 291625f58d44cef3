import type { Role } from '../roles/model.ts';

/** On what a role is had. */
export type Target =
  | { readonly kind: 'project'; readonly id: string }
  | { readonly kind: 'domain'; readonly id: string }
  | { readonly kind: 'system' };

/** Who has a role. */
export interface Actor {
  readonly kind: 'user' | 'group';
  readonly id: string;
}

export interface Assignment {
  readonly actor: Actor;
  readonly target: Target;
  readonly roleId: string;
  /** Had not there but on every project below it. */
  readonly inherited?: boolean;
}

/** An assignment as it works out: for a user, through which group, through which implying role. */
export interface EffectiveAssignment extends Assignment {
  readonly viaGroupId?: string;
  readonly viaRoleId?: string;
  /** Where it is inherited from. */
  readonly viaTarget?: Target;
}

export interface AssignmentFilter {
  readonly userId?: string | undefined;
  readonly groupId?: string | undefined;
  readonly roleId?: string | undefined;
  readonly target?: Target | undefined;
  /** Only inherited ones, or only others; both unless given. */
  readonly inherited?: boolean | undefined;
}

/** Names for the ids in a list of assignments. */
export interface AssignmentNames {
  readonly users: ReadonlyMap<string, Named>;
  readonly groups: ReadonlyMap<string, Named>;
  readonly projects: ReadonlyMap<string, Named>;
  readonly domains: ReadonlyMap<string, string>;
  readonly roles: ReadonlyMap<string, Role>;
}
export interface Named {
  readonly name: string;
  readonly domainId: string;
}

/** Keystone's mark for the whole cloud as a target. */
export const systemTarget = 'system';

/** At the end of the type of an assignment that is inherited. */
export const inheritedMark = 'Inh';
