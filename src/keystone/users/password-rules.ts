import { badRequest, type ApiError } from '#common/api/errors.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import { StartupError } from '#common/daemon.ts';
import { millisecondsOf } from '../api/times.ts';
import type { Db } from '../changes.ts';
import type { KeystoneConfig } from '../config.ts';
import type { UserSecrets } from './model.ts';
import type { Passwords } from './passwords.ts';
import { listOldPasswords, markActive } from './rows.ts';

const dayMs = 86_400_000;

export interface PasswordRuleDeps {
  readonly config: KeystoneConfig['security_compliance'];
  readonly clock: Clock;
  readonly passwords: Passwords;
}

/** `[security_compliance]`: what passwords must be, how long they last, and when a user who stays away is shut out. */
export class PasswordRules {
  readonly #deps: PasswordRuleDeps;
  readonly #pattern: RegExp | null;

  /** @throws StartupError for a password_regex that is none */
  constructor(deps: PasswordRuleDeps) {
    this.#deps = deps;
    const { password_regex: pattern } = deps.config;
    try {
      this.#pattern = pattern === null ? null : new RegExp(`^(?:${pattern})`);
    } catch (cause) {
      throw new StartupError(`[security_compliance] password_regex: ${(cause as Error).message}.`, { cause });
    }
  }

  /** @throws ApiError 400 for a password of the wrong form */
  check(password: string): void {
    if (this.#pattern && !this.#pattern.test(password))
      throw invalid(
        `The password does not match the requirements: ${this.#deps.config.password_regex_description ?? this.#pattern.source}.`,
      );
  }

  /** What holds besides when users change their own. @throws ApiError 400 too soon, or one that was used before */
  async checkChange(db: Db, user: UserSecrets, password: string): Promise<void> {
    const { minimum_password_age: days, unique_last_password_count: unique } = this.#deps.config;
    if (days > 0 && user.passwordCreatedAt !== null && !this.#mustChange(user)) {
      const left = millisecondsOf(user.passwordCreatedAt) + days * dayMs - this.#now();
      if (left > 0)
        throw invalid(
          `You cannot change your password at this time due to the minimum password age. Once you change your password, ` +
            `it must be used for ${days} day(s) before it can be changed. Please try again in ${Math.ceil(left / dayMs)} ` +
            `day(s) or contact your administrator to reset your password.`,
        );
    }
    if (unique <= 1) return;
    const old = [user.passwordHash, ...(await listOldPasswords(db, user.id, unique - 1))].slice(0, unique);
    for (const passwordHash of old)
      if (passwordHash !== null && (await this.#deps.passwords.matches(passwordHash, password)))
        throw invalid(
          `The new password cannot be identical to a previous password. The total number which includes the new ` +
            `password must be unique is ${unique}.`,
        );
  }

  /** Whether old passwords are to be kept. */
  get remembers(): boolean {
    return this.#deps.config.unique_last_password_count > 1;
  }

  /**
   * When a password that is given now ends; null: never.
   * @param byAdmin it was not the user who chose it
   */
  expiry(options: UserSecrets['options'], byAdmin: boolean): string | null {
    const { password_expires_days: days, change_password_upon_first_use: change } = this.#deps.config;
    if (byAdmin && change && options['ignore_change_password_upon_first_use'] !== true)
      return isoMicros(new Date(this.#now()));
    if (days <= 0 || options['ignore_password_expiry'] === true) return null;
    return isoMicros(new Date(this.#now() + days * dayMs));
  }

  hasExpired({ passwordExpiresAt, options }: UserSecrets): boolean {
    if (passwordExpiresAt === null || options['ignore_password_expiry'] === true) return false;
    return millisecondsOf(passwordExpiresAt) <= this.#now();
  }

  isInactive({ lastActiveAt, options }: UserSecrets): boolean {
    const { disable_user_account_days_inactive: days } = this.#deps.config;
    if (days <= 0 || lastActiveAt === null || options['ignore_user_inactivity'] === true) return false;
    return this.#now() - millisecondsOf(lastActiveAt) > days * dayMs;
  }

  /** Notes that the user was here, at most once a day. */
  async seen(db: Db, { id, lastActiveAt }: UserSecrets): Promise<void> {
    if (this.#deps.config.disable_user_account_days_inactive <= 0) return;
    if (lastActiveAt !== null && this.#now() - millisecondsOf(lastActiveAt) < dayMs) return;
    await markActive(db, id, isoMicros(new Date(this.#now())));
  }

  /** A password that ended the moment it was given. */
  #mustChange({ passwordCreatedAt, passwordExpiresAt }: UserSecrets): boolean {
    return passwordExpiresAt !== null && passwordCreatedAt !== null && passwordExpiresAt <= passwordCreatedAt;
  }

  #now(): number {
    return this.#deps.clock.now().getTime();
  }
}

const invalid = (why: string): ApiError => badRequest(`Password validation error: ${why}`);
