import { isIPv6 } from 'node:net';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { TSchema } from '@sinclair/typebox';
import type { ApiError } from './errors.ts';
import type { FaultStyle } from './faults.ts';

const uuidPattern = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

const make = (coerce: boolean): Ajv => {
  const ajv = new Ajv({ strict: false, allErrors: false, verbose: true, coerceTypes: coerce ? 'array' : false });
  ajv.addFormat('uuid', uuidPattern);
  ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)));
  ajv.addFormat('uri', (text: string) => URL.canParse(text));
  ajv.addFormat('ipv4', /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}$/);
  ajv.addFormat('ipv6', (text: string) => isIPv6(text));
  return ajv;
};
const bodies = make(false);
const queries = make(true);

/** A value in the words of Python's repr, as OpenStack's validators print it. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string') {
    const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
    return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
  }
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`)
      .join(', ')}}`;
  return String(value);
}

/** What python-jsonschema says of the same failure. */
function reasonOf(error: ErrorObject): string {
  const value = pythonRepr(error.data);
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return `${pythonRepr(params['missingProperty'])} is a required property`;
    case 'additionalProperties':
      return `Additional properties are not allowed (${pythonRepr(params['additionalProperty'])} was unexpected)`;
    case 'type':
      return `${value} is not of type ${[params['type']].flat().map(pythonRepr).join(', ')}`;
    case 'enum':
    case 'const':
      return `${value} is not one of ${pythonRepr(params['allowedValues'] ?? [params['allowedValue']])}`;
    case 'minLength':
      return `${value} is too short`;
    case 'maxLength':
      return `${value} is too long`;
    case 'minItems':
      return `${value} is too short`;
    case 'maxItems':
      return `${value} is too long`;
    case 'minimum':
      return `${value} is less than the minimum of ${params['limit']}`;
    case 'maximum':
      return `${value} is greater than the maximum of ${params['limit']}`;
    case 'pattern':
      return `${value} does not match ${pythonRepr(params['pattern'])}`;
    case 'format':
      return `${value} is not a ${pythonRepr(params['format'])}`;
    case 'uniqueItems':
      return `${value} has non-unique elements`;
    default:
      return `${value} is not valid under any of the given schemas`;
  }
}

/** A compiled check of one part of a request. */
export type Check = (value: unknown) => ApiError | null;

/**
 * Compiles `schema`. The returned check gives null, or the service's 400 for the first fault; for queries it also converts
 * text to the numbers and booleans that the schema asks for, in place.
 */
export function compileCheck(schema: TSchema, part: 'body' | 'query' | 'params', faults: FaultStyle): Check {
  let validate: ValidateFunction | undefined;
  return (value) => {
    validate ??= (part === 'query' ? queries : bodies).compile(schema);
    if (validate(value)) return null;
    // A union reports each branch's failure and then its own: the union's own is last and the truest.
    const error = validate.errors?.at(-1) as ErrorObject;
    const path = error.instancePath.split('/').filter((step) => step !== '');
    const where = path.at(-1) ?? (part === 'body' ? 'None' : part);
    return faults.invalid(where, displayed(error.data), reasonOf(error));
  };
}

/** `Value: {…}` is Python's str(): strings bare, everything else as repr. */
const displayed = (value: unknown): string => (typeof value === 'string' ? value : pythonRepr(value));
