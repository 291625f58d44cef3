import { badRequest, conflict, notFound } from '#common/api/errors.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import { OverQuota, type Quotas } from '../quotas/quotas.ts';
import type { NovaTables } from '../tables.ts';
import * as rows from './rows.ts';
import { generateSshKey, sshFingerprint, x509Fingerprint } from './ssh.ts';

export interface KeypairDeps {
  readonly db: Database<NovaTables>;
  readonly clock: Clock;
  readonly quotas: Quotas;
  readonly maxLimit: number;
}

export interface NewKeypair {
  readonly userId: string;
  /** Whose limit counts. */
  readonly projectId: string;
  readonly name: string;
  readonly type: 'ssh' | 'x509';
  /** Null makes a pair. */
  readonly publicKey: string | null;
  /** For the style of refusals. */
  readonly api: string;
}

/** Public keys that are put into new servers; each belongs to a user. */
export class KeypairService {
  readonly #deps: KeypairDeps;

  constructor(deps: KeypairDeps) {
    this.#deps = deps;
  }

  get maxLimit(): number {
    return this.#deps.maxLimit;
  }

  /** @throws ApiError 400 for an unknown marker */
  async list(userId: string, page: { limit?: number; marker?: string | undefined } = {}): Promise<rows.Keypair[]> {
    const { db } = this.#deps;
    if (page.marker !== undefined && !(await rows.findKeypair(db.query, userId, page.marker)))
      throw badRequest(`marker [${page.marker}] not found`);
    return rows.listKeypairs(db.query, userId, page);
  }

  /** @throws ApiError 404 */
  async show(userId: string, name: string): Promise<rows.Keypair> {
    const key = await rows.findKeypair(this.#deps.db.query, userId, name);
    if (!key) throw notFound(`Keypair ${name} not found for user ${userId}`);
    return key;
  }

  /** @throws ApiError 409 for a name that is taken, 400 for a bad key, 403 (413 in v2) over quota */
  async create(key: NewKeypair): Promise<rows.Keypair & { readonly privateKey?: string }> {
    const { db, clock, quotas } = this.#deps;
    const { userId, name, type } = key;
    const generated = key.publicKey === null ? await this.#generate(key) : null;
    const publicKey = generated?.publicKey ?? (key.publicKey as string);
    const fingerprint = type === 'ssh' ? sshFingerprint(publicKey) : x509Fingerprint(publicKey);
    // A user's keys are counted under the user's own lock: the quota is per user.
    await quotas
      .transaction(
        key.projectId,
        async (trx, _used, limits) => {
          if (limits.key_pairs >= 0 && (await rows.countKeypairs(trx, userId)) >= limits.key_pairs)
            throw new OverQuota('Quota exceeded, too many key pairs.', key.api);
          await rows.insertKeypair(trx, {
            userId,
            name,
            type,
            publicKey,
            fingerprint,
            createdAt: isoMicros(clock.now()),
          });
        },
        userId,
        userId,
      )
      .catch((error: unknown) => {
        if (isDuplicateKey(error)) throw conflict(`Key pair '${name}' already exists.`);
        throw error;
      });
    const made = await rows.findKeypair(db.query, userId, name);
    if (!made) throw notFound(`Keypair ${name} not found for user ${userId}`);
    return { ...made, ...(generated && { privateKey: generated.privateKey }) };
  }

  /** Certificates are made by code that few ask for. */
  async #generate({ type, userId }: NewKeypair): Promise<{ publicKey: string; privateKey: string }> {
    if (type === 'ssh') return generateSshKey('Generated-by-Nova');
    const { generateX509Key } = await import('./x509.ts');
    return generateX509Key(userId, this.#deps.clock.now());
  }

  /** @throws ApiError 404 */
  async delete(userId: string, name: string): Promise<void> {
    if (!(await rows.deleteKeypair(this.#deps.db.query, userId, name)))
      throw notFound(`Keypair ${name} not found for user ${userId}`);
  }
}
