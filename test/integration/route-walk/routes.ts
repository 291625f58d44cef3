import { sampleOf, type Schema } from './sample.ts';

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Operation {
  readonly operationId: string;
  readonly security?: unknown;
  readonly 'x-microversions'?: { readonly min?: string; readonly max?: string };
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** One thing that can be asked of a service. */
export interface WalkedRoute {
  /** `GET /v2.1/{project_id}/servers`; `POST …/action os-start`. */
  readonly key: string;
  readonly method: string;
  readonly path: string;
  /** Anyone may ask without a token. */
  readonly open: boolean;
  /** The microversion to ask for it in; null: the lowest. */
  readonly version: string | null;
  readonly body: unknown;
}

const order = ['GET', 'HEAD', 'PATCH', 'PUT', 'POST', 'DELETE'];

/** Every route of a service, readers first and removers last, each action of an action route by itself. */
export function routesOf(document: OpenApi): readonly WalkedRoute[] {
  return Object.entries(document.paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([name, operation]) => {
        const method = name.toUpperCase();
        const schema = operation.requestBody?.content['application/json']?.schema;
        const { min, max } = operation['x-microversions'] ?? {};
        const route = { method, path, open: operation.security === undefined, version: min ?? max ?? null };
        const actions = path.endsWith('/action') ? actionsOf(schema) : [];
        return actions.length > 0
          ? actions.map(([action, body]) => ({
              ...route,
              key: `${method} ${path} ${action}`,
              body: { [action]: body },
            }))
          : [{ ...route, key: `${method} ${path}`, body: schema && sampleOf(schema) }];
      }),
    )
    .sort((a, b) => order.indexOf(a.method) - order.indexOf(b.method));
}

/** Actions share one route; its schema has a property, or a variant, for each. */
function actionsOf(schema: Schema | undefined): (readonly [string, unknown])[] {
  const variants = schema?.anyOf ?? schema?.oneOf ?? [schema ?? {}];
  return variants.flatMap(({ properties = {} }) =>
    Object.entries(properties).map(([name, input]) => [name, sampleOf(input)] as const),
  );
}
