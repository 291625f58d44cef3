import type { Migration } from '#common/db/database.ts';
import { identity } from './0001-identity.ts';

/** In order; a released one is never edited. */
export const keystoneMigrations: Readonly<Record<string, Migration>> = {
  '0001-identity': identity,
};
