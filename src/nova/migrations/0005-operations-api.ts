import type { Migration } from '#common/db/database.ts';
import { extendOperationTables } from '#common/operations/tables.ts';

/** The journal is shown by os-operations, and purged. */
export const operationsApi: Migration = { up: (db) => extendOperationTables(db) };
