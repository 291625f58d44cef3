import { Type, type Static, type TObject, type TProperties, type TSchema } from '@sinclair/typebox';

/** An object that refuses what it does not know. */
export const strict = <P extends TProperties>(properties: P): TObject<P> =>
  Type.Object(properties, { additionalProperties: false });

/** The body `{name: {…}}`, and nothing beside it. */
export const wrapped = <N extends string, S extends TSchema>(name: N, schema: S) =>
  strict({ [name]: schema } as Record<N, S>);

export const nullable = <S extends TSchema>(schema: S) =>
  Type.Unsafe<Static<S> | null>({ ...schema, type: [schema['type'] as string, 'null'] });

/** Up to 255 characters, or none at all. */
export const Text = Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 0, maxLength: 255 });
/** 1 to 255 characters that are not all blanks. */
export const Name = Type.String({ minLength: 1, maxLength: 255, pattern: '\\S' });

/** A flag as clients of all ages write it. */
export const Flag = Type.Unsafe<boolean | string | number>({
  enum: [
    ...[true, 'True', 'TRUE', 'true', '1', 1, 'ON', 'On', 'on', 'YES', 'Yes', 'yes', 'y', 't'],
    ...[false, 'False', 'FALSE', 'false', '0', 0, 'OFF', 'Off', 'off', 'NO', 'No', 'no', 'n', 'f'],
  ],
});
export const flagValue = (flag: boolean | string | number | undefined): boolean =>
  typeof flag === 'boolean' ? flag : /^(1|t|true|on|y|yes)$/i.test(String(flag));

/** GiB, as a number or its digits. */
export const Size = Type.Unsafe<number | string>({
  type: ['integer', 'string'],
  pattern: '^[0-9]+$',
  minimum: 1,
  maximum: 2_147_483_647,
});
export const SizeOrNull = Type.Unsafe<number | string | null>({
  type: ['integer', 'string', 'null'],
  pattern: '^[0-9]+$',
  minLength: 1,
  minimum: 1,
  maximum: 2_147_483_647,
});
/** A limit: -1 is unlimited. */
export const Limit = Type.Unsafe<number | string>({
  type: ['integer', 'string'],
  pattern: '^-?[0-9]+$',
  minimum: -1,
  maximum: 2_147_483_647,
});

export const Uuid = Type.String({ format: 'uuid' });
export const UuidOrNull = Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid' });

/** Metadata: short keys and values. */
export const Metadata = Type.Unsafe<Record<string, string>>({
  type: 'object',
  patternProperties: { '^[\\s\\S]{1,255}$': { type: 'string', maxLength: 255 } },
  additionalProperties: false,
});
/** Extra specs: at least one, under names that fit into a URL. */
export const Specs = Type.Unsafe<Record<string, string | null>>({
  type: 'object',
  patternProperties: { '^[a-zA-Z0-9-_:. ]{1,255}$': { type: ['string', 'null'], maxLength: 255 } },
  additionalProperties: false,
});

export const IdParams = Type.Object({ id: Type.String() });
export const KeyParams = Type.Object({ id: Type.String(), key: Type.String() });

/** Any query: what is not understood is ignored, or refused by the handler. */
export const AnyQuery = Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]));
/** A body that the handler itself looks into. */
export const AnyBody = Type.Record(Type.String(), Type.Unknown());
