import { ApiError, badRequest, notFound } from '#common/api/errors.ts';
import { RpcRemoteError, RpcTimeout } from '#common/bus/bus.ts';

export const invalidVolume = (reason: string): ApiError => badRequest(`Invalid volume: ${reason}`);
export const invalidSnapshot = (reason: string): ApiError => badRequest(`Invalid snapshot: ${reason}`);
export const invalidBackup = (reason: string): ApiError => badRequest(`Invalid backup: ${reason}`);
export const invalidInput = (reason: string): ApiError => badRequest(`Invalid input received: ${reason}`);

export const volumeNotFound = (id: string): ApiError => notFound(`Volume ${id} could not be found.`);
export const snapshotNotFound = (id: string): ApiError => notFound(`Snapshot ${id} could not be found.`);
export const backupNotFound = (id: string): ApiError => notFound(`Backup ${id} could not be found.`);
export const typeNotFound = (id: string): ApiError => notFound(`Volume type ${id} could not be found.`);
export const typeNameNotFound = (name: string): ApiError =>
  notFound(`Volume type with name ${name} could not be found.`);
export const attachmentNotFound = (id: string): ApiError =>
  notFound(`Volume attachment could not be found with filter: attachment_id = ${id}.`);

/** Over quota, and what else Cinder answers with 413: clients wait as long as Retry-After says. */
export const overQuota = (exception: string, message: string): ApiError =>
  new ApiError(413, `${exception}: ${message}`, { headers: { 'retry-after': '0' } });

/** What a daemon's refusal or silence means to the caller. */
export function fromRemote(error: unknown): unknown {
  if (error instanceof RpcTimeout)
    return new ApiError(
      503,
      `cinder-volume on ${error.host ?? 'any host'} does not answer. Is it running? cinder service-list says.`,
      { cause: error },
    );
  if (error instanceof RpcRemoteError) {
    const status = /^http-(\d{3})$/.exec(error.code)?.[1];
    return new ApiError(status === undefined ? 500 : Number(status), error.message, { cause: error });
  }
  return error;
}
