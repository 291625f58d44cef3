import { hostname } from 'node:os';
import { OvsBridges } from '#common/host/ovs-bridges.ts';
import { provideOpenvswitch, type OpenVswitch } from '#common/host/openvswitch.ts';
import type { Run } from '#common/host/run.ts';
import { Supervisor } from '#common/host/supervisor.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { StateFolder } from './state.ts';

/** Folder of the private Open vSwitch; used only where the machine runs none of its own. */
export const switchFolder = (state: StateFolder): string => state.path('run', 'ovs');

/** Takes the bridge to the outside away if it is ours. */
export async function removeExternalBridge(bridges: OvsBridges): Promise<void> {
  if ('igloo-made' in (bridges.bridgeExternalIds('br-ex') ?? {})) await bridges.deleteBridge('br-ex');
}

/** Remembers the helper programs that Igloo itself started, across restarts. */
export const switchSupervisor = (state: StateFolder, run: Run, log: Logger): Supervisor =>
  new Supervisor({ folder: state.path('run', 'programs'), run, log });

/** On bridges that Igloo itself made, so that `destroy` takes them away and leaves those of others. */
export const IGLOO_MARK = { 'igloo-made': 'external' } as const;

/** The machine's Open vSwitch, or a private one; with the bridge to the outside, as the manual's operator makes it. */
export async function prepareSwitch(
  state: StateFolder,
  supervisor: Supervisor,
  run: Run,
  log: Logger,
): Promise<OpenVswitch> {
  const ovs = await provideOpenvswitch({ folder: switchFolder(state), run, supervisor, hostname: hostname() });
  const bridges = await OvsBridges.connect(ovs.socket, log);
  try {
    // One that somebody made before is used as it is.
    const known = bridges.bridgeExternalIds('br-ex');
    if (known === undefined || 'igloo-made' in known)
      await bridges.ensureBridge('br-ex', {
        datapathType: ovs.datapathType,
        failMode: 'standalone',
        externalIds: { 'bridge-id': 'br-ex', ...IGLOO_MARK },
      });
  } finally {
    bridges.close();
  }
  return ovs;
}
