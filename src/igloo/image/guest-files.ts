import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { output, type Run } from '#common/host/run.ts';
import type { KernelModules } from './kernel-modules.ts';
import type { Staging } from './staging.ts';

/** The guest's own files, as they are in it. */
const guestDir = join(import.meta.dirname, 'guest');

/** Without these it is no guest of ours. */
const essentialModules = ['virtio_pci', 'virtio_blk', 'virtio_net', 'ext4'];

/** What the root file system may be on, and the source of random numbers. */
const earlyModules = ['virtio_pci', 'virtio_blk', 'virtio_rng', 'virtio_scsi', 'ata_piix', 'ahci', 'sd_mod', 'ext4'];

/** All that the guest may meet later, by hot-plug too. */
const guestModules = [
  ...earlyModules,
  ...['virtio_net', 'virtio_balloon', 'virtio_console', 'e1000', '8021q'],
  ...['sr_mod', 'isofs', 'vfat', 'nls_cp437', 'nls_ascii', 'nls_utf8', 'evdev', 'button'],
];

/** Applets that do something else here, or that another program does better. */
const otherwise = new Set(['busybox', 'init', 'linuxrc', 'mke2fs', 'sh', 'dpkg', 'dpkg-deb', 'rpm', 'rpm2cpio']);

export interface GuestParts {
  readonly staging: Staging;
  readonly modules: KernelModules;
  readonly run: Run;
}

/** Fills the folder of the initramfs. */
export async function assembleInitramfs(folder: string, { staging, modules }: GuestParts): Promise<void> {
  for (const name of ['bin', 'dev', 'proc', 'sys', 'newroot']) await mkdir(join(folder, name), { recursive: true });
  await copyTree(join(guestDir, 'initramfs'), folder);
  await put(join(folder, 'bin/busybox'), await readFile(staging.path('bin/busybox')), 0o755);
  const applets = 'sh mount modprobe dd hexdump blockdev usleep switch_root'.split(' ');
  for (const applet of applets) await symlink('busybox', join(folder, 'bin', applet));
  modules.require(essentialModules);
  await modules.install(earlyModules, folder);
  await openFolders(folder);
}

/** Fills the folder of the root file system. Owners are set later, when it becomes an image. */
export async function assembleRoot(
  folder: string,
  password: string,
  { staging, modules, run }: GuestParts,
): Promise<void> {
  const folders = 'bin sbin usr/bin usr/sbin dev proc sys tmp run mnt root home/cirros var/lib/cloud etc/dropbear';
  for (const name of folders.split(' ')) await mkdir(join(folder, name), { recursive: true });
  await copyTree(join(guestDir, 'root'), folder);
  await symlink('/run', join(folder, 'var/run'));

  const busybox = staging.path('bin/busybox');
  await put(join(folder, 'bin/busybox'), await readFile(busybox), 0o4755);
  for (const applet of (await output(run, [busybox, '--list'])).split('\n'))
    if (!otherwise.has(applet)) await symlink('/bin/busybox', join(folder, 'bin', applet));
  for (const name of ['bin/sh', 'sbin/init', 'sbin/getty', 'sbin/reboot', 'sbin/poweroff', 'sbin/modprobe'])
    await symlink('/bin/busybox', join(folder, name));

  const programs = 'usr/sbin/dropbear usr/bin/dropbearkey usr/bin/dbclient sbin/resize2fs sbin/mke2fs sbin/e2fsck';
  for (const program of programs.split(' ')) await staging.installProgram(program, folder);
  await symlink('dbclient', join(folder, 'usr/bin/ssh'));
  for (const kind of ['ext2', 'ext3', 'ext4']) await symlink('mke2fs', join(folder, 'sbin', `mkfs.${kind}`));
  await modules.install(guestModules, folder);

  const hash = await output(run, [busybox, 'mkpasswd', '-m', 'sha256', '-P', '0'], { input: `${password}\n` });
  await put(join(folder, 'etc/shadow'), `root::16000:0:99999:7:::\ncirros:${hash}:16000:0:99999:7:::\n`, 0o600);
  await put(
    join(folder, 'etc/issue'),
    `login as 'cirros' user. default password: '${password}'. use 'sudo' for root.\n`,
    0o644,
  );
  await openFolders(folder);
}

/** Lets everybody in the guest into its folders, whatever umask they were made under. */
async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o755);
}

/** Copies files; those that start with #! become executable, whatever the checkout made of their modes. */
async function copyTree(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const target = join(to, source.slice(from.length));
    const data = await readFile(source);
    await mkdir(dirname(target), { recursive: true });
    await put(target, data, data.toString('latin1', 0, 2) === '#!' ? 0o755 : 0o644);
  }
}

async function put(path: string, data: string | Buffer, mode: number): Promise<void> {
  await writeFile(path, data);
  await chmod(path, mode); // the mode of writeFile is cut by the umask
}
