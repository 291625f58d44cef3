import type { Caller } from '../api/access.ts';
import { errors } from '../errors.ts';
import { keyText, textKey } from '../ipam/address.ts';
import { addressesOf, findPort } from '../ports/rows.ts';
import { routersBetween } from '../routers/rows.ts';
import type { Db } from '../store.ts';
import { findSubnet } from '../subnets/rows.ts';
import type { FloatingIpRow, PortRow } from '../tables.ts';
import { findAssociation } from './rows.ts';

export interface Association {
  readonly port: PortRow;
  readonly fixedIp: string;
  readonly routerId: string;
}

/**
 * What a floating IP stands for: an IPv4 address of a port behind a router that leads to the floating network.
 * @param fixedIp which of the port's addresses; it may be left out when there is only one
 * @throws ApiError 400, 404 (no such port, no such router), 409 (the address has one already)
 */
export async function associate(
  db: Db,
  caller: Caller,
  floating: Pick<FloatingIpRow, 'id' | 'project_id' | 'floating_network_id'>,
  portId: string,
  fixedIp: string | null,
): Promise<Association> {
  const port = await findPort(db, portId, caller.scope);
  if (!port) throw errors.portNotFound(portId);
  if (port.project_id !== floating.project_id)
    throw errors.badRequest(
      'floatingip',
      `Cannot process floating IP association with Port ${portId}, since that port is owned by a different project`,
    );
  const addresses = (await addressesOf(db, [portId])).filter(({ ip_address }) => ip_address.length === 8);
  const named = fixedIp === null ? undefined : addresses.find(({ ip_address }) => ip_address === textKey(fixedIp));
  if (fixedIp !== null && !named)
    throw errors.badRequest('floatingip', `Port ${portId} does not have fixed ip ${fixedIp}`);
  if (addresses.length === 0)
    throw errors.badRequest('floatingip', `Cannot add floating IP to port ${portId} that has no fixed IPv4 addresses`);
  if (!named && addresses.length > 1)
    throw errors.badRequest(
      'floatingip',
      `Port ${portId} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when assigning a floating IP`,
    );
  const inside = named ?? addresses[0];
  if (!inside) throw errors.portNotFound(portId);
  const text = keyText(inside.ip_address);
  const other = await findAssociation(db, floating.floating_network_id, portId, text);
  if (other && other.id !== floating.id)
    throw errors.alreadyAssociated(other.floating_ip_address, other.id, portId, text, floating.floating_network_id);
  return { port, fixedIp: text, routerId: await routerFor(db, inside.subnet_id, floating.floating_network_id, portId) };
}

/** The router at the subnet's gateway when several lead out: that is where the server's answers go. */
async function routerFor(db: Db, subnetId: string, networkId: string, portId: string): Promise<string> {
  const routers = await routersBetween(db, subnetId, networkId);
  const gateway = (await findSubnet(db, subnetId))?.gateway_ip;
  const chosen = routers.find(({ ip_address }) => keyText(ip_address) === gateway) ?? routers[0];
  if (!chosen) throw errors.noRouterForFloatingIp(subnetId, networkId, portId);
  return chosen.router_id;
}
