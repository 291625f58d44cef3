import type { RpcHandlers } from '#common/bus/bus.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { computeRpc } from '../rpc.ts';
import type { ComputeDriver } from '../virt/driver.ts';
import type { HostVolumes } from './host-volumes.ts';

type Handlers = RpcHandlers<(typeof computeRpc)['methods']>;
type VolumeHandlers = Pick<
  Handlers,
  'volumeConnector' | 'attachVolume' | 'keepVolumes' | 'detachVolume' | 'growVolume' | 'swapVolume'
>;

export interface VolumeHandlersDeps {
  readonly driver: ComputeDriver;
  readonly volumes: HostVolumes;
  readonly log: Logger;
  /** Work on a server that changes it, one at a time. */
  readonly on: (id: string, work: (signal: AbortSignal) => Promise<void>) => Promise<Record<string, never>>;
}

/** What nova-compute does with volumes. */
export function volumeHandlers({ driver, volumes, log, on }: VolumeHandlersDeps): VolumeHandlers {
  return {
    volumeConnector: () => ({ connector: volumes.connector() }),
    attachVolume: ({ id, disk }) =>
      on(id, async (signal) => driver.attachDisk(id, await volumes.ready(disk, signal), signal)),
    keepVolumes: ({ id, disks }) =>
      on(id, async (signal) => {
        const wanted = new Set(disks.map((disk) => disk.volumeId));
        for (const volumeId of await driver.volumes(id))
          if (!wanted.has(volumeId))
            await driver.detachDisk(id, volumeId, signal).catch((error: unknown) => {
              signal.throwIfAborted();
              log.warn(`Volume ${volumeId} is no longer the instance ${id}'s, which does not release it`, error);
            });
        for (const disk of disks) await driver.attachDisk(id, await volumes.ready(disk, signal), signal);
      }),
    // A guest that is not here (shelved, or never made) has no volumes.
    detachVolume: ({ id, volumeId }) =>
      on(id, async (signal) => {
        if (await driver.state(id)) await driver.detachDisk(id, volumeId, signal);
      }),
    growVolume: ({ id, volumeId, bytes }) => on(id, (signal) => driver.growDisk(id, volumeId, bytes, signal)),
    swapVolume: ({ id, volumeId, disk }) =>
      on(id, async (signal) => driver.swapDisk(id, volumeId, await volumes.ready(disk, signal), signal)),
  };
}
