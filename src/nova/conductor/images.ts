import { ApiError } from '#common/api/errors.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { ConductorDeps } from './deps.ts';
import { muchPatience, patience, type Placed } from './guest-work.ts';

/** The API has not made the image of a snapshot yet, or has died before it could. */
class ImageAwaited extends Error {
  override readonly name = 'ImageAwaited';
}
export const isAwaited = (error: unknown): boolean => error instanceof ImageAwaited;
/** How long an image is awaited, ms: the API makes it, as the user, right after it has journalled the work, and has it begun then. */
export const awaitMs = 10_000;

const isAbsent = (error: unknown): boolean => error instanceof ApiError && error.status === 404;

/** @throws ImageAwaited while it is not there */
export async function awaitImage(deps: ConductorDeps, imageId: string): Promise<void> {
  await deps.images.show(imageId).catch((error: unknown) => {
    if (isAbsent(error)) throw new ImageAwaited(`Image ${imageId} could not be found.`);
    throw error;
  });
}

/** Afterwards there is no such image. */
export async function deleteImage(deps: ConductorDeps, imageId: string): Promise<void> {
  await deps.images.delete(imageId).catch((error: unknown) => {
    if (!isAbsent(error)) throw error;
  });
}

export interface Copy {
  readonly imageId: string;
  readonly format: 'qcow2' | 'raw';
}

/** Copies a guest's root disk on its host. */
export async function copyDisk(deps: ConductorDeps, server: Placed, copy: Copy, signal: AbortSignal): Promise<void> {
  await deps.compute.call(server.host, 'snapshot', { id: server.id, ...copy }, muchPatience(signal));
}

/** Gives the copy to Glance. @throws RpcRemoteError with Glance's words */
export async function uploadCopy(deps: ConductorDeps, server: Placed, copy: Copy, signal: AbortSignal): Promise<void> {
  await deps.compute.call(server.host, 'uploadSnapshot', { id: server.id, ...copy }, muchPatience(signal));
}

/** Removes a copy as far as its host can be reached: one that returns removes all of them. */
export async function discardCopy(deps: ConductorDeps, host: string, imageId: string, log: Logger): Promise<void> {
  const { signal } = new AbortController();
  await deps.compute
    .call(host, 'discardSnapshot', { imageId }, { ...patience(signal), downMs: 0 })
    .catch((error: unknown) => log.warn(`The copy ${imageId} may still be on ${host}`, error));
}
