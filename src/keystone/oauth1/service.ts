import { randomInt } from 'node:crypto';
import { unauthorized } from '#common/api/errors.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Ids } from '#common/ids.ts';
import { mergeExtra, type Extra } from '../api/extra.ts';
import type { Changes, Db } from '../changes.ts';
import { couldNotFind } from '../errors.ts';
import { findProject } from '../projects/rows.ts';
import type { Role } from '../roles/model.ts';
import { listRoles } from '../roles/rows.ts';
import type { AccessToken, Consumer, RequestToken } from './model.ts';
import * as rows from './rows.ts';
import { isSignedWith, oauthParameters, type SignedRequest } from './signature.ts';

export interface OauthDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Seconds. */
  readonly requestSeconds: number;
  /** Seconds; 0: for ever. */
  readonly accessSeconds: number;
}

/** OS-OAUTH1: programs that act for users who have let them. */
export class OauthService {
  readonly #deps: OauthDeps;

  constructor(deps: OauthDeps) {
    this.#deps = deps;
  }

  consumers(): Promise<Consumer[]> {
    return rows.listConsumers(this.#deps.db);
  }

  /** @throws ApiError 404 */
  async consumer(id: string): Promise<Consumer> {
    const found = await rows.findConsumer(this.#deps.db, id);
    if (!found) throw couldNotFind('Consumer', id);
    return found;
  }

  async createConsumer(description: string | null, extra: Extra): Promise<Consumer> {
    const { ids, changes } = this.#deps;
    const consumer: Consumer = { id: ids.hex32(), secret: ids.hex32(), description, extra };
    await changes.write((trx) => rows.storeConsumer(trx, consumer));
    return consumer;
  }

  /** @throws ApiError 404 */
  async updateConsumer(id: string, description: string | null | undefined, extra: Extra): Promise<Consumer> {
    const old = await this.consumer(id);
    const consumer: Consumer = {
      ...old,
      ...(description !== undefined && { description }),
      extra: mergeExtra(old.extra, extra),
    };
    await this.#deps.changes.write((trx) => rows.storeConsumer(trx, consumer));
    return consumer;
  }

  /** With all tokens that it has. @throws ApiError 404 */
  async deleteConsumer(id: string): Promise<void> {
    await this.consumer(id);
    await this.#deps.changes.write(async (trx, touch) => {
      await rows.deleteConsumer(trx, id);
      touch('all');
    });
  }

  /** A consumer's wish. @throws ApiError 401 for a wrong signature, 404 project */
  async request(signed: SignedRequest, projectId: string): Promise<RequestToken> {
    const { db, ids, requestSeconds } = this.#deps;
    const { oauth_consumer_key: key = '' } = oauthParameters(signed.authorization) ?? {};
    const consumer = await rows.findConsumer(db, key);
    if (!consumer || !isSignedWith(signed, consumer.secret)) throw refused();
    if (!(await findProject(db, projectId))) throw couldNotFind('project', projectId);
    const token: RequestToken = {
      id: ids.hex32(),
      secret: ids.hex32(),
      consumerId: consumer.id,
      projectId,
      verifier: null,
      userId: null,
      roleIds: [],
      expiresAt: this.#in(requestSeconds),
    };
    await rows.insertRequestToken(db, token);
    return token;
  }

  /** @throws ApiError 401 for one that has ended, 404 */
  async requestToken(id: string): Promise<RequestToken> {
    const token = await rows.findRequestToken(this.#deps.db, id);
    if (!token) throw couldNotFind('Request Token', id);
    if (token.expiresAt <= this.#in(0)) throw unauthorized('Request token is expired');
    return token;
  }

  /** A user's yes. @returns what the user tells the consumer */
  async authorize(token: RequestToken, userId: string, roleIds: readonly string[]): Promise<string> {
    const verifier = Array.from({ length: 8 }, () => randomInt(36).toString(36)).join('');
    await rows.grantRequestToken(this.#deps.db, token.id, { verifier, userId, roleIds });
    return verifier;
  }

  /** The granted wish becomes an access token, once. @throws ApiError 401 */
  async exchange(signed: SignedRequest): Promise<AccessToken> {
    const { db, ids, changes, accessSeconds } = this.#deps;
    const parameters = oauthParameters(signed.authorization) ?? {};
    const consumer = await rows.findConsumer(db, parameters['oauth_consumer_key'] ?? '');
    const wish = await this.requestToken(parameters['oauth_token'] ?? '');
    const { verifier, userId } = wish;
    if (!consumer || wish.consumerId !== consumer.id || !isSignedWith(signed, consumer.secret, wish.secret))
      throw refused();
    if (verifier === null || userId === null || verifier !== parameters['oauth_verifier']) throw refused();
    const token: AccessToken = {
      id: ids.hex32(),
      secret: ids.hex32(),
      consumerId: consumer.id,
      projectId: wish.projectId,
      userId,
      roleIds: wish.roleIds,
      expiresAt: accessSeconds === 0 ? null : this.#in(accessSeconds),
    };
    await changes.write(async (trx) => {
      if (!(await rows.deleteRequestToken(trx, wish.id))) throw refused();
      await rows.insertAccessToken(trx, token);
    });
    return token;
  }

  /** Signing in with an access token. @throws ApiError 401 */
  async proven(signed: SignedRequest): Promise<AccessToken> {
    const { db } = this.#deps;
    const parameters = oauthParameters(signed.authorization) ?? {};
    const token = await rows.findAccessToken(db, parameters['oauth_token'] ?? '');
    const consumer = token && (await rows.findConsumer(db, token.consumerId));
    if (!token || !consumer || consumer.id !== parameters['oauth_consumer_key']) throw refused();
    if (!isSignedWith(signed, consumer.secret, token.secret)) throw refused();
    if (token.expiresAt !== null && token.expiresAt <= this.#in(0)) throw refused();
    return token;
  }

  accessTokens(userId: string): Promise<AccessToken[]> {
    return rows.listAccessTokens(this.#deps.db, userId);
  }

  /** @throws ApiError 404, also for another user's */
  async accessToken(userId: string, id: string): Promise<AccessToken> {
    const token = await rows.findAccessToken(this.#deps.db, id);
    if (token?.userId !== userId) throw couldNotFind('Access Token', id);
    return token;
  }

  rolesOf({ roleIds }: AccessToken): Promise<Role[]> {
    return roleIds.length === 0 ? Promise.resolve([]) : listRoles(this.#deps.db, { ids: roleIds });
  }

  /** Its tokens end. @throws ApiError 404 */
  async deleteAccessToken(userId: string, id: string): Promise<void> {
    await this.accessToken(userId, id);
    await this.#deps.changes.write(async (trx, touch) => {
      await rows.deleteAccessToken(trx, id);
      touch({ user: userId });
    });
  }

  #in(seconds: number): string {
    return isoMicros(new Date(this.#deps.clock.now().getTime() + seconds * 1000));
  }
}

const refused = () => unauthorized('The request you have made requires authentication.');
