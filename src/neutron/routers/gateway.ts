import type { Enforcer } from '#common/auth/policy.ts';
import type { Caller } from '../api/access.ts';
import type { Changes } from '../changes.ts';
import { errors } from '../errors.ts';
import { floatingIpsOfRouter } from '../floatingips/rows.ts';
import { reallocate } from '../ipam/allocator.ts';
import { findNetwork } from '../networks/rows.ts';
import { makePort, type MakePortDeps } from '../ports/make.ts';
import { removePorts } from '../ports/remove.ts';
import { addressesOf, findPort } from '../ports/rows.ts';
import type { Db } from '../store.ts';
import { findSubnets } from '../subnets/rows.ts';
import type { PortRow, RouterRow } from '../tables.ts';
import { refuseOverlap } from './connections.ts';
import { connectedSubnets, updateRouter } from './rows.ts';
import type { GatewayValue } from './schema.ts';

export interface GatewayDeps {
  readonly making: MakePortDeps;
  readonly enforcer: Enforcer;
  /** `enable_snat_by_default` */
  readonly snatByDefault: boolean;
}

/** Details of a gateway that only administrators choose (policy). @throws ApiError 403 */
export function checkGatewayPolicy(
  enforcer: Enforcer,
  caller: Caller,
  rule: 'create_router' | 'update_router',
  gateway: GatewayValue,
  target: Readonly<Record<string, unknown>>,
): void {
  const parts = [
    ...(gateway.enable_snat !== undefined ? ['enable_snat'] : []),
    ...(gateway.external_fixed_ips?.length ? ['external_fixed_ips'] : []),
  ];
  for (const part of parts) {
    const name = `${rule}:external_gateway_info:${part}`;
    if (!enforcer.allows(name, caller.ctx, target)) throw errors.notAuthorized(`(rule:${rule} and rule:${name})`);
  }
}

/**
 * Gives a router its way out, changes it, or takes it (null). The transaction holds the router.
 * @throws ApiError 400 for a network that is not external, 409 while floating IPs need the old gateway
 */
export async function setGateway(
  db: Db,
  told: Changes,
  deps: GatewayDeps,
  {
    caller,
    router,
    gateway,
  }: { readonly caller: Caller; readonly router: RouterRow; readonly gateway: GatewayValue | null },
): Promise<void> {
  const current = router.gw_port_id === null ? undefined : await findPort(db, router.gw_port_id);
  told.routers.add(router.id);
  if (current && gateway?.network_id === current.network_id) {
    if (gateway.external_fixed_ips) await moveGateway(db, told, deps, current, gateway.external_fixed_ips);
    await updateRouter(db, router.id, { enable_snat: Number(gateway.enable_snat ?? deps.snatByDefault) });
    return;
  }
  if (current) await removeGateway(db, told, deps, router, current);
  if (gateway) await addGateway(db, told, deps, { caller, router, gateway });
}

async function moveGateway(
  db: Db,
  told: Changes,
  { making }: GatewayDeps,
  port: PortRow,
  wanted: NonNullable<GatewayValue['external_fixed_ips']>,
): Promise<void> {
  const current = (await addressesOf(db, [port.id])).map((row) => ({ subnetId: row.subnet_id, key: row.ip_address }));
  const addresses = {
    portId: port.id,
    networkId: port.network_id,
    mac: port.mac_address,
    deviceOwner: port.device_owner,
  };
  await reallocate(db, addresses, current, wanted, making.maxFixedIps);
  told.ports.add(port.id);
}

async function removeGateway(
  db: Db,
  told: Changes,
  { making }: GatewayDeps,
  router: RouterRow,
  port: PortRow,
): Promise<void> {
  const needing = await floatingIpsOfRouter(db, router.id);
  if (needing.length > 0) throw errors.gatewayInUse(router.id, port.network_id);
  await updateRouter(db, router.id, { gw_port_id: null });
  await removePorts(db, told, making.quotas, [port]);
}

async function addGateway(
  db: Db,
  told: Changes,
  { making, snatByDefault }: GatewayDeps,
  { caller, router, gateway }: { readonly caller: Caller; readonly router: RouterRow; readonly gateway: GatewayValue },
): Promise<void> {
  const network = await findNetwork(db, gateway.network_id, caller.scope);
  if (!network) throw errors.networkNotFound(gateway.network_id);
  if (network.external !== 1)
    throw errors.badRequest('router', `Network ${gateway.network_id} is not an external network`);
  const connected = await connectedSubnets(db, router.id);
  const fixed = gateway.external_fixed_ips;
  const port = await makePort(db, told, making, {
    network,
    // The gateway belongs to the cloud, not to the router's project: it is neither seen nor counted there.
    projectId: '',
    deviceId: router.id,
    deviceOwner: 'network:router_gateway',
    fixedIps: fixed && fixed.length > 0 ? fixed : undefined,
  });
  const addresses = await addressesOf(db, [port.id]);
  if (addresses.length === 0) throw errors.badRequest('router', `No IPs available for external network ${network.id}`);
  refuseOverlap(
    connected,
    await findSubnets(
      db,
      addresses.map((address) => address.subnet_id),
    ),
  );
  await updateRouter(db, router.id, {
    gw_port_id: port.id,
    enable_snat: Number(gateway.enable_snat ?? snatByDefault),
  });
  told.scheduleRouters.add(router.id);
}
