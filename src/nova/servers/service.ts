import { ApiError, badRequest, conflict, forbidden, notFound } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { isoMicros } from '#common/clock.ts';
import type { Database, Queryable } from '#common/db/database.ts';
import type { RpcClient } from '#common/bus/bus.ts';
import { RpcRemoteError, RpcTimeout } from '#common/bus/bus.ts';
import type { NetworkClient } from '#clients/network.ts';
import type { NetworkRefresher } from '../networks/refresh.ts';
import type { OperationInputs, OperationKind } from '../operations/kinds.ts';
import { failPending, openOperations, outcomeOf, type OperationOutcome } from '../operations/rows.ts';
import type { computeRpc, consoleAuthRpc } from '../rpc.ts';
import { groupsOfServer } from '../server-groups/rows.ts';
import type { NovaTables } from '../tables.ts';
import { shortIpV6 } from './access-address.ts';
import { createServers, type CreateDeps, type Created, type CreateRequest } from './create.ts';
import type { ListRequest } from './filters.ts';
import type { Server, ServerSummary } from './model.ts';
import * as rows from './rows.ts';
import type { ServerUpdate } from './schema.ts';
import { actions, checkState, heedsLock, type ActionKey } from './states.ts';

export interface ServerDeps extends CreateDeps {
  readonly compute: RpcClient<(typeof computeRpc)['methods']>;
  readonly consoleAuth: RpcClient<(typeof consoleAuthRpc)['methods']>;
  /** Neutron as our own account. */
  readonly network: NetworkClient;
  readonly refresher: NetworkRefresher;
  /** Where users find Glance. */
  readonly glanceUrl: string;
}

type Trx = Queryable<NovaTables>;

/** An operation that is journalled and not begun. */
export interface Prepared {
  readonly id: string;
  launch(): Promise<void>;
  /** It is not to be: whatever it was for did not come about. */
  abandon(reason: string): Promise<void>;
}

/** Checks more of a server, and says what else of its row changes, in the same transaction. */
export type AlsoChange = (server: Server, trx: Trx) => Promise<Omit<rows.ServerChange, 'updated_at'>>;
/** A transaction of another kind: one that holds a quota. */
export type Within = <R>(work: (trx: Trx) => Promise<R>) => Promise<R>;

/** Servers: the rules of the API. Whatever takes time is journalled and done by a conductor. */
export class ServerService {
  readonly deps: ServerDeps;

  constructor(deps: ServerDeps) {
    this.deps = deps;
  }

  get db(): Database<NovaTables> {
    return this.deps.db;
  }
  get maxLimit(): number {
    return this.deps.conf.DEFAULT.osapi_max_limit;
  }
  now(): string {
    return isoMicros(this.deps.clock.now());
  }

  create(ctx: RequestContext, request: CreateRequest): Promise<Created> {
    return createServers(this.deps, ctx, request);
  }

  /** @throws ApiError 400 for an unknown marker */
  async list(ctx: RequestContext, request: ListRequest, withUserData: boolean): Promise<ServerSummary[]> {
    if (request.nothing || request.limit === 0) return [];
    const { query } = this.db;
    let { filter } = request;
    if (request.namePattern) {
      const names = await rows.listNames(query, filter);
      const matches = request.namePattern;
      filter = { ...filter, ids: names.filter((one) => matches(one.name)).map((one) => one.id) };
    }
    const project = filter.equal?.['project_id'];
    let marker: Record<string, unknown> | undefined;
    if (request.marker !== undefined) {
      const found = await rows.findMarker(query, request.marker, typeof project === 'string' ? project : undefined);
      if (!found) throw badRequest(`marker [${request.marker}] not found`);
      marker = found;
    }
    return rows.listServers(query, filter, { sort: request.sort, marker, limit: request.limit, withUserData });
  }

  /**
   * @param options.deleted whether a deleted server may be shown too
   * @throws ApiError 404 when it is not there, or is another project's and the caller no administrator
   */
  async show(ctx: RequestContext, id: string, options: { readonly deleted?: boolean } = {}): Promise<Server> {
    return this.#mine(ctx, id, await rows.findServer(this.db.query, id), options.deleted);
  }

