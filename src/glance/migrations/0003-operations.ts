import type { Migration } from 'kysely/migration';
import { extendOperationTables } from '#common/operations/tables.ts';

/** The journal counts steps, and is purged. */
export const operations: Migration = { up: (db) => extendOperationTables(db) };
