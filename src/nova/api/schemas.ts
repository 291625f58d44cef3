import { Type, type TObject, type TProperties, type TSchema } from '@sinclair/typebox';

/** An object that refuses what it does not know, as Nova's schemas do. */
export const strict = <P extends TProperties>(properties: P): TObject<P> =>
  Type.Object(properties, { additionalProperties: false });

/** The body `{name: {…}}`, and nothing beside it. */
export const wrapped = <N extends string, S extends TSchema>(name: N, schema: S) =>
  strict({ [name]: schema } as Record<N, S>);

/** 1 to 255 printable characters, without spaces at the ends. */
export const Name = Type.String({ minLength: 1, maxLength: 255, pattern: '^(?!\\s)[^\\x00-\\x1f\\x7f]*(?<!\\s)$' });

/** A flag as clients of all ages write it. */
export const Flag = Type.Union([
  Type.Boolean(),
  Type.String({
    pattern: '^(?:[Tt](?:rue)?|TRUE|[Ff](?:alse)?|FALSE|[Oo](?:n|ff)|ON|OFF|[Yy](?:es)?|YES|[Nn]o?|NO|[01])$',
  }),
  Type.Integer({ minimum: 0, maximum: 1 }),
]);
export const flagValue = (flag: boolean | string | number): boolean =>
  typeof flag === 'boolean' ? flag : /^(1|t|true|on|y|yes)$/i.test(String(flag));

/** A whole number, or its digits. */
export const Count = (minimum: number, maximum = 2_147_483_647) =>
  Type.Union([Type.Integer({ minimum, maximum }), Type.String({ pattern: minimum < 0 ? '^-?[0-9]+$' : '^[0-9]+$' })]);

export const Uuid = Type.String({ format: 'uuid' });
export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** Metadata: short keys and values. */
export const Metadata = Type.Record(
  Type.String({ pattern: '^[a-zA-Z0-9-_:. ]{1,255}$' }),
  Type.String({ maxLength: 255 }),
  {
    additionalProperties: false,
  },
);

export const IdParams = Type.Object({ id: Type.String() });

/** Any query: what is not understood is ignored. */
export const AnyQuery = Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]));
