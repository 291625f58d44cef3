import { networkInterfaces, hostname } from 'node:os';
import { systemClock } from '#common/clock.ts';
import { createSession, type Session } from '#common/auth/session.ts';
import type { HttpTransport } from '#common/api/transport.ts';
import type { Run } from '#common/host/run.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { startCloud, type RunningCloud } from './cloud.ts';
import { writeCredentials } from './credentials.ts';
import { makeDemoNetworks } from './demo.ts';
import { ensureDemoImage, type PendingImage } from './demo-image.ts';
import {
  externalCandidates,
  firstFree,
  hostNetworks,
  openExternalNetwork,
  tenantCandidates,
  type ExternalNetwork,
} from './external-network.ts';
import { chooseDriver, type DriverName } from '#nova/virt/index.ts';
import { startStoppedGuests } from './guests.ts';
import { openCloudLog } from './log.ts';
import { prepareMachine, type Machine } from './machine.ts';
import type { UpOptions } from './options.ts';
import { portsAt } from './ports.ts';
import { prepareServices } from './prepare.ts';
import type { Progress } from './progress.ts';
import type { CloudSettings } from './settings.ts';
import {
  loadSecrets,
  ownIdentity,
  prepareStateFolder,
  readCloudRecord,
  stateFolder,
  writeCloudRecord,
  type CloudRecord,
} from './state.ts';
import { prepareSwitch, switchSupervisor } from './switch.ts';

/** A started cloud, as `igloo up` tells of it. */
export interface StartedCloud {
  readonly settings: CloudSettings;
  readonly machine: Machine;
  readonly seconds: number;
  readonly log: Logger;
  /** Why the dashboard does not run, for people; null when it does. */
  readonly dashboardTrouble: string | null;
  stop(): Promise<void>;
}

/**
 * Brings a cloud up from whatever state the folder is in: first start, after `down`, after a `kill -9` at any moment.
 * @throws StartupError, CommandError with one clear line
 */
export async function start(options: UpOptions, run: Run, progress: Progress): Promise<StartedCloud> {
  const state = stateFolder(options.stateDir);
  prepareStateFolder(state);
  const before = readCloudRecord(state);
  const machine = await prepareMachine(options, run, progress);
  for (const line of machine.shortcomings) progress.say(`          note: ${line}`);
  const logs = openCloudLog(state);
  const { log } = logs;
  // The guests of the last start stay with the hypervisor that they are on.
  const kept = machine.virt === 'auto' ? (before?.virt as DriverName | undefined) : undefined;
  const virt = await chooseDriver(kept ?? machine.virt, state.path('nova'));
  const secrets = await loadSecrets(state, options.adminPassword);

  const image: PendingImage | null = options.bare ? null : ensureDemoImage(state, machine, run, progress);
  const external = await chooseExternal(before, run);
  const supervisor = switchSupervisor(state, run, log);
  const ovs = machine.network === 'fake' ? null : await prepareSwitch(state, supervisor, run, log);
  if (ovs) {
    await openExternalNetwork(run, external);
    progress.step(
      `network ready: ${ovs.private ? 'private' : "the machine's"} Open vSwitch (${ovs.datapathType} datapath)`,
    );
  }

  const address = advertised(options.bind);
  const settings: CloudSettings = {
    state,
    secrets,
    ports: portsAt(options.portOffset),
    bind: options.bind,
    address,
    host: hostname(),
    virt: virt.name,
    network: machine.network,
    openvswitch: ovs,
    configDir: options.configDir,
  };
  const record: CloudRecord = {
    process: ownIdentity(),
    startedAt: systemClock.now().toISOString(),
    address,
    portOffset: options.portOffset,
    virt: virt.name,
    network: machine.network,
    openvswitchPrivate: ovs?.private ?? false,
    externalCidr: external.cidr,
    ready: false,
  };
  await writeCloudRecord(state, record);
  await prepareServices(settings, log);
  progress.step('databases and accounts ready');
  const { started: resumed, left } = await startStoppedGuests(state, run);
  if (resumed > 0) progress.step(`${resumed} guest${resumed === 1 ? '' : 's'} started again`);
  const cloud: RunningCloud = await startCloud(settings, log);
  if (left > 0) {
    // Their volumes are reached now.
    const { started, left: failed } = await startStoppedGuests(state, run);
    progress.step(`${started} more started again${failed > 0 ? `, ${failed} could not be: nova start tells why` : ''}`);
  }
  progress.step('all APIs answer');
  const dashboard = cloud.startDashboard();
  const authRoot = `http://${address}:${settings.ports.keystonePublic}`;
  await writeCredentials(state, { authRoot, secrets });

  if (!options.bare) {
    const session = (account: 'admin' | 'demo'): Session => accountSession(account, settings, cloud.transport);
    const tenantCidr = firstFree(tenantCandidates, (cidr) => cidr, [...(await hostNetworks(run)), external.cidr]);
    await makeDemoNetworks({ admin: session('admin'), demo: session('demo'), external, tenantCidr });
    await image?.upload(session('admin'));
    progress.step('demo projects, networks, router and image ready');
  }
  const dashboardTrouble = await dashboard;
  await writeCloudRecord(state, { ...record, ready: true });
  return {
    settings,
    machine,
    seconds: progress.seconds(),
    log,
    dashboardTrouble,
    async stop() {
      await cloud.stop();
      await supervisor.close();
      logs.close();
    },
  };
}

/** A user of the cloud, signed in within the process. */
const accountSession = (account: 'admin' | 'demo', settings: CloudSettings, transport: HttpTransport): Session =>
  createSession(
    {
      authUrl: `http://${settings.address}:${settings.ports.keystonePublic}`,
      username: account,
      password: account === 'admin' ? settings.secrets.adminPassword : settings.secrets.demoPassword,
      projectName: account,
    },
    { transport, clock: systemClock },
  );

/** The range of the last start, since ext-subnet has it; a free one at the first. */
async function chooseExternal(before: CloudRecord | undefined, run: Run): Promise<ExternalNetwork> {
  const kept = externalCandidates.find((one) => one.cidr === before?.externalCidr);
  return kept ?? firstFree(externalCandidates, (one) => one.cidr, await hostNetworks(run).catch(() => []));
}

/** What clients are told when the cloud listens everywhere: the first address that is not loopback. */
function advertised(bind: string): string {
  if (bind !== '0.0.0.0' && bind !== '::') return bind;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find((one) => one.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.1';
}
