import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#common/clock.ts';
import { startOpenvswitch, stopOpenvswitch } from '#common/host/openvswitch.ts';
import { OvsBridges, type OvsPort } from '#common/host/ovs-bridges.ts';
import { isRoot, missingPrograms } from '#common/host/privileges.ts';
import { run, type Run } from '#common/host/run.ts';
import { Supervisor } from '#common/host/supervisor.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { converseArgv } from './test-converse.ts';
import type { DriverDeps } from './deps.ts';
import { ImageCache } from './disks/image-cache.ts';
import type { ConsoleEndpoint } from './driver.ts';
import { findGuestProcesses } from './qemu/guest-process.ts';
import { BOOT_MARKER, writeTestGuest } from './test-guest.ts';
import { createHostVif } from './vif/host-vif.ts';
import { ovsConnection } from './vif/ovs-connection.ts';
import { readMarkedLinks } from './vif/links.ts';
import type { VifPlugger } from './vif/vif.ts';

/** What of the machine the tests of real drivers need and it lacks. */
export const missingForGuests = (...more: readonly string[]): string[] => [
  ...missingPrograms([
    'qemu-system-x86_64',
    'qemu-img',
    'genisoimage',
    'mke2fs',
    'mkswap',
    'ovs-vswitchd',
    'ethtool',
    ...more,
  ]),
  ...(isRoot() ? [] : ['root']),
];

/** A compute host for tests: a network namespace with an Open vSwitch of its own, and folders, all gone afterwards. */
export interface TestHost {
  readonly folder: string;
  readonly netns: string;
  readonly run: Run;
  readonly ovsSocket: string;
  readonly bridges: OvsBridges;
  readonly basePath: string;
  readonly volumePath: string;
  readonly bootMarker: string;
  /** Fresh dependencies over the same place. */
  deps(): DriverDeps;
  /** Everything of a guest that is on the host: files, devices, Open vSwitch ports, processes. */
  traces(id: string): Promise<string[]>;
  /** The ports of br-int as they are now. */
  ports(): Promise<OvsPort[]>;
  /** Sends words to a port in here and gives what comes back, up to the same words. */
  converse(endpoint: ConsoleEndpoint, words: string): Promise<string>;
  /** All devices and ports of guests, whoever's. */
  wiring(): Promise<string[]>;
  close(): Promise<void>;
}

export async function makeTestHost(): Promise<TestHost> {
  const folder = await mkdtemp(join(tmpdir(), 'nova-'));
  const netns = `igt-nova-${randomBytes(4).toString('hex')}`;
  await run(['ip', 'netns', 'add', netns]);
  const inside: Run = (argv, options) => run(['nsenter', `--net=/run/netns/${netns}`, '--', ...argv], options);
  await inside(['ip', 'link', 'set', 'lo', 'up']);
  const supervisor = new Supervisor({ folder: join(folder, 'ovs'), run: inside, log: silentLogger });
  const ovs = await startOpenvswitch({ folder: join(folder, 'ovs'), run: inside, supervisor, hostname: 'test' });
  const bridges = await OvsBridges.connect(ovs.socket, silentLogger);
  await bridges.ensureBridge('br-int', { datapathType: ovs.datapathType, failMode: 'secure' });
  const instancesPath = join(folder, 'instances');
  await mkdir(join(instancesPath, '_base'), { recursive: true });
  const basePath = join(instancesPath, '_base', 'test-guest');
  await writeTestGuest(basePath);
  const volumePath = join(folder, 'volume');
  for (const path of [volumePath, `${volumePath}2`]) await writeFile(path, Buffer.alloc(1024 * 1024));
  const vifs: VifPlugger[] = [];
  const installation = '11111111-2222-4333-8444-555555555555';

  /** What others changed in Open vSwitch's database before now is in our mirror after this. */
  const synchronise = (): Promise<unknown> => bridges.db.transact([{ op: 'comment', comment: 'synchronise' }]);
  const ports = async (): Promise<OvsPort[]> => {
    await synchronise();
    return bridges.ports('br-int');
  };
  const wiring = async (): Promise<string[]> => [
    ...[...(await readMarkedLinks(inside)).keys()].filter((name) => /^(tap|qbr|qvb|qvo)/.test(name)),
    ...(await ports()).map(({ name }) => `port ${name}`),
  ];
  return {
    folder,
    netns,
    run: inside,
    ovsSocket: ovs.socket,
    bridges,
    basePath,
    volumePath,
    bootMarker: BOOT_MARKER,
    deps: () => {
      const vif = createHostVif({ run: inside, ovs: ovsConnection(ovs.socket, silentLogger), installation });
      vifs.push(vif);
      return {
        run: inside,
        log: silentLogger,
        clock: systemClock,
        host: 'host1',
        instancesPath,
        statePath: folder,
        installation,
        virtType: 'qemu',
        vif,
        cache: new ImageCache({ instancesPath, host: 'host1', run: inside, clock: systemClock, log: silentLogger }),
        configDriveFormat: 'iso9660',
        usbTablet: true,
        vncKeymap: 'en-us',
        serial: { listen: '127.0.0.1', ports: { first: 10_000, last: 20_000 } },
      };
    },
    async traces(id) {
      const path = join(instancesPath, id);
      const files = (await stat(path).catch(() => undefined)) ? [path, ...(await readdir(path))] : [];
      const devices = [...(await readMarkedLinks(inside))].flatMap(([name, { alias }]) =>
        alias?.endsWith(id) ? [name] : [],
      );
      const plugged = (await ports()).flatMap((port) => (port.externalIds['vm-uuid'] === id ? [port.name] : []));
      const processes = findGuestProcesses(id, path).map(({ pid }) => `process ${pid}`);
      return [...files, ...devices, ...plugged, ...processes];
    },
    converse: async (endpoint, words) => (await inside(converseArgv(endpoint, words))).stdout,
    wiring,
    ports,
    async close() {
      for (const vif of vifs) vif.close();
      bridges.close();
      await stopOpenvswitch(supervisor);
      await supervisor.close();
      await run(['ip', 'netns', 'del', netns]);
      await rm(folder, { recursive: true });
    },
  };
}
