import { errors } from '../errors.ts';
import type { Db } from '../store.ts';
import type { AllocationRow, SubnetRow } from '../tables.ts';
import { contains, eui64, formatIp, ipKey, keyText, parseCidr, parseIp, type Cidr, type IpVersion } from './address.ts';
import {
  deleteAllocation,
  findAllocation,
  giveBack,
  insertAllocations,
  lockSubnets,
  takeAddress,
  takeLowest,
} from './rows.ts';

/** An address as a request asks for it: by subnet, by address, or both. */
export interface FixedIpRequest {
  readonly subnet_id?: string;
  readonly ip_address?: string;
}

/** Which addresses: those; undefined: one of every IP version that the network has; `ipv4`: one of that version. */
export type Wish = readonly FixedIpRequest[] | 'ipv4' | undefined;

/** An address of a port. */
export interface Allocated {
  readonly subnetId: string;
  /** Key of the address. */
  readonly key: string;
}

export interface PortAddresses {
  readonly portId: string;
  readonly networkId: string;
  readonly mac: string;
  readonly deviceOwner: string;
}

/** Subnets whose hosts form their addresses themselves (SLAAC): a port's address follows from its MAC address. */
export const isAutoAddressed = (subnet: SubnetRow): boolean =>
  subnet.ipv6_address_mode === 'slaac' || subnet.ipv6_address_mode === 'dhcpv6-stateless';

const isRouter = (owner: string): boolean =>
  owner === 'network:router_interface' || owner === 'network:router_gateway' || owner === 'network:floatingip';

const cidrOf = (subnet: SubnetRow): Cidr => {
  const cidr = parseCidr(subnet.cidr);
  if (!cidr) throw new Error(`Subnet ${subnet.id} has the CIDR "${subnet.cidr}"`);
  return cidr;
};

/**
 * Gives a port its addresses and records them.
 * @param max `max_fixed_ips_per_port`
 * @throws ApiError 400 for an address or subnet that is not the network's, 409 when it is in use or none is left
 */
export async function allocate(db: Db, port: PortAddresses, wish: Wish, max: number): Promise<readonly Allocated[]> {
  if (wish?.length === 0) return [];
  const subnets = await lockSubnets(db, port.networkId);
  const chosen =
    typeof wish === 'object'
      ? await chooseRequested(db, port, subnets, wish)
      : await chooseAny(db, port, subnets, wish === 'ipv4' ? [4] : [4, 6]);
  if (chosen.length > max) throw errors.invalidInput('Exceeded maximum amount of fixed ips per port');
  await record(db, port, chosen, 0);
  return chosen;
}

/**
 * Changes a port's addresses to the requested ones; what is asked for and there already stays.
 * @throws as `allocate`
 */
export async function reallocate(
  db: Db,
  port: PortAddresses,
  current: readonly Allocated[],
  requested: readonly FixedIpRequest[],
  max: number,
): Promise<readonly Allocated[]> {
  const subnets = await lockSubnets(db, port.networkId);
  const left = [...current];
  const kept: Allocated[] = [];
  const claim = (matches: (have: Allocated) => boolean): boolean => {
    const index = left.findIndex(matches);
    if (index < 0) return false;
    kept.push(...left.splice(index, 1));
    return true;
  };
  // Exact addresses first, so that a bare subnet does not claim one that somebody names.
  const inexact = requested.filter((wanted) => {
    const ip = wanted.ip_address === undefined ? null : parseIp(wanted.ip_address);
    if (!ip) return true;
    const key = ipKey(ip.version, ip.value);
    return !claim((have) => have.key === key && (wanted.subnet_id ?? have.subnetId) === have.subnetId);
  });
  const fresh = inexact.filter(
    (wanted) => wanted.ip_address !== undefined || !claim((have) => have.subnetId === wanted.subnet_id),
  );
  if (kept.length + fresh.length > max) throw errors.invalidInput('Exceeded maximum amount of fixed ips per port');
  for (const gone of left) await release(db, gone);
  const added = await chooseRequested(db, port, subnets, fresh);
  await record(db, port, added, current.length);
  return [...kept, ...added];
}

/** Records the addresses that hosts which are there already give themselves in a new subnet. The subnet is held. */
export async function addAutoAddresses(db: Db, subnet: SubnetRow, ports: readonly PortAddresses[]): Promise<void> {
  for (const port of ports.filter(({ deviceOwner }) => !isRouter(deviceOwner)))
    // Behind all others that the port has.
    await record(db, port, [await autoAddress(db, port, subnet)], lastPosition);
}
const lastPosition = 1000;

/** Frees addresses of a port that goes. The caller holds nothing: the subnets are locked here. */
export async function releaseAll(db: Db, networkId: string, addresses: readonly Allocated[]): Promise<void> {
  if (addresses.length === 0) return;
  await lockSubnets(db, networkId);
  for (const address of addresses) await release(db, address);
}

