import { readdirSync, readFileSync } from 'node:fs';
import type { Run } from '#common/host/run.ts';
import { fileURLToPath } from 'node:url';
import type { Io } from './manage.ts';

/** Headings and their services; the daemon is the service's name without `openstack-`. */
const groups: readonly (readonly [string, readonly string[]])[] = [
  [
    'Nova services',
    ['api', 'cert', 'compute', 'scheduler', 'conductor', 'consoleauth', 'novncproxy'].map(
      (name) => `openstack-nova-${name}`,
    ),
  ],
  ['Glance services', ['openstack-glance-api', 'openstack-glance-registry']],
  ['Keystone service', ['openstack-keystone']],
  ['Horizon service', ['openstack-dashboard']],
  [
    'neutron services',
    [
      'neutron-server',
      'neutron-dhcp-agent',
      'neutron-l3-agent',
      'neutron-metadata-agent',
      'neutron-lbaas-agent',
      'neutron-openvswitch-agent',
    ],
  ],
  ['Cinder services', ['api', 'scheduler', 'volume', 'backup'].map((name) => `openstack-cinder-${name}`)],
];
const support = ['mysqld', 'libvirtd', 'openvswitch', 'dbus', 'tgtd', 'rabbitmq-server', 'memcached'];
/** Processes of support services, where they have other names. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  mysqld: ['mysqld', 'mariadbd'],
  openvswitch: ['ovs-vswitchd'],
  dbus: ['dbus-daemon'],
  'rabbitmq-server': ['beam.smp', 'rabbitmq-server'],
  'openstack-keystone': ['keystone-all'],
};

/** Reports that follow when one has signed in: a heading, and the command under it. */
const reports: readonly (readonly [string, readonly [string, string]])[] = [
  ['Keystone users', ['keystone', 'user-list']],
  ['Glance images', ['glance', 'image-list']],
  ['Nova managed services', ['nova', 'service-list']],
  ['Nova networks', ['nova', 'network-list']],
  ['Nova instance flavors', ['nova', 'flavor-list']],
  ['Nova instances', ['nova', 'list']],
];

export interface OpenstackStatusDeps {
  readonly io: Io;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly run: Run;
  readonly installed: (program: string) => boolean;
  /** The command lines of this machine's processes, each as its words; those of /proc unless given. */
  readonly processes?: () => readonly (readonly string[])[];
}

function allProcesses(): readonly (readonly string[])[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')];
      } catch {
        return []; // it ended meanwhile
      }
    });
}

const baseName = (word: string): string => word.split('/').at(-1) ?? '';

/** Whether a service runs: as a process of its own, or within an all-in-one cloud. */
function isActive(service: string, processes: readonly (readonly string[])[]): boolean {
  const names = otherNames[service] ?? [service.replace(/^openstack-/, '')];
  const isOurs = /^(openstack-|neutron-)/.test(service);
  return processes.some(
    (words) =>
      // An interpreter's first words are its own.
      words.slice(0, 5).some((word) => names.includes(baseName(word))) ||
      (isOurs && words.some((word) => word.endsWith('/src/igloo/main.ts')) && words.includes('up')),
  );
}

/** `(disabled on boot)` where the machine knows and says so. */
async function bootNote(service: string, { run, installed }: OpenstackStatusDeps): Promise<string> {
  if (!installed('systemctl')) return '';
  try {
    const { stdout } = await run(['systemctl', 'is-enabled', `${service}.service`], { ok: [0, 1, 2, 3, 4] });
    return stdout.trim() === 'disabled' ? '(disabled on boot)' : '';
  } catch {
    return '';
  }
}

/** `openstack-status`: what runs on this machine, then what is in the cloud. @returns the exit status */
export async function openstackStatus(_argv: readonly string[], deps: OpenstackStatusDeps): Promise<number> {
  const { io, env, run } = deps;
  const processes = (deps.processes ?? allProcesses)();
  const line = async (service: string): Promise<void> => {
    const note = await bootNote(service, deps);
    const state = isActive(service, processes) ? 'active' : 'inactive';
    io.out(`${`${service}:`.padEnd(40)}${note === '' ? state : state.padEnd(10) + note}\n`);
  };
  for (const [title, services] of groups) {
    io.out(`== ${title} ==\n`);
    for (const service of services) await line(service);
  }
  io.out('== Support services ==\n');
  for (const service of support.filter((name) => isActive(name, processes))) await line(service);
  if (!env['OS_USERNAME']) {
    io.out('== Keystone users ==\n');
    io.err('Warning keystonerc not sourced\n');
    return 0;
  }
  const bin = fileURLToPath(new URL('../../../bin/', import.meta.url));
  for (const [title, [client, command]] of reports) {
    io.out(`== ${title} ==\n`);
    const { stdout, stderr } = await run([bin + client, command], { ok: [0, 1, 2] });
    io.out(stdout);
    io.err(stderr);
  }
  return 0;
}
