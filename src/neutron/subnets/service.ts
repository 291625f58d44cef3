import { isoMicros, type Clock } from '#common/clock.ts';
import { isForeignKeyViolation } from '#common/db/errors.ts';
import type { Ids } from '#common/ids.ts';
import type { Caller, Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, UpdateOf, View } from '../api/resource.ts';
import { standardColumns } from '../api/standard-view.ts';
import type { Changes } from '../changes.ts';
import { errors } from '../errors.ts';
import { formatCidr, keyText, overlaps, parseCidr, textKey, type Cidr, type Range } from '../ipam/address.ts';
import { addAutoAddresses, isAutoAddressed } from '../ipam/allocator.ts';
import { deleteAllocation, lockSubnets, poolsOf, setPools } from '../ipam/rows.ts';
import { findNetwork, lockNetwork, updateNetwork } from '../networks/rows.ts';
import { portsOfNetwork } from '../ports/rows.ts';
import type { QuotaService } from '../quotas/service.ts';
import type { Db, Store } from '../store.ts';
import { poolOf, takeFromPool } from '../subnetpools/allocate.ts';
import type { SubnetPoolRow, SubnetRow } from '../tables.ts';
import { checkGateway, checkGatewayOutside, defaultGateway, defaultPools, parsePools } from './layout.ts';
import {
  cidrsOf,
  deleteSubnetRow,
  findSubnets,
  holderOf,
  insertSubnet,
  listSubnets,
  routersOnNetwork,
  updateSubnet,
  usersOf,
} from './rows.ts';
import type { subnetAttributes } from './schema.ts';
import { subnetViews } from './view.ts';

type Attributes = typeof subnetAttributes;

export interface SubnetServiceDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly quotas: QuotaService;
  /** `allow_overlapping_ips`: whether subnets of different networks may overlap. */
  readonly allowOverlaps: boolean;
  /** `max_dns_nameservers`, `max_subnet_host_routes` */
  readonly maxNameservers: number;
  readonly maxHostRoutes: number;
}

export class SubnetService implements ResourceService<Attributes> {
  readonly #deps: SubnetServiceDeps;

  constructor(deps: SubnetServiceDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return errors.subnetNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const db = this.#deps.store.query;
    const rows = await listSubnets(db, scope, query);
    if (!rows) throw errors.subnetNotFound(query.marker ?? '');
    return subnetViews(db, rows);
  }

