import { ApiError } from '#common/api/errors.ts';
import type { NetworkClient, Port } from '#clients/network.ts';
import { describePorts, isRequestedPort, type NetworkCatalog } from '../networks/info.ts';
import type { PortInfo, RequestedNetwork, Server } from '../servers/model.ts';

export interface PortDeps {
  /** Neutron as our own account. */
  readonly network: NetworkClient;
  readonly catalog: NetworkCatalog;
  readonly integrationBridge: string;
}

/** Neutron could not wire a port on this host; another host may. */
export class PortBindingFailed extends Error {
  override readonly name = 'PortBindingFailed';
}

/** A server's ports at Neutron. Whoever makes a port may name any device: only the server's own project counts. */
export async function portsOf(network: NetworkClient, server: Server): Promise<Port[]> {
  const ports = await network.ports.list({ device_id: server.id });
  return ports.filter((port) => port.tenant_id === server.projectId || isRequestedPort(server, port.id));
}

/**
 * Makes it so that the server has every port that was asked for, bound to its host: ports that are there (made before a
 * crash) are taken, the others made. Safe to call again, also after the server was given another host.
 * @throws PortBindingFailed when this host cannot wire one
 */
export async function ensurePorts(deps: PortDeps, server: Server, host: string, zone: string): Promise<PortInfo[]> {
  const { networking } = server;
  if (networking.networks.length === 0) return [];
  const present = await portsOf(deps.network, server);
  const owner = `compute:${zone}`;
  const taken = new Set<string>();
  const settled: { port: Port; tag: string | null }[] = [];
  for (const wanted of networking.networks) {
    const found = present.find((port) => !taken.has(port.id) && fits(port, wanted, server));
    const port = found
      ? await bind(deps.network, found, server, host, owner)
      : await makeOrTake(deps.network, server, wanted, host, owner);
    taken.add(port.id);
    if (port['binding:vif_type'] === 'binding_failed') throw new PortBindingFailed(bindingFailed(port.id, host));
    settled.push({ port, tag: wanted.tag });
  }
  const tags = new Map(settled.map(({ port, tag }) => [port.id, tag]));
  return describePorts(
    deps.catalog,
    settled.map(({ port }) => port),
    {
      floatingIps: [],
      order: settled.map(({ port }) => port.id),
      ours: (id) => !isRequestedPort(server, id),
      tagOf: (id) => tags.get(id) ?? null,
      integrationBridge: deps.integrationBridge,
    },
  );
}

function fits(port: Port, wanted: RequestedNetwork, server: Server): boolean {
  if (wanted.portId !== null) return port.id === wanted.portId;
  if (isRequestedPort(server, port.id) || port.network_id !== wanted.networkId) return false;
  return wanted.fixedIp === null || port.fixed_ips.some((fixed) => fixed.ip_address === wanted.fixedIp);
}

async function bind(network: NetworkClient, port: Port, server: Server, host: string, owner: string): Promise<Port> {
  if (port['binding:host_id'] === host && port.device_owner === owner && port.device_id === server.id) return port;
  return network.ports.update(port.id, { device_id: server.id, device_owner: owner, 'binding:host_id': host });
}

/**
 * The ports of a server that comes to live on a host are bound to it.
 * @throws PortBindingFailed when this host cannot wire one
 */
export async function rebindPorts(deps: PortDeps, server: Server, host: string, zone: string): Promise<void> {
  for (const port of await portsOf(deps.network, server)) {
    const bound = await bind(deps.network, port, server, host, `compute:${zone}`);
    if (bound['binding:vif_type'] === 'binding_failed') throw new PortBindingFailed(bindingFailed(port.id, host));
  }
}

/** The ports of a server that has no host for now: they keep their addresses. */
export async function unbindPorts(deps: PortDeps, server: Server): Promise<void> {
  for (const port of await portsOf(deps.network, server))
    if (port['binding:host_id']) await deps.network.ports.update(port.id, { 'binding:host_id': '' });
}

const bindingFailed = (portId: string, host: string): string =>
  `Binding failed for port ${portId} on host ${host}: no mechanism driver could bind it. The log of neutron-server says why; "neutron agent-list" says whether the host's network agent is alive.`;

async function makeOrTake(
  network: NetworkClient,
  server: Server,
  wanted: RequestedNetwork,
  host: string,
  owner: string,
): Promise<Port> {
  const binding = { device_id: server.id, device_owner: owner, 'binding:host_id': host };
  if (wanted.portId !== null) return network.ports.update(wanted.portId, binding);
  const groups = server.networking.securityGroupIds;
  return network.ports.create({
    network_id: wanted.networkId,
    tenant_id: server.projectId,
    admin_state_up: true,
    ...(groups && { security_groups: groups }),
    ...(wanted.fixedIp !== null && { fixed_ips: [{ ip_address: wanted.fixedIp }] }),
    ...binding,
  });
}

const absent = (error: unknown): void => {
  if (!(error instanceof ApiError && error.status === 404)) throw error;
};

/** Deletes one port that we made, or lets go of one that its owner made. An absent port is not an error. */
export async function removePort(network: NetworkClient, server: Server, portId: string): Promise<void> {
  if (!isRequestedPort(server, portId)) return network.ports.delete(portId).catch(absent);
  await network.ports
    .update(portId, { device_id: '', device_owner: '', 'binding:host_id': '' })
    .then(() => undefined, absent);
}

/** Afterwards the server has no ports. */
export async function removePorts(network: NetworkClient, server: Server): Promise<void> {
  for (const port of await portsOf(network, server)) await removePort(network, server, port.id);
}
