import { rm } from 'node:fs/promises';
import { StartupError } from '#common/daemon.ts';
import { stopOpenvswitch, systemOpenvswitch } from '#common/host/openvswitch.ts';
import { OvsBridges } from '#common/host/ovs-bridges.ts';
import { stopPrivateTgtd } from '#common/host/private-tgtd.ts';
import { terminate } from '#common/host/process.ts';
import type { Run } from '#common/host/run.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { tgtdFolder } from '#cinder/volume/open-backend.ts';
import { removeAllNetworkDevices } from '#neutron/agents/cleanup.ts';
import { closeExternalNetwork } from '../external-network.ts';
import { removeGuests } from '../guests.ts';
import { parseStrict } from '../options.ts';
import { defaultStateDir, readCloudRecord, runningCloud, stateFolder, type StateFolder } from '../state.ts';
import { removeExternalBridge, switchFolder, switchSupervisor } from '../switch.ts';
import type { Command } from './command.ts';

/**
 * `igloo destroy --yes`: everything that Igloo made here is gone: processes, guests, namespaces, bridges, devices, packet
 * filter rules, files. Nothing else is touched. May be repeated after an interruption.
 */
export const destroy: Command = async (argv, { run, write }) => {
  const { values } = parseStrict(argv, {
    'state-dir': { type: 'string', default: defaultStateDir() },
    yes: { type: 'boolean', default: false },
  });
  const state = stateFolder(String(values['state-dir']));
  const record = readCloudRecord(state);
  if (!record) {
    write(`There is no cloud at ${state.root}.\n`);
    return 0;
  }
  if (values['yes'] !== true)
    throw new StartupError(
      `This removes the cloud at ${state.root} with all its guests and images. Add --yes if you mean it.`,
    );
  const running = runningCloud(state);
  if (running) await terminate(running.process, { graceMs: 15_000 });
  const guests = await removeGuests(state, run);
  await stopPrivateTgtd({ folder: tgtdFolder(state.path('cinder')), run, log: silentLogger });
  if (record.network !== 'fake') await removeNetwork(state, run, record.openvswitchPrivate);
  // The record goes with the folder, last of all: what is cut off here can be repeated.
  await rm(state.root, { recursive: true, force: true });
  write(`Removed: ${guests} guest${guests === 1 ? '' : 's'}, networks, images, databases and ${state.root}.\n`);
  return 0;
};

async function removeNetwork(state: StateFolder, run: Run, switchIsOurs: boolean): Promise<void> {
  const ovs = await systemOpenvswitch(run, switchIsOurs ? switchFolder(state) : undefined);
  const bridges = ovs && (await OvsBridges.connect(ovs.socket, silentLogger));
  try {
    await removeAllNetworkDevices({ run, statePath: state.path('neutron'), ...(bridges && { bridges }) });
    if (bridges) await removeExternalBridge(bridges);
  } finally {
    bridges?.close();
  }
  await closeExternalNetwork(run);
  if (!switchIsOurs) return;
  const supervisor = switchSupervisor(state, run, silentLogger);
  await stopOpenvswitch(supervisor);
  await supervisor.close();
}