  async create(caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    const { store } = this.#deps;
    const rows = await store.write(async (db, told) => {
      const made: SubnetRow[] = [];
      for (const item of items) made.push(await this.#createOne(db, told, caller, item));
      return made;
    });
    return subnetViews(store.query, rows);
  }

  async update(_caller: Caller, current: View, changes: UpdateOf<Attributes>): Promise<View> {
    const { store } = this.#deps;
    const id = current['id'] as string;
    await store.write(async (db, told) => {
      const row = (await lockSubnets(db, current['network_id'] as string)).find((one) => one.id === id);
      if (!row) throw errors.subnetNotFound(id);
      await this.#change(db, told, row, changes);
    });
    const [view] = await subnetViews(store.query, await findSubnets(store.query, [id]));
    if (!view) throw errors.subnetNotFound(id);
    return view;
  }

  async remove(_caller: Caller, current: View): Promise<void> {
    const id = current['id'] as string;
    const networkId = current['network_id'] as string;
    const { store, quotas } = this.#deps;
    try {
      await store.write(async (db, told) => {
        await lockNetwork(db, networkId);
        const row = (await lockSubnets(db, networkId)).find((one) => one.id === id);
        if (!row) throw errors.subnetNotFound(id);
        const users = await usersOf(db, id);
        // The cloud's DHCP servers go along, and addresses that hosts gave themselves.
        const others = users.filter(
          ({ device_owner: owner }) =>
            owner !== 'network:dhcp' && (!isAutoAddressed(row) || owner.startsWith('network:router')),
        );
        if (others.length > 0) throw errors.subnetInUse(id);
        for (const user of users) {
          await deleteAllocation(db, id, user.ip_address);
          told.ports.add(user.port_id);
        }
        await deleteSubnetRow(db, id);
        await quotas.giveBack(db, row.project_id, 'subnet');
        await updateNetwork(db, networkId, {});
        told.dhcpNetworks.add(networkId);
      });
    } catch (error) {
      if (isForeignKeyViolation(error)) throw errors.subnetInUse(id);
      throw error;
    }
  }

  async #createOne(db: Db, told: Changes, caller: Caller, item: CreateOf<Attributes>): Promise<SubnetRow> {
    const { clock, ids, quotas } = this.#deps;
    await quotas.take(db, item.project_id, 'subnet');
    if (!(await findNetwork(db, item.network_id, caller.scope))) throw errors.networkNotFound(item.network_id);
    // Held: two overlapping subnets must not be made at once.
    if (!(await lockNetwork(db, item.network_id))) throw errors.networkNotFound(item.network_id);
    const pool = await poolOf(db, caller.scope, item);
    const cidr = await cidrFor(db, item, pool);
    this.#checkLists(`new subnet`, item.dns_nameservers, item.host_routes);
    checkModes(item);
    await this.#checkOverlap(db, item.network_id, cidr);
    await checkAffinity(db, item.network_id, cidr, pool);
    const gateway = item.gateway_ip === undefined ? defaultGateway(cidr) : item.gateway_ip;
    if (gateway !== null) checkGateway(cidr, gateway);
    const pools = item.allocation_pools ? parsePools(cidr, item.allocation_pools) : defaultPools(cidr, gateway);
    if (item.allocation_pools) checkGatewayOutside(cidr, gateway, pools);
    const row: SubnetRow = {
      ...standardColumns(item, { id: ids.uuid(), clock, revision: 0 }),
      name: item.name,
      network_id: item.network_id,
      ip_version: cidr.version,
      cidr: formatCidr(cidr),
      subnetpool_id: pool?.id ?? null,
      gateway_ip: gateway,
      enable_dhcp: Number(item.enable_dhcp),
      ipv6_ra_mode: item.ipv6_ra_mode,
      ipv6_address_mode: item.ipv6_address_mode,
      dns_nameservers: JSON.stringify(item.dns_nameservers),
      host_routes: JSON.stringify(item.host_routes),
      service_types: JSON.stringify(item.service_types),
    };
    await insertSubnet(db, row);
    await setPools(db, row.id, cidr.version, pools);
    if (isAutoAddressed(row)) await this.#addressExisting(db, told, row);
    await updateNetwork(db, item.network_id, {});
    await this.#tell(db, told, item.network_id);
    return row;
  }

  async #addressExisting(db: Db, told: Changes, row: SubnetRow): Promise<void> {
    const ports = (await portsOfNetwork(db, row.network_id)).filter((port) => port.device_owner !== 'network:dhcp');
    for (const { id } of ports) told.ports.add(id);
    await addAutoAddresses(
      db,
      row,
      ports.map((port) => ({
        portId: port.id,
        networkId: row.network_id,
        mac: port.mac_address,
        deviceOwner: port.device_owner,
      })),
    );
  }

  async #change(db: Db, told: Changes, row: SubnetRow, changes: UpdateOf<Attributes>): Promise<void> {
    const cidr = parseCidr(row.cidr) as Cidr;
    this.#checkLists(row.id, changes.dns_nameservers ?? [], changes.host_routes ?? []);
    if (changes.enable_dhcp === false && (row.ipv6_ra_mode ?? row.ipv6_address_mode))
      throw errors.invalidInput('ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False');
    const gateway = changes.gateway_ip === undefined ? row.gateway_ip : changes.gateway_ip;
    const pools = changes.allocation_pools && parsePools(cidr, changes.allocation_pools);
    if (gateway !== row.gateway_ip) {
      if (gateway !== null) checkGateway(cidr, gateway);
      await refuseUsedGateway(db, row);
    }
    if (gateway !== row.gateway_ip || pools)
      checkGatewayOutside(cidr, gateway, pools ?? (await poolRanges(db, row.id)));
    if (pools) await setPools(db, row.id, cidr.version, pools);
    await updateSubnet(db, row.id, {
      ...(changes.name !== undefined && { name: changes.name }),
      ...(changes.description !== undefined && { description: changes.description }),
      ...(changes.gateway_ip !== undefined && { gateway_ip: gateway }),
      ...(changes.enable_dhcp !== undefined && { enable_dhcp: Number(changes.enable_dhcp) }),
      ...(changes.dns_nameservers !== undefined && { dns_nameservers: JSON.stringify(changes.dns_nameservers) }),
      ...(changes.host_routes !== undefined && { host_routes: JSON.stringify(changes.host_routes) }),
      ...(changes.service_types !== undefined && { service_types: JSON.stringify(changes.service_types) }),
      updated_at: isoMicros(this.#deps.clock.now()),
    });
    await this.#tell(db, told, row.network_id);
  }

  async #checkOverlap(db: Db, networkId: string, cidr: Cidr): Promise<void> {
    for (const other of await cidrsOf(db, this.#deps.allowOverlaps ? networkId : null)) {
      const taken = parseCidr(other.cidr);
      if (taken && taken.version === cidr.version && overlaps(taken, cidr))
        throw errors.invalidInput(
          `Requested subnet with cidr: ${formatCidr(cidr)} for network: ${networkId} overlaps with another subnet`,
        );
    }
  }

  #checkLists(id: string, nameservers: readonly unknown[], routes: readonly unknown[]): void {
    const { maxNameservers, maxHostRoutes } = this.#deps;
    if (nameservers.length > maxNameservers) throw errors.nameserversExhausted(id, maxNameservers);
    if (routes.length > maxHostRoutes) throw errors.hostRoutesExhausted(id, maxHostRoutes);
  }

  async #tell(db: Db, told: Changes, networkId: string): Promise<void> {
    told.dhcpNetworks.add(networkId);
    for (const router of await routersOnNetwork(db, networkId)) told.routers.add(router);
  }
}

