import type { Migration } from '#common/db/database.ts';
import { identity } from './0001-identity.ts';
import { delegationTables } from './0002-delegation.ts';

/** In order; a released one is never edited. */
export const keystoneMigrations: Readonly<Record<string, Migration>> = {
  '0001-identity': identity,
  '0002-delegation': delegationTables,
};
