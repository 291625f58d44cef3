import type { RequestContext } from '#common/auth/context.ts';
import { errors } from '../errors.ts';
import { readValue } from './kinds.ts';
import { attributesOf, type CreateOf, type Resource, type UpdateOf } from './resource.ts';

type Plain = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The attributes of a PUT. @throws ApiError 400 */
export function parseUpdate<A>(resource: Resource<A>, body: unknown): UpdateOf<A> {
  const given = memberOf(resource, body);
  const attributes = attributesOf(resource);
  refuseUnknown(resource, given);
  for (const name of Object.keys(given))
    if (!attributes[name]?.put) throw errors.malformed(`Cannot update read-only attribute ${name}`);
  return readAll(resource, given) as UpdateOf<A>;
}

/** The new resources of a POST, one or many, and whether it was the bulk form. @throws ApiError 400 */
export function parseCreate<A>(
  resource: Resource<A>,
  body: unknown,
  ctx: RequestContext,
  isAdmin: boolean,
): { readonly bulk: boolean; readonly items: readonly CreateOf<A>[] } {
  const many = isObject(body) ? body[resource.plural] : undefined;
  if (many === undefined) {
    return { bulk: false, items: [parseOne(resource, memberOf(resource, body), ctx, isAdmin)] };
  }
  if (!resource.bulk) throw errors.malformed('Bulk operation not supported');
  if (!Array.isArray(many) || many.length === 0) throw errors.malformed('Resources required');
  return {
    bulk: true,
    items: many.map((item) => {
      // Both {"networks": [{…}]} and {"networks": [{"network": {…}}]} are in use.
      const inner = isObject(item) && resource.singular in item ? item[resource.singular] : item;
      if (!isObject(inner)) throw errors.malformed(`Unable to find '${resource.singular}' in request body`);
      return parseOne(resource, inner, ctx, isAdmin);
    }),
  };
}

function memberOf(resource: Resource<unknown>, body: unknown): Plain {
  if (body === undefined || body === null) throw errors.malformed('Resource body required');
  const member = isObject(body) ? body[resource.singular] : undefined;
  if (!isObject(member)) throw errors.malformed(`Unable to find '${resource.singular}' in request body`);
  return member;
}

function parseOne<A>(resource: Resource<A>, given: Plain, ctx: RequestContext, isAdmin: boolean): CreateOf<A> {
  const owner = ownerOf(given, ctx, isAdmin);
  const attributes = attributesOf(resource);
  refuseUnknown(resource, given);
  const values: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    if (name in given) {
      if (!attribute.post) throw errors.malformed(`Attribute '${name}' not allowed in POST`);
      continue;
    }
    if (attribute.required)
      throw errors.malformed(`Failed to parse request. Required attribute '${name}' not specified`);
    values[name] = attribute.default;
  }
  return { ...values, ...readAll(resource, given), project_id: owner, tenant_id: owner } as unknown as CreateOf<A>;
}

function refuseUnknown(resource: Resource<unknown>, given: Plain): void {
  const attributes = attributesOf(resource);
  const unknown = Object.keys(given).filter((name) => !(name in attributes));
  if (unknown.length > 0) throw errors.malformed(`Unrecognized attribute(s) '${unknown.join(', ')}'`);
}

function readAll(resource: Resource<unknown>, given: Plain): Record<string, unknown> {
  const attributes = attributesOf(resource);
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const attribute = attributes[name];
    if (attribute) values[name] = readValue(attribute.kind, name, value);
  }
  return values;
}

/** Only administrators make things for others. */
function ownerOf(given: Plain, ctx: RequestContext, isAdmin: boolean): string {
  const { tenant_id: tenant, project_id: project } = given;
  if (tenant !== undefined && project !== undefined && tenant !== project)
    throw errors.malformed("'project_id' and 'tenant_id' do not match");
  const asked = project ?? tenant;
  if (asked === undefined || asked === null) {
    if (ctx.projectId === null)
      throw errors.malformed('Running without keystone AuthN requires that tenant_id is specified');
    return ctx.projectId;
  }
  if (typeof asked !== 'string')
    throw errors.malformed(`Invalid input for project_id. Reason: '${String(asked)}' is not a valid string.`);
  if (asked !== ctx.projectId && !isAdmin)
    throw errors.malformed(
      "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request requires admin privileges",
    );
  return asked;
}
