import type { Extra } from '../api/extra.ts';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly domainId: string;
  readonly enabled: boolean;
  readonly defaultProjectId: string | null;
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
}

export interface UserFilter {
  readonly name?: string | undefined;
  readonly domainId?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly groupId?: string | undefined;
  readonly ids?: readonly string[] | undefined;
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
