import { forbidden } from '#common/api/errors.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { Ids } from '#common/ids.ts';
import { forgetApplicationCredentials } from '../cleanup-rows.ts';
import type { Changes, Db } from '../changes.ts';
import { conflictStoring, couldNotFind } from '../errors.ts';
import type { Role } from '../roles/model.ts';
import { listRoles } from '../roles/rows.ts';
import type { Passwords } from '../users/passwords.ts';
import type { AccessRule, ApplicationCredential, NewApplicationCredential } from './model.ts';
import * as rows from './rows.ts';

export interface ApplicationCredentialDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly passwords: Passwords;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The most that a user may have; -1: any number. */
  readonly userLimit: number;
}

export class ApplicationCredentialService {
  readonly #deps: ApplicationCredentialDeps;

  constructor(deps: ApplicationCredentialDeps) {
    this.#deps = deps;
  }

  list(userId: string, name?: string): Promise<ApplicationCredential[]> {
    return rows.listApplicationCredentials(this.#deps.db, { userId, name });
  }

  /** @throws ApiError 404, also for another user's */
  async get(userId: string, id: string): Promise<ApplicationCredential> {
    const found = await rows.findApplicationCredential(this.#deps.db, id);
    if (found?.userId !== userId) throw couldNotFind('Application Credential', id);
    return found;
  }

  async rolesOf(roleIds: readonly string[]): Promise<Role[]> {
    return roleIds.length === 0 ? [] : listRoles(this.#deps.db, { ids: roleIds });
  }

  /** @throws ApiError 403 too many, 404 access rule, 409 name taken */
  async create(input: NewApplicationCredential): Promise<ApplicationCredential> {
    const { ids, changes, passwords, userLimit } = this.#deps;
    const { secret, accessRules: wanted, ...given } = input;
    if (userLimit >= 0 && (await this.list(input.userId)).length >= userLimit)
      throw forbidden(
        `Unable to create additional application credentials, maximum of ${userLimit} already exceeded for user.`,
      );
    const secretHash = await passwords.hash(secret);
    const id = ids.hex32();
    try {
      return await changes.write(async (trx) => {
        const accessRules = await this.#rules(trx, input.userId, wanted);
        const stored = { ...given, id, secretHash, accessRules };
        await rows.insertApplicationCredential(trx, stored);
        return stored;
      });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      throw conflictStoring('application_credential', `Duplicate entry found with name ${input.name}`);
    }
  }

  /** Its tokens end. @throws ApiError 404 */
  async delete(userId: string, id: string): Promise<void> {
    await this.get(userId, id);
    await this.#deps.changes.write(async (trx, touch) => {
      await forgetApplicationCredentials(trx, [id]);
      touch({ user: userId });
    });
  }

  /** One that the secret fits and that has not ended; null otherwise, after as long a time. */
  async proven(
    reference: { readonly id: string } | { readonly name: string; readonly userId: string | undefined },
    secret: string,
  ): Promise<ApplicationCredential | null> {
    const found =
      'id' in reference
        ? await rows.findApplicationCredential(this.#deps.db, reference.id)
        : await this.#named(reference);
    const user = found && { id: `application credential ${found.id}`, passwordHash: found.secretHash };
    if (!(await this.#deps.passwords.verify(user, secret)) || !found) return null;
    return found.expiresAt !== null && found.expiresAt <= isoMicros(this.#deps.clock.now()) ? null : found;
  }

  listRules(userId: string): Promise<AccessRule[]> {
    return rows.listAccessRules(this.#deps.db, userId);
  }

  /** @throws ApiError 404 */
  async getRule(userId: string, id: string): Promise<AccessRule> {
    const found = (await this.listRules(userId)).find((rule) => rule.id === id);
    if (!found) throw couldNotFind('Access Rule', id);
    return found;
  }

  /** @throws ApiError 403 while an application credential has it, 404 */
  async deleteRule(userId: string, id: string): Promise<void> {
    await this.getRule(userId, id);
    await this.#deps.changes.write(async (trx) => {
      if (await rows.accessRuleInUse(trx, id))
        throw forbidden('May not delete access rule in use: delete the application credentials that have it first.');
      await rows.deleteAccessRule(trx, id);
    });
  }

  async #named({ name, userId }: { readonly name: string; readonly userId: string | undefined }) {
    if (userId === undefined) return undefined;
    return (await rows.listApplicationCredentials(this.#deps.db, { userId, name }))[0];
  }

  /** A rule that the user has already is used again. */
  async #rules(trx: Db, userId: string, wanted: NewApplicationCredential['accessRules']): Promise<AccessRule[]> {
    const known = await rows.listAccessRules(trx, userId);
    const rules: AccessRule[] = [];
    for (const one of wanted) {
      const same = known.find((rule) =>
        'id' in one
          ? rule.id === one.id
          : rule.service === one.service && rule.path === one.path && rule.method === one.method,
      );
      if (!same && 'id' in one) throw couldNotFind('Access Rule', one.id);
      const rule = same ?? { id: this.#deps.ids.hex32(), ...(one as Omit<AccessRule, 'id'>) };
      if (!same) await rows.insertAccessRule(trx, userId, rule);
      known.push(rule);
      if (!rules.includes(rule)) rules.push(rule);
    }
    return rules;
  }
}
