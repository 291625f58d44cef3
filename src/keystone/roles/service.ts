import { forbidden } from '#common/api/errors.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { Ids } from '#common/ids.ts';
import { mergeExtra, withoutNulls } from '../api/extra.ts';
import type { ListPage } from '../api/lists.ts';
import type { Changes, Db } from '../changes.ts';
import { conflictStoring, couldNotFind, immutableResource } from '../errors.ts';
import { defined } from '../projects/service.ts';
import type { Implication, NewRole, Role, RoleFilter, RolePatch } from './model.ts';
import { impliedBy } from './implications.ts';
import * as rows from './rows.ts';

export interface RoleDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly ids: Ids;
  /** The names (or ids) of roles that none may imply. */
  readonly notImplied: readonly string[];
}

export class RoleService {
  readonly #deps: RoleDeps;

  constructor(deps: RoleDeps) {
    this.#deps = deps;
  }

  list(filter: RoleFilter, page?: ListPage): Promise<Role[]> {
    return rows.listRoles(this.#deps.db, filter, page);
  }

  /** @throws ApiError 404 */
  async get(id: string): Promise<Role> {
    const role = await rows.findRole(this.#deps.db, id);
    if (!role) throw couldNotFind('role', id);
    return role;
  }

  /** @throws ApiError 409 name taken */
  async create(input: NewRole): Promise<Role> {
    const { name, domainId = null, description = null, options = {}, extra = {} } = input;
    const role: Role = { id: input.id ?? this.#deps.ids.hex32(), name, domainId, description, options, extra };
    await nameTaken(role, () => this.#deps.changes.write((trx) => rows.insertRole(trx, role)));
    return role;
  }

  /** @throws ApiError 403 immutable, 404, 409 */
  async update(id: string, patch: RolePatch): Promise<Role> {
    const old = await this.get(id);
    if (old.options['immutable'] === true && patch.options?.['immutable'] !== false)
      throw immutableResource('update', 'role', id);
    const { name, description } = patch;
    const role: Role = {
      ...old,
      ...defined({ name, description }),
      options: withoutNulls(mergeExtra(old.options, patch.options ?? {})),
      extra: mergeExtra(old.extra, patch.extra ?? {}),
    };
    await nameTaken(role, () =>
      this.#deps.changes.write(async (trx, touch) => {
        await rows.updateRole(trx, role);
        touch('all');
      }),
    );
    return role;
  }

  /** @throws ApiError 403 immutable, 404 */
  async delete(id: string): Promise<void> {
    const role = await this.get(id);
    if (role.options['immutable'] === true) throw immutableResource('delete', 'role', id);
    await this.#deps.changes.write(async (trx, touch) => {
      await rows.deleteRole(trx, id);
      touch('all');
    });
  }

  implications(): Promise<Implication[]> {
    return rows.listImplications(this.#deps.db);
  }

  /** @throws ApiError 403 for a circle, 404 */
  async imply(implication: Implication): Promise<void> {
    const prior = await this.get(implication.priorId);
    const implied = await this.get(implication.impliedId);
    if (prior.domainId === null && implied.domainId !== null)
      throw forbidden(
        `Global role ${prior.id} cannot imply the domain-specific role ${implied.id}. It may be the other way round.`,
      );
    if (this.#deps.notImplied.some((one) => one === implied.id || one === implied.name))
      throw forbidden(`${implied.id} cannot be an implied roles`);
    await this.#deps.changes.write(async (trx, touch) => {
      const all = await rows.listImplications(trx);
      if (impliedBy([implication.impliedId], all).has(implication.priorId))
        throw forbidden(`Role ${implication.impliedId} implies role ${implication.priorId} already: that is a circle.`);
      await rows.insertImplication(trx, implication);
      touch('all');
    });
  }

  /** @throws ApiError 404 */
  async checkImplied({ priorId, impliedId }: Implication): Promise<void> {
    const all = await this.implications();
    if (!all.some((one) => one.priorId === priorId && one.impliedId === impliedId))
      throw couldNotFind('implied role', `${priorId} implies ${impliedId}`);
  }

  /** @throws ApiError 404 */
  async unimply(implication: Implication): Promise<void> {
    const deleted = await this.#deps.changes.write(async (trx, touch) => {
      touch('all');
      return rows.deleteImplication(trx, implication);
    });
    if (!deleted) throw couldNotFind('implied role', `${implication.priorId} implies ${implication.impliedId}`);
  }
}

async function nameTaken(role: Role, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    const where = role.domainId === null ? '' : ` at domain ID ${role.domainId}`;
    throw conflictStoring('role', `Duplicate entry found with name ${role.name}${where}`);
  }
}
