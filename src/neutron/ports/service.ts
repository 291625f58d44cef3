import type { Clock } from '#common/clock.ts';
import type { Caller, Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, UpdateOf, View } from '../api/resource.ts';
import type { Changes } from '../changes.ts';
import { errors } from '../errors.ts';
import type { Allocated } from '../ipam/allocator.ts';
import { findNetwork } from '../networks/rows.ts';
import type { NovaEvents } from '../nova-notifier/events.ts';
import type { QuotaService } from '../quotas/service.ts';
import type { GroupService } from '../security-groups/group-service.ts';
import type { Db, Store } from '../store.ts';
import type { NetworkRow, PortRow } from '../tables.ts';
import type { Binder } from './binder.ts';
import { makePort, type MakePortDeps } from './make.ts';
import { removePorts } from './remove.ts';
import { findPort, findPorts, listPorts, lockPort } from './rows.ts';
import { checkSecurity, completePairs, isTrusted, mergeDhcpOptions } from './rules.ts';
import type { portAttributes } from './schema.ts';
import { changePort } from './update.ts';
import { portViews } from './view.ts';

type Attributes = typeof portAttributes;

export interface PortServiceDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly quotas: QuotaService;
  readonly making: MakePortDeps;
  readonly binder: Binder;
  readonly groups: GroupService;
  readonly novaEvents: NovaEvents;
  /** `max_allowed_address_pair` */
  readonly maxPairs: number;
}

/** How often a generated MAC address may turn out to be taken. */
const macRetries = 16;

const wiredByOthers = [
  'network:router_interface',
  'network:router_gateway',
  'network:floatingip',
  'neutron:LOADBALANCER',
];

export class PortService implements ResourceService<Attributes> {
  readonly #deps: PortServiceDeps;

  constructor(deps: PortServiceDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return errors.portNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const db = this.#deps.store.query;
    const rows = await listPorts(db, scope, query);
    if (!rows) throw errors.portNotFound(query.marker ?? '');
    return portViews(db, rows);
  }

  async create(caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    const { store } = this.#deps;
    const rows = await store.write(
      async (db, told) => {
        const made: PortRow[] = [];
        for (const item of items) made.push(await this.#createOne(db, told, caller, item));
        return made;
      },
      { duplicateRetries: macRetries },
    );
    return portViews(store.query, rows);
  }

  async update(caller: Caller, current: View, changes: UpdateOf<Attributes>): Promise<View> {
    const { store } = this.#deps;
    const id = current['id'] as string;
    await store.write(
      async (db, told) => {
        const row = await lockPort(db, id);
        if (!row) throw errors.portNotFound(id);
        const network = await findNetwork(db, row.network_id);
        if (!network) throw errors.networkNotFound(row.network_id);
        if (changes.device_owner !== undefined)
          refuseForeignOwner(caller, network, changes.device_owner, 'update_port');
        await changePort(db, told, this.#deps, { caller, row, network, changes });
      },
      { duplicateRetries: 1 },
    );
    const [row] = await findPorts(store.query, [id]);
    const [view] = await portViews(store.query, row ? [row] : []);
    if (!view) throw errors.portNotFound(id);
    return view;
  }

  async remove(_caller: Caller, current: View): Promise<void> {
    const { store, quotas, novaEvents } = this.#deps;
    const id = current['id'] as string;
    await store.write(async (db, told) => {
      const row = await lockPort(db, id);
      if (!row) throw errors.portNotFound(id);
      if (wiredByOthers.includes(row.device_owner)) throw errors.servicePortInUse(id, row.device_owner);
      await novaEvents.deleted(db, told, row);
      await removePorts(db, told, quotas, [row]);
    });
  }

  /** One that the caller may use, for routers and floating IPs. @throws ApiError 404 */
  async usable(db: Db, caller: Caller, id: string): Promise<PortRow> {
    const row = await findPort(db, id, caller.scope);
    if (!row) throw errors.portNotFound(id);
    return row;
  }

  async #createOne(db: Db, told: Changes, caller: Caller, item: CreateOf<Attributes>): Promise<PortRow> {
    const { making, binder, groups, maxPairs, novaEvents } = this.#deps;
    const network = await findNetwork(db, item.network_id, caller.scope);
    if (!network) throw errors.networkNotFound(item.network_id);
    refuseForeignOwner(caller, network, item.device_owner, 'create_port');
    const trusted = isTrusted(item.device_owner);
    const portSecurity = item.port_security_enabled ?? (!trusted && network.port_security_enabled === 1);
    const host = item['binding:host_id'] ?? '';
    const pairs = item.allowed_address_pairs;
    const groupsFor = async (addresses: readonly Allocated[]): Promise<readonly string[]> => {
      checkSecurity({ portSecurity, groups: item.security_groups, pairs, addresses });
      if (item.security_groups !== undefined) return groups.usable(db, item.security_groups, caller, item.project_id);
      if (!portSecurity || trusted || addresses.length === 0) return [];
      return [await groups.ensureDefault(db, item.project_id)];
    };
    const binding = await binder.bind(db, network, host, item['binding:vnic_type']);
    const row = await makePort(db, told, making, {
      network,
      projectId: item.project_id,
      name: item.name,
      description: item.description,
      adminStateUp: item.admin_state_up,
      deviceId: item.device_id,
      deviceOwner: item.device_owner,
      ...(item.mac_address !== undefined && { mac: item.mac_address }),
      fixedIps: item.fixed_ips,
      groups: groupsFor,
      portSecurity,
      host,
      vnicType: item['binding:vnic_type'],
      profile: item['binding:profile'] ?? {},
      binding,
      pairs: (mac) => completePairs(pairs, mac, maxPairs),
      dhcpOptions: mergeDhcpOptions([], item.extra_dhcp_opts),
    });
    if (row.status === 'ACTIVE') await novaEvents.statusChanged(db, told, [{ ...row, status: 'DOWN' }], 'ACTIVE');
    if (!trusted) told.scheduleNetworks.add(network.id);
    return row;
  }
}

/** Only administrators and the network's owner make ports that the cloud's own devices would trust. */
function refuseForeignOwner(caller: Caller, network: NetworkRow, deviceOwner: string, rule: string): void {
  if (!isTrusted(deviceOwner) || caller.isAdmin || network.project_id === caller.ctx.projectId) return;
  throw errors.notAuthorized(`(rule:${rule} and rule:${rule}:device_owner)`);
}