  #mine(ctx: RequestContext, id: string, server: Server | null, deleted = false): Server {
    if (!server || (server.deleted && !deleted) || (!ctx.isAdmin && server.projectId !== ctx.projectId))
      throw notFound(`Instance ${id} could not be found.`);
    return server;
  }

  /** @throws ApiError 403 when the caller may not do what the rule is for */
  authorize(ctx: RequestContext, rule: string): void {
    if (!this.deps.enforcer.allows(rule, ctx)) throw forbidden(`Policy doesn't allow ${rule} to be performed.`);
  }

  /** Server groups that it is in. */
  async groups(id: string): Promise<string[]> {
    return groupsOfServer(this.db.query, id);
  }

  /** Changes a server's row under its lock. */
  async change(
    ctx: RequestContext,
    id: string,
    work: (
      server: Server,
      trx: Trx,
    ) => Promise<Omit<rows.ServerChange, 'updated_at'> | null> | Omit<rows.ServerChange, 'updated_at'> | null,
  ): Promise<Server> {
    await this.db.transaction(async (trx) => {
      const server = this.#mine(ctx, id, await rows.findServer(trx, id, true));
      const change = await work(server, trx);
      if (change) await rows.updateServer(trx, server.id, { ...change, updated_at: this.now() });
    });
    return this.show(ctx, id);
  }

  async update(ctx: RequestContext, id: string, update: ServerUpdate): Promise<Server> {
    return this.change(ctx, id, () => ({
      ...(update.name !== undefined && { display_name: update.name }),
      ...(update.description !== undefined && { description: update.description }),
      ...(update.hostname !== undefined && { hostname: update.hostname }),
      ...(update.accessIPv4 !== undefined && { access_ip_v4: update.accessIPv4 || null }),
      ...(update.accessIPv6 !== undefined && { access_ip_v6: shortIpV6(update.accessIPv6) }),
      ...(update['OS-DCF:diskConfig'] !== undefined && { disk_config: update['OS-DCF:diskConfig'] }),
    }));
  }

  /** @throws ApiError 409 */
  checkLock(ctx: RequestContext, server: Server): void {
    if (server.lockedBy !== null && !ctx.isAdmin) throw conflict(`Instance ${server.id} is locked`);
  }

  /** The server, if an action is allowed now; `begin` looks once more. @throws ApiError 404, 409 */
  async allowed(ctx: RequestContext, id: string, action: ActionKey): Promise<Server> {
    const server = await this.show(ctx, id);
    if (heedsLock(action)) this.checkLock(ctx, server);
    checkState(server, action);
    return server;
  }

  /**
   * Journals an operation if the server's state allows it, and sets the state that shows it.
   * @returns what has it begun: should nobody call that, the conductor finds it at its next look
   * @throws ApiError 409 naming the state, or the lock
   */
  async prepare<K extends OperationKind>(
    ctx: RequestContext,
    id: string,
    action: ActionKey,
    kind: K,
    input: Omit<OperationInputs[K], 'serverId'>,
    also: AlsoChange = async () => ({}),
    within: Within = (work) => this.db.transaction(work),
  ): Promise<Prepared> {
    const { journal } = this.deps;
    const { becomes } = actions[action];
    const wanted = await journal.owner();
    const begun = await within(async (trx) => {
      const server = this.#mine(ctx, id, await rows.findServer(trx, id, true));
      if (heedsLock(action)) this.checkLock(ctx, server);
      checkState(server, action);
      const change = { ...(becomes !== null && { task_state: becomes }), ...(await also(server, trx)) };
      if (Object.keys(change).length > 0)
        await rows.updateServer(trx, server.id, { ...change, updated_at: this.now() });
      const added = await journal.add(trx, ctx, kind, {
        input: { ...input, serverId: server.id } as OperationInputs[K],
        projectId: server.projectId,
        owner: wanted,
      });
      return { ...added, interrupted: server.taskState !== null };
    });
    return {
      id: begun.id,
      launch: async () => {
        // What runs (a soft reboot) gives way to what was asked for now (a hard one).
        if (begun.interrupted) await journal.cancel(id, `A ${kind} was asked for`);
        await journal.launch(begun.owner, ctx);
      },
      abandon: async (reason) => {
        const ended = await this.db.transaction(async (trx) => {
          const first = await failPending(trx, begun.id, reason, this.now());
          if (first && becomes !== null)
            await rows.updateServer(
              trx,
              id,
              { task_state: null, updated_at: this.now() },
              { taskState: becomes, alive: true },
            );
          return first;
        });
        if (!ended) await journal.cancel(id, reason, begun.id);
      },
    };
  }

  /** Journals an operation and has it begun. @returns its id @throws as `prepare` */
  async begin<K extends OperationKind>(...operation: Parameters<typeof this.prepare<K>>): Promise<string> {
    const { id, launch } = await this.prepare(...operation);
    await launch();
    return id;
  }

  /**
   * Journals an operation that no state forbids and none shows.
   * @throws ApiError 404
   */
  async operate<K extends OperationKind>(
    ctx: RequestContext,
    id: string,
    kind: K,
    input: Omit<OperationInputs[K], 'serverId'>,
  ): Promise<void> {
    const { journal } = this.deps;
    const wanted = await journal.owner();
    const { owner } = await this.db.transaction(async (trx) => {
      const server = this.#mine(ctx, id, await rows.findServer(trx, id, true));
      return journal.add(trx, ctx, kind, {
        input: { ...input, serverId: server.id } as OperationInputs[K],
        projectId: server.projectId,
        owner: wanted,
      });
    });
    await journal.launch(owner, ctx);
  }

  /** Waits for an operation. @throws ApiError with its failure, 504 when it takes longer than `timeoutMs` */
  async outcome(operationId: string, timeoutMs: number, signal?: AbortSignal): Promise<OperationOutcome> {
    const deadline = Date.now() + timeoutMs;
    for (let pause = 5; Date.now() < deadline; pause = Math.min(pause * 1.5, 250)) {
      signal?.throwIfAborted();
      const outcome = await outcomeOf(this.db.query, operationId);
      if (outcome?.status === 'succeeded') return outcome;
      if (outcome?.status === 'failed')
        throw new ApiError(outcome.failure?.code ?? 500, outcome.failure?.message ?? 'The operation failed.');
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    throw new ApiError(504, `Operation ${operationId} goes on; it has not ended within ${timeoutMs / 1000} s.`);
  }

  /** Deletes it; or, where deleted servers can be restored, only switches it off for now. */
  async delete(ctx: RequestContext, id: string): Promise<void> {
    if (this.deps.conf.DEFAULT.reclaim_instance_interval <= 0) return this.forceDelete(ctx, id);
    const server = await this.show(ctx, id);
    // What has never run is not worth keeping; and what is soft-deleted already stays so.
    if (server.launchedAt === null || server.host === null) return this.forceDelete(ctx, id);
    if (server.taskState === 'soft-deleting' || server.vmState === 'soft-delete') return this.checkLock(ctx, server);
    await this.begin(ctx, id, 'softDelete', 'server.soft_delete', {});
  }

  /** Deleting is allowed in every state, and asking twice is asking once. */
  async forceDelete(ctx: RequestContext, id: string): Promise<void> {
    const { journal } = this.deps;
    const wanted = await journal.owner();
    const { owner, busy } = await this.db.transaction(async (trx) => {
      const server = this.#mine(ctx, id, await rows.findServer(trx, id, true));
      this.checkLock(ctx, server);
      const open = await openOperations(trx, server.id);
      const running = open.find((op) => op.kind === 'server.delete');
      if (running) return { owner: running.owner, busy: false };
      await rows.updateServer(trx, server.id, { task_state: 'deleting', progress: 0, updated_at: this.now() });
      const added = await journal.add(trx, ctx, 'server.delete', {
        input: { serverId: server.id },
        projectId: server.projectId,
        owner: wanted,
      });
      return { owner: added.owner, busy: open.length > 0 };
    });
    if (busy) await journal.cancel(id, 'The server is being deleted');
    await journal.launch(owner, ctx);
  }

  async lock(ctx: RequestContext, id: string, reason: string | null): Promise<void> {
    await this.change(ctx, id, async (server, trx) => {
      await this.deps.journal.note(trx, ctx, 'lock', server);
      return {
        locked_by: ctx.isAdmin && ctx.projectId !== server.projectId ? 'admin' : 'owner',
        locked_reason: reason,
      };
    });
  }

  /** @throws ApiError 403 when an administrator has locked it and the caller is none */
  async unlock(ctx: RequestContext, id: string): Promise<void> {
    const rule = 'os_compute_api:os-lock-server:unlock:unlock_override';
    await this.change(ctx, id, async (server, trx) => {
      if (server.lockedBy === 'admin' && !this.deps.enforcer.allows(rule, ctx))
        throw forbidden(`Policy doesn't allow ${rule} to be performed.`);
      await this.deps.journal.note(trx, ctx, 'unlock', server);
      return { locked_by: null, locked_reason: null };
    });
  }

  async resetState(ctx: RequestContext, id: string, state: 'active' | 'error'): Promise<void> {
    await this.change(ctx, id, () => ({ vm_state: state, task_state: null }));
  }

  /** The host of a server that has one. @throws ApiError 409 before it has been placed */
  hostOf(server: Server): string {
    if (server.host === null) throw conflict(`Instance ${server.id} is not ready`);
    return server.host;
  }

  /** The last lines of the serial console. @param lines null for all that is kept */
  async consoleOutput(ctx: RequestContext, id: string, lines: number | null): Promise<string> {
    const server = await this.show(ctx, id);
    const host = this.hostOf(server);
    const { base64 } = await this.deps.compute
      .call('consoleLog', { id: server.id, maxBytes: 102_400 }, { host })
      .catch(this.#away(server));
    const text = Buffer.from(base64, 'base64').toString('utf8');
    if (lines === null || lines < 0) return text;
    if (lines === 0) return '';
    const all = text.split('\n');
    // A final line break ends the last line and begins none.
    const ended = all.at(-1) === '' ? 1 : 0;
    return all.slice(Math.max(0, all.length - ended - lines)).join('\n');
  }

  /** A URL that opens the server's screen for `console_token_ttl` seconds. @throws ApiError 409 when it has none now */
  async vncUrl(ctx: RequestContext, id: string, type: 'novnc' | 'xvpvnc' = 'novnc'): Promise<string> {
    const server = await this.show(ctx, id);
    const host = this.hostOf(server);
    if (!this.deps.conf.DEFAULT.vnc_enabled) throw badRequest(`Unavailable console type ${type}.`);
    const endpoint = await this.deps.compute.call('vncConsole', { id: server.id }, { host }).catch(this.#away(server));
    const { token } = await this.deps.consoleAuth
      .call('authorize', { serverId: server.id, type, endpoint })
      .catch(this.#away(server));
    const { novncproxy_base_url: novnc, xvpvncproxy_base_url: xvpvnc } = this.deps.conf.DEFAULT;
    return `${{ novnc, xvpvnc }[type]}?token=${token}`;
  }

  /**
   * A URL that opens the server's serial console for `console_token_ttl` seconds, to one client at a time.
   * @throws ApiError 400 when it has none; 409 when it does not run
   */
  async serialUrl(ctx: RequestContext, id: string): Promise<string> {
    const server = await this.show(ctx, id);
    const host = this.hostOf(server);
    const { enabled, base_url: url } = this.deps.conf.serial_console;
    if (!enabled) throw badRequest('Unavailable console type serial.');
    const endpoint = await this.deps.compute.call('serialConsole', { id: server.id }, { host }).catch((error) => {
      if (error instanceof RpcRemoteError && error.code === 'ConsoleTypeUnavailable') throw badRequest(error.message);
      return this.#away(server)(error);
    });
    const { token } = await this.deps.consoleAuth
      .call('authorize', { serverId: server.id, type: 'serial', endpoint })
      .catch(this.#away(server));
    return `${url}?token=${token}`;
  }

  #away(server: Server): (error: unknown) => never {
    return (error) => {
      if (error instanceof RpcTimeout) throw new ApiError(503, `${error.message}.`, { cause: error });
      if (error instanceof RpcRemoteError)
        throw conflict(`Instance ${server.id} is not ready: ${error.message}`, { cause: error });
      throw error;
    };
  }
}
