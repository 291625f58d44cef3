import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { RpcClient } from '#common/bus/bus.ts';
import type { ImageClient } from '#clients/image.ts';
import type { VolumeClient } from '#clients/volume.ts';
import type { NovaConfig } from '../config.ts';
import type { HostDirectory } from '../hosts/directory.ts';
import type { NetworkRefresher } from '../networks/refresh.ts';
import type { Notify } from '../notifications.ts';
import type { consoleAuthRpc, schedulerRpc } from '../rpc.ts';
import type { Server } from '../servers/model.ts';
import { findServer } from '../servers/rows.ts';
import type { NovaTables } from '../tables.ts';
import type { ComputeCalls } from './compute-calls.ts';
import type { PortDeps } from './ports.ts';

/** What operations on servers work with. */
export interface ConductorDeps extends PortDeps {
  readonly db: Database<NovaTables>;
  readonly conf: NovaConfig;
  readonly clock: Clock;
  readonly directory: HostDirectory;
  /** Glance as our own account. */
  readonly images: ImageClient;
  /** Cinder as our own account. */
  readonly volume: VolumeClient;
  readonly compute: ComputeCalls;
  readonly scheduler: RpcClient<(typeof schedulerRpc)['methods']>;
  readonly consoleAuth: RpcClient<(typeof consoleAuthRpc)['methods']>;
  readonly refresher: NetworkRefresher;
  readonly notify: Notify;
}

export const nowOf = (deps: { readonly clock: Clock }): string => isoMicros(deps.clock.now());

/** Somebody has asked for the server's deletion, or it is gone: whatever is being done to it ends here. */
export class NoLongerWanted extends Error {
  override readonly name = 'NoLongerWanted';
  readonly status = 409;
}

/** A server that is to live on. @throws NoLongerWanted */
export async function liveServer(deps: ConductorDeps, id: string): Promise<Server> {
  const server = await findServer(deps.db.query, id);
  if (!server || server.deleted || server.taskState === 'deleting')
    throw new NoLongerWanted(`Server ${id} is being deleted`);
  return server;
}
