import { findAgentOf } from '../agent-registry/rows.ts';
import { floatingIpsOfRouters } from '../floatingips/rows.ts';
import { groupBy } from '../list-rows.ts';
import { findNetworks } from '../networks/rows.ts';
import { segmentOf } from '../networks/segment.ts';
import type { Binder } from '../ports/binder.ts';
import { portsOfDevices, setHosts } from '../ports/rows.ts';
import type { RouterPort, RouterSpec } from '../rpc.ts';
import { routersOfAgent } from '../scheduling/rows.ts';
import type { Store } from '../store.ts';
import { subnetsOfNetworks } from '../subnets/rows.ts';
import type { NetworkRow, PortRow } from '../tables.ts';
import { heldAddresses } from './rows.ts';
import { fixedIpOf } from './shapes.ts';

/** The routers that an L3 agent runs, or those of them that are named. Seven queries, however many. */
export async function routersOf(
  { store, binder }: { readonly store: Store; readonly binder: Binder },
  host: string,
  named?: readonly string[],
): Promise<readonly RouterSpec[]> {
  const db = store.query;
  const agent = await findAgentOf(db, 'L3 agent', host);
  if (!agent) return [];
  const all = await routersOfAgent(db, agent.id);
  const routers = named ? all.filter(({ id }) => named.includes(id)) : all;
  const ids = routers.map(({ id }) => id);
  const ports = await portsOfDevices(db, ids, ['network:router_interface', 'network:router_gateway']);
  const networkIds = [...new Set(ports.map((port) => port.network_id))];
  const networks = new Map((await findNetworks(db, networkIds)).map((row) => [row.id, row]));
  const subnets = groupBy(await subnetsOfNetworks(db, networkIds), (subnet) => subnet.network_id);
  const held = groupBy(
    await heldAddresses(
      db,
      ports.map(({ id }) => id),
    ),
    (row) => row.port_id,
  );
  const floating = groupBy(await floatingIpsOfRouters(db, ids), (row) => row.router_id);
  await settle(store, binder, host, ports, networks);

  const portOf = (port: PortRow): RouterPort => {
    const fixedIps = (held.get(port.id) ?? []).map(fixedIpOf);
    const standing = new Set(fixedIps.map(({ subnetId }) => subnetId));
    return {
      id: port.id,
      networkId: port.network_id,
      mac: port.mac_address,
      mtu: networks.get(port.network_id)?.mtu ?? 1500,
      fixedIps,
      subnets: (subnets.get(port.network_id) ?? [])
        .filter(({ id }) => standing.has(id))
        .map(({ id, cidr, gateway_ip }) => ({ id, cidr, gatewayIp: gateway_ip })),
    };
  };
  const byRouter = groupBy(ports, (port) => port.device_id);
  return routers.map((router) => {
    const own = byRouter.get(router.id) ?? [];
    const gateway = own.find((port) => port.id === router.gw_port_id);
    const outside = gateway && networks.get(gateway.network_id);
    return {
      id: router.id,
      name: router.name,
      projectId: router.project_id,
      adminStateUp: router.admin_state_up === 1,
      enableSnat: router.enable_snat === 1,
      gatewayPort: gateway && outside ? { ...portOf(gateway), segment: segmentOf(outside) } : null,
      interfaces: own.filter((port) => port.device_owner === 'network:router_interface').map(portOf),
      routes: JSON.parse(router.routes) as { destination: string; nexthop: string }[],
      floatingIps: (floating.get(router.id) ?? []).flatMap((row) =>
        row.fixed_ip_address === null
          ? []
          : [{ id: row.id, floatingIp: row.floating_ip_address, fixedIp: row.fixed_ip_address }],
      ),
    };
  });
}

/** A router's ports stand where its agent is: that is known when the agent asks. */
async function settle(
  store: Store,
  binder: Binder,
  host: string,
  ports: readonly PortRow[],
  networks: ReadonlyMap<string, NetworkRow>,
): Promise<void> {
  const elsewhere = ports.filter((port) => port.host !== host || port.vif_type === 'binding_failed');
  for (const [networkId, group] of groupBy(elsewhere, (port) => port.network_id)) {
    const network = networks.get(networkId);
    if (!network) continue;
    const binding = await binder.bind(store.query, network, host, 'normal');
    const changed = group.filter((port) => port.host !== host || port.vif_type !== binding.vifType);
    const ids = changed.map(({ id }) => id);
    await store.write((db) =>
      setHosts(db, ids, { host, vif_type: binding.vifType, vif_details: JSON.stringify(binding.vifDetails) }),
    );
  }
}
