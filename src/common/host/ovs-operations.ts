import type { OvsdbChange, OvsdbOperation } from './ovsdb.ts';
import { entries, texts, toMap, toOptional, toReference, toSet } from './ovsdb-values.ts';
import type { OvsdbAtom, OvsdbRow, OvsdbValue } from './ovsdb-values.ts';
import type { PortSpec } from './ovs-bridges.ts';

export function interfaceColumns(spec: PortSpec, row: OvsdbRow | undefined): Record<string, OvsdbValue> {
  const options = spec.peer === undefined ? spec.options : { ...spec.options, peer: spec.peer };
  return {
    ...(spec.type !== undefined && { type: spec.type }),
    ...(options && { options: toMap(options) }),
    ...(spec.externalIds && { external_ids: toMap({ ...entries(row?.['external_ids']), ...spec.externalIds }) }),
    ...(spec.mac !== undefined && { mac: spec.mac }),
  };
}

export function portColumns(
  spec: Pick<PortSpec, 'tag' | 'otherConfig'>,
  row: OvsdbRow | undefined,
): Record<string, OvsdbValue> {
  return {
    ...(spec.tag !== undefined && { tag: toOptional(spec.tag ?? undefined) }),
    ...(spec.otherConfig && { other_config: toMap({ ...entries(row?.['other_config']), ...spec.otherConfig }) }),
  };
}

/** The columns whose value differs from the row's. */
export function changed(row: OvsdbRow | undefined, columns: Record<string, OvsdbValue>): Record<string, OvsdbValue> {
  return Object.fromEntries(
    Object.entries(columns).filter(([name, value]) => !row || comparable(row[name]) !== comparable(value)),
  );
}

const comparable = (value: OvsdbValue | undefined): string =>
  JSON.stringify(
    typeof value === 'object' && value[0] === 'map'
      ? Object.entries(entries(value)).sort(([a], [b]) => (a < b ? -1 : 1))
      : texts(value).sort(),
  );

export const insert = (table: string, uuidName: string, row: OvsdbRow): OvsdbOperation => ({
  op: 'insert',
  table,
  'uuid-name': uuidName,
  row,
});

export const update = (table: string, uuid: string, row: OvsdbRow): OvsdbOperation[] =>
  Object.keys(row).length === 0 ? [] : [{ op: 'update', table, where: [['_uuid', '==', toReference(uuid)]], row }];

export const mutatePorts = (bridge: string, how: 'insert' | 'delete', port: OvsdbAtom): OvsdbOperation => ({
  op: 'mutate',
  table: 'Bridge',
  where: [['_uuid', '==', toReference(bridge)]],
  mutations: [['ports', how, toSet([port])]],
});

export const interfaceNames = ({ table, before, after }: OvsdbChange): string[] =>
  table === 'Interface' || table === 'Port'
    ? [before?.['name'], after?.['name']].flatMap((name) => (typeof name === 'string' ? [name] : []))
    : [];