async function release(db: Db, { subnetId, key }: Allocated): Promise<void> {
  await deleteAllocation(db, subnetId, key);
  await giveBack(db, subnetId, key);
}

function record(db: Db, port: PortAddresses, chosen: readonly Allocated[], from: number): Promise<void> {
  const rows: AllocationRow[] = chosen.map(({ subnetId, key }, index) => ({
    network_id: port.networkId,
    subnet_id: subnetId,
    ip_address: key,
    port_id: port.portId,
    position: from + index,
  }));
  return insertAllocations(db, rows);
}

/** One address of each version from the first subnet that has one left, and one of every self-addressed subnet. */
async function chooseAny(
  db: Db,
  port: PortAddresses,
  subnets: readonly SubnetRow[],
  versions: readonly IpVersion[],
): Promise<Allocated[]> {
  const chosen: Allocated[] = [];
  for (const version of versions) {
    const candidates = subnets.filter((subnet) => subnet.ip_version === version && !isAutoAddressed(subnet));
    const found = await firstWithSpace(db, candidates);
    if (found) chosen.push(found);
    else if (candidates.length > 0) throw errors.addressesExhausted(port.networkId);
  }
  if (!isRouter(port.deviceOwner))
    for (const subnet of subnets.filter(isAutoAddressed)) chosen.push(await autoAddress(db, port, subnet));
  return chosen;
}

async function firstWithSpace(db: Db, subnets: readonly SubnetRow[]): Promise<Allocated | null> {
  for (const { id } of subnets) {
    const key = await takeLowest(db, id);
    if (key !== null) return { subnetId: id, key };
  }
  return null;
}

async function chooseRequested(
  db: Db,
  port: PortAddresses,
  subnets: readonly SubnetRow[],
  requested: readonly FixedIpRequest[],
): Promise<Allocated[]> {
  const chosen: Allocated[] = [];
  // Named addresses before free choices: the choice must not take what a later line names.
  const ordered = [...requested].sort(
    (a, b) => Number(a.ip_address === undefined) - Number(b.ip_address === undefined),
  );
  for (const wanted of ordered) {
    if (wanted.ip_address !== undefined) {
      chosen.push(await takeNamed(db, port, subnets, wanted.ip_address, wanted.subnet_id));
      continue;
    }
    if (wanted.subnet_id === undefined) throw errors.invalidInput('IP allocation requires subnet_id or ip_address');
    const subnet = subnetOf(subnets, wanted.subnet_id, port.networkId);
    if (isAutoAddressed(subnet) && !isRouter(port.deviceOwner)) chosen.push(await autoAddress(db, port, subnet));
    else {
      const key = await takeLowest(db, subnet.id);
      if (key === null) throw errors.addressesExhausted(port.networkId);
      chosen.push({ subnetId: subnet.id, key });
    }
  }
  return chosen;
}

function subnetOf(subnets: readonly SubnetRow[], id: string, networkId: string): SubnetRow {
  const subnet = subnets.find((one) => one.id === id);
  if (!subnet)
    throw errors.invalidInput(
      `Failed to create port on network ${networkId}, because fixed_ips included invalid subnet ${id}`,
    );
  return subnet;
}

async function takeNamed(
  db: Db,
  port: PortAddresses,
  subnets: readonly SubnetRow[],
  text: string,
  subnetId: string | undefined,
): Promise<Allocated> {
  const ip = parseIp(text);
  if (!ip) throw errors.ipNotOnNetwork(text);
  const candidates = subnetId === undefined ? subnets : [subnetOf(subnets, subnetId, port.networkId)];
  const subnet = candidates.find((one) => one.ip_version === ip.version && contains(cidrOf(one), ip.value));
  if (!subnet) throw subnetId === undefined ? errors.ipNotOnNetwork(text) : errors.ipNotOnSubnet(text);
  const cidr = cidrOf(subnet);
  // Network and broadcast address are no host's, except on point-to-point prefixes.
  const edge = ip.version === 4 && cidr.prefix < 31 && (ip.value === cidr.first || ip.value === cidr.last);
  if (edge) throw errors.ipNotOnSubnet(text);
  const key = ipKey(ip.version, ip.value);
  if (await findAllocation(db, subnet.id, key)) throw errors.ipInUse(port.networkId, formatIp(ip.version, ip.value));
  await takeAddress(db, subnet.id, key);
  return { subnetId: subnet.id, key };
}

async function autoAddress(db: Db, port: PortAddresses, subnet: SubnetRow): Promise<Allocated> {
  const key = ipKey(6, eui64(cidrOf(subnet).first, port.mac));
  if (await findAllocation(db, subnet.id, key)) throw errors.ipInUse(port.networkId, keyText(key));
  await takeAddress(db, subnet.id, key);
  return { subnetId: subnet.id, key };
}
