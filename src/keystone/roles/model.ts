import type { Extra } from '../api/extra.ts';

export interface Role {
  readonly id: string;
  readonly name: string;
  /** Null for a role of the whole cloud. */
  readonly domainId: string | null;
  readonly description: string | null;
  readonly options: Extra;
  readonly extra: Extra;
}

export interface RoleFilter {
  readonly name?: string | undefined;
  /** Roles of the whole cloud unless given. */
  readonly domainId?: string | undefined;
  readonly ids?: readonly string[] | undefined;
}

export interface NewRole {
  readonly name: string;
  readonly id?: string | undefined;
  readonly domainId?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly options?: Extra | undefined;
  readonly extra?: Extra | undefined;
}
export type RolePatch = Partial<Pick<Role, 'name' | 'description' | 'options' | 'extra'>>;

/** Who has the first role has the second too. */
export interface Implication {
  readonly priorId: string;
  readonly impliedId: string;
}
