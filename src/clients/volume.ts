import { createRestClient, queryString, type Caller } from './rest.ts';

/** A volume as Cinder's v3 API shows it. */
export interface Volume {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: string;
  /** GiB */
  readonly size: number;
  readonly availability_zone: string | null;
  readonly bootable: 'true' | 'false';
  readonly multiattach: boolean;
  readonly encrypted: boolean;
  readonly volume_type: string | null;
  readonly snapshot_id: string | null;
  readonly source_volid: string | null;
  readonly created_at: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Properties of the image that it was made of. */
  readonly volume_image_metadata?: Readonly<Record<string, string>>;
  readonly attachments: readonly {
    readonly attachment_id: string;
    readonly server_id: string;
    readonly device: string | null;
    readonly volume_id: string;
  }[];
  readonly 'os-vol-tenant-attr:tenant_id'?: string;
  readonly [name: string]: unknown;
}
export interface VolumeSnapshot {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: string;
  /** GiB */
  readonly size: number;
  readonly volume_id: string;
  readonly created_at: string;
  readonly [name: string]: unknown;
}

/** Who connects: a compute host (os-brick's connector properties). */
export interface Connector {
  /** Initiator name of the host: `iqn.…` */
  readonly initiator: string;
  readonly ip: string;
  readonly host: string;
  readonly multipath: boolean;
  readonly platform: string;
  readonly os_type: string;
  /** `/dev/vdb`: where the guest will have it. */
  readonly mountpoint?: string;
}

/** How to reach a volume: `initialize_connection`'s answer. */
export type ConnectionInfo =
  | {
      readonly driver_volume_type: 'iscsi';
      readonly data: {
        readonly target_portal: string;
        readonly target_iqn: string;
        readonly target_lun: number;
        readonly volume_id: string;
        readonly target_discovered: boolean;
        readonly auth_method?: 'CHAP';
        readonly auth_username?: string;
        readonly auth_password?: string;
        readonly access_mode: 'rw' | 'ro';
        readonly encrypted: boolean;
        readonly qos_specs: Readonly<Record<string, string>> | null;
      };
    }
  | {
      /** A file or block device on this very host: what the embedded cloud uses where no target program is installed. */
      readonly driver_volume_type: 'local';
      readonly data: {
        readonly device_path: string;
        readonly format: 'raw' | 'qcow2';
        readonly volume_id: string;
        readonly access_mode: 'rw' | 'ro';
        readonly encrypted: boolean;
        readonly qos_specs: Readonly<Record<string, string>> | null;
      };
    }
  | {
      readonly driver_volume_type: 'nfs';
      readonly data: {
        /** `server:/path` */
        readonly export: string;
        readonly name: string;
        readonly format: 'raw' | 'qcow2';
        readonly options: string | null;
        readonly access_mode: 'rw' | 'ro';
        readonly [name: string]: unknown;
      };
    }
  | {
      readonly driver_volume_type: 'rbd';
      readonly data: {
        /** `pool/image` */
        readonly name: string;
        readonly hosts: readonly string[];
        readonly ports: readonly string[];
        readonly auth_enabled: boolean;
        readonly auth_username: string | null;
        readonly access_mode: 'rw' | 'ro';
        readonly [name: string]: unknown;
      };
    };

/** A volume's tie to a server (API 3.27): made first, connected by the compute host, completed when the guest has it. */
export interface Attachment {
  readonly id: string;
  /** `reserved`, `attaching`, `attached`, `detached` */
  readonly status: string;
  readonly volume_id: string;
  /** The server. */
  readonly instance: string | null;
  /** Present once a connector was given. */
  readonly connection_info?: ConnectionInfo;
}

export interface NewVolume {
  /** GiB */
  readonly size: number;
  readonly name?: string;
  readonly description?: string;
  readonly imageRef?: string;
  readonly snapshot_id?: string;
  readonly volume_type?: string;
  readonly availability_zone?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** For service accounts that act for somebody: whose it will be. Cinder takes it from callers with the role `admin`. */
  readonly project_id?: string;
  readonly user_id?: string;
}

/** Of `GET /limits`. Sizes in GiB. */
export interface VolumeLimits {
  readonly maxTotalVolumes: number;
  readonly totalVolumesUsed: number;
  readonly maxTotalVolumeGigabytes: number;
  readonly totalGigabytesUsed: number;
}

