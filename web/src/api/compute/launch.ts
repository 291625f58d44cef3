import { request } from '../client.ts';
import type { Server } from './servers.ts';

/** A network of a new server: one with a new port, or a port that is there. */
export type NewServerNetwork = { readonly uuid: string; readonly fixed_ip?: string } | { readonly port: string };

export interface NewServerDisk {
  readonly boot_index: number;
  readonly source_type: 'volume' | 'snapshot' | 'image';
  readonly destination_type: 'volume';
  readonly uuid: string;
  /** GiB */
  readonly volume_size?: number;
  readonly volume_type?: string;
  readonly delete_on_termination: boolean;
}

/** The body of `POST /servers` as Nova 2.90 takes it. */
export interface NewServerBody {
  readonly server: {
    readonly name: string;
    readonly description?: string;
    readonly flavorRef: string;
    readonly imageRef?: string;
    readonly block_device_mapping_v2?: readonly NewServerDisk[];
    readonly networks: readonly NewServerNetwork[] | 'none' | 'auto';
    readonly security_groups?: readonly { readonly name: string }[];
    readonly key_name?: string;
    /** Base64. */
    readonly user_data?: string;
    readonly config_drive?: true;
    readonly availability_zone?: string;
    readonly metadata?: Readonly<Record<string, string>>;
    readonly tags?: readonly string[];
    readonly min_count?: number;
    readonly max_count?: number;
    readonly return_reservation_id?: true;
  };
  readonly 'os:scheduler_hints'?: { readonly group: string };
}

/** Makes one or several servers. @returns their ids; several are found by the reservation that they share */
export async function createServers(body: NewServerBody): Promise<readonly string[]> {
  const made = await request<{ server: { id: string } } | { reservation_id: string }>('compute', '/servers', {
    method: 'POST',
    body,
  });
  if ('server' in made) return [made.server.id];
  const query = `reservation_id=${encodeURIComponent(made.reservation_id)}`;
  const { servers } = await request<{ servers: Pick<Server, 'id'>[] }>('compute', `/servers?${query}`);
  return servers.map(({ id }) => id);
}

/** Servers that somebody thinks of making; all flavors are asked about. */
export interface FitWish {
  readonly image: string | null;
  readonly count: number;
  readonly availability_zone: string | null;
  /** GiB of a new volume each; 0: a volume that is there; null: the flavor's own disk. */
  readonly volume_size: number | null;
  readonly scheduler_hints: { readonly group: string } | null;
}
export interface FitReason {
  readonly kind: 'quota' | 'image' | 'hosts';
  readonly message: string;
  /** `cores`, `ram` (MiB), `disk` (GiB), `instances`, `volumes`, `gigabytes`, `hosts` */
  readonly resource: string;
  readonly limit: number;
  readonly used?: number;
  readonly needed: number;
}
export interface HostVerdict {
  readonly host: string;
  readonly passed: boolean;
  readonly filter: string | null;
  readonly reason: string | null;
}
export interface FlavorFit {
  readonly flavor_id: string;
  readonly fits: boolean;
  readonly hosts: number;
  readonly reasons: readonly FitReason[];
  readonly host_verdicts: readonly HostVerdict[];
}

/** Which flavors would fit now, and why others would not: an addition of Igloo's. @throws ApiFault 404 elsewhere */
export async function serverFit(wish: FitWish, signal?: AbortSignal): Promise<readonly FlavorFit[]> {
  const body = { server_fit: wish };
  return (await request<{ fits: FlavorFit[] }>('compute', '/os-server-fit', { method: 'POST', body, signal })).fits;
}
