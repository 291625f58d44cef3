import type { AsyncLocalStorage } from 'node:async_hooks';
import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Dialect,
  type Kysely,
  type SelectModifierNode,
} from 'kysely';
import type { TransactionScope } from '../kysely-database.ts';
import { SqliteDriver, type SqliteConnections } from './driver.ts';

/** Kysely over Node's own SQLite. */
export function sqliteDialect(connections: SqliteConnections, scopes: AsyncLocalStorage<TransactionScope>): Dialect {
  return {
    createDriver: () => new SqliteDriver(connections, scopes),
    createQueryCompiler: () => new Compiler(),
    createAdapter: () => new Adapter(),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
  };
}

class Adapter extends SqliteAdapter {
  // The driver keeps concurrent users apart by itself, and better: readers do not wait.
  override get supportsMultipleConnections(): boolean {
    return true;
  }
  // A migration that is interrupted leaves nothing behind.
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class Compiler extends SqliteQueryCompiler {
  /** `for update` and its kin say nothing here: a transaction has the database to itself. */
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier?.startsWith('For') || node.modifier === 'NoWait' || node.modifier === 'SkipLocked') return;
    super.visitSelectModifier(node);
  }
}
