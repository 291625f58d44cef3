import { isoMicros, type Clock } from '#common/clock.ts';
import { isForeignKeyViolation } from '#common/db/errors.ts';
import type { Ids } from '#common/ids.ts';
import { type Caller, type Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, UpdateOf, View } from '../api/resource.ts';
import { standardColumns } from '../api/standard-view.ts';
import type { Changes } from '../changes.ts';
import { errors } from '../errors.ts';
import { deleteFloatingIpRow, idleFloatingIpsOf } from '../floatingips/rows.ts';
import type { TypeManager } from '../ml2/type-manager.ts';
import { removePorts } from '../ports/remove.ts';
import { findPort, portsOfNetwork } from '../ports/rows.ts';
import type { QuotaService } from '../quotas/service.ts';
import type { NetworkType, Segment } from '../rpc.ts';
import type { Db, Store } from '../store.ts';
import { deleteSubnets } from '../subnets/rows.ts';
import type { NetworkRow } from '../tables.ts';
import {
  deleteNetworkRow,
  findNetwork,
  findNetworks,
  insertNetwork,
  listNetworks,
  lockNetwork,
  updateNetwork,
  usedByOthers,
} from './rows.ts';
import type { networkAttributes } from './schema.ts';
import { segmentOf } from './segment.ts';
import { networkViews } from './view.ts';

type Attributes = typeof networkAttributes;
const providerNames = ['provider:network_type', 'provider:physical_network', 'provider:segmentation_id'] as const;

export interface NetworkServiceDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly types: TypeManager;
  readonly quotas: QuotaService;
  /** `external_network_type`: what an external network without provider attributes becomes; null: as any other. */
  readonly externalNetworkType: NetworkType | null;
}

/** Ports that the cloud made for itself go with their network. */
const autoDeleted = ['network:dhcp'];

export class NetworkService implements ResourceService<Attributes> {
  readonly #deps: NetworkServiceDeps;

  constructor(deps: NetworkServiceDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return errors.networkNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const db = this.#deps.store.query;
    const rows = await listNetworks(db, scope, query);
    if (!rows) throw errors.networkNotFound(query.marker ?? '');
    return networkViews(db, rows);
  }

