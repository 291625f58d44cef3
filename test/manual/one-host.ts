import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from './commands.ts';
import { insertDisk, type Disk } from './disk.ts';
import { startFabric } from './fabric.ts';
import { labHostsOf, labs, type LabHost } from './labs.ts';
import { checkout, startHost, type NamespaceHost } from './namespace-host.ts';
import type { Stage } from './stage.ts';

export interface OneHostOptions {
  /** A new folder for the hosts' files. */
  readonly folder: string;
  /** The guest image, which the host finds as /usr/share/igloo/test-image.img. */
  readonly image: string;
  /** Whether Open vSwitch has to work without the kernel's help. */
  readonly userspaceSwitch: boolean;
}

const fullName = 'controller.magedu.com';
/** The manual's addresses: all of them are this one host's. */
const controllerCards: LabHost['cards'] = [
  ['eth0', 'management', '192.168.10.7/24', '192.168.10.8/24', '192.168.10.9/24', '192.168.10.100/24'],
  ['eth1', 'tunnel', '10.0.1.8/24', '10.0.1.9/24'],
  ['eth2', 'external'], // no address: it becomes a port of br-ex
];
const etcHosts = [
  `192.168.10.7 ${fullName} controller`,
  '192.168.10.8 compute1.magedu.com compute1',
  '192.168.10.9 network.magedu.com network',
  '192.168.10.100 stor1.magedu.com stor1',
];

/** What several of the manual's nodes do for themselves, and one host needs once. */
const doneBefore: Readonly<Record<string, string>> = {
  M298: 'M225',
  M338: 'M291',
  M340: 'M293',
  M352: 'M225',
  M356: 'M301',
};

/**
 * One host is controller, network node, compute node and storage node; the labs of the appendices have hosts of their own.
 */
export async function oneHost({ folder, image, userspaceSwitch }: OneHostOptions): Promise<Stage> {
  const fabric = await startFabric();
  await fabric.address('external', '172.16.0.1/16'); // the router that the manual's outside has
  const disks: Disk[] = [];
  const running = new Map<string, Promise<NamespaceHost>>();

  const start = async (name: string, cards: LabHost['cards'], hosts: readonly string[]): Promise<NamespaceHost> => {
    const host = await startHost({ name, folder: join(folder, String(running.size)), hosts });
    for (const [card, into, ...addresses] of cards) await fabric.plug(host, card, into, ...addresses);
    const shims = ['yum', ...(userspaceSwitch ? ['ovs-vsctl'] : [])];
    await host.type(
      `ln -sf ${shims.map((shim) => `${checkout}/test/manual/host-bin/${shim}`).join(' ')} /usr/local/bin/`,
    );
    await host.type(`ln -sf ${checkout}/src/igloo/services/chkconfig.sh /usr/local/sbin/chkconfig`);
    return host;
  };
  const startController = async (): Promise<NamespaceHost> => {
    const host = await start(fullName, controllerCards, etcHosts);
    const there = host.path('/usr/share/igloo/test-image.img');
    await mkdir(dirname(there), { recursive: true });
    await copyFile(image, there);
    disks.push(await insertDisk(host, '/dev/sdb', join(folder, 'sdb.img'), 10 * 1024 ** 3));
    return host;
  };
  const startLab = async (name: string): Promise<NamespaceHost> => {
    const { cards, prepared } = labs[name] as LabHost;
    const host = await start(name.replace(' ', '-'), cards, []);
    for (const line of prepared) {
      const { status, stderr } = await host.type(line);
      if (status !== 0) throw new Error(`The lab ${name} cannot be prepared: ${line}: ${stderr}`);
    }
    return host;
  };
  const hostOf = (name: string): Promise<NamespaceHost> => {
    const known = running.get(name) ?? (name === fullName ? startController() : startLab(name));
    running.set(name, known);
    return known;
  };

  return {
    hostsOf(command: Command) {
      // What chapter 6 calls the lab is the guest; the way there begins at the host.
      const isLab = command.node === 'lab' && command.section.startsWith('A');
      return Promise.all((isLab ? labHostsOf(command) : [fullName]).map(hostOf));
    },
    excuse: ({ id }) => (doneBefore[id] === undefined ? undefined : `one host: ${doneBefore[id]} has done it`),
    hostOf: () => fullName,
    doors: async () =>
      (await Promise.all(running.values())).map(({ name, enter }) => `${name}: ${enter.join(' ')} bash -l`),
    async stop() {
      for (const disk of disks) await disk.eject();
      for (const host of running.values()) await (await host).stop();
      fabric.stop();
    },
  };
}
