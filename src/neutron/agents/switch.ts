import { join } from 'node:path';
import { StartupError, type DaemonEnv } from '#common/daemon.ts';
import { OvsBridges } from '#common/host/ovs-bridges.ts';
import { ovsKernelDatapath } from '#common/host/privileges.ts';
import type { Logger } from '#common/telemetry/log.ts';

/** The Open vSwitch of this host, as an agent uses it. */
export interface HostSwitch {
  readonly bridges: OvsBridges;
  readonly runDir: string;
  readonly datapathType: 'system' | 'netdev';
}

export interface SwitchSettings {
  readonly run_dir: string;
  readonly datapath_type: 'auto' | 'system' | 'netdev';
}

/** @throws StartupError when Open vSwitch does not run */
export async function connectSwitch(settings: SwitchSettings, env: DaemonEnv, log: Logger): Promise<HostSwitch> {
  const socket = join(settings.run_dir, 'db.sock');
  const { datapath_type: asked } = settings;
  const datapathType = asked !== 'auto' ? asked : (await ovsKernelDatapath(env.run)).usable ? 'system' : 'netdev';
  try {
    return { bridges: await OvsBridges.connect(socket, log), runDir: settings.run_dir, datapathType };
  } catch (error) {
    throw new StartupError(
      `${(error as Error).message}. Start Open vSwitch (service openvswitch-switch start) or set [ovs] run_dir to its folder.`,
      { cause: error },
    );
  }
}