  async create(_caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    const { store } = this.#deps;
    const ids = await store.write(
      async (db) => {
        const made: string[] = [];
        for (const item of items) made.push(await this.#createOne(db, item));
        return made;
      },
      { duplicateRetries: 5 },
    );
    return this.#inOrder(ids);
  }

  async update(_caller: Caller, current: View, changes: UpdateOf<Attributes>): Promise<View> {
    const { store, clock, types } = this.#deps;
    const id = current['id'] as string;
    if (providerNames.some((name) => name in changes && changes[name] !== current[name]))
      throw errors.invalidInput('Plugin does not support updating provider attributes');
    await store.write(async (db, told) => {
      const row = await lockNetwork(db, id);
      if (!row) throw errors.networkNotFound(id);
      if (changes.shared === false && row.shared && (await usedByOthers(db, id, row.project_id)))
        throw errors.invalidSharedSetting(id);
      if (changes['router:external'] === false && row.external) {
        const outside = await portsOfNetwork(db, id, ['network:router_gateway', 'network:floatingip']);
        if (outside.length > 0) throw errors.externalNetworkInUse(id);
      }
      if (changes.mtu !== undefined) checkMtu(changes.mtu, types.mtuOf(row.network_type as NetworkType));
      await updateNetwork(db, id, {
        ...(changes.name !== undefined && { name: changes.name }),
        ...(changes.description !== undefined && { description: changes.description }),
        ...(changes.admin_state_up !== undefined && { admin_state_up: Number(changes.admin_state_up) }),
        ...(changes.shared !== undefined && { shared: Number(changes.shared) }),
        ...(changes['router:external'] !== undefined && { external: Number(changes['router:external']) }),
        ...(changes.is_default !== undefined && { is_default: Number(changes.is_default) }),
        ...(changes.mtu !== undefined && { mtu: changes.mtu || types.mtuOf(row.network_type as NetworkType) }),
        ...(changes.port_security_enabled !== undefined && {
          port_security_enabled: Number(changes.port_security_enabled),
        }),
        updated_at: isoMicros(clock.now()),
      });
      told.dhcpNetworks.add(id);
      if (changes.mtu !== undefined || changes.admin_state_up !== undefined)
        for (const port of await portsOfNetwork(db, id)) {
          told.ports.add(port.id);
          if (port.device_owner.startsWith('network:router_')) told.routers.add(port.device_id);
        }
    });
    const [view] = await this.#inOrder([id]);
    if (!view) throw errors.networkNotFound(id);
    return view;
  }

  async remove(_caller: Caller, current: View): Promise<void> {
    const id = current['id'] as string;
    try {
      await this.#deps.store.write((db, told) => this.#removeLocked(db, told, id));
    } catch (error) {
      // A port came between the look and the end.
      if (!isForeignKeyViolation(error)) throw error;
      const ports = await portsOfNetwork(this.#deps.store.query, id);
      throw errors.networkInUse(
        id,
        ports.map((port) => port.id),
      );
    }
  }

  /** The project of a network; null when there is none. */
  async owner(id: string): Promise<string | null> {
    return (await findNetwork(this.#deps.store.query, id))?.project_id ?? null;
  }

  async #removeLocked(db: Db, told: Changes, id: string): Promise<void> {
    const { quotas, types } = this.#deps;
    const row = await lockNetwork(db, id);
    if (!row) throw errors.networkNotFound(id);
    // Addresses that lead nowhere go with their network.
    for (const floating of await idleFloatingIpsOf(db, id)) {
      await quotas.giveBack(db, floating.project_id, 'floatingip');
      await deleteFloatingIpRow(db, floating.id);
      const outside = await findPort(db, floating.floating_port_id);
      if (outside) await removePorts(db, told, quotas, [outside]);
    }
    const ports = await portsOfNetwork(db, id);
    const others = ports.filter((port) => !autoDeleted.includes(port.device_owner));
    if (others.length > 0)
      throw errors.networkInUse(
        id,
        others.map((port) => port.id),
      );
    await removePorts(db, told, quotas, ports);
    for (const [project, amount] of await deleteSubnets(db, id)) await quotas.giveBack(db, project, 'subnet', amount);
    await deleteNetworkRow(db, id);
    await types.release(db, segmentOf(row));
    await quotas.giveBack(db, row.project_id, 'network');
    told.deletedNetworks.add(id);
    told.dhcpNetworks.add(id);
  }

  async #createOne(db: Db, item: CreateOf<Attributes>): Promise<string> {
    const { clock, ids, types, quotas } = this.#deps;
    await quotas.take(db, item.project_id, 'network');
    const segment = await this.#segmentFor(db, item);
    const most = types.mtuOf(segment.networkType);
    checkMtu(item.mtu ?? 0, most);
    const row: NetworkRow = {
      ...standardColumns(item, { id: ids.uuid(), clock, revision: 1 }),
      name: item.name,
      admin_state_up: Number(item.admin_state_up),
      status: 'ACTIVE',
      shared: Number(item.shared),
      external: Number(item['router:external']),
      is_default: Number(item.is_default),
      mtu: item.mtu || most,
      port_security_enabled: Number(item.port_security_enabled),
      network_type: segment.networkType,
      physical_network: segment.physicalNetwork,
      segmentation_id: segment.segmentationId,
      availability_zone_hints: JSON.stringify(item.availability_zone_hints),
    };
    await insertNetwork(db, row);
    return row.id;
  }

  async #segmentFor(db: Db, item: CreateOf<Attributes>): Promise<Segment> {
    const { types, externalNetworkType } = this.#deps;
    const type = item['provider:network_type'] ?? null;
    const wanted = {
      physicalNetwork: item['provider:physical_network'] ?? null,
      segmentationId: item['provider:segmentation_id'] ?? null,
    };
    if (type !== null || wanted.physicalNetwork !== null || wanted.segmentationId !== null)
      return types.reserve(db, type, wanted);
    if (item['router:external'] && externalNetworkType !== null) return types.reserve(db, externalNetworkType, wanted);
    return types.allocate(db);
  }

  async #inOrder(ids: readonly string[]): Promise<readonly View[]> {
    const db = this.#deps.store.query;
    const rows = new Map((await findNetworks(db, ids)).map((row) => [row.id, row]));
    return networkViews(
      db,
      ids.map((id) => rows.get(id)).filter((row) => row !== undefined),
    );
  }
}

/** 68 and 1280 are the least that IPv4 and IPv6 work with. */
function checkMtu(mtu: number, most: number): void {
  if (mtu !== 0 && mtu < 68) throw errors.invalidInput(`Requested MTU is too small, minimum is 68`);
  if (mtu > most) throw errors.invalidInput(`Requested MTU is too big, maximum is ${most}`);
}
