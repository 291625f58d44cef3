import type { CatalogEntry } from '../catalog/model.ts';
import type { UrlValues } from '../catalog/urls.ts';
import type { Changes, Db, Touched } from '../changes.ts';
import { impliedBy } from '../roles/implications.ts';
import type { Role } from '../roles/model.ts';
import { listImplications, listRoles } from '../roles/rows.ts';
import type { Delegated, DelegationReader } from '../delegations/model.ts';
import { subjectKey, type Scope, type TokenPayload } from './payload.ts';
import {
  findSubjectProject,
  findSubjectUser,
  grantedRoleIds,
  type SubjectProject,
  type SubjectUser,
} from './subject-rows.ts';

/** A user in a scope, as of now: what tokens of both mean. */
export interface Subject {
  readonly user: SubjectUser;
  readonly scope: Scope;
  /** The project, or the domain of a domain scope. */
  readonly target: SubjectProject | null;
  /** By name; empty when unscoped. */
  readonly roles: readonly Pick<Role, 'id' | 'name'>[];
  readonly catalog: readonly CatalogEntry[];
  /** The domains that must not have been disabled since. */
  readonly domainIds: readonly string[];
  /** The users that it depends on: also the one in whose name another acts. */
  readonly userIds: readonly string[];
  readonly delegated: Delegated | null;
}

export interface SubjectDeps {
  readonly db: Db;
  readonly changes: Changes;
  /** The catalogue as stored. */
  readonly catalog: () => Promise<CatalogEntry[]>;
  /** The catalogue of one caller, made of that. */
  readonly catalogOf: (raw: readonly CatalogEntry[], values: UrlValues) => Promise<CatalogEntry[]>;
  readonly delegations: DelegationReader;
  /** How many are remembered; 10 000 unless given. */
  readonly remembered?: number;
}

/** Looks up what tokens mean, and remembers it until something that it depends on changes. */
export class Subjects {
  readonly #deps: SubjectDeps;
  readonly #known = new Map<string, Subject>();
  #catalog: Promise<CatalogEntry[]> | undefined;

  constructor(deps: SubjectDeps) {
    this.#deps = deps;
  }

  /**
   * Null when there is no such user or project, either is disabled, the user has no role there, or what the user acts by is
   * gone.
   */
  async of(what: Pick<TokenPayload, 'userId' | 'scope' | 'delegation'>): Promise<Subject | null> {
    const key = subjectKey(what.userId, what.scope, what.delegation);
    const known = this.#known.get(key);
    if (known) return known;
    const { changes, remembered = 10_000 } = this.#deps;
    const { epoch } = changes;
    const subject = await this.#lookUp(what);
    // Something changed while we looked: what was read may be from before.
    if (subject && epoch === changes.epoch) {
      if (this.#known.size >= remembered) this.#known.delete(this.#known.keys().next().value as string);
      this.#known.set(key, subject);
    }
    return subject;
  }

  /** Forgets what a change has touched. */
  heard(touched: readonly Touched[]): void {
    for (const what of touched) {
      if (what === 'all' || what === 'elsewhere') {
        this.#known.clear();
        this.#catalog = undefined;
        return;
      }
      for (const [key, { userIds, target }] of this.#known)
        if (('user' in what && userIds.includes(what.user)) || ('project' in what && what.project === target?.id))
          this.#known.delete(key);
    }
  }

  async #lookUp({ userId, scope, delegation }: Parameters<Subjects['of']>[0]): Promise<Subject | null> {
    const { db, delegations, catalogOf } = this.#deps;
    const user = await findSubjectUser(db, userId);
    if (!user?.enabled || !user.domain.enabled) return null;
    if (scope.kind === 'unscoped')
      return {
        user,
        scope,
        target: null,
        roles: [],
        catalog: [],
        domainIds: [user.domain.id],
        userIds: [user.id],
        delegated: null,
      };
    const target = 'id' in scope ? ((await findSubjectProject(db, scope.id)) ?? null) : null;
    if (scope.kind !== 'system' && (!target?.enabled || !target.domain.enabled)) return null;
    if (scope.kind === 'domain' && !target?.isDomain) return null;
    const right = delegation && (await delegations(delegation, userId, scope));
    if (right === null) return null;
    const others = right?.userIds ?? [];
    for (const id of others) {
      const other = await findSubjectUser(db, id);
      if (!other?.enabled || !other.domain.enabled) return null;
    }
    const ids = await this.#roleIds(right?.holderId ?? userId, scope, right);
    if (ids === null || ids.length === 0) return null;
    const roles = (await listRoles(db, { ids })).filter((role) => role.domainId === null);
    if (roles.length === 0) return null;
    const projectId = scope.kind === 'project' ? scope.id : null;
    this.#catalog ??= this.#deps.catalog();
    const catalog = await catalogOf(await this.#catalog, { projectId, userId });
    return {
      user,
      scope,
      target,
      roles: roles.map(({ id, name }) => ({ id, name })),
      catalog,
      domainIds: target ? [user.domain.id, target.domain.id] : [user.domain.id],
      userIds: [...new Set([user.id, ...others])],
      delegated: right?.view ?? null,
    };
  }

  /** Null when a delegated role is no longer the holder's. */
  async #roleIds(
    holderId: string,
    scope: Scope,
    right: Awaited<ReturnType<DelegationReader>> | undefined,
  ): Promise<string[] | null> {
    const { db } = this.#deps;
    const implications = await listImplications(db);
    const held = impliedBy(await grantedRoleIds(db, holderId, scope), implications);
    if (!right) return [...held];
    if (!right.allNeeded) return right.roleIds.filter((id) => held.has(id));
    const passed = impliedBy(right.roleIds, implications);
    return [...passed].every((id) => held.has(id)) ? [...passed] : null;
  }
}
