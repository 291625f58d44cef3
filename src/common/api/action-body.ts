import { Type, type TSchema } from '@sinclair/typebox';

/**
 * The body of a `POST …/action`: the action's name, and under it what the action takes. It documents every action and
 * refuses none: each action checks its own input, in the version that was asked for.
 */
export const actionBody = (actions: readonly { readonly name: string; readonly schema: TSchema }[]) =>
  Type.Unsafe<Record<string, unknown>>({
    type: 'object',
    properties: Object.fromEntries(actions.map(({ name, schema }) => [name, { anyOf: [schema, {}] }])),
  });
