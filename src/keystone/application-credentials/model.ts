import type { AccessRuleView } from '../delegations/model.ts';

/** A secret of its own that a program signs in with as a user, on one project and with some of the user's roles. */
export interface ApplicationCredential {
  readonly id: string;
  readonly name: string;
  readonly userId: string;
  readonly projectId: string;
  readonly description: string | null;
  /** As the database keeps times; null: never. */
  readonly expiresAt: string | null;
  /** It may make and remove others of its kind, and trusts. */
  readonly unrestricted: boolean;
  readonly roleIds: readonly string[];
  readonly accessRules: readonly AccessRule[];
}

export type AccessRule = AccessRuleView;

export interface NewApplicationCredential {
  readonly name: string;
  readonly userId: string;
  readonly projectId: string;
  readonly secret: string;
  readonly description: string | null;
  readonly expiresAt: string | null;
  readonly unrestricted: boolean;
  readonly roleIds: readonly string[];
  readonly accessRules: readonly (Omit<AccessRule, 'id'> | { readonly id: string })[];
}
