import { inParts } from '../list-rows.ts';
import type { Db } from '../store.ts';
import type { AgentRow, NetworkRow, RouterRow } from '../tables.ts';

// Networks and DHCP agents

export const dhcpAgentsOf = (db: Db, networkId: string): Promise<AgentRow[]> =>
  db
    .selectFrom('agents')
    .innerJoin('networkdhcpagentbindings as binding', 'binding.agent_id', 'agents.id')
    .selectAll('agents')
    .where('binding.network_id', '=', networkId)
    .orderBy('agents.id')
    .execute();

export const networksOfAgent = (db: Db, agentId: string): Promise<NetworkRow[]> =>
  db
    .selectFrom('networks')
    .innerJoin('networkdhcpagentbindings as binding', 'binding.network_id', 'networks.id')
    .selectAll('networks')
    .where('binding.agent_id', '=', agentId)
    .orderBy('networks.id')
    .execute();

export const dhcpBindingsOf = (
  db: Db,
  networkIds: readonly string[],
): Promise<{ readonly network_id: string; readonly agent_id: string; readonly binding_index: number }[]> =>
  inParts(networkIds, (part) =>
    db.selectFrom('networkdhcpagentbindings').selectAll().where('network_id', 'in', part).execute(),
  );

/** How many networks each DHCP agent serves. */
export async function dhcpLoads(db: Db): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('networkdhcpagentbindings')
    .select((eb) => ['agent_id', eb.fn.countAll<number>().as('load')])
    .groupBy('agent_id')
    .execute();
  return new Map(rows.map((row) => [row.agent_id, Number(row.load)]));
}

/** Of the networks (or of all) those that want DHCP and have fewer agents than they should. */
export const networksLackingDhcp = (
  db: Db,
  agentsPerNetwork: number,
  networkIds?: readonly string[],
): Promise<{ readonly id: string }[]> => {
  let select = db
    .selectFrom('networks')
    .select('networks.id')
    .where('networks.admin_state_up', '=', 1)
    .where((on) =>
      on.exists(
        on
          .selectFrom('subnets')
          .select('subnets.id')
          .whereRef('subnets.network_id', '=', 'networks.id')
          .where('subnets.enable_dhcp', '=', 1),
      ),
    )
    .where(
      (on) =>
        on
          .selectFrom('networkdhcpagentbindings')
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .whereRef('networkdhcpagentbindings.network_id', '=', 'networks.id'),
      '<',
      agentsPerNetwork,
    )
    .orderBy('networks.id');
  if (networkIds) select = select.where('networks.id', 'in', networkIds);
  return select.execute();
};

/** False when somebody else took that place, or the agent has the network already. */
export async function bindNetwork(db: Db, networkId: string, agentId: string, place: number): Promise<boolean> {
  const taken = await db
    .selectFrom('networkdhcpagentbindings')
    .select('agent_id')
    .where('network_id', '=', networkId)
    .where((on) => on.or([on('agent_id', '=', agentId), on('binding_index', '=', place)]))
    .executeTakeFirst();
  if (taken) return false;
  await db
    .insertInto('networkdhcpagentbindings')
    .values({ network_id: networkId, agent_id: agentId, binding_index: place })
    .execute();
  return true;
}

export async function unbindNetwork(db: Db, networkId: string, agentId: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('networkdhcpagentbindings')
    .where('network_id', '=', networkId)
    .where('agent_id', '=', agentId)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows) === 1;
}

// Routers and L3 agents

export const l3AgentOf = (db: Db, routerId: string): Promise<AgentRow | undefined> =>
  db
    .selectFrom('agents')
    .innerJoin('routerl3agentbindings as binding', 'binding.agent_id', 'agents.id')
    .selectAll('agents')
    .where('binding.router_id', '=', routerId)
    .executeTakeFirst();

export const routersOfAgent = (db: Db, agentId: string): Promise<RouterRow[]> =>
  db
    .selectFrom('routers')
    .innerJoin('routerl3agentbindings as binding', 'binding.router_id', 'routers.id')
    .selectAll('routers')
    .where('binding.agent_id', '=', agentId)
    .orderBy('routers.id')
    .execute();

export async function l3Loads(db: Db): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('routerl3agentbindings')
    .select((eb) => ['agent_id', eb.fn.countAll<number>().as('load')])
    .groupBy('agent_id')
    .execute();
  return new Map(rows.map((row) => [row.agent_id, Number(row.load)]));
}

/** Of the routers (or of all) those that no agent runs, with the network of their gateway. */
export const routersWithoutAgent = (
  db: Db,
  routerIds?: readonly string[],
): Promise<{ readonly id: string; readonly external: string | null }[]> => {
  const select = db
    .selectFrom('routers')
    .leftJoin('ports as gateway', 'gateway.id', 'routers.gw_port_id')
    .leftJoin('routerl3agentbindings as binding', 'binding.router_id', 'routers.id')
    .select(['routers.id', 'gateway.network_id as external'])
    .where('binding.agent_id', 'is', null)
    .orderBy('routers.id');
  return (routerIds ? select.where('routers.id', 'in', routerIds) : select).execute();
};

/** The routers that an agent runs. */
export const boundRouters = (db: Db, agentId: string): Promise<{ readonly router_id: string }[]> =>
  db.selectFrom('routerl3agentbindings').select('router_id').where('agent_id', '=', agentId).execute();

/** False when an agent has it already. */
export async function bindRouter(db: Db, routerId: string, agentId: string): Promise<boolean> {
  if (await l3AgentOf(db, routerId)) return false;
  await db.insertInto('routerl3agentbindings').values({ router_id: routerId, agent_id: agentId }).execute();
  return true;
}

export async function unbindRouter(db: Db, routerId: string, agentId: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('routerl3agentbindings')
    .where('router_id', '=', routerId)
    .where('agent_id', '=', agentId)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows) === 1;
}
