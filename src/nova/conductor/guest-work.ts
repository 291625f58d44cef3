import type { Queryable } from '#common/db/database.ts';
import type { StepContext } from '#common/operations/operation.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { ServerInput } from '../operations/kinds.ts';
import type { Server } from '../servers/model.ts';
import { findServer, updateServer, updateUnlessDeleting, type ServerChange } from '../servers/rows.ts';
import type { NovaTables } from '../tables.ts';
import type { PowerState } from '../virt/driver.ts';
import { liveServer, NoLongerWanted, nowOf, type ConductorDeps } from './deps.ts';
import { spawnRequest } from './guest-spec.ts';
import { metadataOf } from './operations/create.ts';
import { rebindPorts } from './ports.ts';
import { completeVolumes, connectVolumes, refreshVolumes } from './volumes.ts';

/** What is common to the operations on a guest that is there. */

export type Placed = Server & { readonly host: string };
export type ServerOp<State = Record<string, never>> = StepContext<ServerInput, State>;

/** @throws NoLongerWanted, Error for a server without a host */
export async function placedServer(deps: ConductorDeps, serverId: string): Promise<Placed> {
  const server = await liveServer(deps, serverId);
  if (server.host === null) throw new Error(`Instance ${server.id} has no host`);
  return { ...server, host: server.host };
}

/** Writes a change unless the server's deletion was asked for. @throws NoLongerWanted */
export async function save(
  deps: ConductorDeps,
  serverId: string,
  change: Omit<ServerChange, 'updated_at'>,
): Promise<void> {
  if (!(await saveIfWanted(deps, serverId, change))) throw new NoLongerWanted(`Server ${serverId} is being deleted`);
}
export const saveIfWanted = (
  deps: ConductorDeps,
  serverId: string,
  change: Omit<ServerChange, 'updated_at'>,
): Promise<boolean> => updateUnlessDeleting(deps.db.query, serverId, { ...change, updated_at: nowOf(deps) });

/** As `save`, together with what else changes. */
export async function saveWith(
  deps: ConductorDeps,
  serverId: string,
  change: Omit<ServerChange, 'updated_at'>,
  also: (trx: Queryable<NovaTables>) => Promise<void>,
): Promise<void> {
  await deps.db.transaction(async (trx) => {
    if (!(await updateUnlessDeleting(trx, serverId, { ...change, updated_at: nowOf(deps) })))
      throw new NoLongerWanted(`Server ${serverId} is being deleted`);
    await also(trx);
  });
}

/** Also when its deletion was asked for meanwhile: the deletion must know where the guest is. */
export async function updateAlways(
  deps: ConductorDeps,
  serverId: string,
  change: Omit<ServerChange, 'updated_at'>,
): Promise<void> {
  await updateServer(deps.db.query, serverId, { ...change, updated_at: nowOf(deps) }, { alive: true });
}

/** The guest that was set aside is the server's again, with the volumes as Cinder gives them today. */
export async function bringBack(
  deps: ConductorDeps,
  server: Placed,
  tag: string,
  start: boolean,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const { host, id } = server;
  await deps.compute.call(host, 'restoreAside', { id, tag, start: false }, patience(signal));
  if (!start) return;
  await refreshVolumes(deps, server, signal, log);
  await deps.compute.call(host, 'powerOn', { id }, patience(signal));
  await completeVolumes(deps, server);
}

/** Seconds that a guest gets to shut down by itself. */
export function graceOf({ conf }: Pick<ConductorDeps, 'conf'>, server: Server): number {
  const own = Number(server.image?.properties['os_shutdown_timeout']);
  return own > 0 ? Math.min(own, 3600) : conf.DEFAULT.shutdown_timeout;
}

/** How long one host may take for something that is not a boot; the guest's grace comes on top. */
export const patience = (signal: AbortSignal, seconds = 0) => ({ signal, totalMs: 120_000 + seconds * 1000 });
/** For what moves much data: hours, as long as the host lives. */
export const muchPatience = (signal: AbortSignal) => ({ signal, totalMs: 6 * 3_600_000 });

/** Makes the guest of a server on a host, with the server's volumes, and starts it unless told otherwise. */
export async function spawnGuest(
  deps: ConductorDeps,
  server: Placed,
  options: { readonly start?: boolean; readonly fromAside?: string },
  signal: AbortSignal,
): Promise<void> {
  const { DEFAULT: conf } = deps.conf;
  const volumes = await connectVolumes(deps, server, server.host, signal);
  const request = spawnRequest(
    server,
    server.configDrive ? await metadataOf(deps, server, volumes.devices) : null,
    {
      nameTemplate: conf.instance_name_template,
      vncListen: conf.vnc_enabled ? conf.vncserver_listen : null,
    },
    volumes,
  );
  await deps.compute.call(server.host, 'spawn', { request: { ...request, ...options } }, muchPatience(signal));
}

/** The ports of a server are bound to a host, and the server's row knows it. */
export async function bindPorts(deps: ConductorDeps, server: Server, host: string): Promise<void> {
  await rebindPorts(deps, server, host, (await deps.directory.zones())(host));
  await deps.refresher.refresh(server.id);
}

/** What the hypervisor says now; undefined when the host cannot be asked, null when it has no such guest. */
export async function actualPower(deps: ConductorDeps, server: Server): Promise<PowerState | null | undefined> {
  if (server.host === null) return undefined;
  const signal = AbortSignal.timeout(10_000);
  return deps.compute
    .call(server.host, 'state', { id: server.id }, { signal, totalMs: 10_000, downMs: 0 })
    .then((answer) => answer.power)
    .catch(() => undefined);
}

/** Changes what is kept of a server beside what users see; null removes a word. */
export const withSystemMetadata = (server: Server, change: Readonly<Record<string, string | null>>): string =>
  JSON.stringify(
    Object.fromEntries(Object.entries({ ...server.systemMetadata, ...change }).filter((entry) => entry[1] !== null)),
  );

/** The server as it is, deleted or not; null when there is none. */
export const serverOf = (deps: ConductorDeps, op: { readonly input: ServerInput }): Promise<Server | null> =>
  findServer(deps.db.query, op.input.serverId);
