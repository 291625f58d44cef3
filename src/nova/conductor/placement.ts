import { RpcRemoteError, RpcTimeout } from '#common/bus/bus.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { listNodes } from '../hosts/nodes-rows.ts';
import type { FilterVerdict, ScheduleRequest } from '../rpc.ts';
import { releaseRoom } from '../scheduler/claims-rows.ts';
import { localDiskGb, type FailedHost, type Server } from '../servers/model.ts';
import { updateServer, updateUnlessDeleting } from '../servers/rows.ts';
import type { TaskState } from '../servers/states.ts';
import { ComputeDown } from './compute-calls.ts';
import { liveServer, NoLongerWanted, nowOf, type ConductorDeps } from './deps.ts';
import { PortBindingFailed } from './ports.ts';

/** No host takes the server; `details` says why, host by host. */
export class NoValidHost extends Error {
  override readonly name = 'NoValidHost';
  readonly status = 500;
  readonly details: readonly FilterVerdict[];

  constructor(message: string, details: readonly FilterVerdict[]) {
    super(message);
    this.details = details;
  }
}

/** What a host says that another host would say too: the image cannot be used, the flavor is too small for it. */
const everywhere = new Set(['ImageUnacceptable', 'FlavorDiskTooSmall']);

const isHostsFault = (error: unknown): boolean =>
  error instanceof PortBindingFailed ||
  error instanceof ComputeDown ||
  error instanceof RpcTimeout ||
  (error instanceof RpcRemoteError && !everywhere.has(error.code));

const requestOf = (server: Server): ScheduleRequest => ({
  serverIds: [server.id],
  projectId: server.projectId,
  flavor: {
    id: server.flavor.id,
    name: server.flavor.name,
    vcpus: server.flavor.vcpus,
    memoryMb: server.flavor.memoryMb,
    diskGb: localDiskGb(server),
    extraSpecs: server.flavor.extraSpecs,
  },
  image: server.image && { properties: server.image.properties },
  availabilityZone: server.availabilityZone,
  forceHost: server.forcedHost,
  ignoreHosts: server.failedHosts.map((failed) => failed.host),
  hints: server.schedulerHints,
});

const tried = (failed: readonly FailedHost[]): FilterVerdict[] =>
  failed.map(({ host, reason }) => ({ host, filter: 'Build', reason }));

export interface Destination {
  readonly host: string;
  readonly node: string;
}

/**
 * Another host for a server, or more room on its own: claimed in the server's name.
 * @param over what differs from how the server was first placed
 * @param reason why there is none, in few words
 * @throws NoValidHost with every filter's verdict for every host, RpcTimeout when no scheduler answers
 */
export async function chooseHost(
  deps: ConductorDeps,
  server: Server,
  over: Partial<ScheduleRequest>,
  reason: string,
  signal: AbortSignal,
): Promise<Destination> {
  const request = { ...requestOf(server), forceHost: null, ignoreHosts: [], ...over };
  const answer = await deps.scheduler.call('selectDestinations', { request }, { signal });
  if (!answer.ok) throw new NoValidHost(`No valid host was found. ${reason}`, answer.verdicts);
  const [host = ''] = answer.hosts;
  return { host, node: await nodeOf(deps, host) };
}

const nodeOf = async (deps: ConductorDeps, host: string): Promise<string> =>
  (await listNodes(deps.db.query, { hosts: [host] }))[0]?.hypervisorHostname ?? host;

/** How a server is placed that is not being made. */
export interface Placing {
  readonly task?: TaskState;
  readonly forceHost?: string | null;
}

/**
 * Gives the server a host, with room claimed on it, unless it has one.
 * @throws NoValidHost with every filter's verdict for every host, RpcTimeout when no scheduler answers
 */
export async function place(
  deps: ConductorDeps,
  server: Server,
  signal: AbortSignal,
  { task = 'networking', forceHost }: Placing = {},
): Promise<Server> {
  if (server.host !== null) return server;
  const request = { ...requestOf(server), ...(forceHost !== undefined && { forceHost }) };
  const answer = await deps.scheduler.call('selectDestinations', { request }, { signal });
  if (!answer.ok) {
    const retried = server.failedHosts.length > 0;
    throw new NoValidHost(
      retried
        ? `Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance ${server.id}.`
        : 'No valid host was found. There are not enough hosts available.',
      [...tried(server.failedHosts), ...answer.verdicts],
    );
  }
  const [host = ''] = answer.hosts;
  const placed = await updateUnlessDeleting(deps.db.query, server.id, {
    host,
    node: await nodeOf(deps, host),
    task_state: task,
    updated_at: nowOf(deps),
  });
  if (!placed) throw new NoLongerWanted(`Server ${server.id} is being deleted`);
  return liveServer(deps, server.id);
}

/** The server is on no host and has no room anywhere. */
export async function unplace(deps: ConductorDeps, serverId: string, failed?: readonly FailedHost[]): Promise<void> {
  const now = nowOf(deps);
  await deps.db.transaction(async (trx) => {
    await releaseRoom(trx, serverId, now);
    await updateServer(
      trx,
      serverId,
      { host: null, node: null, updated_at: now, ...(failed && { failed_hosts: JSON.stringify(failed) }) },
      { alive: true },
    );
  });
}

/** Removes the guest, as far as its host can be reached: a host that returns removes what no longer belongs on it. */
export async function destroyGuest(
  deps: ConductorDeps,
  server: Server,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  if (server.host === null) return;
  try {
    await deps.compute.call(server.host, 'destroy', { id: server.id }, { signal, totalMs: 180_000, downMs: 0 });
  } catch (error) {
    signal.throwIfAborted();
    log.warn(
      `The guest of server ${server.id} could not be removed from ${server.host}; that host removes it when it compares itself with the database`,
      error,
    );
  }
}

/**
 * Does `work` on the server's host; when that host cannot do it, on another one, `scheduler_max_attempts` in all. Which
 * hosts have failed is kept in the server's row, so a crash does not start the count again.
 */
export async function onSomeHost<R>(
  deps: ConductorDeps,
  serverId: string,
  signal: AbortSignal,
  log: Logger,
  work: (server: Server & { readonly host: string }) => Promise<R>,
  how: Placing = {},
): Promise<R> {
  for (;;) {
    const server = await place(deps, await liveServer(deps, serverId), signal, how);
    const host = server.host as string;
    try {
      return await work({ ...server, host });
    } catch (error) {
      signal.throwIfAborted();
      if (!isHostsFault(error)) throw error;
      const failed = [...server.failedHosts, { host, reason: (error as Error).message }];
      log.warn(
        `Host ${host} could not build server ${serverId} (${failed.length} of ${deps.conf.DEFAULT.scheduler_max_attempts} attempts)`,
        error,
      );
      await destroyGuest(deps, server, signal, log);
      await unplace(deps, serverId, failed);
      if (failed.length >= deps.conf.DEFAULT.scheduler_max_attempts)
        throw new NoValidHost(
          `Exceeded maximum number of retries. Exceeded max scheduling attempts ${failed.length} for instance ${serverId}. Last exception: ${(error as Error).message}`,
          tried(failed),
        );
    }
  }
}