/** What the caller wrote, or addresses of the pool. */
async function cidrFor(db: Db, item: CreateOf<Attributes>, pool: SubnetPoolRow | null): Promise<Cidr> {
  if (item.cidr !== undefined && item.prefixlen !== undefined)
    throw errors.badRequest('subnets', 'cidr and prefixlen must not be supplied together');
  if (pool && item.cidr === undefined) {
    if (item.allocation_pools)
      throw errors.badRequest('subnets', 'allocation_pools allowed only for specific subnet requests');
    return takeFromPool(db, pool, item.project_id, { prefix: item.prefixlen });
  }
  const cidr = writtenCidr(item);
  return pool ? takeFromPool(db, pool, item.project_id, { cidr }) : cidr;
}

function writtenCidr(item: CreateOf<Attributes>): Cidr {
  if (item.cidr === undefined)
    throw errors.badRequest('subnets', 'a subnetpool must be specified in the absence of a cidr');
  const cidr = parseCidr(item.cidr) as Cidr;
  if (cidr.version !== item.ip_version)
    throw errors.invalidInput(`cidr '${item.cidr}' does not match the ip_version '${item.ip_version}'`);
  if (cidr.prefix === 0) throw errors.invalidInput(`0 is not allowed as CIDR prefix length`);
  return cidr;
}

/** Subnets of one network and IP version come from one pool, or from none. @throws ApiError 400 */
async function checkAffinity(db: Db, networkId: string, cidr: Cidr, pool: SubnetPoolRow | null): Promise<void> {
  const others = (await cidrsOf(db, networkId)).filter((other) => parseCidr(other.cidr)?.version === cidr.version);
  if (others.some((other) => other.subnetpool_id !== (pool?.id ?? null))) throw errors.poolsOfOneNetwork();
}

function checkModes({
  ipv6_ra_mode: ra,
  ipv6_address_mode: address,
  ip_version,
  enable_dhcp,
}: CreateOf<Attributes>): void {
  if (ra === null && address === null) return;
  if (ip_version === 4)
    throw errors.invalidInput('ipv6_ra_mode and ipv6_address_mode are not valid when ip_version is 4');
  if (!enable_dhcp)
    throw errors.invalidInput('ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False');
  if (ra !== null && address !== null && ra !== address)
    throw errors.invalidInput(
      `ipv6_ra_mode set to '${ra}' with ipv6_address_mode set to '${address}' is not valid. If both attributes are set, they must be the same value`,
    );
}

/** A router stands at the old gateway address: hosts would lose it. */
async function refuseUsedGateway(db: Db, row: SubnetRow): Promise<void> {
  const key = row.gateway_ip === null ? null : textKey(row.gateway_ip);
  const holder = key === null ? undefined : await holderOf(db, row.id, key);
  if (key !== null && holder?.device_owner.startsWith('network:router_'))
    throw errors.gatewayIpInUse(keyText(key), holder.port_id);
}

async function poolRanges(db: Db, subnetId: string): Promise<readonly Range[]> {
  return (await poolsOf(db, [subnetId])).map(({ first_ip, last_ip }) => ({
    first: BigInt(`0x${first_ip}`),
    last: BigInt(`0x${last_ip}`),
  }));
}
