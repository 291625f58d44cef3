import { badRequest, forbidden } from '#common/api/errors.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Ids } from '#common/ids.ts';
import { forgetTrusts } from '../cleanup-rows.ts';
import type { Changes, Db } from '../changes.ts';
import { couldNotFind, forbiddenAction } from '../errors.ts';
import { findProject } from '../projects/rows.ts';
import { impliedBy } from '../roles/implications.ts';
import type { Role } from '../roles/model.ts';
import { findRole, listImplications, listRoles } from '../roles/rows.ts';
import { grantedRoleIds } from '../tokens/subject-rows.ts';
import { findUser } from '../users/rows.ts';
import type { NewTrust, Trust, TrustFilter } from './model.ts';
import * as rows from './rows.ts';

export interface TrustDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly allowRedelegation: boolean;
  readonly maxRedelegationCount: number;
}

/** OS-TRUST. */
export class TrustService {
  readonly #deps: TrustDeps;

  constructor(deps: TrustDeps) {
    this.#deps = deps;
  }

  list(filter: TrustFilter): Promise<Trust[]> {
    return rows.listTrusts(this.#deps.db, filter, this.#now());
  }

  /** @throws ApiError 404, also for one that has ended or is used up */
  async get(id: string): Promise<Trust> {
    const trust = await rows.findTrust(this.#deps.db, id);
    if (!trust || (trust.expiresAt !== null && trust.expiresAt <= this.#now()) || trust.remainingUses === 0)
      throw couldNotFind('trust', id);
    return trust;
  }

  /** The roles that a trust passes on. */
  async rolesOf(trust: Trust): Promise<Role[]> {
    return trust.roleIds.length === 0 ? [] : listRoles(this.#deps.db, { ids: trust.roleIds });
  }

  /**
   * @param by the trust that the caller acts by, if any: it is passed on then
   * @throws ApiError 400, 403 for what may not be passed on, 404 user, project, or a role that the trustor has not
   */
  async create(input: NewTrust, by: Trust | null): Promise<Trust> {
    const { db, ids, changes, maxRedelegationCount } = this.#deps;
    const { trustorId, trusteeId, projectId, impersonation, expiresAt, remainingUses, extra } = input;
    if (!(await findUser(db, trusteeId))) throw couldNotFind('user', trusteeId);
    if (projectId !== null && !(await findProject(db, projectId))) throw couldNotFind('project', projectId);
    if (projectId === null && input.roles.length > 0) throw badRequest('Roles need a project that they are had on.');
    if (projectId !== null && input.roles.length === 0) throw forbidden('At least one role should be specified.');
    const roleIds = await this.#roleIds(input.roles);
    await this.#mustHold(trustorId, projectId, roleIds);
    if (remainingUses !== null && remainingUses < 1)
      throw badRequest('remaining_uses must be a positive integer or null.');
    const wanted = input.redelegationCount ?? (input.allowRedelegation ? maxRedelegationCount : 0);
    if (wanted > maxRedelegationCount)
      throw forbidden(`Requested redelegation depth of ${wanted} is greater than allowed ${maxRedelegationCount}`);
    if (by) this.#mayPassOn(by, { expiresAt, roleIds, impersonation });
    const trust: Trust = {
      id: ids.hex32(),
      trustorId,
      trusteeId,
      projectId,
      impersonation,
      expiresAt: expiresAt ?? by?.expiresAt ?? null,
      remainingUses,
      redelegatedTrustId: by?.id ?? null,
      redelegationCount: by ? by.redelegationCount - 1 : wanted,
      roleIds,
      extra,
    };
    await changes.write((trx) => rows.insertTrust(trx, trust));
    return trust;
  }

  /** With what was passed on from it; their tokens end. @throws ApiError 404 */
  async delete(id: string): Promise<void> {
    const { trustorId, trusteeId } = await this.get(id);
    await this.#deps.changes.write(async (trx, touch) => {
      await forgetTrusts(trx, [id]);
      touch({ user: trustorId });
      touch({ user: trusteeId });
    });
  }

  /** Uses a trust for a token. @throws ApiError 403 for another than the trustee, 404 */
  async consume(id: string, userId: string): Promise<Trust> {
    const trust = await this.get(id);
    if (trust.trusteeId !== userId) throw forbidden('User is not a trustee.');
    if (trust.remainingUses !== null && !(await rows.consumeUse(this.#deps.db, id))) throw couldNotFind('trust', id);
    return trust;
  }

  #mayPassOn(by: Trust, wanted: Pick<Trust, 'expiresAt' | 'roleIds' | 'impersonation'>): void {
    const { allowRedelegation, maxRedelegationCount } = this.#deps;
    if (!allowRedelegation) throw forbiddenAction('redelegate a trust');
    if (by.redelegationCount < 1 || by.redelegationCount > maxRedelegationCount)
      throw forbidden(
        `Remaining redelegation depth of ${by.redelegationCount} out of allowed range of [0..${maxRedelegationCount}]`,
      );
    if (wanted.impersonation && !by.impersonation)
      throw forbidden(
        `Impersonation is not allowed because redelegated trust does not specify impersonation. Redelegated trust id: ${by.id}`,
      );
    if (by.remainingUses !== null)
      throw forbidden(
        `Field "remaining_uses" is set to ${by.remainingUses} while it must not be set in order to redelegate a trust`,
      );
    if (by.expiresAt !== null && wanted.expiresAt !== null && wanted.expiresAt > by.expiresAt)
      throw forbidden('Requested expiration time is more than redelegated trust can provide');
    if (wanted.roleIds.some((role) => !by.roleIds.includes(role)))
      throw forbidden('Some of requested roles are not in redelegated trust');
  }

  async #roleIds(wanted: NewTrust['roles']): Promise<string[]> {
    const { db } = this.#deps;
    const ids = await Promise.all(
      wanted.map(async ({ id, name }) => {
        const role = id === undefined ? (await listRoles(db, { name }))[0] : await findRole(db, id);
        if (!role) throw couldNotFind('role', id ?? name ?? '');
        return role.id;
      }),
    );
    return [...new Set(ids)];
  }

  async #mustHold(trustorId: string, projectId: string | null, roleIds: readonly string[]): Promise<void> {
    if (projectId === null) return;
    const { db } = this.#deps;
    const granted = await grantedRoleIds(db, trustorId, { kind: 'project', id: projectId });
    const held = impliedBy(granted, await listImplications(db));
    const missing = roleIds.find((id) => !held.has(id));
    if (missing !== undefined) throw couldNotFind('role', missing);
  }

  #now(): string {
    return isoMicros(this.#deps.clock.now());
  }
}
