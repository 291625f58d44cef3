import { isServiceAway } from '#clients/rest.ts';
import { RpcTimeout } from '#common/bus/bus.ts';
import type { OperationDefinition, OperationFailure, StepContext } from '#common/operations/operation.ts';
import { findKeypair } from '../../keypairs/rows.ts';
import type { MetadataSource } from '../../metadata/documents.ts';
import type { ServerInput } from '../../operations/kinds.ts';
import type { FilterVerdict } from '../../rpc.ts';
import { verdictText, type Server } from '../../servers/model.ts';
import { findServer, pluggedPorts, updateUnlessDeleting } from '../../servers/rows.ts';
import type { BlockDevice } from '../../volumes/model.ts';
import { devicesOf } from '../../volumes/rows.ts';
import { liveServer, NoLongerWanted, nowOf, type ConductorDeps } from '../deps.ts';
import { rootDeviceName, spawnRequest } from '../guest-spec.ts';
import { destroyGuest, onSomeHost, place, unplace } from '../placement.ts';
import { ensurePorts, portsOf, removePorts } from '../ports.ts';
import { makeVolumes, unmakeVolumes } from '../made-volumes.ts';
import { completeVolumes, connectVolumes, reserveVolumes } from '../volumes.ts';

type Op = StepContext<ServerInput, Record<string, never>>;

/** Milliseconds that one host may take to make a guest unless `instance_build_timeout` says otherwise. */
const buildMs = 1_800_000;

/**
 * Boots a server: host → ports → volumes → guest → wired → active. Each step makes it so, whatever an earlier try has left; what one
 * did, its undo takes back: guest, volumes, ports, claim.
 */
export function createServerOperation(deps: ConductorDeps): OperationDefinition<ServerInput, Record<string, never>> {
  const { db, conf } = deps;

  const save = async (id: string, change: Parameters<typeof updateUnlessDeleting>[2]): Promise<void> => {
    if (!(await updateUnlessDeleting(db.query, id, change))) throw new NoLongerWanted(`Server ${id} is being deleted`);
  };

  /** Ports on the server's host, and what the API shows of them. */
  const wire = async (server: Server & { readonly host: string }): Promise<Server> => {
    const zone = (await deps.directory.zones())(server.host);
    const ports = await ensurePorts(deps, server, server.host, zone);
    await save(server.id, {
      network_info: JSON.stringify(ports),
      task_state: 'spawning',
      updated_at: nowOf(deps),
    });
    return { ...server, ports };
  };

  const spawn = async (server: Server & { readonly host: string }, op: Op): Promise<void> => {
    const volumes = await connectVolumes(deps, server, server.host, op.signal);
    const request = spawnRequest(
      server,
      server.configDrive ? await metadataOf(deps, server, volumes.devices) : null,
      {
        nameTemplate: conf.DEFAULT.instance_name_template,
        vncListen: conf.DEFAULT.vnc_enabled ? conf.DEFAULT.vncserver_listen : null,
      },
      volumes,
    );
    await deps.compute.call(
      server.host,
      'spawn',
      { request },
      {
        signal: op.signal,
        totalMs: conf.DEFAULT.instance_build_timeout > 0 ? conf.DEFAULT.instance_build_timeout * 1000 : buildMs,
      },
    );
  };

  return {
    kind: 'server.create',
    action: 'create',
    steps: [
      {
        name: 'scheduler_select_host',
        transient: (error) => error instanceof RpcTimeout,
        async run(op) {
          const server = await liveServer(deps, op.input.serverId);
          await deps.notify('compute.instance.create.start', server);
          await place(deps, server, op.signal);
          return undefined;
        },
        undo: (op) => unplace(deps, op.input.serverId),
      },
      {
        name: 'network_allocate_for_instance',
        transient: isServiceAway,
        async run(op) {
          await onSomeHost(deps, op.input.serverId, op.signal, op.log, wire);
          return undefined;
        },
        async undo(op) {
          const server = await findServer(db.query, op.input.serverId);
          if (server) await removePorts(deps.network, server);
        },
      },
      {
        name: 'compute_prepare_block_devices',
        transient: isServiceAway,
        async run(op) {
          if ((await devicesOf(db.query, op.input.serverId)).length === 0) return undefined;
          await onSomeHost(deps, op.input.serverId, op.signal, op.log, async (server) => {
            await save(server.id, { task_state: 'block_device_mapping', updated_at: nowOf(deps) });
            await makeVolumes(deps, server, op.signal);
            await reserveVolumes(deps, server);
          });
          return undefined;
        },
        async undo(op) {
          const server = await findServer(db.query, op.input.serverId);
          if (server) await unmakeVolumes(deps, server, op.log);
        },
      },
      {
        name: 'compute_spawn',
        transient: isServiceAway,
        async run(op) {
          await onSomeHost(deps, op.input.serverId, op.signal, op.log, async (server) =>
            spawn(
              // After a move to another host the ports follow; before it they are as they were.
              (await wire(server)) as Server & { readonly host: string },
              op,
            ),
          );
          return undefined;
        },
        async undo(op) {
          const server = await findServer(db.query, op.input.serverId);
          if (server) await destroyGuest(deps, server, op.signal, op.log);
        },
      },
      {
        name: 'network_wait_for_ports',
        transient: isServiceAway,
        async run(op) {
          await waitUntilWired(deps, op);
          return undefined;
        },
      },
      {
        name: 'compute_activate',
        transient: isServiceAway,
        async run(op) {
          const server = await liveServer(deps, op.input.serverId);
          await completeVolumes(deps, server);
          await save(server.id, {
            vm_state: 'active',
            task_state: null,
            power_state: 'running',
            root_device_name: rootDeviceName(server, await devicesOf(db.query, server.id)),
            admin_password: null,
            failed_hosts: '[]',
            fault: null,
            launched_at: nowOf(deps),
            updated_at: nowOf(deps),
          });
          return undefined;
        },
      },
    ],
    async succeeded(op) {
      const server = await findServer(db.query, op.input.serverId);
      if (server) await deps.notify('compute.instance.create.end', server);
    },
    async failed(op, error) {
      const { serverId } = op.input;
      await updateUnlessDeleting(db.query, serverId, {
        vm_state: 'error',
        task_state: null,
        power_state: 'nostate',
        progress: 0,
        network_info: '[]',
        admin_password: null,
        fault: JSON.stringify(faultOf(error, nowOf(deps))),
        updated_at: nowOf(deps),
      });
      const server = await findServer(db.query, serverId);
      if (server) await deps.notify('compute.instance.create.error', server, { message: error.message });
    },
  };
}