/** Cinder, as far as other services need it. Every method throws ApiError with Cinder's own words. */
export interface VolumeClient {
  show(id: string): Promise<Volume>;
  list(query?: Readonly<Record<string, string | readonly string[] | undefined>>): Promise<readonly Volume[]>;
  create(volume: NewVolume): Promise<Volume>;
  delete(id: string): Promise<void>;
  /** Volume types that the caller may use. */
  types(): Promise<readonly { readonly id: string; readonly name: string }[]>;
  /** The project's limits and what it has used of them; -1 is unlimited. */
  limits(): Promise<VolumeLimits>;
  /** Actions of `POST /volumes/{id}/action`: `os-extend`, `os-begin_detaching`, `os-roll_detaching`, `os-migrate_volume_completion` … */
  action<T = undefined>(id: string, action: string, body?: unknown): Promise<T>;
  readonly snapshots: {
    show(id: string): Promise<VolumeSnapshot>;
    list(query?: Readonly<Record<string, string | readonly string[] | undefined>>): Promise<readonly VolumeSnapshot[]>;
    create(snapshot: {
      readonly volume_id: string;
      readonly name?: string;
      readonly description?: string;
      readonly force?: boolean;
      readonly metadata?: Readonly<Record<string, string>>;
    }): Promise<VolumeSnapshot>;
    delete(id: string): Promise<void>;
  };
  readonly attachments: {
    /**
     * Reserves the volume for a server: status `attaching`. Not idempotent; find a lost one by `list`.
     * @throws ApiError 400 when the volume is not available
     */
    create(attachment: {
      readonly volumeId: string;
      readonly serverId: string;
      readonly mode?: 'rw' | 'ro';
    }): Promise<Attachment>;
    list(query: { readonly volume_id?: string; readonly instance_id?: string }): Promise<readonly Attachment[]>;
    show(id: string): Promise<Attachment>;
    /** Exports the volume to a host. Idempotent: the same connector gives the same connection. */
    connect(id: string, connector: Connector): Promise<Attachment & { readonly connection_info: ConnectionInfo }>;
    /** The guest has it: the volume is `in-use`. Idempotent. */
    complete(id: string): Promise<void>;
    /** Takes the export away; the volume is `available` again. An unknown one is not an error. */
    delete(id: string): Promise<void>;
  };
}

/** The lowest version that has all that is used here. */
const version = { 'openstack-api-version': 'volume 3.44' };

/** @param baseUrl `http://controller:8776`, or who says it */
export function createVolumeClient(baseUrl: string | (() => Promise<string>), call: Caller): VolumeClient {
  const rest = createRestClient({
    service: 'Cinder',
    baseUrl: typeof baseUrl === 'string' ? `${baseUrl}/v3` : async () => `${await baseUrl()}/v3`,
    call: (request) => call({ ...request, headers: { ...request.headers, ...version } }),
  });
  const volumeUrl = (id: string): string => `/volumes/${encodeURIComponent(id)}`;
  const snapshotUrl = (id: string): string => `/snapshots/${encodeURIComponent(id)}`;
  const attachmentUrl = (id: string): string => `/attachments/${encodeURIComponent(id)}`;
  const attachmentOf = ({ attachment }: { attachment: Attachment }): Attachment => attachment;
  return {
    show: async (id) => (await rest.json<{ volume: Volume }>('GET', volumeUrl(id))).volume,
    list: async (query = {}) =>
      (await rest.json<{ volumes: Volume[] }>('GET', `/volumes/detail${queryString(query)}`)).volumes,
    create: async (volume) => (await rest.json<{ volume: Volume }>('POST', '/volumes', { volume })).volume,
    delete: (id) => rest.json('DELETE', volumeUrl(id)),
    types: async () =>
      (await rest.json<{ volume_types: { id: string; name: string }[] }>('GET', '/types')).volume_types,
    limits: async () => (await rest.json<{ limits: { absolute: VolumeLimits } }>('GET', '/limits')).limits.absolute,
    action: (id, action, body = null) => rest.json('POST', `${volumeUrl(id)}/action`, { [action]: body }),
    snapshots: {
      show: async (id) => (await rest.json<{ snapshot: VolumeSnapshot }>('GET', snapshotUrl(id))).snapshot,
      list: async (query = {}) =>
        (await rest.json<{ snapshots: VolumeSnapshot[] }>('GET', `/snapshots/detail${queryString(query)}`)).snapshots,
      create: async (snapshot) =>
        (await rest.json<{ snapshot: VolumeSnapshot }>('POST', '/snapshots', { snapshot })).snapshot,
      delete: (id) => rest.json('DELETE', snapshotUrl(id)),
    },
    attachments: {
      create: async ({ volumeId, serverId, mode = 'rw' }) =>
        attachmentOf(
          await rest.json('POST', '/attachments', {
            attachment: { volume_uuid: volumeId, instance_uuid: serverId, connector: null, mode },
          }),
        ),
      list: async (query) =>
        (
          await rest.json<{ attachments: Attachment[] }>(
            'GET',
            `/attachments/detail${queryString({ all_tenants: '1', ...query })}`,
          )
        ).attachments,
      show: async (id) => attachmentOf(await rest.json('GET', attachmentUrl(id))),
      connect: async (id, connector) =>
        attachmentOf(await rest.json('PUT', attachmentUrl(id), { attachment: { connector } })) as Attachment & {
          readonly connection_info: ConnectionInfo;
        },
      complete: (id) => rest.json('POST', `${attachmentUrl(id)}/action`, { 'os-complete': null }),
      delete: (id) =>
        rest.json<undefined>('DELETE', attachmentUrl(id)).catch((error: { status?: number }) => {
          if (error.status !== 404) throw error;
        }),
    },
  };
}
