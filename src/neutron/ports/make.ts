import { isoMicros, type Clock } from '#common/clock.ts';
import type { Ids } from '#common/ids.ts';
import type { Changes } from '../changes.ts';
import { errors } from '../errors.ts';
import { allocate, type Allocated, type Wish } from '../ipam/allocator.ts';
import { unbound } from '../ml2/mechanisms/drivers.ts';
import type { Binding } from '../ml2/mechanisms/driver.ts';
import type { QuotaService } from '../quotas/service.ts';
import type { Db } from '../store.ts';
import type { NetworkRow, PortRow } from '../tables.ts';
import { addGroups, findByMac, insertPort } from './rows.ts';

/** A port to be made, by a user or by the cloud itself. What is left out has its usual value. */
export interface PortDraft {
  readonly id?: string;
  readonly network: NetworkRow;
  readonly projectId: string;
  readonly name?: string;
  readonly description?: string;
  readonly adminStateUp?: boolean;
  readonly deviceId: string;
  readonly deviceOwner: string;
  readonly mac?: string;
  readonly fixedIps: Wish;
  /** Asked once the addresses are known: a port without any has no groups by default. */
  readonly groups?: (addresses: readonly Allocated[]) => Promise<readonly string[]>;
  readonly portSecurity?: boolean;
  readonly host?: string;
  readonly vnicType?: string;
  readonly profile?: Readonly<Record<string, unknown>>;
  readonly binding?: Binding;
  /** Given the port's MAC address, which pairs have by default. */
  readonly pairs?: (mac: string) => readonly unknown[];
  readonly dhcpOptions?: readonly unknown[];
  /** The cloud's own doing: it counts for the project, but is not refused for its quota. */
  readonly byCloud?: boolean;
}

export interface MakePortDeps {
  readonly ids: Ids;
  readonly clock: Clock;
  readonly quotas: QuotaService;
  /** `base_mac`: its first three octets begin every address; a fourth that is not 00 too. */
  readonly baseMac: string;
  readonly maxFixedIps: number;
}

/**
 * Makes a port with its addresses within a transaction. A MAC address that somebody else was given at the same time is a
 * duplicate key: the transaction is to be repeated (`duplicateRetries`).
 */
export async function makePort(db: Db, told: Changes, deps: MakePortDeps, draft: PortDraft): Promise<PortRow> {
  const { network, binding = unbound } = draft;
  await deps.quotas[draft.byCloud ? 'note' : 'take'](db, draft.projectId, 'port');
  const now = isoMicros(deps.clock.now());
  const up = draft.adminStateUp ?? true;
  const mac = await macFor(db, deps, draft);
  const row: PortRow = {
    id: draft.id ?? deps.ids.uuid(),
    project_id: draft.projectId,
    description: draft.description ?? '',
    tags: '[]',
    created_at: now,
    updated_at: now,
    revision_number: 1,
    name: draft.name ?? '',
    network_id: network.id,
    mac_address: mac,
    admin_state_up: Number(up),
    status: binding.active && up ? 'ACTIVE' : 'DOWN',
    device_id: draft.deviceId,
    device_owner: draft.deviceOwner,
    port_security_enabled: Number(draft.portSecurity ?? false),
    host: draft.host ?? '',
    vnic_type: draft.vnicType ?? 'normal',
    vif_type: binding.vifType,
    binding_profile: JSON.stringify(draft.profile ?? {}),
    vif_details: JSON.stringify(binding.vifDetails),
    allowed_address_pairs: JSON.stringify(draft.pairs?.(mac) ?? []),
    extra_dhcp_opts: JSON.stringify(draft.dhcpOptions ?? []),
  };
  await insertPort(db, row);
  const port = { portId: row.id, networkId: network.id, mac: row.mac_address, deviceOwner: row.device_owner };
  const addresses = await allocate(db, port, draft.fixedIps, deps.maxFixedIps);
  const groups = (await draft.groups?.(addresses)) ?? [];
  await addGroups(db, row.id, groups);
  told.ports.add(row.id);
  told.dhcpNetworks.add(network.id);
  for (const group of groups) told.securityGroups.add(group);
  return row;
}

async function macFor(db: Db, { ids, baseMac }: MakePortDeps, { mac, network }: PortDraft): Promise<string> {
  if (mac !== undefined) {
    if (await findByMac(db, network.id, mac)) throw errors.macInUse(network.id, mac);
    return mac;
  }
  const base = baseMac.toLowerCase().split(':');
  const fixed = base[3] === undefined || base[3] === '00' ? 3 : 4;
  return [...base.slice(0, fixed), ...ids.mac().split(':').slice(fixed)].join(':');
}
