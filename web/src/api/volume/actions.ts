import { request } from '../client.ts';
import type { Backup, Snapshot, Volume } from './volumes.ts';

/** What a new volume is made of. */
export interface NewVolume {
  readonly name: string;
  readonly description?: string;
  /** GiB */
  readonly size: number;
  readonly volume_type?: string;
  readonly availability_zone?: string;
  readonly imageRef?: string;
  readonly snapshot_id?: string;
  readonly source_volid?: string;
  readonly multiattach?: boolean;
}

export const createVolume = async (volume: NewVolume): Promise<Volume> =>
  (await request<{ volume: Volume }>('volume', '/volumes', { method: 'POST', body: { volume } })).volume;

export const updateVolume = (
  id: string,
  volume: { readonly name: string; readonly description: string },
): Promise<void> => request('volume', `/volumes/${id}`, { method: 'PUT', body: { volume } });

/** @param cascade its snapshots go with it */
export const deleteVolume = (id: string, cascade: boolean): Promise<void> =>
  request('volume', `/volumes/${id}${cascade ? '?cascade=True' : ''}`, { method: 'DELETE' });

/** `{ 'os-extend': { new_size: 20 } }` */
export const volumeAction = <T = void>(id: string, action: Readonly<Record<string, unknown>>): Promise<T> =>
  request<T>('volume', `/volumes/${id}/action`, { method: 'POST', body: action });

/** Attaches through Nova, which tells the device. */
export const attachVolume = async (server: string, volume: string): Promise<string> =>
  (
    await request<{ volumeAttachment: { device: string } }>('compute', `/servers/${server}/os-volume_attachments`, {
      method: 'POST',
      body: { volumeAttachment: { volumeId: volume } },
    })
  ).volumeAttachment.device;

export const detachVolume = (server: string, volume: string): Promise<void> =>
  request('compute', `/servers/${server}/os-volume_attachments/${volume}`, { method: 'DELETE' });

/** @param force also of a volume that is in use */
export const createSnapshot = async (
  volume: string,
  name: string,
  description: string,
  force: boolean,
): Promise<Snapshot> =>
  (
    await request<{ snapshot: Snapshot }>('volume', '/snapshots', {
      method: 'POST',
      // From 3.66 on volumes in use need no force, and the field is refused.
      headers: { 'openstack-api-version': 'volume 3.60' },
      body: { snapshot: { volume_id: volume, name, description, ...(force && { force: true }) } },
    })
  ).snapshot;

export const updateSnapshot = (
  id: string,
  snapshot: { readonly name: string; readonly description: string },
): Promise<void> => request('volume', `/snapshots/${id}`, { method: 'PUT', body: { snapshot } });
export const deleteSnapshot = (id: string): Promise<void> =>
  request('volume', `/snapshots/${id}`, { method: 'DELETE' });
/** Administrators: another status, without anything being done. */
export const resetSnapshot = (id: string, status: string): Promise<void> =>
  request('volume', `/snapshots/${id}/action`, { method: 'POST', body: { 'os-reset_status': { status } } });

export const createBackup = async (backup: {
  readonly volume_id: string;
  readonly name: string;
  readonly description: string;
  readonly incremental: boolean;
  readonly force: boolean;
}): Promise<Backup> =>
  (await request<{ backup: Backup }>('volume', '/backups', { method: 'POST', body: { backup } })).backup;
export const deleteBackup = (id: string): Promise<void> => request('volume', `/backups/${id}`, { method: 'DELETE' });
/** @param volume the volume that is written over; null: a new one. @returns the volume's id */
export const restoreBackup = async (id: string, volume: string | null, name: string): Promise<string> =>
  (
    await request<{ restore: { volume_id: string } }>('volume', `/backups/${id}/restore`, {
      method: 'POST',
      body: { restore: volume === null ? { name } : { volume_id: volume } },
    })
  ).restore.volume_id;

export interface Transfer {
  readonly id: string;
  readonly auth_key: string;
}
/** Offers a volume to another project: its members need both words. */
export const offerTransfer = async (volume: string, name: string): Promise<Transfer> =>
  (
    await request<{ transfer: Transfer }>('volume', '/os-volume-transfer', {
      method: 'POST',
      body: { transfer: { volume_id: volume, name } },
    })
  ).transfer;
export const acceptTransfer = (id: string, authKey: string): Promise<void> =>
  request('volume', `/os-volume-transfer/${id}/accept`, { method: 'POST', body: { accept: { auth_key: authKey } } });
export async function cancelTransfer(volume: string): Promise<void> {
  const { transfers } = await request<{ transfers: { id: string; volume_id: string }[] }>(
    'volume',
    '/os-volume-transfer/detail',
  );
  for (const one of transfers.filter(({ volume_id }) => volume_id === volume))
    await request('volume', `/os-volume-transfer/${one.id}`, { method: 'DELETE' });
}
