import { inParts } from '../list-rows.ts';
import type { Db } from '../store.ts';
import type { RuleRow } from '../tables.ts';

export const tunnelEndpoints = (
  db: Db,
  type: string,
): Promise<{ readonly host: string; readonly ip_address: string }[]> =>
  db
    .selectFrom('ml2_tunnel_endpoints')
    .select(['host', 'ip_address'])
    .where('tunnel_type', '=', type)
    .orderBy('host')
    .execute();

/** Sets a host's endpoint. Another host that had the address has it no more. @returns whether anything changed */
export async function setTunnelEndpoint(db: Db, type: string, host: string, ip: string): Promise<boolean> {
  const rows = await db
    .selectFrom('ml2_tunnel_endpoints')
    .selectAll()
    .where('tunnel_type', '=', type)
    .where((on) => on.or([on('host', '=', host), on('ip_address', '=', ip)]))
    .execute();
  if (rows.length === 1 && rows[0]?.host === host && rows[0].ip_address === ip) return false;
  await db
    .deleteFrom('ml2_tunnel_endpoints')
    .where('tunnel_type', '=', type)
    .where('ip_address', '=', ip)
    .where('host', '!=', host)
    .execute();
  await db
    .insertInto('ml2_tunnel_endpoints')
    .values({ tunnel_type: type, host, ip_address: ip })
    .onConflict((c) =>
      c.columns(['tunnel_type', 'host']).doUpdateSet((eb) => ({ ip_address: eb.ref('excluded.ip_address') })),
    )
    .execute();
  return true;
}

export interface HeldAddress {
  readonly port_id: string;
  readonly subnet_id: string;
  readonly network_id: string;
  readonly ip_address: string;
  readonly cidr: string;
}

/** Addresses of ports, with their subnets' networks. */
export const heldAddresses = (db: Db, portIds: readonly string[]): Promise<HeldAddress[]> =>
  inParts(portIds, (part) =>
    db
      .selectFrom('ipallocations')
      .innerJoin('subnets', 'subnets.id', 'ipallocations.subnet_id')
      .select([
        'ipallocations.port_id',
        'ipallocations.subnet_id',
        'ipallocations.network_id',
        'ipallocations.ip_address',
        'subnets.cidr',
      ])
      .where('ipallocations.port_id', 'in', part)
      .orderBy('ipallocations.position')
      .execute(),
  );

/** Addresses of the DHCP servers of networks. */
export const dhcpServers = (
  db: Db,
  networkIds: readonly string[],
): Promise<{ readonly network_id: string; readonly ip_address: string }[]> =>
  inParts(networkIds, (part) =>
    db
      .selectFrom('ports')
      .innerJoin('ipallocations', 'ipallocations.port_id', 'ports.id')
      .select(['ports.network_id', 'ipallocations.ip_address'])
      .where('ports.network_id', 'in', part)
      .where('ports.device_owner', '=', 'network:dhcp')
      .orderBy('ipallocations.ip_address')
      .execute(),
  );

export interface PortRule extends RuleRow {
  readonly port_id: string;
}

/** The rules of all groups of ports, once per port. */
export const rulesOfPorts = (db: Db, portIds: readonly string[]): Promise<PortRule[]> =>
  inParts(portIds, (part) =>
    db
      .selectFrom('securitygroupportbindings as binding')
      .innerJoin('securitygrouprules', 'securitygrouprules.security_group_id', 'binding.security_group_id')
      .selectAll('securitygrouprules')
      .select('binding.port_id')
      .where('binding.port_id', 'in', part)
      .orderBy('securitygrouprules.id')
      .execute(),
  );

/** Addresses of the ports in groups. */
export const memberAddresses = (
  db: Db,
  groupIds: readonly string[],
): Promise<{ readonly security_group_id: string; readonly ip_address: string }[]> =>
  inParts(groupIds, (part) =>
    db
      .selectFrom('securitygroupportbindings as binding')
      .innerJoin('ipallocations', 'ipallocations.port_id', 'binding.port_id')
      .select(['binding.security_group_id', 'ipallocations.ip_address'])
      .where('binding.security_group_id', 'in', part)
      .execute(),
  );

/** Further addresses that ports in groups may use. */
export const memberPairs = (
  db: Db,
  groupIds: readonly string[],
): Promise<{ readonly security_group_id: string; readonly allowed_address_pairs: string }[]> =>
  inParts(groupIds, (part) =>
    db
      .selectFrom('securitygroupportbindings as binding')
      .innerJoin('ports', 'ports.id', 'binding.port_id')
      .select(['binding.security_group_id', 'ports.allowed_address_pairs'])
      .where('binding.security_group_id', 'in', part)
      .where('ports.allowed_address_pairs', '!=', '[]')
      .execute(),
  );

/** The port with an address on a network, or on one of a router's networks. */
export const portByAddress = (
  db: Db,
  where: { readonly networkId?: string | undefined; readonly routerId?: string | undefined },
  key: string,
): Promise<{ readonly id: string; readonly device_id: string; readonly project_id: string } | undefined> => {
  const select = db
    .selectFrom('ipallocations')
    .innerJoin('ports', 'ports.id', 'ipallocations.port_id')
    .select(['ports.id', 'ports.device_id', 'ports.project_id'])
    .where('ipallocations.ip_address', '=', key);
  if (where.networkId !== undefined)
    return select.where('ipallocations.network_id', '=', where.networkId).executeTakeFirst();
  return select
    .where('ipallocations.network_id', 'in', (eb) =>
      eb
        .selectFrom('ports as inside')
        .select('inside.network_id')
        .where('inside.device_id', '=', where.routerId ?? '')
        .where('inside.device_owner', '=', 'network:router_interface'),
    )
    .executeTakeFirst();
};
