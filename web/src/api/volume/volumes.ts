import { request, whole } from '../client.ts';
import type { Resource } from '../resource.ts';

export interface Volume {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: string;
  /** GiB */
  readonly size: number;
  readonly volume_type: string | null;
  readonly bootable: 'true' | 'false';
  readonly encrypted: boolean;
  readonly multiattach: boolean;
  readonly availability_zone: string;
  readonly snapshot_id: string | null;
  readonly source_volid: string | null;
  readonly created_at: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly volume_image_metadata?: Readonly<Record<string, string>>;
  readonly attachments: readonly {
    readonly server_id: string;
    readonly attachment_id: string;
    readonly device: string;
    readonly attached_at: string;
  }[];
  readonly 'os-vol-tenant-attr:tenant_id': string;
  /** Administrators only. */
  readonly 'os-vol-host-attr:host'?: string;
}

export interface Snapshot {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: string;
  readonly size: number;
  readonly volume_id: string;
  readonly created_at: string;
  readonly 'os-extended-snapshot-attributes:project_id': string;
  readonly 'os-extended-snapshot-attributes:progress'?: string;
}

export interface Backup {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: string;
  readonly size: number;
  readonly volume_id: string;
  readonly snapshot_id: string | null;
  readonly is_incremental: boolean;
  readonly has_dependent_backups: boolean;
  readonly fail_reason: string | null;
  readonly created_at: string;
}

export interface VolumeType {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly is_public: boolean;
  readonly extra_specs?: Readonly<Record<string, string>>;
}

function cinder<T extends { readonly id: string }>(
  kind: string,
  singular: string,
  plural: string,
  projectOf?: (item: T) => string,
): Resource<T> {
  return {
    kind,
    service: 'volume',
    list: ({ all }, signal) =>
      whole<T>(
        'volume',
        `/${plural}/detail${all ? '?all_tenants=1' : ''}`,
        (body: Record<string, T[]>) => body[plural] ?? [],
        signal,
      ),
    get: async (id, signal) =>
      (await request<Record<string, T>>('volume', `/${plural}/${id}`, { signal }))[singular] as T,
    ...(projectOf && { projectOf }),
  };
}

export const volumes = cinder<Volume>('volume', 'volume', 'volumes', (one) => one['os-vol-tenant-attr:tenant_id']);
export const snapshots = cinder<Snapshot>(
  'snapshot',
  'snapshot',
  'snapshots',
  (one) => one['os-extended-snapshot-attributes:project_id'],
);
export const backups = cinder<Backup>('backup', 'backup', 'backups');
export const volumeTypes: Resource<VolumeType> = {
  kind: 'volume_type',
  service: 'volume',
  list: async (_reach, signal) =>
    (await request<{ volume_types: VolumeType[] }>('volume', '/types', { signal })).volume_types,
};

export interface VolumeService {
  readonly id: string;
  readonly binary: string;
  readonly host: string;
  readonly zone: string;
  readonly status: 'enabled' | 'disabled';
  readonly state: 'up' | 'down';
  readonly updated_at: string | null;
  readonly disabled_reason?: string | null;
}
export const volumeServices: Resource<VolumeService> = {
  kind: 'volume_service',
  service: 'volume',
  everyMs: 10_000,
  list: async (_reach, signal) =>
    (await request<{ services: Omit<VolumeService, 'id'>[] }>('volume', '/os-services', { signal })).services.map(
      (one) => ({
        ...one,
        id: `${one.binary}@${one.host}`,
      }),
    ),
};
