import type { ApiVersion } from '#common/api/version.ts';
import type { Attachment } from '../attachments/rows.ts';
import { linksTo, type Place } from '../api/links.ts';
import type { Service } from '../services/rows.ts';
import type { VolumeType } from '../types/rows.ts';
import type { Volume } from './model.ts';

/** What the views of one answer share. */
export interface VolumeSight extends Place {
  /** `v1`, `v2`, `v3` */
  readonly api: string;
  readonly version: ApiVersion;
  readonly isAdmin: boolean;
  readonly seesHost: boolean;
  readonly seesMigration: boolean;
  readonly types: ReadonlyMap<string, VolumeType>;
  /** Of all volumes in the answer. */
  readonly attachments: readonly Attachment[];
  readonly backendOf: (host: string | null) => Service | null;
}

/** The type that volumes have whose request names none; Icehouse, and so v1 and v2, call it no type. */
export const builtInType = '__DEFAULT__';

/** `peer1@nfs1` and its pool, which Icehouse does not name. */
export const hostWithPool = (host: string | null, service: Service | null): string | null =>
  host === null || host.includes('#') || !service?.report ? host : `${host}#${service.report.backendName}`;

/** Metadata with what administrators' metadata lets everybody see. */
const metadataOf = ({ metadata, adminMetadata }: Volume): Record<string, string> => ({
  ...metadata,
  ...(adminMetadata['readonly'] !== undefined && { readonly: adminMetadata['readonly'] }),
  ...(adminMetadata['attached_mode'] !== undefined && { attached_mode: adminMetadata['attached_mode'] }),
});

const extended = (volume: Volume, sight: VolumeSight): Record<string, unknown> => ({
  ...(volume.imageMetadata && { volume_image_metadata: volume.imageMetadata }),
  'os-vol-tenant-attr:tenant_id': volume.projectId,
  ...(sight.seesMigration && {
    'os-vol-mig-status-attr:migstat': volume.migrationStatus,
    'os-vol-mig-status-attr:name_id': null,
  }),
  ...(sight.seesHost && {
    'os-vol-host-attr:host': sight.api === 'v3' ? hostWithPool(volume.host, sight.backendOf(volume.host)) : volume.host,
  }),
});

/** `volumes` without detail in v2 and v3. */
export const briefVolume = (place: Place, volume: Volume): Record<string, unknown> => ({
  id: volume.id,
  name: volume.name,
  links: linksTo(place, `volumes/${volume.id}`),
});

/** @param kind `created` leaves out what the real service's answers to create and update leave out */
export function volumeView(volume: Volume, sight: VolumeSight, kind: 'created' | 'shown'): Record<string, unknown> {
  if (sight.api === 'v1') return oldView(volume, sight, kind);
  const { version } = sight;
  const type = volume.typeId === null ? undefined : sight.types.get(volume.typeId);
  return {
    id: volume.id,
    status: volume.status,
    size: volume.sizeGb,
    availability_zone: volume.availabilityZone,
    created_at: volume.createdAt,
    updated_at: volume.updatedAt,
    name: volume.name,
    description: volume.description,
    volume_type: sight.api === 'v2' && type?.name === builtInType ? null : (type?.name ?? null),
    snapshot_id: volume.snapshotId,
    source_volid: volume.sourceVolumeId,
    metadata: metadataOf(volume),
    links: linksTo(sight, `volumes/${volume.id}`),
    user_id: volume.userId,
    bootable: String(volume.bootable),
    encrypted: volume.encrypted,
    replication_status: volume.replicationStatus,
    consistencygroup_id: null,
    multiattach: volume.multiattach,
    attachments: sight.attachments
      .filter((one) => one.volumeId === volume.id && one.status === 'attached')
      .map((one) => ({
        id: volume.id,
        attachment_id: one.id,
        volume_id: volume.id,
        server_id: one.serverId,
        host_name: sight.isAdmin ? one.attachedHost : null,
        device: one.mountpoint,
        attached_at: one.attachedAt,
      })),
    migration_status: volume.migrationStatus,
    ...(version.atLeast('3.13') && { group_id: volume.groupId }),
    ...(version.atLeast('3.21') && { provider_id: null }),
    ...(version.atLeast('3.48') && {
      shared_targets: false,
      service_uuid: sight.backendOf(volume.host)?.id ?? null,
    }),
    ...(version.atLeast('3.61') && sight.isAdmin && { cluster_name: null }),
    ...(version.atLeast('3.63') && { volume_type_id: volume.typeId }),
    ...(version.atLeast('3.64') && volume.encrypted && { encryption_key_id: null }),
    ...(version.atLeast('3.65') && { consumes_quota: true }),
    ...(kind === 'shown' && extended(volume, sight)),
  };
}

/** Icehouse's v1. */
function oldView(volume: Volume, sight: VolumeSight, kind: 'created' | 'shown'): Record<string, unknown> {
  const type = volume.typeId === null ? undefined : sight.types.get(volume.typeId);
  return {
    id: volume.id,
    status: volume.status,
    size: volume.sizeGb,
    availability_zone: volume.availabilityZone,
    created_at: volume.createdAt,
    display_name: volume.name,
    display_description: volume.description,
    volume_type: type === undefined || type.name === builtInType ? 'None' : type.name,
    snapshot_id: volume.snapshotId,
    source_volid: volume.sourceVolumeId,
    metadata: metadataOf(volume),
    bootable: String(volume.bootable),
    encrypted: volume.encrypted,
    attachments: sight.attachments
      .filter((one) => one.volumeId === volume.id && one.status === 'attached')
      .map((one) => ({
        id: volume.id,
        volume_id: volume.id,
        server_id: one.serverId,
        host_name: one.attachedHost,
        device: one.mountpoint,
      })),
    ...(volume.imageId !== null && kind === 'created' && { image_id: volume.imageId }),
    ...(kind === 'shown' && extended(volume, sight)),
  };
}
