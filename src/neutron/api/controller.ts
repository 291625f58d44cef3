import type { ApiError } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import { errors } from '../errors.ts';
import { callerOf, type Caller, type Scope } from './access.ts';
import { everything, pageLinks, parseListQuery, type ListQuery } from './list-query.ts';
import { parseCreate, parseUpdate } from './parse-body.ts';
import { attributesOf, type Action, type CreateOf, type Resource, type UpdateOf, type View } from './resource.ts';

/** The rules of one resource. Views are whole; what a caller may see of them is decided outside. */
export interface ResourceService<A> {
  /** Rows that the scope may see. */
  list(scope: Scope, query: ListQuery): Promise<readonly View[]>;
  /** All or none. */
  create(caller: Caller, items: readonly CreateOf<A>[]): Promise<readonly View[]>;
  update(caller: Caller, current: View, changes: UpdateOf<A>): Promise<View>;
  remove(caller: Caller, current: View): Promise<void>;
  notFound(id: string): ApiError;
  /** Filters beyond the attributes. */
  readonly filters?: readonly string[];
}

/** Tells the bus; never fails the request. @param owner the project whose resource it is; the caller's unless given */
export type Notify = (ctx: RequestContext, eventType: string, payload: View, owner?: unknown) => void;

export interface ControllerDeps {
  readonly enforcer: Enforcer;
  readonly notify: Notify;
  /** pagination_max_limit; -1 for none */
  readonly maxLimit: number;
  /** The project of a network, for the rules that name its owner; null when there is none. */
  readonly networkOwner: (networkId: string) => Promise<string | null>;
}

/** What stands between HTTP and every resource's rules: bodies, policies, visibility, fields, pages, notifications. */
export class Controller<A> {
  readonly resource: Resource<A>;
  readonly #service: ResourceService<A>;
  readonly #deps: ControllerDeps;
  readonly #guarded: Readonly<Record<Action, readonly string[]>>;

  constructor(resource: Resource<A>, service: ResourceService<A>, deps: ControllerDeps) {
    this.resource = resource;
    this.#service = service;
    this.#deps = deps;
    const guarded = (action: Action): readonly string[] =>
      Object.entries(attributesOf(resource))
        .filter(([, attribute]) => attribute.guarded.includes(action))
        .map(([name]) => name);
    this.#guarded = { create: guarded('create'), update: guarded('update'), get: guarded('get') };
  }

