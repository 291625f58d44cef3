import type { Extra } from '../api/extra.ts';

/** A program that users may let act for them. */
export interface Consumer {
  readonly id: string;
  readonly secret: string;
  readonly description: string | null;
  readonly extra: Extra;
}

/** A consumer's wish to act on a project; a user who grants it gives the verifier. */
export interface RequestToken {
  readonly id: string;
  readonly secret: string;
  readonly consumerId: string;
  readonly projectId: string;
  readonly verifier: string | null;
  readonly userId: string | null;
  readonly roleIds: readonly string[];
  /** As the database keeps times. */
  readonly expiresAt: string;
}

/** The granted wish. */
export interface AccessToken {
  readonly id: string;
  readonly secret: string;
  readonly consumerId: string;
  readonly projectId: string;
  readonly userId: string;
  readonly roleIds: readonly string[];
  /** Null: never. */
  readonly expiresAt: string | null;
}
