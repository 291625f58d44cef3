import type { Claimable, Hypervisor } from '#api/compute/hosts.ts';
import type { AnyService } from '../services/every-service.ts';

export type Role = 'compute' | 'network' | 'storage' | 'control';

/** What may be claimed of something on a host. Memory in MiB, disk in GiB. */
export interface Gauge {
  readonly total: number;
  readonly reserved: number;
  /** Null when its hypervisors differ. */
  readonly ratio: number | null;
  readonly limit: number;
  readonly used: number;
}

/** A host with everything of the cloud that is on it. */
export interface Node {
  /** Its name. */
  readonly id: string;
  readonly daemons: readonly AnyService[];
  /** Those that have not been heard of for too long. */
  readonly silent: readonly AnyService[];
  readonly roles: readonly Role[];
  readonly hypervisors: readonly Hypervisor[];
  /** Null where no guests can be. */
  readonly capacity: Readonly<Record<'vcpus' | 'memory' | 'disk', Gauge>> | null;
  readonly guests: readonly { readonly id: string; readonly name: string }[];
  /** Its nova-compute. */
  readonly compute: AnyService | null;
}

/** `node-1@lvm#pool` is on node-1. */
export const hostOf = (service: string): string => service.replace(/[@#].*$/, '');

/** Hosts of all services, merged by name and sorted by it. */
export function nodesOf(services: readonly AnyService[], hypervisors: readonly Hypervisor[]): readonly Node[] {
  const names = new Set([
    ...services.map(({ host }) => hostOf(host)),
    ...hypervisors.map(({ service }) => service.host),
  ]);
  return [...names].toSorted(collator.compare).map((name) => {
    const daemons = services
      .filter(({ host }) => hostOf(host) === name)
      .toSorted((a, b) => a.binary.localeCompare(b.binary));
    const own = hypervisors.filter(({ service }) => service.host === name);
    return {
      id: name,
      daemons,
      silent: daemons.filter(({ up }) => !up),
      roles: rolesOf(daemons, own.length > 0),
      hypervisors: own,
      capacity: own.length === 0 ? null : capacityOf(own),
      guests: own
        .flatMap(({ servers = [] }) => servers.map(({ uuid, name: called }) => ({ id: uuid, name: called })))
        .toSorted((a, b) => collator.compare(a.name, b.name)),
      compute: daemons.find(({ binary }) => binary === 'nova-compute') ?? null,
    };
  });
}
const collator = new Intl.Collator(undefined, { numeric: true });

/** What a daemon makes of its host. Every compute host has an L2 agent, so that one says nothing. */
function roleOf({ binary }: AnyService): Role | null {
  if (binary === 'nova-compute') return 'compute';
  if (/^cinder-(volume|backup)$/.test(binary)) return 'storage';
  if (/^neutron-(openvswitch|linuxbridge|sriov-nic)-agent$/.test(binary)) return null;
  if (/^neutron-.*agent$/.test(binary)) return 'network';
  return 'control';
}

function rolesOf(daemons: readonly AnyService[], hasHypervisor: boolean): readonly Role[] {
  const found = new Set<Role | null>(daemons.map(roleOf));
  if (hasHypervisor) found.add('compute');
  return (['control', 'compute', 'network', 'storage'] as const).filter((role) => found.has(role));
}

function capacityOf(hypervisors: readonly Hypervisor[]): Node['capacity'] {
  const sum = (pick: (one: Hypervisor) => Claimable): Gauge => {
    const all = hypervisors.map(pick);
    const [first] = all;
    const total = (of: (one: Claimable) => number): number => all.reduce((before, one) => before + of(one), 0);
    return {
      total: total((one) => one.total),
      reserved: total((one) => one.reserved),
      ratio:
        first && all.every((one) => one.allocation_ratio === first.allocation_ratio) ? first.allocation_ratio : null,
      limit: total((one) => one.limit),
      used: total((one) => one.used),
    };
  };
  return {
    vcpus: sum((one) => one.capacity?.vcpus ?? plain(one.vcpus, one.vcpus_used)),
    memory: sum((one) => one.capacity?.memory_mb ?? plain(one.memory_mb, one.memory_mb_used)),
    disk: sum((one) => one.capacity?.disk_gb ?? plain(one.local_gb, one.local_gb_used)),
  };
}

/** What hosts have together; null where none has guests. */
export function totalCapacity(nodes: readonly Node[]): Node['capacity'] {
  const all = nodes.flatMap(({ hypervisors }) => hypervisors);
  return all.length === 0 ? null : capacityOf(all);
}

/** What a Nova without capacities tells. */
const plain = (total: number, used: number): Claimable => ({
  total,
  reserved: 0,
  allocation_ratio: 1,
  limit: total,
  used,
});

export type Life = 'alive' | 'some' | 'dead';
export const lifeOf = ({ daemons, silent }: Node): Life =>
  silent.length === 0 ? 'alive' : silent.length === daemons.length ? 'dead' : 'some';

/** How full, 0 to 1. */
export const fill = ({ used, limit }: Gauge): number => (limit <= 0 ? (used > 0 ? 1 : 0) : Math.min(1, used / limit));
