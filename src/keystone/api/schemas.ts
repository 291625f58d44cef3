/** Pieces of request and response schemas; bounds and patterns are Keystone's. */
import { Type, type Static, type TSchema } from '@sinclair/typebox';

/** `{type: ['string', 'null']}`: python-jsonschema's words for a failure follow from this form, not from a union's. */
export const nullable = <T extends TSchema & { type: string }>(schema: T) =>
  Type.Unsafe<Static<T> | null>({ ...schema, type: [schema.type, 'null'] });

export const Id = Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-zA-Z0-9-]+$' });
/** With at least one character that can be seen. */
export const nameUpTo = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '[\\S]+' });
export const Url = Type.String({ minLength: 0, maxLength: 225, pattern: '^[a-zA-Z0-9+.-]+:.+' });
export const Options = Type.Object(
  { immutable: Type.Optional(nullable(Type.Boolean())) },
  { additionalProperties: true },
);

export const SelfLink = Type.Object({ self: Type.String() });
export const CollectionLinks = Type.Object({
  next: Type.Union([Type.String(), Type.Null()]),
  self: Type.String(),
  previous: Type.Null(),
});

/** A list's query: exact filters by name; `name__contains` and its kin, `limit` and `marker` besides. */
export const listQuery = <T extends Record<string, TSchema>>(filters: T) =>
  Type.Object({
    ...filters,
    name: Type.Optional(Type.String()),
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
    marker: Type.Optional(Type.String()),
  });
/** Filters that are flags: `?enabled`, `?enabled=0`. */
export const Flag = Type.Optional(Type.String());

/** Properties that the schema does not name are kept and shown again, as Keystone always has. */
export const open = { additionalProperties: true };
