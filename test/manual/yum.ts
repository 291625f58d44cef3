/** `yum [-y] install NAME…` of a replay's host: brings Igloo's part of each package, looks for what others bring. */
import { accessSync, constants } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '#common/host/run.ts';
import { installPackage } from '#igloo/services/install.ts';
import { initFunctions } from '#igloo/services/init-script.ts';
import { packages } from '#igloo/services/packages.ts';

const checkout = join(import.meta.dirname, '../..');

/** A package of the manual that the machine's own programs stand for. */
interface Foreign {
  readonly programs: readonly string[];
  readonly services?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** Folders that begin empty, whatever the machine has there. */
  readonly emptied?: readonly string[];
}

const foreign: Readonly<Record<string, Foreign>> = {
  'mariadb-galera-server': {
    programs: ['/usr/sbin/mariadbd', '/usr/bin/mariadb-install-db', '/usr/bin/mysql'],
    services: ['mysqld'],
    files: { '/etc/my.cnf': '[mysqld]\nuser=mysql\n' },
    emptied: ['/var/lib/mysql'],
  },
  'qpid-cpp-server': {
    programs: ['/usr/lib/rabbitmq/bin/rabbitmq-server'],
    services: ['qpidd'],
    files: { '/etc/qpidd.conf': 'cluster-mechanism=ANONYMOUS\nauth=yes\n' },
  },
  openvswitch: { programs: ['/usr/bin/ovs-vsctl', '/usr/sbin/ovs-vswitchd'], services: ['openvswitch'] },
  libvirt: {
    programs: ['/usr/sbin/libvirtd', '/usr/bin/dbus-daemon'],
    services: ['libvirtd', 'messagebus'],
    emptied: ['/etc/libvirt/qemu/networks'],
  },
  memcached: { programs: ['/usr/bin/memcached'], services: ['memcached'] },
  'scsi-target-utils': {
    programs: ['/usr/sbin/tgtd', '/usr/sbin/tgt-admin'],
    services: ['tgtd'],
    files: { '/etc/tgt/targets.conf': 'default-driver iscsi\n' },
  },
};

/** What a package needs and yum would bring along. */
const needs: Readonly<Record<string, readonly string[]>> = {
  'openstack-nova-compute': ['libvirt'],
  'openstack-neutron-openvswitch': ['openvswitch'],
};

async function installForeign({ programs, services = [], files = {}, emptied = [] }: Foreign): Promise<void> {
  for (const program of programs) accessSync(program, constants.X_OK);
  for (const folder of emptied) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  for (const service of services) {
    const script = await readFile(join(import.meta.dirname, 'init.d', service), 'utf8');
    await writeFile(`/etc/init.d/${service}`, script.replace('@functions@', initFunctions(checkout)));
    await chmod(`/etc/init.d/${service}`, 0o755);
  }
}

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-') && word !== 'install');
const problems: string[] = [];
for (const name of wanted.flatMap((one) => [...(needs[one] ?? []), one])) {
  const [own, other] = [packages[name], foreign[name]];
  try {
    if (own) await installPackage(own, { checkout, run });
    else if (other) await installForeign(other);
    else problems.push(`No package ${name} available.`);
  } catch (error) {
    problems.push(`${name}: ${(error as Error).message}`);
  }
}
process.stdout.write(
  problems.length > 0 ? `${problems.join('\n')}\n` : `Installed: ${wanted.join(' ')}\n\nComplete!\n`,
);
process.exitCode = problems.length > 0 ? 1 : 0;
