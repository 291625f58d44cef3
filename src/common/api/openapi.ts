import type { TSchema } from '@sinclair/typebox';
import type { MountPoint } from './app.ts';
import type { AnyRoute } from './route.ts';

interface Mounted {
  readonly point: MountPoint;
  readonly route: AnyRoute<unknown>;
}

/** OpenAPI 3.1 of what is mounted. Served at `/openapi.json`; the committed copies in `openapi/` are checked for drift. */
export function openApiDocument(name: string, mounted: readonly Mounted[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { point, route } of mounted) {
    const path = (point.prefix + route.path).replace(/:(\w+)/g, '{$1}').replace(/(.)\/$/, '$1');
    const methods = (paths[path] ??= {});
    const key = route.method.toLowerCase();
    // Versions of one route share the path: the newest declaration describes it, the range is named.
    methods[key] = operation(point, route);
  }
  return {
    openapi: '3.1.0',
    info: { title: `Igloo ${name}`, version: '1', license: { name: 'Apache-2.0' } },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: { securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' } } },
  };
}

function operation(point: MountPoint, route: AnyRoute<unknown>): Record<string, unknown> {
  const names = [...(point.prefix + route.path).matchAll(/:(\w+)/g)].map((match) => match[1] as string);
  const properties = (schema: TSchema | undefined): [string, TSchema][] =>
    Object.entries((schema as { properties?: Record<string, TSchema> } | undefined)?.properties ?? {});
  const json = (schema: TSchema): unknown => ({ content: { 'application/json': { schema } } });
  const { min, max } = route.versions ?? {};
  return {
    operationId: `${point.api}.${route.id}`,
    summary: route.summary,
    ...(route.policy === null ? {} : { security: [{ token: [] }], 'x-policy': route.policy }),
    ...(min || max ? { 'x-microversions': { ...(min && { min }), ...(max && { max }) } } : {}),
    parameters: [
      ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...properties(route.query).map(([name, schema]) => ({ name, in: 'query', schema })),
    ],
    ...(route.body && { requestBody: json(route.body) }),
    responses: {
      [route.status]: { description: 'Success', ...(route.response ? (json(route.response) as object) : {}) },
      default: { description: "The service's fault body" },
    },
  };
}
