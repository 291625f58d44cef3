import { request } from '../client.ts';
import { beginRequest, type Begun } from './server-actions.ts';

/** A volume that a server has, as Nova 2.89 shows it. */
export interface VolumeAttachment {
  readonly volumeId: string;
  readonly serverId: string;
  readonly device: string | null;
  readonly tag: string | null;
  readonly delete_on_termination: boolean;
}

export const volumeAttachments = async (serverId: string, signal?: AbortSignal): Promise<readonly VolumeAttachment[]> =>
  (
    await request<{ volumeAttachments: VolumeAttachment[] }>('compute', `/servers/${serverId}/os-volume_attachments`, {
      signal,
    })
  ).volumeAttachments;

export interface VolumeToAttach {
  readonly volumeId: string;
  /** `/dev/vdb`; Nova chooses unless given. */
  readonly device?: string;
  readonly delete_on_termination?: boolean;
}

/** @throws ApiFault */
export const attachVolume = (serverId: string, volumeAttachment: VolumeToAttach): Promise<Begun> =>
  beginRequest(`/servers/${serverId}/os-volume_attachments`, 'POST', { volumeAttachment });

/** @throws ApiFault */
export const detachVolume = (serverId: string, volumeId: string): Promise<Begun> =>
  beginRequest(`/servers/${serverId}/os-volume_attachments/${volumeId}`, 'DELETE');

/** Whether the volume is deleted together with the server. @throws ApiFault */
export const keepVolume = (serverId: string, { volumeId, device, tag }: VolumeAttachment, keep: boolean) =>
  request('compute', `/servers/${serverId}/os-volume_attachments/${volumeId}`, {
    method: 'PUT',
    body: {
      volumeAttachment: {
        volumeId,
        ...(device !== null && { device }),
        ...(tag !== null && { tag }),
        delete_on_termination: !keep,
      },
    },
  });
