import type { Ids } from '#common/ids.ts';
import { mergeExtra } from '../api/extra.ts';
import type { Db } from '../changes.ts';
import { couldNotFind } from '../errors.ts';
import * as rows from './rows.ts';
import type { PolicyBlob } from './rows.ts';

/** Policies that other services keep in Keystone. */
export class PolicyBlobService {
  readonly #db: Db;
  readonly #ids: Ids;

  constructor({ db, ids }: { readonly db: Db; readonly ids: Ids }) {
    this.#db = db;
    this.#ids = ids;
  }

  list(type?: string): Promise<PolicyBlob[]> {
    return rows.listPolicies(this.#db, type);
  }

  /** @throws ApiError 404 */
  async get(id: string): Promise<PolicyBlob> {
    const policy = await rows.findPolicy(this.#db, id);
    if (!policy) throw couldNotFind('policy', id);
    return policy;
  }

  async create(input: Omit<PolicyBlob, 'id'>): Promise<PolicyBlob> {
    const policy = { id: this.#ids.hex32(), ...input };
    await rows.insertPolicy(this.#db, policy);
    return policy;
  }

  /** @throws ApiError 404 */
  async update(id: string, patch: Partial<Omit<PolicyBlob, 'id'>>): Promise<PolicyBlob> {
    const old = await this.get(id);
    const policy = { ...old, ...patch, extra: mergeExtra(old.extra, patch.extra ?? {}) };
    await rows.updatePolicy(this.#db, policy);
    return policy;
  }

  /** @throws ApiError 404 */
  async delete(id: string): Promise<void> {
    await this.get(id);
    await rows.deletePolicy(this.#db, id);
  }
}
