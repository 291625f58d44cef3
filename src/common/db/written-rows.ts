import type {
  ColumnNode,
  ColumnUpdateNode,
  DeleteQueryNode,
  InsertQueryNode,
  OperationNode,
  SelectQueryNode,
  TableNode,
  UpdateQueryNode,
} from 'kysely';

export type RowValues = Readonly<Record<string, unknown>>;

/** What a statement asks of the columns of its rows: each must have one of the values. */
export interface Conditions {
  readonly columns: ReadonlyMap<string, readonly unknown[]>;
  /** Whether that is all that it asks. */
  readonly whole: boolean;
}

/** A statement, as far as it says which rows it writes and what it writes into them. */
export type Written =
  | {
      readonly kind: 'insert';
      readonly table: string;
      readonly rows: readonly RowValues[];
      readonly upsert: RowUpdate | null;
    }
  | { readonly kind: 'update'; readonly table: string; readonly where: Conditions; readonly update: RowUpdate }
  | { readonly kind: 'delete'; readonly table: string; readonly where: Conditions };

export interface RowUpdate {
  readonly columns: readonly string[];
  /** Without the columns whose new value only the database knows (`n + 1`). */
  readonly values: RowValues;
}

/** Reads a statement; null for one that writes nothing, or says it in another way than our rows functions do. */
export function writtenBy(node: OperationNode): Written | null {
  switch (node.kind) {
    case 'UpdateQueryNode': {
      const { table, where, updates } = node as UpdateQueryNode;
      const name = tableOf(table);
      return name === undefined
        ? null
        : { kind: 'update', table: name, where: conditionsOf(where?.where), update: updateOf(updates ?? []) };
    }
    case 'DeleteQueryNode': {
      const { from, where } = node as DeleteQueryNode;
      const name = tableOf(from.froms[0]);
      return name === undefined ? null : { kind: 'delete', table: name, where: conditionsOf(where?.where) };
    }
    case 'InsertQueryNode': {
      const { into, columns = [], values, onConflict } = node as InsertQueryNode;
      const name = tableOf(into);
      if (name === undefined) return null;
      const names = columns.map((column) => column.column.name);
      const upsert = onConflict?.updates ? updateOf(onConflict.updates) : null;
      return { kind: 'insert', table: name, rows: rowsOf(values, names), upsert };
    }
    default:
      return null;
  }
}

/** The table whose own columns, under their own names, a statement reads; undefined for joins, sums and new names. */
export function tableRead(node: OperationNode): string | undefined {
  if (node.kind !== 'SelectQueryNode') return undefined;
  const { from, joins, groupBy, selections } = node as SelectQueryNode;
  if (joins || groupBy || from?.froms.length !== 1) return undefined;
  const plain = selections?.every(({ selection }) =>
    ['SelectAllNode', 'ReferenceNode', 'ColumnNode'].includes(selection.kind),
  );
  return plain ? tableOf(from.froms[0]) : undefined;
}

const tableOf = (node: OperationNode | undefined): string | undefined =>
  node?.kind === 'TableNode' ? (node as TableNode).table.identifier.name : undefined;

function columnOf(node: OperationNode): string | undefined {
  if (node.kind === 'ColumnNode') return (node as ColumnNode).column.name;
  return node.kind === 'ReferenceNode'
    ? columnOf((node as OperationNode & { column: OperationNode }).column)
    : undefined;
}

const isValue = (node: OperationNode): node is OperationNode & { readonly value: unknown } => node.kind === 'ValueNode';

function updateOf(updates: readonly ColumnUpdateNode[]): RowUpdate {
  const columns: string[] = [];
  const values: Record<string, unknown> = {};
  for (const { column, value } of updates) {
    const name = columnOf(column);
    if (name === undefined) continue;
    columns.push(name);
    if (isValue(value)) values[name] = value.value;
  }
  return { columns, values };
}

function rowsOf(node: OperationNode | undefined, names: readonly string[]): readonly RowValues[] {
  if (node?.kind !== 'ValuesNode') return [];
  const { values } = node as OperationNode & { readonly values: readonly OperationNode[] };
  return values.map((item) => {
    const list = listOf(item);
    const row: Record<string, unknown> = {};
    names.forEach((name, at) => {
      if (list[at]) row[name] = list[at].value;
    });
    return row;
  });
}

/** The values of a list; undefined in the place of what is no plain value. */
function listOf(node: OperationNode): readonly ({ readonly value: unknown } | undefined)[] {
  if (node.kind === 'PrimitiveValueListNode')
    return (node as OperationNode & { values: readonly unknown[] }).values.map((value) => ({ value }));
  if (node.kind !== 'ValueListNode') return [];
  return (node as OperationNode & { values: readonly OperationNode[] }).values.map((item) =>
    isValue(item) ? item : undefined,
  );
}

function conditionsOf(where: OperationNode | undefined): Conditions {
  const columns = new Map<string, readonly unknown[]>();
  let whole = true;
  const walk = (node: OperationNode): void => {
    if (node.kind === 'ParensNode') return walk((node as OperationNode & { node: OperationNode }).node);
    if (node.kind === 'AndNode') {
      const { left, right } = node as OperationNode & { left: OperationNode; right: OperationNode };
      walk(left);
      return walk(right);
    }
    const values = node.kind === 'BinaryOperationNode' ? comparedWith(node as Comparison) : undefined;
    if (values) columns.set(...values);
    else whole = false;
  };
  if (where) walk(where);
  return { columns, whole };
}

type Comparison = OperationNode & {
  readonly leftOperand: OperationNode;
  readonly operator: OperationNode & { readonly operator?: string };
  readonly rightOperand: OperationNode;
};

function comparedWith({ leftOperand, operator, rightOperand }: Comparison): [string, readonly unknown[]] | undefined {
  const column = columnOf(leftOperand);
  if (column === undefined) return undefined;
  if (operator.operator === '=' && isValue(rightOperand)) return [column, [rightOperand.value]];
  if (operator.operator !== 'in') return undefined;
  const list = listOf(rightOperand);
  return list.length > 0 && list.every((item) => item) ? [column, list.map((item) => item?.value)] : undefined;
}
