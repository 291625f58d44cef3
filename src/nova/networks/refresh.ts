import type { NetworkClient } from '#clients/network.ts';
import type { Database } from '#common/db/database.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { findServer, staleServers, updateServer } from '../servers/rows.ts';
import type { NovaTables } from '../tables.ts';
import { describePorts, isRequestedPort, type NetworkCatalog } from './info.ts';

export interface RefreshDeps {
  readonly db: Database<NovaTables>;
  /** Neutron as our own account. */
  readonly network: NetworkClient;
  readonly catalog: NetworkCatalog;
  readonly integrationBridge: string;
  readonly log: Logger;
}

/** Keeps what we know of servers' addresses like what Neutron knows. */
export interface NetworkRefresher {
  /** Asks Neutron now and writes it down. @throws ApiError when Neutron does not answer */
  refresh(serverId: string): Promise<void>;
  /** Notes that something changed, and looks soon: the note survives a crash, so the look is never forgotten. */
  changed(serverId: string): Promise<void>;
  /** Looks after those whose note is older than this process. */
  heal(): Promise<void>;
}

export function createNetworkRefresher(deps: RefreshDeps): NetworkRefresher {
  const { db, network, catalog, integrationBridge, log } = deps;
  const looking = new Map<string, Promise<void>>();
  const again = new Set<string>();

  const look = async (serverId: string): Promise<void> => {
    const server = await findServer(db.query, serverId);
    if (!server || server.deleted) return;
    const ports = await network.ports.list({ device_id: serverId });
    const ids = ports.map((port) => port.id);
    const [floatingIps, groups] = await Promise.all([
      ids.length > 0 ? network.floatingIps.list({ port_id: ids }) : [],
      ids.length > 0 ? network.securityGroups.list({ tenant_id: server.projectId }) : [],
    ]);
    const known = new Map(server.ports.map((port) => [port.portId, port]));
    const described = await describePorts(catalog, ports, {
      floatingIps,
      order: [...known.keys()],
      ours: (id) => !isRequestedPort(server, id),
      tagOf: (id) => known.get(id)?.tag ?? null,
      integrationBridge,
    });
    const used = new Set(ports.flatMap((port) => port.security_groups ?? []));
    const names = groups.filter((group) => used.has(group.id)).map((group) => group.name);
    await updateServer(db.query, serverId, {
      network_info: JSON.stringify(described),
      network_stale: 0,
      ...(ports.length > 0 && { security_groups: JSON.stringify([...new Set(names)]) }),
    });
  };

  /** One look per server at a time; who asks while one runs gets a second, later one. */
  const refresh = (serverId: string): Promise<void> => {
    const running = looking.get(serverId);
    if (running) {
      again.add(serverId);
      return running
        .catch(() => undefined)
        .then(() => (again.delete(serverId) ? refresh(serverId) : looking.get(serverId)));
    }
    const run = look(serverId).finally(() => looking.delete(serverId));
    looking.set(serverId, run);
    return run;
  };
  const inBackground = (serverId: string): void =>
    void refresh(serverId).catch((error: unknown) =>
      log.warn(`The addresses of server ${serverId} could not be read from Neutron; they are read again later`, error),
    );

  return {
    refresh,
    async changed(serverId) {
      if (await updateServer(db.query, serverId, { network_stale: 1 }, { alive: true })) inBackground(serverId);
    },
    async heal() {
      for (const id of await staleServers(db.query, 100)) inBackground(id);
    },
  };
}
