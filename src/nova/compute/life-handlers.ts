import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RpcHandlers } from '#common/bus/bus.ts';
import type { computeRpc } from '../rpc.ts';
import type { ComputeDriver } from '../virt/driver.ts';

type Handlers = RpcHandlers<(typeof computeRpc)['methods']>;
type Life =
  | 'setAside'
  | 'restoreAside'
  | 'discardAside'
  | 'wipe'
  | 'suspend'
  | 'resume'
  | 'rescue'
  | 'unrescue'
  | 'snapshot'
  | 'uploadSnapshot'
  | 'discardSnapshot'
  | 'setPassword'
  | 'injectNmi'
  | 'diagnostics';

export interface LifeHandlersDeps {
  readonly driver: ComputeDriver;
  /** Brings an image into the cache. @returns its base's path */
  readonly image: (imageId: string, signal: AbortSignal) => Promise<string>;
  /** Where copies of disks are until Glance has them. */
  readonly snapshotsPath: string;
  readonly upload: (imageId: string, path: string, signal: AbortSignal) => Promise<void>;
  /** Work on a server that changes it: one thing at a time. */
  readonly on: (id: string, work: (signal: AbortSignal) => Promise<void>) => Promise<Record<string, never>>;
}

const NOTHING = {};
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What changes a guest's life: moves, rescue, suspension, copies. */
export function lifeHandlers(deps: LifeHandlersDeps): Pick<Handlers, Life> {
  const { driver, on } = deps;
  /** @throws Error when `imageId` is no UUID: it becomes part of a path */
  const copyOf = (imageId: string): string => {
    if (!UUID.test(imageId)) throw new Error(`"${imageId}" is not the UUID of an image`);
    return join(deps.snapshotsPath, imageId);
  };
  return {
    setAside: ({ id, tag, timeoutSeconds }) =>
      on(id, (signal) => driver.setAside(id, tag, timeoutSeconds * 1000, signal)),
    restoreAside: ({ id, tag, start }) => on(id, (signal) => driver.restoreAside(id, tag, start, signal)),
    discardAside: ({ id, tag }) => on(id, () => driver.discardAside(id, tag)),
    wipe: ({ id, keepEphemeral, timeoutSeconds }) =>
      on(id, (signal) => driver.wipe(id, keepEphemeral, timeoutSeconds * 1000, signal)),
    suspend: ({ id }) => on(id, (signal) => driver.suspend(id, signal)),
    resume: ({ id }) => on(id, (signal) => driver.resume(id, signal)),
    rescue: ({ id, rescue, timeoutSeconds }) =>
      on(id, async (signal) => {
        const { imageId, kernelId, ramdiskId, kernelCommandLine, configDrive } = rescue;
        const [basePath, kernelPath, ramdiskPath] = await Promise.all([
          deps.image(imageId, signal),
          kernelId === null ? null : deps.image(kernelId, signal),
          ramdiskId === null ? null : deps.image(ramdiskId, signal),
        ]);
        const system = {
          basePath,
          ...(kernelPath !== null && { kernelPath }),
          ...(ramdiskPath !== null && { ramdiskPath }),
          ...(kernelCommandLine !== null && { kernelCommandLine }),
          ...(configDrive && { configDrive }),
        };
        await driver.rescue(id, system, timeoutSeconds * 1000, signal);
      }),
    unrescue: ({ id }) => on(id, (signal) => driver.unrescue(id, signal)),
    snapshot: ({ id, imageId, format }) => on(id, (signal) => driver.snapshot(id, copyOf(imageId), format, signal)),
    uploadSnapshot: ({ id, imageId, format }) =>
      on(id, async (signal) => {
        const path = copyOf(imageId);
        // Ours is removed when nova-compute starts: the disk is copied once more.
        await driver.snapshot(id, path, format, signal);
        await deps.upload(imageId, path, signal);
        await rm(path, { force: true });
      }),
    async discardSnapshot({ imageId }) {
      for (const path of [copyOf(imageId), `${copyOf(imageId)}.part`]) await rm(path, { force: true });
      return NOTHING;
    },
    setPassword: ({ id, user, password }) => on(id, (signal) => driver.setPassword(id, user, password, signal)),
    injectNmi: ({ id }) => on(id, () => driver.injectNmi(id)),
    diagnostics: ({ id }) => driver.diagnostics(id),
  };
}
