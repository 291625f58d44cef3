import type { Extra } from '../api/extra.ts';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly domainId: string;
  readonly enabled: boolean;
  readonly defaultProjectId: string | null;
  /** As the database keeps times; null: never. */
  readonly passwordExpiresAt: string | null;
  readonly options: Extra;
  /** Email, description, and whatever else a client stored. */
  readonly extra: Extra;
}

/** What signing in needs to know besides. */
export interface UserSecrets extends User {
  readonly passwordHash: string | null;
  readonly failedAuthCount: number;
  /** Milliseconds since 1970. */
  readonly failedAuthAt: number | null;
  /** As the database keeps times. */
  readonly passwordCreatedAt: string | null;
  readonly lastActiveAt: string | null;
}

export interface UserFilter {
  readonly name?: string | undefined;
  readonly domainId?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly groupId?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  /** `lt:2026-11-23T00:00:00Z`: those whose password ends before then; also lte, gt, gte, eq, neq. */
  readonly passwordExpires?: { readonly how: '<' | '<=' | '>' | '>=' | '=' | '!='; readonly time: string } | undefined;
}

export interface NewUser {
  readonly name: string;
  readonly domainId?: string | undefined;
  readonly password?: string | null | undefined;
  readonly enabled?: boolean | undefined;
  readonly defaultProjectId?: string | null | undefined;
  readonly options?: Extra | undefined;
  readonly extra?: Extra | undefined;
}

export type UserPatch = Partial<
  Pick<User, 'name' | 'domainId' | 'enabled' | 'defaultProjectId' | 'options' | 'extra'>
> & {
  readonly password?: string | null;
};
