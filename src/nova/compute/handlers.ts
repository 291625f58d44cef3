import type { RpcHandlers } from '#common/bus/bus.ts';
import type { Clock } from '#common/clock.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { computeRpc, SpawnRequest } from '../rpc.ts';
import type { ComputeDriver, GuestSpec } from '../virt/driver.ts';
import type { VifPlugger } from '../virt/vif/vif.ts';
import type { HostVolumes } from './host-volumes.ts';
import { hostHandlers } from './host-handlers.ts';
import { lifeHandlers, type LifeHandlersDeps } from './life-handlers.ts';
import type { ServerLocks } from './server-locks.ts';
import { volumeHandlers } from './volume-handlers.ts';

export interface ComputeHandlersDeps extends Omit<LifeHandlersDeps, 'on'> {
  readonly driver: ComputeDriver;
  readonly vif: VifPlugger;
  readonly locks: ServerLocks;
  readonly clock: Clock;
  readonly log: Logger;
  /** Puts the images of a request into its guest. */
  readonly images: (request: SpawnRequest, signal: AbortSignal) => Promise<GuestSpec>;
  /** How the host reaches volumes. */
  readonly volumes: HostVolumes;
  /** What `uptime` prints on this host. */
  readonly uptime: () => Promise<string>;
  /** What the host has left has changed. */
  readonly changed: () => void;
  /** Where guests' VNC servers listen; null gives them none. */
  readonly vncListen: string | null;
  /** How the proxies reach this host. */
  readonly proxyClientAddress: string;
  /** The same for serial consoles. */
  readonly serialClientAddress: string;
  readonly vifPluggingTimeoutMs: number;
  readonly vifPluggingIsFatal: boolean;
}

/** The network agent did not take up a guest's port in time. */
export class VirtualInterfaceCreateException extends Error {
  override readonly name = 'VirtualInterfaceCreateException';
}

const NOTHING = {};

/** What nova-compute does when asked over the bus: one thing at a time per server, everything idempotent. */
export function createComputeHandlers(deps: ComputeHandlersDeps): RpcHandlers<(typeof computeRpc)['methods']> {
  const { driver, locks } = deps;
  /** Work on a server that changes it. */
  const on = async (id: string, work: (signal: AbortSignal) => Promise<void>): Promise<typeof NOTHING> => {
    await locks.run(id, work);
    deps.changed();
    return NOTHING;
  };

  const spawn = async (request: SpawnRequest, signal: AbortSignal): Promise<void> => {
    const { id } = request.guest;
    const vnc = deps.vncListen === null ? null : { listen: deps.vncListen };
    const state = await driver.state(id);
    if (state?.power !== 'running' && state?.power !== 'paused') {
      const { start = true, fromAside } = request;
      // Disks that are carried over need no image: it may be gone.
      const guest = fromAside === undefined ? await deps.images(request, signal) : request.guest;
      const disks = await Promise.all(guest.disks.map((disk) => deps.volumes.ready(disk, signal)));
      await driver.spawn({ ...guest, disks, vnc }, signal, { start, ...(fromAside !== undefined && { fromAside }) });
      if (!start) return;
    }
    await waitForAgent(request.guest, signal);
  };

  const waitForAgent = async (guest: GuestSpec, signal: AbortSignal): Promise<void> => {
    if (deps.vifPluggingTimeoutMs === 0) return;
    const unwired = await deps.vif.unwired(guest.interfaces, deps.vifPluggingTimeoutMs, signal);
    signal.throwIfAborted();
    if (unwired.length === 0) return;
    const message = `Virtual Interface creation failed: neutron-openvswitch-agent on this host has not taken up port ${unwired.join(', ')} after ${deps.vifPluggingTimeoutMs / 1000} s (vif_plugging_timeout). See its log, and whether it is alive in "neutron agent-list".`;
    if (deps.vifPluggingIsFatal) throw new VirtualInterfaceCreateException(message);
    deps.log.warn(`Instance ${guest.id}: ${message}`);
  };

  return {
    async spawn({ request }) {
      await on(request.guest.id, (signal) => spawn(request, signal));
      return { launchedAt: deps.clock.now().toISOString() };
    },
    async destroy({ id }) {
      await locks.runInstead(id, `Instance ${id} is being deleted.`, (signal) => driver.destroy(id, signal));
      deps.changed();
      return NOTHING;
    },
    powerOff: ({ id, timeoutSeconds }) => on(id, (signal) => driver.powerOff(id, timeoutSeconds * 1000, signal)),
    powerOn: ({ id }) => on(id, (signal) => driver.powerOn(id, signal)),
    reboot: ({ id, kind, timeoutSeconds }) =>
      on(id, (signal) => driver.reboot(id, kind, timeoutSeconds * 1000, signal)),
    pause: ({ id }) => on(id, () => driver.pause(id)),
    unpause: ({ id }) => on(id, () => driver.unpause(id)),
    state: async ({ id }) => ({ power: (await driver.state(id))?.power ?? null }),
    consoleLog: async ({ id, maxBytes }) => ({ base64: (await driver.consoleLog(id, maxBytes)).toString('base64') }),
    vncConsole: async ({ id }) => ({ ...(await driver.vncEndpoint(id)), host: deps.proxyClientAddress }),
    serialConsole: async ({ id }) => ({ ...(await driver.serialEndpoint(id)), host: deps.serialClientAddress }),
    attachInterface: ({ id, nic }) => on(id, (signal) => driver.attachInterface(id, nic, signal)),
    detachInterface: ({ id, portId }) => on(id, (signal) => driver.detachInterface(id, portId, signal)),
    ...hostHandlers(deps),
    ...lifeHandlers({ ...deps, on }),
    ...volumeHandlers({ driver, volumes: deps.volumes, log: deps.log, on }),
  };
}
