/** The properties of a request that its resource has no column for: Keystone keeps them, and shows them again. */
export type Extra = Readonly<Record<string, unknown>>;

/** What is not among `known`. `id` and `links` are never taken from a request. */
export function extraOf(body: Readonly<Record<string, unknown>>, known: readonly string[]): Extra {
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => !known.includes(name) && name !== 'id' && name !== 'links'),
  );
}

/** `patch` over `extra`. */
export const mergeExtra = (extra: Extra, patch: Extra): Extra => ({ ...extra, ...patch });

/** A column with JSON in it. */
export const parseJson = (text: string): Extra => JSON.parse(text) as Extra;

/** An option that is set to null is unset. */
export const withoutNulls = (options: Extra): Extra =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
