import {
  CompiledQuery,
  MysqlDialect,
  MysqlQueryCompiler,
  type CreateTableNode,
  type DataTypeNode,
  type Dialect,
  type OnConflictNode,
  type ReferenceNode,
} from 'kysely';
import { ResilientDriver } from './resilient-driver.ts';
import type { DatabaseUrl } from './url.ts';

/** Kysely over mysql2, which is loaded on the first connection. For MariaDB 10.5 and MySQL 8 on. */
export function mysqlDialect(url: DatabaseUrl, poolSize: number): Dialect {
  const socketPath = url.options.get('unix_socket');
  const inner = new MysqlDialect({
    pool: async () => {
      const { createPool } = await import('mysql2');
      const pool = createPool({
        ...(socketPath ? { socketPath } : { host: url.host ?? '127.0.0.1', port: url.port ?? 3306 }),
        ...(url.user !== undefined && { user: url.user }),
        ...(url.password !== undefined && { password: url.password }),
        ...(url.database !== undefined && { database: url.database }),
        connectionLimit: poolSize,
        maxIdle: poolSize,
        idleTimeout: 300_000,
        charset: 'utf8mb4_bin',
        decimalNumbers: true,
        connectTimeout: 10_000,
      });
      return pool; // mysql2's types say more than Kysely's ask, in another spelling
    },
    // As PostgreSQL does by default, and without the gap locks that make strangers' inserts deadlock.
    onCreateConnection: async (connection) => {
      await connection.executeQuery(CompiledQuery.raw('set session transaction isolation level read committed'));
      await connection.executeQuery(
        CompiledQuery.raw(
          "set session sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
        ),
      );
    },
  });
  return {
    createDriver: () => new ResilientDriver(inner.createDriver(), { harmless: isThereAlready }),
    createQueryCompiler: () => new Compiler(),
    createAdapter: () => inner.createAdapter(),
    createIntrospector: (db) => inner.createIntrospector(db),
  };
}

/**
 * MySQL does not roll DDL back: a migration that was interrupted half way runs again from its beginning, over what it has
 * made. ER_TABLE_EXISTS_ERROR, ER_DUP_FIELDNAME, ER_DUP_KEYNAME.
 */
function isThereAlready(error: unknown, { query }: CompiledQuery): boolean {
  const ddl = ['CreateTableNode', 'AlterTableNode', 'CreateIndexNode'].includes(query.kind);
  return ddl && [1050, 1060, 1061].includes((error as { errno?: number }).errno ?? 0);
}

const dataTypes: Readonly<Record<string, string>> = { text: 'longtext', blob: 'longblob' };

class Compiler extends MysqlQueryCompiler {
  /** Whatever the database was created with, tables compare text as the other engines do: by its bytes. */
  protected override visitCreateTable(node: CreateTableNode): void {
    super.visitCreateTable(node);
    this.append(' engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin');
  }

  protected override visitDataType(node: DataTypeNode): void {
    this.append(dataTypes[node.dataType] ?? node.dataType);
  }

  /** `on conflict (…) do nothing | do update set …`, said MySQL's way: any unique key of the table may be the one hit. */
  protected override visitOnConflict(node: OnConflictNode): void {
    this.append('on duplicate key update ');
    if (node.updates) {
      this.compileList(node.updates);
      return;
    }
    const column = node.columns?.[0];
    if (!column) throw new Error('On MySQL, "on conflict do nothing" needs the columns that may conflict.');
    this.visitNode(column);
    this.append(' = ');
    this.visitNode(column);
  }

  /** `excluded.column`, the value that was to be inserted. */
  protected override visitReference(node: ReferenceNode): void {
    if (node.table?.table.identifier.name !== 'excluded') {
      super.visitReference(node);
      return;
    }
    this.append('values(');
    this.visitNode(node.column);
    this.append(')');
  }
}
