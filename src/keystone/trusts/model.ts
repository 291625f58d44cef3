import type { Extra } from '../api/extra.ts';

/** A user's (the trustor's) letting another (the trustee) act with some of the user's roles on a project. */
export interface Trust {
  readonly id: string;
  readonly trustorId: string;
  readonly trusteeId: string;
  readonly projectId: string | null;
  /** Whether the trustee appears as the trustor. */
  readonly impersonation: boolean;
  /** As the database keeps times; null: never. */
  readonly expiresAt: string | null;
  readonly remainingUses: number | null;
  /** The trust that it was made by. */
  readonly redelegatedTrustId: string | null;
  readonly redelegationCount: number;
  readonly roleIds: readonly string[];
  readonly extra: Extra;
}

export interface TrustFilter {
  readonly trustorId?: string | undefined;
  readonly trusteeId?: string | undefined;
}

export interface NewTrust {
  readonly trustorId: string;
  readonly trusteeId: string;
  readonly projectId: string | null;
  readonly impersonation: boolean;
  readonly expiresAt: string | null;
  readonly remainingUses: number | null;
  readonly allowRedelegation: boolean;
  readonly redelegationCount: number | null;
  readonly roles: readonly { readonly id?: string; readonly name?: string }[];
  readonly extra: Extra;
}
