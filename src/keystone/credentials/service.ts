import { createHash } from 'node:crypto';
import { badRequest, forbidden } from '#common/api/errors.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { Ids } from '#common/ids.ts';
import { mergeExtra, type Extra } from '../api/extra.ts';
import type { Db } from '../changes.ts';
import { conflictStoring, couldNotFind } from '../errors.ts';
import { findProject } from '../projects/rows.ts';
import { defined } from '../projects/service.ts';
import { findUser } from '../users/rows.ts';
import type { Credential, CredentialFilter, Ec2Credential } from './model.ts';
import * as rows from './rows.ts';
import type { CredentialVault } from './vault.ts';

export interface CredentialDeps {
  readonly db: Db;
  readonly ids: Ids;
  readonly vault: CredentialVault;
  /** The most that a user may have; -1: any number. */
  readonly userLimit: number;
}

export interface NewCredential {
  readonly userId: string;
  readonly projectId?: string | null | undefined;
  readonly type: string;
  readonly blob: string;
  readonly extra?: Extra | undefined;
}

/** The id of an EC2 key pair is the hash of its access key. */
const ec2Id = (access: string): string => createHash('sha256').update(access).digest('hex');

export class CredentialService {
  readonly #deps: CredentialDeps;

  constructor(deps: CredentialDeps) {
    this.#deps = deps;
  }

  async list(filter: CredentialFilter): Promise<Credential[]> {
    const { db, vault } = this.#deps;
    return (await rows.listCredentials(db, filter)).map((one) => vault.unseal(one));
  }

  /** @throws ApiError 404 */
  async get(id: string): Promise<Credential> {
    const credential = await rows.findCredential(this.#deps.db, id);
    if (!credential) throw couldNotFind('credential', id);
    return this.#deps.vault.unseal(credential);
  }

  /** @throws ApiError 400 for an ec2 blob without access key or project, 403 too many, 409 */
  async create(input: NewCredential): Promise<Credential> {
    const { db, vault, userLimit } = this.#deps;
    if (userLimit >= 0 && (await rows.listCredentials(db, { userId: input.userId })).length >= userLimit)
      throw forbidden(`Unable to create additional credentials, maximum of ${userLimit} already exceeded for user.`);
    const { userId, projectId = null, type, blob, extra = {} } = input;
    const access = type === 'ec2' ? accessKeyIn(blob) : null;
    if (access !== null && projectId === null)
      throw badRequest('The specified credential of type ec2 needs a project_id.');
    const id = access === null ? this.#deps.ids.hex32() : ec2Id(access);
    const credential: Credential = { id, userId, projectId, type, blob, extra };
    await keyTaken(() => rows.insertCredential(db, vault.seal(credential), access === null ? null : id));
    return credential;
  }

  /** @throws ApiError 400, 404, 409 */
  async update(id: string, patch: Partial<NewCredential>): Promise<Credential> {
    const old = await this.get(id);
    const { userId, projectId, type, blob } = patch;
    const credential: Credential = {
      ...old,
      ...defined({ userId, projectId, type, blob }),
      extra: mergeExtra(old.extra, patch.extra ?? {}),
    };
    const access = credential.type === 'ec2' ? accessKeyIn(credential.blob) : null;
    const sealed = this.#deps.vault.seal(credential);
    await keyTaken(() => rows.updateCredential(this.#deps.db, sealed, access === null ? null : ec2Id(access)));
    return credential;
  }

  /** @throws ApiError 404 */
  async delete(id: string): Promise<void> {
    await this.get(id);
    await rows.deleteCredential(this.#deps.db, id);
  }

  /** @throws ApiError 404 user or project */
  async createEc2(userId: string, projectId: string): Promise<Ec2Credential> {
    const { db, ids } = this.#deps;
    if (!(await findUser(db, userId))) throw couldNotFind('user', userId);
    if (!(await findProject(db, projectId))) throw couldNotFind('project', projectId);
    const [access, secret] = [ids.hex32(), ids.hex32()];
    const blob = JSON.stringify({ access, secret, trust_id: null });
    await this.create({ userId, projectId, type: 'ec2', blob });
    return { access, secret, userId, projectId };
  }

  async listEc2(userId: string): Promise<Ec2Credential[]> {
    return (await this.list({ userId, type: 'ec2' })).map(ec2Of);
  }

  /** The key pair of an access key, whoever's it is. */
  async findEc2(access: string): Promise<Ec2Credential | undefined> {
    const sealed = await rows.findByKeyHash(this.#deps.db, ec2Id(access));
    return sealed && ec2Of(this.#deps.vault.unseal(sealed));
  }

  /** @throws ApiError 404, also for another user's */
  async getEc2(userId: string, access: string): Promise<Ec2Credential> {
    const found = await this.findEc2(access);
    if (found?.userId !== userId) throw couldNotFind('credential', access);
    return found;
  }

  /** @throws ApiError 404, also for another user's */
  async deleteEc2(userId: string, access: string): Promise<void> {
    await this.getEc2(userId, access);
    const sealed = await rows.findByKeyHash(this.#deps.db, ec2Id(access));
    if (sealed) await rows.deleteCredential(this.#deps.db, sealed.id);
  }

  /** Encrypts with the newest key what is not yet. @returns how many */
  async reseal(): Promise<number> {
    const { db, vault } = this.#deps;
    const old = (await rows.listCredentials(db, {})).filter((one) => !vault.isCurrent(one));
    for (const one of old) await rows.resealCredential(db, vault.seal(vault.unseal(one)));
    return old.length;
  }
}

function ec2Of({ blob, userId, projectId }: Credential): Ec2Credential {
  const { access, secret } = JSON.parse(blob) as { access: string; secret: string };
  return { access, secret, userId, projectId: projectId ?? '' };
}

function accessKeyIn(blob: string): string {
  try {
    const { access, secret } = JSON.parse(blob) as { access?: unknown; secret?: unknown };
    if (typeof access === 'string' && typeof secret === 'string') return access;
  } catch {
    // said below
  }
  throw badRequest('Invalid blob in credential: an ec2 one is JSON with access and secret.');
}

async function keyTaken(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw conflictStoring('credential', 'Duplicate entry: this access key is there already');
  }
}
