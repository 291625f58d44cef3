import { request, whole } from '../client.ts';
import type { Resource } from '../resource.ts';

/** A server as Nova 2.90 shows it in full. */
export interface Server {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly status: string;
  readonly tenant_id: string;
  readonly user_id: string;
  readonly created: string;
  readonly updated: string;
  readonly hostId: string;
  /** Empty for a server booted from a volume. */
  readonly image: { readonly id: string } | '';
  readonly flavor: ServerFlavor;
  readonly addresses: Readonly<Record<string, readonly Address[]>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly key_name: string | null;
  readonly config_drive: string;
  readonly locked: boolean;
  readonly locked_reason?: string | null;
  readonly tags?: readonly string[];
  readonly progress?: number;
  readonly security_groups?: readonly { readonly name: string }[];
  readonly fault?: {
    readonly code: number;
    readonly message: string;
    readonly created: string;
    readonly details?: string;
  };
  readonly 'OS-EXT-STS:vm_state': string;
  readonly 'OS-EXT-STS:task_state': string | null;
  readonly 'OS-EXT-STS:power_state': number;
  readonly 'OS-EXT-AZ:availability_zone': string;
  readonly 'OS-SRV-USG:launched_at': string | null;
  readonly 'os-extended-volumes:volumes_attached': readonly {
    readonly id: string;
    readonly delete_on_termination?: boolean;
  }[];
  /** Administrators only. */
  readonly 'OS-EXT-SRV-ATTR:host'?: string | null;
  readonly 'OS-EXT-SRV-ATTR:hypervisor_hostname'?: string | null;
  readonly 'OS-EXT-SRV-ATTR:instance_name'?: string;
  /** `UP`, `DOWN`, `MAINTENANCE`; empty without a host. */
  readonly host_status?: string;
}
export interface ServerFlavor {
  readonly original_name: string;
  readonly vcpus: number;
  /** MiB */
  readonly ram: number;
  /** GiB */
  readonly disk: number;
  readonly ephemeral: number;
  /** MiB */
  readonly swap: number;
}
export interface Address {
  readonly addr: string;
  readonly version: 4 | 6;
  readonly 'OS-EXT-IPS:type': 'fixed' | 'floating';
  readonly 'OS-EXT-IPS-MAC:mac_addr': string;
}

export const servers: Resource<Server> = {
  kind: 'server',
  service: 'compute',
  list: ({ all }, signal) =>
    whole<Server>(
      'compute',
      `/servers/detail${all ? '?all_tenants=1' : ''}`,
      (body: { servers: Server[] }) => body.servers,
      signal,
    ),
  get: async (id, signal) => (await request<{ server: Server }>('compute', `/servers/${id}`, { signal })).server,
  projectOf: ({ tenant_id }) => tenant_id,
};

/** A server's action: `{ reboot: { type: 'SOFT' } }`. @returns what the action answers */
export const serverAction = <T = void>(id: string, action: Readonly<Record<string, unknown>>): Promise<T> =>
  request<T>('compute', `/servers/${id}/action`, { method: 'POST', body: action });

export const deleteServer = (id: string): Promise<void> => request('compute', `/servers/${id}`, { method: 'DELETE' });

/** All addresses of a server, first the fixed ones. */
export const addressesOf = ({ addresses }: Server): readonly Address[] =>
  Object.values(addresses)
    .flat()
    .toSorted((a, b) => a['OS-EXT-IPS:type'].localeCompare(b['OS-EXT-IPS:type']));
