import type { ColumnDefinitionBuilder } from 'kysely';

/** Column types for migrations that mean the same on every engine. */
export const columns = {
  /** A UUID with dashes. */
  uuid: 'varchar(36)',
  /** Keystone's ids: 32 hex digits, or a word such as `default`. */
  keystoneId: 'varchar(64)',
  name: 'varchar(255)',
  /** 0 or 1. */
  flag: 'smallint',
  /** `YYYY-MM-DDThh:mm:ss.ffffff`, UTC. */
  time: 'varchar(26)',
  /** JSON, or any text without a bound. */
  text: 'text',
  integer: 'integer',
  bigint: 'bigint',
  float: 'double precision',
  bytes: 'blob',
} as const;

/** A column that numbers its rows: `.addColumn('id', 'integer', autoId)`. */
export const autoId = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.primaryKey().autoIncrement();

/** Not null. */
export const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();

/** Not null with that value unless told. */
export const withDefault =
  (value: string | number) =>
  (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
    column.notNull().defaultTo(value);
