import type { Ids } from '#common/ids.ts';

/** What a token is good for. */
export type Scope =
  | { readonly kind: 'unscoped' }
  | { readonly kind: 'project'; readonly id: string }
  | { readonly kind: 'domain'; readonly id: string }
  | { readonly kind: 'system' };

/** By what right a token's user acts, where it is not the user's own. The id: the trust's, the credential's, the access token's. */
export interface Delegation {
  readonly kind: 'trust' | 'application_credential' | 'oauth1';
  readonly id: string;
}

/** All that a token says by itself; the rest (names, roles, catalogue) is looked up when it is used. */
export interface TokenPayload {
  readonly userId: string;
  /** How the user proved to be the user: `password`, `token`. */
  readonly methods: readonly string[];
  /** The token's own audit id, then that of the first token of its chain when it was made from another. */
  readonly auditIds: readonly [string, ...string[]];
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly scope: Scope;
  readonly delegation?: Delegation;
  /** Of a signed token: the roles (ids) that it was signed with, which services believe without asking. */
  readonly signedRoles?: readonly string[];
}

/** 16 random bytes in 22 characters, as Keystone prints them. */
export const newAuditId = (ids: Ids): string => Buffer.from(ids.hex32(), 'hex').toString('base64url');

/** One text per user, scope and right. */
export const subjectKey = (userId: string, scope: Scope, delegation?: Delegation): string =>
  `${userId} ${scope.kind}${'id' in scope ? ` ${scope.id}` : ''}${delegation ? ` ${delegation.kind} ${delegation.id}` : ''}`;
