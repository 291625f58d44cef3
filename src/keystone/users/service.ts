import { badRequest, forbidden, unauthorized } from '#common/api/errors.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { Ids } from '#common/ids.ts';
import { mergeExtra, withoutNulls } from '../api/extra.ts';
import type { ListPage } from '../api/lists.ts';
import type { Changes, Db, Touch } from '../changes.ts';
import { conflictStoring, couldNotFind } from '../errors.ts';
import { findProject } from '../projects/rows.ts';
import { defined } from '../projects/service.ts';
import type { Revocations } from '../tokens/revocations.ts';
import type { NewUser, User, UserFilter, UserPatch, UserSecrets } from './model.ts';
import type { PasswordRules } from './password-rules.ts';
import type { Passwords } from './passwords.ts';
import * as rows from './rows.ts';

export interface UserDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly revocations: Revocations;
  readonly passwords: Passwords;
  readonly ids: Ids;
  readonly defaultDomainId: string;
  readonly maxPasswordLength: number;
  readonly rules: PasswordRules;
  readonly clock: Clock;
}

export class UserService {
  readonly #deps: UserDeps;

  constructor(deps: UserDeps) {
    this.#deps = deps;
  }

  list(filter: UserFilter, page?: ListPage): Promise<User[]> {
    return rows.listUsers(this.#deps.db, filter, page);
  }

  /** @throws ApiError 404 */
  async get(id: string): Promise<User> {
    return rows.withoutSecrets(await this.#secrets(id));
  }

  async findByName(name: string, domainId: string): Promise<User | undefined> {
    return (await rows.listUsers(this.#deps.db, { name, domainId }))[0];
  }

  /**
   * @param also more to write in the same transaction, such as a first role
   * @throws ApiError 400 password too long, 404 domain, 409 name taken
   */
  async create(input: NewUser, also?: (trx: Db, user: User, touch: Touch) => Promise<void>): Promise<User> {
    const { db, ids, defaultDomainId, changes, rules } = this.#deps;
    const domainId = input.domainId ?? defaultDomainId;
    const options = input.options ?? {};
    const domain = await findProject(db, domainId);
    if (!domain?.isDomain) throw couldNotFind('domain', domainId);
    const user: User = {
      id: ids.hex32(),
      name: input.name,
      domainId,
      enabled: input.enabled ?? true,
      defaultProjectId: input.defaultProjectId ?? null,
      passwordExpiresAt: input.password == null ? null : rules.expiry(options, true),
      options,
      extra: input.extra ?? {},
    };
    const passwordHash = await this.#hash(input.password ?? null);
    await nameTaken(user, () =>
      changes.write(async (trx, touch) => {
        await rows.insertUser(trx, user, passwordHash, this.#now());
        await also?.(trx, user, touch);
      }),
    );
    return user;
  }

  /** Ends the user's tokens when the user is disabled or the password changes. @throws ApiError 400, 404, 409 */
  async update(id: string, patch: UserPatch): Promise<User> {
    const old = await this.get(id);
    if (patch.domainId !== undefined && patch.domainId !== old.domainId)
      throw badRequest('Domain id of a user cannot be changed.');
    const options = withoutNulls(mergeExtra(old.options, patch.options ?? {}));
    const { name, enabled, defaultProjectId } = patch;
    const user: User = {
      ...old,
      ...defined({ name, enabled, defaultProjectId }),
      ...(patch.password !== undefined && {
        passwordExpiresAt: patch.password === null ? null : this.#deps.rules.expiry(options, true),
      }),
      options,
      extra: mergeExtra(old.extra, patch.extra ?? {}),
    };
    const passwordHash = patch.password === undefined ? undefined : await this.#hash(patch.password);
    await nameTaken(user, () => this.#store(user, passwordHash, old.enabled && !user.enabled));
    // Who is let in again starts anew.
    if (!old.enabled && user.enabled) await rows.markActive(this.#deps.db, id, this.#now());
    return user;
  }

  /** Whether it is the user's password now. @throws ApiError 404 */
  async hasPassword(id: string, password: string): Promise<boolean> {
    return this.#deps.passwords.verify(await this.#secrets(id), password);
  }

  /** What users do themselves. @throws ApiError 400 same password, 401 wrong original password or no such user */
  async changePassword(id: string, original: string, password: string): Promise<void> {
    const { db, passwords } = this.#deps;
    const user = await rows.findUser(db, id);
    if (!(await passwords.verify(user, original)) || !user?.enabled)
      throw unauthorized('The request you have made requires authentication.');
    if (user.options['lock_password'] === true)
      throw forbidden(
        'You cannot change your password at this time due to password policy disallowing password changes. Please ' +
          'contact your administrator to reset your password.',
      );
    if (original === password) throw badRequest('The new password may not be the same as the old one.');
    const passwordHash = await this.#hash(password);
    await this.#deps.rules.checkChange(db, user, password);
    const passwordExpiresAt = this.#deps.rules.expiry(user.options, false);
    await this.#store({ ...rows.withoutSecrets(user), passwordExpiresAt }, passwordHash, false);
  }

  /** @throws ApiError 404 */
  async delete(id: string): Promise<void> {
    await this.#secrets(id);
    await this.#deps.changes.write(async (trx, touch) => {
      await rows.deleteUser(trx, id);
      touch({ user: id });
    });
  }

  async #store(user: User, passwordHash: string | null | undefined, disabled: boolean): Promise<void> {
    const { changes, revocations, rules } = this.#deps;
    const now = this.#now();
    await changes.write(async (trx, touch) => {
      const old = passwordHash === undefined || !rules.remembers ? undefined : await rows.findUser(trx, user.id);
      if (old?.passwordHash) await rows.keepOldPassword(trx, user.id, old.passwordHash, now);
      await rows.updateUser(trx, user, passwordHash === undefined ? undefined : { hash: passwordHash, createdAt: now });
      if (disabled || passwordHash !== undefined) await revocations.user(trx, touch, user.id);
      touch({ user: user.id });
    });
  }

  async #hash(password: string | null): Promise<string | null> {
    if (password === null) return null;
    if (password.length > this.#deps.maxPasswordLength)
      throw badRequest(`The password is longer than ${this.#deps.maxPasswordLength} characters.`);
    this.#deps.rules.check(password);
    return this.#deps.passwords.hash(password);
  }

  #now(): string {
    return isoMicros(this.#deps.clock.now());
  }

  async #secrets(id: string): Promise<UserSecrets> {
    const user = await rows.findUser(this.#deps.db, id);
    if (!user) throw couldNotFind('user', id);
    return user;
  }
}

async function nameTaken(user: User, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw conflictStoring('user', `Duplicate entry found with name ${user.name} at domain ID ${user.domainId}`);
  }
}
