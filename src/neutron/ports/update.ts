import { isoMicros } from '#common/clock.ts';
import type { Caller } from '../api/access.ts';
import type { UpdateOf } from '../api/resource.ts';
import type { Changes } from '../changes.ts';
import { errors } from '../errors.ts';
import { reallocate, type Allocated } from '../ipam/allocator.ts';
import type { Db } from '../store.ts';
import type { NetworkRow, PortRow } from '../tables.ts';
import { addressesOf, findByMac, groupsOf, setGroups, updatePort } from './rows.ts';
import { checkSecurity, completePairs, mergeDhcpOptions } from './rules.ts';
import type { AddressPair, DhcpOption, portAttributes } from './schema.ts';
import type { PortServiceDeps } from './service.ts';

export interface PortChange {
  readonly caller: Caller;
  /** Held by the transaction. */
  readonly row: PortRow;
  readonly network: NetworkRow;
  readonly changes: UpdateOf<typeof portAttributes>;
}

/** Applies a PUT to a port within a transaction. @throws ApiError */
export async function changePort(db: Db, told: Changes, deps: PortServiceDeps, change: PortChange): Promise<void> {
  const { row, network, changes } = change;
  const next: { -readonly [K in keyof PortRow]?: PortRow[K] } = plainColumns(changes);
  const mac = changes.mac_address ?? row.mac_address;
  if (mac !== row.mac_address) {
    if (await findByMac(db, network.id, mac)) throw errors.macInUse(network.id, mac);
    next.mac_address = mac;
  }
  const before = await currentAddresses(db, row.id);
  const port = { portId: row.id, networkId: network.id, mac, deviceOwner: changes.device_owner ?? row.device_owner };
  const addresses =
    changes.fixed_ips === undefined
      ? before
      : await reallocate(db, port, before, changes.fixed_ips, deps.making.maxFixedIps);
  await applySecurity(db, told, deps, change, { next, mac, addresses });
  await applyBinding(db, deps, change, next);
  const status = statusAfter(row, next);
  if (status !== row.status) next.status = status;
  await updatePort(db, row.id, { ...next, updated_at: isoMicros(deps.clock.now()) });

  told.ports.add(row.id);
  told.dhcpNetworks.add(network.id);
  if (row.device_owner.startsWith('network:router_')) told.routers.add(row.device_id);
  const after = { ...row, ...next };
  await deps.novaEvents.statusChanged(db, told, [{ ...after, status: row.status }], after.status);
  const moved = keysOf(before) !== keysOf(addresses) || mac !== row.mac_address;
  if (moved) await deps.novaEvents.dataChanged(db, told, [after]);
  if (!after.device_owner.startsWith('network:')) told.scheduleNetworks.add(network.id);
}

async function currentAddresses(db: Db, portId: string): Promise<readonly Allocated[]> {
  const rows = await addressesOf(db, [portId]);
  return rows.map(({ subnet_id, ip_address }) => ({ subnetId: subnet_id, key: ip_address }));
}

const keysOf = (addresses: readonly Allocated[]): string =>
  addresses
    .map(({ subnetId, key }) => `${subnetId} ${key}`)
    .sort()
    .join();

function plainColumns(changes: PortChange['changes']): Partial<PortRow> {
  return {
    ...(changes.name !== undefined && { name: changes.name }),
    ...(changes.description !== undefined && { description: changes.description }),
    ...(changes.admin_state_up !== undefined && { admin_state_up: Number(changes.admin_state_up) }),
    ...(changes.device_id !== undefined && { device_id: changes.device_id }),
    ...(changes.device_owner !== undefined && { device_owner: changes.device_owner }),
    ...(changes['binding:profile'] !== undefined && {
      binding_profile: JSON.stringify(changes['binding:profile'] ?? {}),
    }),
  };
}

async function applySecurity(
  db: Db,
  told: Changes,
  deps: PortServiceDeps,
  { caller, row, changes }: PortChange,
  ready: { readonly next: Partial<PortRow>; readonly mac: string; readonly addresses: readonly Allocated[] },
): Promise<void> {
  const { next, mac, addresses } = ready;
  const groups = (await groupsOf(db, [row.id])).map((group) => group.security_group_id);
  const portSecurity = changes.port_security_enabled ?? row.port_security_enabled === 1;
  const wanted = changes.security_groups;
  const pairs = changes.allowed_address_pairs ?? (JSON.parse(row.allowed_address_pairs) as AddressPair[]);
  if (wanted === undefined && groups.length > 0 && (!portSecurity || addresses.length === 0))
    throw errors.portHasGroups();
  checkSecurity({ portSecurity, groups: wanted, pairs, addresses });
  if (wanted !== undefined)
    await setGroups(db, row.id, await deps.groups.usable(db, wanted, caller, row.project_id, groups));
  if (changes.allowed_address_pairs !== undefined)
    next.allowed_address_pairs = JSON.stringify(completePairs(changes.allowed_address_pairs, mac, deps.maxPairs));
  if (changes.port_security_enabled !== undefined) next.port_security_enabled = Number(portSecurity);
  if (changes.extra_dhcp_opts !== undefined)
    next.extra_dhcp_opts = JSON.stringify(
      mergeDhcpOptions(JSON.parse(row.extra_dhcp_opts) as DhcpOption[], changes.extra_dhcp_opts),
    );
  for (const group of new Set([...groups, ...(wanted ?? [])])) told.securityGroups.add(group);
}

async function applyBinding(
  db: Db,
  deps: PortServiceDeps,
  { row, network, changes }: PortChange,
  next: { -readonly [K in keyof PortRow]?: PortRow[K] },
): Promise<void> {
  const host = changes['binding:host_id'] === undefined ? row.host : (changes['binding:host_id'] ?? '');
  const vnicType = changes['binding:vnic_type'] ?? row.vnic_type;
  const asked = ['binding:host_id', 'binding:vnic_type', 'binding:profile'].some((name) => name in changes);
  const moved = host !== row.host || vnicType !== row.vnic_type;
  // Asking again is how a caller retries a binding that failed while the host's agent was dead.
  if (!moved && !(asked && row.vif_type === 'binding_failed')) return;
  const binding = await deps.binder.bind(db, network, host, vnicType);
  next.host = host;
  next.vnic_type = vnicType;
  next.vif_type = binding.vifType;
  next.vif_details = JSON.stringify(binding.vifDetails);
  next.status = binding.active ? 'ACTIVE' : 'DOWN';
}

function statusAfter(row: PortRow, next: Partial<PortRow>): string {
  const up = (next.admin_state_up ?? row.admin_state_up) === 1;
  return up ? (next.status ?? row.status) : 'DOWN';
}
