import { isServiceAway } from '#clients/rest.ts';
import type { Port } from '#clients/network.ts';
import type { OperationDefinition } from '#common/operations/operation.ts';
import { describePorts, isRequestedPort } from '../../networks/info.ts';
import type { OperationInputs } from '../../operations/kinds.ts';
import type { RequestedNetwork, Server } from '../../servers/model.ts';
import { findServer, updateServer } from '../../servers/rows.ts';
import { ComputeDown } from '../compute-calls.ts';
import { liveServer, nowOf, type ConductorDeps } from '../deps.ts';
import { guestInterface } from '../guest-spec.ts';
import { portsOf, removePort } from '../ports.ts';

type Attach = OperationInputs['server.attach_interface'];
type Detach = OperationInputs['server.detach_interface'];
interface Attached {
  readonly portId: string;
}

/** Adds a port that is there to (or takes it from) those that the server was asked to have: it is not ours to delete. */
async function setRequested(
  deps: ConductorDeps,
  serverId: string,
  change: (networks: readonly RequestedNetwork[]) => readonly RequestedNetwork[],
): Promise<void> {
  await deps.db.transaction(async (trx) => {
    const server = await findServer(trx, serverId, true);
    if (!server || server.deleted) return;
    const networking = { ...server.networking, networks: change(server.networking.networks) };
    await updateServer(trx, serverId, { requested_networks: JSON.stringify(networking), updated_at: nowOf(deps) });
  });
}
const without = (portId: string) => (networks: readonly RequestedNetwork[]) =>
  networks.filter((one) => one.portId !== portId);

/** The port of an attachment: the one that is there, one that an interrupted try has made, or a new one. */
async function allocate(deps: ConductorDeps, server: Server, input: Attach): Promise<Port> {
  const host = server.host as string;
  const owner = `compute:${(await deps.directory.zones())(host)}`;
  const binding = { device_id: server.id, device_owner: owner, 'binding:host_id': host };
  const { portId, networkId, fixedIp, tag } = input;
  if (portId !== null) {
    await setRequested(deps, server.id, (networks) => [
      ...without(portId)(networks),
      { networkId: null, portId, fixedIp: null, tag },
    ]);
    return deps.network.ports.update(portId, binding);
  }
  const left = (await portsOf(deps.network, server)).find(
    (port) =>
      port.network_id === networkId &&
      !isRequestedPort(server, port.id) &&
      !server.ports.some((known) => known.portId === port.id),
  );
  return (
    left ??
    deps.network.ports.create({
      network_id: networkId,
      tenant_id: server.projectId,
      admin_state_up: true,
      ...(fixedIp !== null && { fixed_ips: [{ ip_address: fixedIp }] }),
      ...binding,
    })
  );
}

export function attachInterfaceOperation(deps: ConductorDeps): OperationDefinition<Attach, Attached> {
  return {
    kind: 'server.attach_interface',
    action: 'attach_interface',
    steps: [
      {
        name: 'network_allocate_port',
        transient: isServiceAway,
        async run({ input }) {
          const port = await allocate(deps, await liveServer(deps, input.serverId), input);
          return { portId: port.id };
        },
        async undo({ input, state }) {
          const server = await findServer(deps.db.query, input.serverId);
          const portId = state.portId ?? input.portId;
          if (!server) return;
          if (portId !== null) await removePort(deps.network, server, portId);
          else
            for (const port of await portsOf(deps.network, server))
              if (!isRequestedPort(server, port.id) && !server.ports.some((known) => known.portId === port.id))
                await removePort(deps.network, server, port.id);
          if (input.portId !== null) await setRequested(deps, server.id, without(input.portId));
          await deps.refresher.refresh(server.id);
        },
      },
      {
        name: 'compute_attach_interface',
        async run({ input, state, signal }) {
          const server = await liveServer(deps, input.serverId);
          const port = await deps.network.ports.show(state.portId as string);
          const [described] = await describePorts(deps.catalog, [port], {
            floatingIps: [],
            order: [],
            ours: () => input.portId === null,
            tagOf: () => input.tag,
            integrationBridge: deps.integrationBridge,
          });
          if (!described || server.host === null) throw new Error(`Port ${port.id} cannot be attached`);
          await deps.compute.call(
            server.host,
            'attachInterface',
            { id: server.id, nic: guestInterface(described, server) },
            { signal },
          );
          const ports = [...server.ports.filter((known) => known.portId !== port.id), described];
          await updateServer(deps.db.query, server.id, { network_info: JSON.stringify(ports) });
          return undefined;
        },
        async undo({ input, state, signal, log }) {
          const server = await findServer(deps.db.query, input.serverId);
          if (!server?.host || state.portId === undefined) return;
          await deps.compute
            .call(server.host, 'detachInterface', { id: server.id, portId: state.portId }, { signal, downMs: 0 })
            .catch((error: unknown) => log.warn(`Port ${state.portId} may still be in the guest ${server.id}`, error));
        },
      },
    ],
    async failed({ input, log }, failure) {
      log.warn(`An interface could not be attached to ${input.serverId}: ${failure.message}`);
    },
  };
}

export function detachInterfaceOperation(deps: ConductorDeps): OperationDefinition<Detach, Record<string, never>> {
  return {
    kind: 'server.detach_interface',
    action: 'detach_interface',
    steps: [
      {
        name: 'compute_detach_interface',
        transient: (error) => error instanceof ComputeDown,
        async run({ input, signal }) {
          const server = await liveServer(deps, input.serverId);
          if (server.host !== null)
            await deps.compute.call(
              server.host,
              'detachInterface',
              { id: server.id, portId: input.portId },
              { signal },
            );
          return undefined;
        },
      },
      {
        name: 'network_deallocate_port',
        transient: isServiceAway,
        async run({ input }) {
          const server = await liveServer(deps, input.serverId);
          await removePort(deps.network, server, input.portId);
          await setRequested(deps, server.id, without(input.portId));
          await deps.refresher.refresh(server.id);
          return undefined;
        },
      },
    ],
  };
}