/** What the API shows of a failure; its details are for administrators. */
export function faultOf(error: OperationFailure, created: string) {
  const verdicts = Array.isArray(error.details) ? verdictText(error.details as FilterVerdict[]) : '';
  return {
    code: error.code,
    message: error.message,
    details: verdicts === '' ? `In step ${error.step}: ${error.message}` : verdicts,
    created,
  };
}

/** What a guest is told of itself, for its config drive. */
export async function metadataOf(
  deps: ConductorDeps,
  server: Server & { readonly host: string },
  devices: readonly BlockDevice[],
): Promise<MetadataSource> {
  const key = server.keyName === null ? null : await findKeypair(deps.db.query, server.userId, server.keyName);
  return {
    server,
    devices,
    zone: (await deps.directory.zones())(server.host),
    domain: deps.conf.DEFAULT.dhcp_domain,
    adminPassword: server.adminPassword,
    keyType: server.keyData === null ? null : (key?.type ?? 'ssh'),
  };
}

/**
 * Until Neutron has said of every port that it is wired (`network-vif-plugged`). Should the message have been lost, the
 * port's own status says the same.
 */
async function waitUntilWired(deps: ConductorDeps, op: Op): Promise<void> {
  const { vif_plugging_timeout: seconds, vif_plugging_is_fatal: fatal } = deps.conf.DEFAULT;
  const server = await liveServer(deps, op.input.serverId);
  const expected = server.ports.filter((port) => port.vif.type !== 'unbound').map((port) => port.portId);
  if (expected.length === 0 || seconds === 0) return;
  const deadline = deps.clock.now().getTime() + seconds * 1000;
  let asked = 0;
  for (let pause = 10; ; pause = Math.min(pause * 1.5, 500)) {
    const plugged = await pluggedPorts(deps.db.query, server.id);
    if (expected.every((id) => plugged.has(id))) return;
    const now = deps.clock.now().getTime();
    if (now - asked > 1000) {
      asked = now;
      const ports = await portsOf(deps.network, server);
      if (expected.every((id) => ports.find((port) => port.id === id)?.status === 'ACTIVE')) return;
    }
    if (now >= deadline) {
      const missing = expected.filter((id) => !plugged.has(id)).join(', ');
      const message = `Virtual Interface creation failed: Neutron has not reported port ${missing} as wired within ${seconds} s (vif_plugging_timeout). See the log of the host's network agent.`;
      if (fatal) throw new Error(message);
      op.log.warn(message);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    op.signal.throwIfAborted();
    await liveServer(deps, server.id);
  }
}
