import { truncate, writeFile } from 'node:fs/promises';
import { run } from '#common/host/run.ts';
import type { Host } from './host.ts';

/** A disk of a host. */
export interface Disk {
  /** Takes it out, with what the host still maps of it. Before the host is stopped. */
  eject(): Promise<void>;
}

/**
 * Puts a new disk into a host: a loop device of this machine over a sparse file, under a name that only the host knows.
 * @param device `/dev/sdb`
 */
export async function insertDisk(host: Host, device: string, file: string, bytes: number): Promise<Disk> {
  await writeFile(file, '');
  await truncate(file, bytes);
  const { stdout } = await run(['losetup', '--find', '--show', file]);
  const loop = stdout.trim();
  await host.type(`mknod -m 660 ${device} b 7 ${loop.replace('/dev/loop', '')}`);
  return {
    async eject() {
      // Loop devices are the machine's: windows that the host opened on its disk would outlive it.
      const own = (await host.aside(`stat -c '%Hd:%Ld %i' ${device}`)).stdout.trim();
      const { stdout: all } = await run(['losetup', '--list', '--noheadings', '-O', 'NAME,BACK-MAJ:MIN,BACK-INO']);
      const mapped = all.split('\n').map((line) => line.trim().split(/\s+/));
      for (const [name = '', numbers, inode] of mapped)
        if (`${numbers} ${inode}` === own) await run(['losetup', '--detach', name], { ok: [0, 1] });
      await run(['losetup', '--detach', loop], { ok: [0, 1] });
    },
  };
}
