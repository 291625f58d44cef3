/** OVSDB's JSON notation of values (RFC 7047, section 5.1), to and from plain data. */

export type OvsdbAtom = string | number | boolean | readonly ['uuid' | 'named-uuid', string];
export type OvsdbValue =
  OvsdbAtom | readonly ['set', readonly OvsdbAtom[]] | readonly ['map', readonly (readonly [OvsdbAtom, OvsdbAtom])[]];
/** Column name → value. */
export type OvsdbRow = Readonly<Record<string, OvsdbValue>>;

type Plain = string | number | boolean;

const plain = (atom: OvsdbAtom): Plain => (typeof atom === 'object' ? atom[1] : atom);

/** A set's members; a single value is a set of one. References become their uuid. */
export function members(value: OvsdbValue | undefined): Plain[] {
  if (value === undefined) return [];
  if (typeof value !== 'object') return [value];
  return value[0] === 'set' ? value[1].map(plain) : value[0] === 'map' ? [] : [value[1]];
}

export const texts = (value: OvsdbValue | undefined): string[] => members(value).map(String);

/** An optional column's value. */
export const text = (value: OvsdbValue | undefined): string | undefined => texts(value)[0];

export function number(value: OvsdbValue | undefined): number | undefined {
  const [first] = members(value);
  return typeof first === 'number' ? first : undefined;
}

/** A map column such as `external_ids`. */
export function entries(value: OvsdbValue | undefined): Record<string, string> {
  if (typeof value !== 'object' || value[0] !== 'map') return {};
  return Object.fromEntries(value[1].map(([key, item]) => [String(plain(key)), String(plain(item))]));
}

export const toMap = (record: Readonly<Record<string, string>>): OvsdbValue => ['map', Object.entries(record)];
export const toSet = (atoms: readonly OvsdbAtom[]): OvsdbValue => ['set', atoms];
/** A column that may be empty. */
export const toOptional = (atom: OvsdbAtom | undefined): OvsdbValue => (atom === undefined ? toSet([]) : atom);
export const toReference = (uuid: string): OvsdbAtom => ['uuid', uuid];
/** A row that an insert of the same transaction makes under this name. */
export const toNewRow = (name: string): OvsdbAtom => ['named-uuid', name];
