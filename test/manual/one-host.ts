import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from './commands.ts';
import { insertDisk, type Disk } from './disk.ts';
import { startFabric } from './fabric.ts';
import { startHost, checkout, type NamespaceHost } from './namespace-host.ts';
import type { Stage } from './stage.ts';

export interface OneHostOptions {
  /** A new folder for the hosts' files. */
  readonly folder: string;
  /** The guest image, which the hosts find as /usr/share/igloo/test-image.img. */
  readonly image: string | undefined;
  /** Whether Open vSwitch has to work without the kernel's help. */
  readonly userspaceSwitch: boolean;
}

const fullName = 'controller.magedu.com';
/** The manual's addresses: all of them are this one host's. */
const management = ['192.168.10.7/24', '192.168.10.8/24', '192.168.10.9/24', '192.168.10.100/24'];
const tunnel = ['10.0.1.8/24', '10.0.1.9/24'];
const etcHosts = [
  `192.168.10.7 ${fullName} controller`,
  '192.168.10.8 compute1.magedu.com compute1',
  '192.168.10.9 network.magedu.com network',
  '192.168.10.100 stor1.magedu.com stor1',
];

/**
 * One host is controller, network node, compute node and storage node; the labs of the appendices have hosts of their own.
 */
export async function oneHost({ folder, image, userspaceSwitch }: OneHostOptions): Promise<Stage> {
  const fabric = await startFabric();
  const disks: Disk[] = [];
  const running = new Map<string, Promise<NamespaceHost>>();

  const equip = async (host: NamespaceHost): Promise<NamespaceHost> => {
    const bins = ['yum', ...(userspaceSwitch ? ['ovs-vsctl'] : [])].map(
      (bin) => `${checkout}/test/manual/host-bin/${bin}`,
    );
    await host.type(`ln -sf ${bins.join(' ')} /usr/local/bin/; mkdir -p /etc/rc.d /etc/init.d`);
    await host.type(`ln -sf ${checkout}/src/igloo/services/chkconfig.sh /usr/local/sbin/chkconfig`);
    return host;
  };
  const controller = async (): Promise<NamespaceHost> => {
    const host = await startHost({ name: fullName, folder: join(folder, 'controller'), hosts: etcHosts });
    await fabric.plug(host, 'eth0', 'management', ...management);
    await fabric.plug(host, 'eth1', 'tunnel', ...tunnel);
    await fabric.plug(host, 'eth2', 'external'); // no address: it becomes a port of br-ex
    await fabric.address('external', '172.16.0.1/16');
    if (image !== undefined) {
      const there = host.path('/usr/share/igloo/test-image.img');
      await mkdir(dirname(there), { recursive: true });
      await copyFile(image, there);
    }
    disks.push(await insertDisk(host, '/dev/sdb', join(folder, 'sdb.img'), 10 * 1024 ** 3));
    return equip(host);
  };
  /** Appendix 1: an address on the outside, and the way there. */
  const lab = async (): Promise<NamespaceHost> => {
    const host = await startHost({ name: 'lab', folder: join(folder, 'lab') });
    await fabric.plug(host, 'eth0', 'external', '172.16.100.7/16');
    await fabric.address('external', '172.16.0.1/16').catch(() => undefined); // the controller's chapter gave it
    await host.type('sysctl -w net.ipv4.ip_forward=1');
    return equip(host);
  };
  const start: Readonly<Record<string, () => Promise<NamespaceHost>>> = { controller, lab };
  const nameOf = ({ node }: Command): string => (node === 'lab' ? 'lab' : 'controller');

  return {
    async hostsOf(command) {
      // What the manual does in the guest begins at the host.
      const name = command.section.startsWith('6') ? 'controller' : nameOf(command);
      if (!running.has(name)) running.set(name, (start[name] as () => Promise<NamespaceHost>)());
      return [await (running.get(name) as Promise<NamespaceHost>)];
    },
    excuse: ({ section }) =>
      section.startsWith('A2-') ? 'a lab of two hosts with Open vSwitch: for the lab with several hosts' : undefined,
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
