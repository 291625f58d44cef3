/** The parts of JSON Schema that our routes use. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly default?: unknown;
}

const formats: Readonly<Record<string, string>> = {
  uuid: '11111111-2222-4333-8444-555555555555',
  ipv4: '10.20.30.40',
  ipv6: 'fd00::1',
  uri: 'http://127.0.0.1:9/x',
  'date-time': '2026-01-01T00:00:00Z',
};
/** Words that fit most patterns; the first that fits is taken. */
const words = ['walk', '1', '10.20.30.40', '10.20.30.0/24', 'fa:16:3e:00:00:01', '11111111222243338444555555555555'];

/** The smallest value that a schema takes, as far as that can be told. Where it cannot, the service answers 400. */
export function sampleOf(schema: Schema): unknown {
  if ('const' in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice) return sampleOf(choice[0] ?? {});
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map(sampleOf));
  switch ([schema.type].flat()[0]) {
    case 'object': {
      const { properties = {}, required = [] } = schema;
      return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name] ?? {})]));
    }
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}));
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1);
    case 'boolean':
      return false;
    case 'null':
      return null;
    case 'string': {
      if (schema.format && formats[schema.format]) return formats[schema.format];
      const pattern = schema.pattern === undefined ? null : new RegExp(schema.pattern);
      return words.find((word) => pattern?.test(word) ?? true) ?? 'walk'.padEnd(schema.minLength ?? 0, 'x');
    }
    default:
      return {};
  }
}
