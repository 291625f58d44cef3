import { isoMicros, type Clock } from '#common/clock.ts';
import type { Ids } from '#common/ids.ts';
import type { Caller, Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, UpdateOf, View } from '../api/resource.ts';
import { standardColumns, standardView } from '../api/standard-view.ts';
import type { Changes } from '../changes.ts';
import { errors } from '../errors.ts';
import { keyText } from '../ipam/address.ts';
import type { Wish } from '../ipam/allocator.ts';
import { findNetwork } from '../networks/rows.ts';
import type { NovaEvents } from '../nova-notifier/events.ts';
import { makePort, type MakePortDeps } from '../ports/make.ts';
import { removePorts } from '../ports/remove.ts';
import { addressesOf, findPort } from '../ports/rows.ts';
import type { QuotaService } from '../quotas/service.ts';
import type { Db, Store } from '../store.ts';
import type { FloatingIpRow } from '../tables.ts';
import { associate } from './association.ts';
import {
  deleteFloatingIpRow,
  findFloatingIp,
  insertFloatingIp,
  listFloatingIps,
  lockFloatingIp,
  updateFloatingIp,
} from './rows.ts';
import type { floatingIpAttributes } from './schema.ts';

type Attributes = typeof floatingIpAttributes;

export interface FloatingIpServiceDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly quotas: QuotaService;
  readonly making: MakePortDeps;
  readonly novaEvents: NovaEvents;
}

const view = (row: FloatingIpRow): View => ({
  id: row.id,
  floating_ip_address: row.floating_ip_address,
  floating_network_id: row.floating_network_id,
  router_id: row.router_id,
  port_id: row.port_id,
  fixed_ip_address: row.fixed_ip_address,
  status: row.status,
  ...standardView(row),
});

export class FloatingIpService implements ResourceService<Attributes> {
  readonly #deps: FloatingIpServiceDeps;

  constructor(deps: FloatingIpServiceDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return errors.floatingIpNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const rows = await listFloatingIps(this.#deps.store.query, scope, query);
    if (!rows) throw errors.floatingIpNotFound(query.marker ?? '');
    return rows.map(view);
  }

  async create(caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    const rows = await this.#deps.store.write(
      async (db, told) => {
        const made: FloatingIpRow[] = [];
        for (const item of items) made.push(await this.#createOne(db, told, caller, item));
        return made;
      },
      { duplicateRetries: 16 },
    );
    return rows.map(view);
  }

  async update(caller: Caller, current: View, changes: UpdateOf<Attributes>): Promise<View> {
    const { store, clock, novaEvents } = this.#deps;
    const id = current['id'] as string;
    await store.write(
      async (db, told) => {
        const row = await lockFloatingIp(db, id);
        if (!row) throw errors.floatingIpNotFound(id);
        const next = await this.#associationAfter(db, caller, row, changes);
        await updateFloatingIp(db, id, {
          ...next,
          ...(changes.description !== undefined && { description: changes.description }),
          updated_at: isoMicros(clock.now()),
        });
        for (const router of [row.router_id, next.router_id]) if (router) told.routers.add(router);
        for (const portId of new Set([row.port_id, next.port_id])) {
          const port = portId && (await findPort(db, portId));
          if (port) await novaEvents.dataChanged(db, told, [port]);
        }
      },
      { duplicateRetries: 1 },
    );
    const row = await findFloatingIp(store.query, id);
    if (!row) throw errors.floatingIpNotFound(id);
    return view(row);
  }

  async remove(_caller: Caller, current: View): Promise<void> {
    const { store, quotas, novaEvents } = this.#deps;
    const id = current['id'] as string;
    await store.write(async (db, told) => {
      const row = await lockFloatingIp(db, id);
      if (!row) throw errors.floatingIpNotFound(id);
      await quotas.giveBack(db, row.project_id, 'floatingip');
      await deleteFloatingIpRow(db, id);
      const outside = await findPort(db, row.floating_port_id);
      if (outside) await removePorts(db, told, quotas, [outside]);
      if (row.router_id !== null) told.routers.add(row.router_id);
      const inside = row.port_id === null ? undefined : await findPort(db, row.port_id);
      if (inside) await novaEvents.dataChanged(db, told, [inside]);
    });
  }

  async #createOne(db: Db, told: Changes, caller: Caller, item: CreateOf<Attributes>): Promise<FloatingIpRow> {
    const { clock, ids, quotas, making, novaEvents } = this.#deps;
    await quotas.take(db, item.project_id, 'floatingip');
    const network = await findNetwork(db, item.floating_network_id, caller.scope);
    if (!network) throw errors.networkNotFound(item.floating_network_id);
    if (network.external !== 1)
      throw errors.badRequest('floatingip', `Network ${network.id} is not a valid external network`);
    const columns = standardColumns(item, { id: ids.uuid(), clock, revision: 0 });
    const outside = await makePort(db, told, making, {
      network,
      // As a router's gateway: the cloud's, not the project's.
      projectId: '',
      deviceId: columns.id,
      deviceOwner: 'network:floatingip',
      fixedIps: wishOf(item),
    });
    const [address] = await addressesOf(db, [outside.id]);
    if (!address) throw errors.badRequest('floatingip', `Network ${network.id} does not contain any IPv4 subnet`);
    const floating = { ...columns, floating_network_id: network.id };
    const inside = item.port_id
      ? await associate(db, caller, floating, item.port_id, item.fixed_ip_address ?? null)
      : null;
    const row: FloatingIpRow = {
      ...floating,
      floating_ip_address: keyText(address.ip_address),
      floating_port_id: outside.id,
      port_id: inside?.port.id ?? null,
      fixed_ip_address: inside?.fixedIp ?? null,
      router_id: inside?.routerId ?? null,
      status: 'DOWN',
    };
    await insertFloatingIp(db, row);
    if (inside) {
      told.routers.add(inside.routerId);
      await novaEvents.dataChanged(db, told, [inside.port]);
    }
    return row;
  }

  async #associationAfter(
    db: Db,
    caller: Caller,
    row: FloatingIpRow,
    changes: UpdateOf<Attributes>,
  ): Promise<Partial<FloatingIpRow>> {
    if (changes.port_id === undefined && changes.fixed_ip_address === undefined) return {};
    const portId = changes.port_id === undefined ? row.port_id : changes.port_id;
    if (portId === null) {
      if (changes.fixed_ip_address)
        throw errors.badRequest('floatingip', 'fixed_ip_address cannot be specified without a port_id');
      return { port_id: null, fixed_ip_address: null, router_id: null, status: 'DOWN' };
    }
    const { port, fixedIp, routerId } = await associate(db, caller, row, portId, changes.fixed_ip_address ?? null);
    const same = row.port_id === port.id && row.fixed_ip_address === fixedIp && row.router_id === routerId;
    return { port_id: port.id, fixed_ip_address: fixedIp, router_id: routerId, ...(!same && { status: 'DOWN' }) };
  }
}

function wishOf(item: CreateOf<Attributes>): Wish {
  const subnet = item.subnet_id ?? undefined;
  const address = item.floating_ip_address ?? undefined;
  if (subnet === undefined && address === undefined) return 'ipv4';
  return [
    { ...(subnet !== undefined && { subnet_id: subnet }), ...(address !== undefined && { ip_address: address }) },
  ];
}
