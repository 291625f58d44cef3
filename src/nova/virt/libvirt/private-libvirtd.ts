import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureFolder, readIfExists, writeFileAtomic, writeFileIfChanged } from '#common/host/files.ts';
import { fromPidFile, identify, terminate } from '#common/host/process.ts';
import type { Run } from '#common/host/run.ts';

/** Where the machine's own libvirtd listens; `virtqemud` is its newer, divided form. */
export const SYSTEM_SOCKETS = ['/run/libvirt/libvirt-sock', '/run/libvirt/virtqemud-sock'];

/** Folders that libvirtd has compiled in, and the private ones that stand in their place for it. */
const FOLDERS = [
  ['etc', '/etc/libvirt'],
  ['lib', '/var/lib/libvirt'],
  ['run', '/run/libvirt'],
  ['log', '/var/log/libvirt'],
  ['cache', '/var/cache/libvirt'],
] as const;

/**
 * Arguments: the private folder, then pairs of part and place, then `--` and the program. The text is constant and
 * everything that varies is an argument, so nothing in a path can become a command.
 */
const BIND_AND_RUN = `
base=$1; shift
while [ "$1" != -- ]; do
  mkdir -p "$2"
  mount --bind "$base/$1" "$2"
  shift 2
done
shift
exec "$@"
`;

/** No security driver, cgroups, namespaces or log daemon: nothing of the machine is expected beyond QEMU itself. */
const QEMU_CONF = `user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
cgroup_controllers = [ ]
namespaces = [ ]
stdio_handler = "file"
max_core = 0
`;

export const privateSocket = (folder: string): string => join(folder, 'run', 'libvirt-sock');
const pidFile = (folder: string): string => join(folder, 'run', 'libvirtd.pid');

/**
 * Starts a libvirtd of our own, whose files are all below `folder`: it sees them at its compiled-in places through a mount
 * namespace. The guests that it starts outlive it; the next one picks them up. Its cache is kept, since looking at what QEMU
 * can do takes seconds.
 * @throws CommandError when it does not start
 */
export async function startPrivateLibvirtd(run: Run, folder: string): Promise<void> {
  for (const [part] of FOLDERS) await ensureFolder(join(folder, part), 0o711);
  await forgetLastBoot(folder);
  const uuidFile = join(folder, 'host-uuid');
  const hostUuid = (await readIfExists(uuidFile)) ?? randomUUID();
  await writeFileAtomic(uuidFile, hostUuid);
  await writeFileIfChanged(join(folder, 'etc', 'qemu.conf'), QEMU_CONF);
  await writeFileIfChanged(
    join(folder, 'etc', 'libvirtd.conf'),
    `auth_unix_rw = "none"
auth_unix_ro = "none"
unix_sock_rw_perms = "0700"
unix_sock_ro_perms = "0700"
host_uuid = "${hostUuid}"
log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
`,
  );
  const binds = FOLDERS.flat();
  const libvirtd = ['libvirtd', '-d', '-f', '/etc/libvirt/libvirtd.conf', '-p', '/run/libvirt/libvirtd.pid'];
  await run([
    'unshare',
    '-m',
    '--propagation',
    'slave',
    '--',
    'sh',
    '-euc',
    BIND_AND_RUN,
    'sh',
    folder,
    ...binds,
    '--',
    ...libvirtd,
  ]);
}

/** Ends it; its guests run on. */
export async function stopPrivateLibvirtd(folder: string): Promise<void> {
  const identity = fromPidFile(pidFile(folder));
  if (identity) await terminate(identity);
}

/** What libvirtd notes about running guests is of no meaning after a reboot, and would only confuse it. */
async function forgetLastBoot(folder: string): Promise<void> {
  const path = join(folder, 'boot');
  const boot = `${identify(1)?.bootId} ${identify(1)?.startTicks}`;
  if ((await readIfExists(path)) === boot) return;
  await rm(join(folder, 'run'), { recursive: true, force: true });
  await ensureFolder(join(folder, 'run'), 0o711);
  await writeFileAtomic(path, boot);
}
