/** Kinds of attribute values: how each is read, what Neutron says of a wrong one, and its JSON schema. */
import { ApiError } from '#common/api/errors.ts';
import { pythonRepr } from '#common/api/validation.ts';
import { errors } from '../errors.ts';
import { formatIp, parseCidr, parseIp } from '../ipam/address.ts';

/** The value is none of its kind; the message becomes the `Reason:` of a 400. */
export class InvalidValue extends Error {
  override readonly name = 'InvalidValue';
}

export interface Kind<T> {
  /** For the OpenAPI document. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** @throws InvalidValue with the reason, or ApiError with a text of its own */
  readonly parse: (value: unknown) => T;
  /** A query parameter as the database has the value; null when it can match nothing. */
  readonly fromQuery: (text: string) => string | number | null;
}

const invalid = (reason: string): never => {
  throw new InvalidValue(reason);
};
const shown = (value: unknown): string => (typeof value === 'string' ? value : pythonRepr(value));
const asText = (text: string): string => text;

/** Reads `value` in the words of `attribute`. @throws ApiError 400 */
export function readValue<T>(kind: Kind<T>, attribute: string, value: unknown): T {
  try {
    return kind.parse(value);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw errors.malformed(`Invalid input for ${attribute}. Reason: ${error.message}.`);
  }
}

export const text = (max: number): Kind<string> => ({
  schema: { type: 'string', maxLength: max },
  parse(value) {
    if (typeof value !== 'string') return invalid(`'${shown(value)}' is not a valid string`);
    if (value.length > max) return invalid(`'${value}' exceeds maximum length of ${max}`);
    return value;
  },
  fromQuery: asText,
});

/** Null, or of the kind. */
export const nullable = <T>(kind: Kind<T>): Kind<T | null> => ({
  schema: { anyOf: [kind.schema, { type: 'null' }] },
  parse: (value) => (value === null ? null : kind.parse(value)),
  fromQuery: kind.fromQuery,
});

export const bool: Kind<boolean> = {
  schema: { type: 'boolean' },
  parse(value) {
    if (value === true || value === 1) return true;
    if (value === false || value === 0) return false;
    if (typeof value === 'string' && /^(true|1|yes|on|t|y)$/i.test(value)) return true;
    if (typeof value === 'string' && /^(false|0|no|off|f|n)$/i.test(value)) return false;
    throw errors.invalidInput(`'${shown(value)}' cannot be converted to boolean`);
  },
  fromQuery: (value) => (/^(true|1|yes|on)$/i.test(value) ? 1 : /^(false|0|no|off)$/i.test(value) ? 0 : null),
};

export const int = (min?: number, max?: number): Kind<number> => ({
  schema: { type: 'integer', ...(min !== undefined && { minimum: min }), ...(max !== undefined && { maximum: max }) },
  parse(value) {
    const number = typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number))
      throw errors.invalidInput(`'${shown(value)}' is not an integer`);
    if (min !== undefined && number < min) return invalid(`'${number}' is too small - must be at least '${min}'`);
    if (max !== undefined && number > max) return invalid(`'${number}' is too large - must be no larger than '${max}'`);
    return number;
  },
  fromQuery: (value) => (/^[+-]?\d+$/.test(value) ? Number(value) : null),
});

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const uuid: Kind<string> = {
  schema: { type: 'string', format: 'uuid' },
  parse: (value) =>
    typeof value === 'string' && uuidPattern.test(value)
      ? value.toLowerCase()
      : invalid(`'${shown(value)}' is not a valid UUID`),
  fromQuery: asText,
};

/** An address in its canonical text. */
export const ip: Kind<string> = {
  schema: { type: 'string', description: 'IPv4 or IPv6 address' },
  parse(value) {
    const parsed = typeof value === 'string' ? parseIp(value) : null;
    return parsed ? formatIp(parsed.version, parsed.value) : invalid(`'${shown(value)}' is not a valid IP address`);
  },
  fromQuery: asText,
};

/** `address/prefix` as written; what else a network must satisfy is the service's matter. */
export const cidr: Kind<string> = {
  schema: { type: 'string', description: 'address/prefix length' },
  parse: (value) =>
    typeof value === 'string' && parseCidr(value) ? value : invalid(`'${shown(value)}' is not a valid IP subnet`),
  fromQuery: asText,
};

/** Lower case, with colons. */
export const mac: Kind<string> = {
  schema: { type: 'string', description: 'MAC address' },
  parse(value) {
    const hex = typeof value === 'string' ? value.toLowerCase().replaceAll('-', ':') : '';
    return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(hex) ? hex : invalid(`'${shown(value)}' is not a valid MAC address`);
  },
  fromQuery: (value) => value.toLowerCase(),
};

export const oneOf = <const V extends string | number | boolean>(...values: readonly V[]): Kind<V> => ({
  schema: { enum: values },
  parse: (value) =>
    values.find((one) => one === value || String(one) === value) ?? invalid(`${shown(value)} is not in valid_values`),
  fromQuery: (value) => (typeof values[0] === 'number' ? Number(value) : value),
});

export const dict: Kind<Readonly<Record<string, unknown>>> = {
  schema: { type: 'object', additionalProperties: true },
  parse: (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : invalid(`'${shown(value)}' is not a dictionary`),
  fromQuery: () => null,
};

/** A list of such values. @param what its name in the fault when it is no list */
export const list = <T>(kind: Kind<T>, what = 'list'): Kind<readonly T[]> => ({
  schema: { type: 'array', items: kind.schema },
  parse: (value) =>
    Array.isArray(value) ? value.map((item) => kind.parse(item)) : invalid(`'${shown(value)}' is not a ${what}`),
  fromQuery: kind.fromQuery,
});

/** No two equal elements. */
export const distinct = <T>(kind: Kind<readonly T[]>, what: string): Kind<readonly T[]> => ({
  ...kind,
  parse(value) {
    const items = kind.parse(value);
    const seen = new Set<string>();
    for (const item of items) {
      const key = JSON.stringify(item);
      if (seen.has(key)) return invalid(`Duplicate ${what} '${shown(item)}'`);
      seen.add(key);
    }
    return items;
  },
});

/** A dictionary with those members; `optional` ones may lack. */
export const record = <T>(
  what: string,
  members: { readonly [K in keyof T]-?: Kind<Exclude<T[K], undefined>> },
  optional: readonly (keyof T & string)[] = [],
): Kind<T> => {
  const kinds = members as Readonly<Record<string, Kind<unknown>>>;
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, kind.schema])),
      required: Object.keys(kinds).filter((name) => !(optional as readonly string[]).includes(name)),
    },
    parse(value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        return invalid(`Invalid data format for ${what}: '${shown(value)}'`);
      const given = value as Record<string, unknown>;
      const unknown = Object.keys(given).filter((name) => !(name in kinds));
      const missing = Object.keys(kinds).filter(
        (name) => !(name in given) && !(optional as readonly string[]).includes(name),
      );
      if (unknown.length > 0 || missing.length > 0)
        return invalid(`Invalid data format for ${what}: '${shown(value)}'`);
      return Object.fromEntries(
        Object.entries(given).map(([name, item]) => [name, (kinds[name] as Kind<unknown>).parse(item)]),
      ) as T;
    },
    fromQuery: () => null,
  };
};

/** Whether a thrown value is a refusal of the request. */
export const isRefusal = (error: unknown): error is ApiError => error instanceof ApiError && error.status < 500;