  /** @param href the request's own URL, for the links of a page */
  async list(ctx: RequestContext, query: Readonly<Record<string, unknown>>, href: string): Promise<View> {
    const { resource } = this;
    const parsed = parseListQuery(resource, query, {
      extra: this.#service.filters ?? [],
      maxLimit: this.#deps.maxLimit,
    });
    const views = await this.#service.list(this.#caller(ctx).scope, parsed.list);
    const links = pageLinks(parsed, views, href);
    return {
      [resource.plural]: views.map((view) => this.#visible(ctx, view, parsed.fields)),
      ...(links && { [`${resource.plural}_links`]: links }),
    };
  }

  async show(ctx: RequestContext, id: string, query: Readonly<Record<string, unknown>>): Promise<View> {
    const view = await this.find(this.#caller(ctx), id);
    const fields = query['fields'] === undefined ? [] : [query['fields']].flat().map(String);
    return { [this.resource.singular]: this.#visible(ctx, view, fields) };
  }

  async create(ctx: RequestContext, body: unknown): Promise<View> {
    const { resource } = this;
    const caller = this.#caller(ctx);
    const { bulk, items } = parseCreate(resource, body, ctx, caller.isAdmin);
    const rule = `create_${resource.singular}`;
    for (const item of items) await this.#enforce(ctx, rule, item, this.#explicit(item));
    this.#deps.notify(ctx, `${resource.singular}.create.start`, body as View);
    const created = (await this.#service.create(caller, items)).map((view) => this.#visible(ctx, view, []));
    const answer = bulk ? { [resource.plural]: created } : { [resource.singular]: created[0] };
    this.#deps.notify(ctx, `${resource.singular}.create.end`, answer, items[0]?.project_id);
    return answer;
  }

  /** @param revision the If-Match header's `revision_number` */
  async update(ctx: RequestContext, id: string, body: unknown, revision?: number): Promise<View> {
    const { resource } = this;
    const caller = this.#caller(ctx);
    const changes = parseUpdate(resource, body);
    const current = await this.find(caller, id);
    await this.#enforce(ctx, `update_${resource.singular}`, { ...current, ...changes }, this.#given('update', changes));
    if (revision !== undefined && revision !== current['revision_number']) throw errors.revisionMismatch(id, revision);
    const owner = current['project_id'];
    this.#deps.notify(ctx, `${resource.singular}.update.start`, { id, ...(body as View) }, owner);
    const updated = this.#visible(ctx, await this.#service.update(caller, current, changes), []);
    const answer = { [resource.singular]: updated };
    this.#deps.notify(ctx, `${resource.singular}.update.end`, answer, owner);
    return answer;
  }

  async remove(ctx: RequestContext, id: string, revision?: number): Promise<void> {
    const { resource } = this;
    const caller = this.#caller(ctx);
    const current = await this.find(caller, id);
    await this.#enforce(ctx, `delete_${resource.singular}`, current, []);
    if (revision !== undefined && revision !== current['revision_number']) throw errors.revisionMismatch(id, revision);
    const payload = { [`${resource.singular}_id`]: id, [resource.singular]: current };
    this.#deps.notify(ctx, `${resource.singular}.delete.start`, payload, current['project_id']);
    await this.#service.remove(caller, current);
    this.#deps.notify(ctx, `${resource.singular}.delete.end`, payload, current['project_id']);
  }

  /** One that the caller may see, whole. @throws ApiError 404 */
  async find(caller: Caller, id: string): Promise<View> {
    const [view] = await this.#service.list(caller.scope, { ...everything, filters: new Map([['id', [id]]]) });
    if (!view) throw this.#service.notFound(id);
    return view;
  }

  notFound(id: string): ApiError {
    return this.#service.notFound(id);
  }

  /** One that the caller may change. @throws ApiError 403, 404 */
  async findFor(
    ctx: RequestContext,
    rule: string,
    id: string,
  ): Promise<{ readonly caller: Caller; readonly view: View }> {
    const caller = this.#caller(ctx);
    const view = await this.find(caller, id);
    await this.#enforce(ctx, rule, view, []);
    return { caller, view };
  }

  /** What this caller may see of a view: without the attributes that policy hides, only `fields` when there are some. */
  #visible(ctx: RequestContext, view: View, fields: readonly string[]): View {
    const { enforcer } = this.#deps;
    const hidden = this.#guarded.get.filter(
      (name) => name in view && !enforcer.allows(`get_${this.resource.singular}:${name}`, ctx, view),
    );
    if (hidden.length === 0 && fields.length === 0) return view;
    return Object.fromEntries(
      Object.entries(view).filter(([name]) => !hidden.includes(name) && (fields.length === 0 || fields.includes(name))),
    );
  }

  async #enforce(ctx: RequestContext, rule: string, target: object, attributes: readonly string[]): Promise<void> {
    const { enforcer, networkOwner } = this.#deps;
    const networkId = (target as View)['network_id'];
    let whole = target as View;
    const refused = (names: readonly string[]): string | undefined =>
      names.find((name) => !enforcer.allows(name, ctx, whole));
    const rules = [rule, ...attributes.map((name) => `${rule}:${name}`)];
    let no = refused(rules);
    // The network's owner is asked for only when it can still turn the answer.
    if (no !== undefined && typeof networkId === 'string') {
      whole = { ...target, 'network:tenant_id': await networkOwner(networkId) };
      no = refused(rules);
    }
    if (no === undefined) return;
    throw errors.notAuthorized(no === rule ? `rule:${rule}` : `(rule:${rule} and rule:${no})`);
  }

  /** The guarded attributes that a new resource has otherwise than by default. */
  #explicit(item: object): readonly string[] {
    const attributes = attributesOf(this.resource);
    return this.#guarded.create.filter((name) => {
      const value = (item as View)[name];
      return value !== undefined && value !== attributes[name]?.default;
    });
  }

  #given(action: Action, changes: object): readonly string[] {
    return this.#guarded[action].filter((name) => name in changes);
  }

  #caller(ctx: RequestContext): Caller {
    return callerOf(ctx, this.#deps.enforcer);
  }
}
