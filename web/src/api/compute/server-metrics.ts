import { request } from '../client.ts';

/** What a guest has used since it started: counters that grow, of Igloo's own `os-metrics`. */
export interface ServerMetrics {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Seconds. */
  readonly uptime: number | null;
  readonly state: string;
  readonly cpus: readonly { readonly id: number; readonly time_ns: number | null }[];
  /** MiB. */
  readonly memory: { readonly maximum: number; readonly used: number | null };
  readonly nics: readonly {
    readonly port_id: string | null;
    readonly mac: string;
    readonly rx_octets: number;
    readonly tx_octets: number;
  }[];
  readonly disks: readonly {
    readonly device: string;
    readonly volume_id: string | null;
    readonly read_bytes: number;
    readonly write_bytes: number;
  }[];
}

/** @throws ApiFault 409 while it does not run, with words */
export const serverMetrics = async (id: string, signal?: AbortSignal): Promise<ServerMetrics> =>
  (await request<{ metrics: ServerMetrics }>('compute', `/servers/${id}/os-metrics`, { signal })).metrics;
