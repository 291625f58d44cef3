import { uuid, readValue } from '../api/kinds.ts';
import type { Caller } from '../api/access.ts';
import type { View } from '../api/resource.ts';
import type { Changes } from '../changes.ts';
import { errors } from '../errors.ts';
import { floatingIpsThrough } from '../floatingips/rows.ts';
import { reallocate } from '../ipam/allocator.ts';
import { keyText } from '../ipam/address.ts';
import { findNetwork } from '../networks/rows.ts';
import { makePort, type MakePortDeps } from '../ports/make.ts';
import { removePorts } from '../ports/remove.ts';
import { addressesOf, findPort, lockPort, updatePort } from '../ports/rows.ts';
import type { Db, Store } from '../store.ts';
import { findSubnet, findSubnets } from '../subnets/rows.ts';
import type { PortRow, RouterRow } from '../tables.ts';
import { refuseOverlap, routesThrough } from './connections.ts';
import { connectedSubnets, lockRouter, updateRouter } from './rows.ts';
import type { Route } from './schema.ts';

const owner = 'network:router_interface';

export interface InterfaceDeps {
  readonly store: Store;
  readonly making: MakePortDeps;
}

interface Named {
  readonly subnetId: string | undefined;
  readonly portId: string | undefined;
}

/** Connects routers with subnets. */
export class RouterInterfaces {
  readonly #deps: InterfaceDeps;

  constructor(deps: InterfaceDeps) {
    this.#deps = deps;
  }

  /** By subnet (the router gets its gateway address) or by port. @throws ApiError */
  add(caller: Caller, routerId: string, body: unknown): Promise<View> {
    const named = parseNamed(body, false);
    return this.#deps.store.write(
      async (db, told) => {
        const router = await this.#locked(db, routerId);
        const port =
          named.portId === undefined
            ? await this.#addSubnet(db, told, caller, router, named.subnetId as string)
            : await this.#addPort(db, told, caller, router, named.portId);
        await updateRouter(db, routerId, {});
        told.routers.add(routerId);
        told.scheduleRouters.add(routerId);
        return interfaceView(router, port, await subnetIds(db, port.id));
      },
      { duplicateRetries: 16 },
    );
  }

  /** @throws ApiError 404 when there is no such interface, 409 while floating IPs or routes need it */
  remove(_caller: Caller, routerId: string, body: unknown): Promise<View> {
    const named = parseNamed(body, true);
    const { store, making } = this.#deps;
    return store.write(async (db, told) => {
      const router = await this.#locked(db, routerId);
      const connected = (await connectedSubnets(db, routerId)).filter((one) => one.device_owner === owner);
      const chosen = connected.filter(
        (one) =>
          (named.portId === undefined || one.port_id === named.portId) &&
          (named.subnetId === undefined || one.subnet_id === named.subnetId),
      );
      const first = chosen[0];
      if (!first)
        throw named.portId === undefined
          ? errors.routerInterfaceNotFoundForSubnet(routerId, named.subnetId ?? '')
          : errors.routerInterfaceNotFound(routerId, named.portId);
      const routes = JSON.parse(router.routes) as Route[];
      for (const { subnet_id, cidr } of chosen) {
        if ((await floatingIpsThrough(db, routerId, subnet_id)).length > 0)
          throw errors.routerInterfaceInUse(routerId, subnet_id);
        if (routesThrough(routes, cidr)) throw errors.routerInterfaceInUseByRoute(routerId, subnet_id);
      }
      const port = await lockPort(db, first.port_id);
      if (!port) throw errors.routerInterfaceNotFound(routerId, first.port_id);
      const staying = connected.filter((one) => one.port_id === port.id && !chosen.includes(one));
      if (staying.length === 0) await removePorts(db, told, making.quotas, [port]);
      else
        await reallocate(
          db,
          { portId: port.id, networkId: port.network_id, mac: port.mac_address, deviceOwner: owner },
          connected
            .filter((one) => one.port_id === port.id)
            .map((one) => ({ subnetId: one.subnet_id, key: one.ip_address })),
          staying.map((one) => ({ subnet_id: one.subnet_id, ip_address: keyText(one.ip_address) })),
          making.maxFixedIps,
        );
      await updateRouter(db, routerId, {});
      told.routers.add(routerId);
      told.dhcpNetworks.add(port.network_id);
      return interfaceView(
        router,
        port,
        chosen.map((one) => one.subnet_id),
      );
    });
  }

  async #locked(db: Db, id: string): Promise<RouterRow> {
    const router = await lockRouter(db, id);
    if (!router) throw errors.routerNotFound(id);
    return router;
  }

  async #addSubnet(db: Db, told: Changes, caller: Caller, router: RouterRow, subnetId: string): Promise<PortRow> {
    const subnet = await findSubnet(db, subnetId, caller.scope);
    if (!subnet) throw errors.subnetNotFound(subnetId);
    if (subnet.gateway_ip === null)
      throw errors.badRequest('router', 'Subnet for router interface must have a gateway IP');
    refuseOverlap(await connectedSubnets(db, router.id), [subnet]);
    const network = await findNetwork(db, subnet.network_id);
    if (!network) throw errors.networkNotFound(subnet.network_id);
    return makePort(db, told, this.#deps.making, {
      network,
      projectId: router.project_id,
      deviceId: router.id,
      deviceOwner: owner,
      fixedIps: [{ subnet_id: subnet.id, ip_address: subnet.gateway_ip }],
      byCloud: true,
    });
  }

  async #addPort(db: Db, told: Changes, caller: Caller, router: RouterRow, portId: string): Promise<PortRow> {
    if (!(await findPort(db, portId, caller.scope))) throw errors.portNotFound(portId);
    const port = await lockPort(db, portId);
    if (!port) throw errors.portNotFound(portId);
    if (port.device_id !== '') throw errors.portInUse(port.id, port.network_id, port.device_id);
    const subnets = await findSubnets(db, await subnetIds(db, port.id));
    if (subnets.length === 0) throw errors.badRequest('router', 'Router port must have at least one fixed IP');
    if (subnets.filter((subnet) => subnet.ip_version === 4).length > 1)
      throw errors.badRequest('router', 'Cannot have multiple IPv4 subnets on router port');
    refuseOverlap(await connectedSubnets(db, router.id), subnets);
    await updatePort(db, port.id, { device_id: router.id, device_owner: owner });
    told.ports.add(port.id);
    told.dhcpNetworks.add(port.network_id);
    return port;
  }
}

const subnetIds = async (db: Db, portId: string): Promise<readonly string[]> =>
  (await addressesOf(db, [portId])).map((address) => address.subnet_id);

/** @param both whether subnet and port may be named together */
function parseNamed(body: unknown, both: boolean): Named {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Readonly<Record<string, unknown>>;
  const member = (name: string): string | undefined =>
    given[name] === undefined || given[name] === null ? undefined : readValue(uuid, name, given[name]);
  const named = { subnetId: member('subnet_id'), portId: member('port_id') };
  if (named.subnetId === undefined && named.portId === undefined)
    throw errors.badRequest('router', 'Either subnet_id or port_id must be specified');
  if (!both && named.subnetId !== undefined && named.portId !== undefined)
    throw errors.badRequest('router', 'Cannot specify both subnet-id and port-id');
  return named;
}

const interfaceView = (router: RouterRow, port: PortRow, subnets: readonly string[]): View => ({
  id: router.id,
  tenant_id: port.project_id,
  port_id: port.id,
  network_id: port.network_id,
  subnet_id: subnets[0],
  subnet_ids: subnets,
});
