import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Run } from '#common/host/run.ts';
import { openKernelModules } from './kernel-modules.ts';

const ko = (...info: string[]): string => `\x7fELF\0${info.map((line) => `${line}\0`).join('')}`;
const noProgram: Run = async () => {
  throw new Error('starts no program');
};

describe('openKernelModules', () => {
  let dir: string;
  const folder = (): string => join(dir, 'modules/6.1.0-1-cloud-amd64');

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'igloo-modules-'));
    const files = {
      'modules.builtin': 'kernel/fs/ext4/ext4.ko\n',
      'kernel/drivers/net/virtio_net.ko': ko('alias=virtio:d00000001v*', 'depends=virtio-ring,net_failover'),
      'kernel/drivers/virtio/virtio_ring.ko': ko('depends=virtio'),
      'kernel/drivers/virtio/virtio.ko': ko('depends='),
      'kernel/net/core/net_failover.ko': ko('depends='),
    };
    for (const [file, data] of Object.entries(files)) {
      await mkdir(dirname(join(folder(), file)), { recursive: true });
      await writeFile(join(folder(), file), data, 'latin1');
    }
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('installs modules with what they need, listed so that modprobe loads the deepest first', async () => {
    const modules = await openKernelModules(join(dir, 'modules'), 'busybox', noProgram);
    await modules.install(['virtio_net', 'ext4', 'not_in_this_kernel'], join(dir, 'root'));
    const target = join(dir, 'root/lib/modules', modules.release);
    expect((await readFile(join(target, 'modules.dep'), 'utf8')).split('\n')).toContain(
      'kernel/drivers/net/virtio_net.ko: kernel/net/core/net_failover.ko kernel/drivers/virtio/virtio_ring.ko kernel/drivers/virtio/virtio.ko',
    );
    expect(await readFile(join(target, 'modules.alias'), 'utf8')).toBe('alias virtio:d00000001v* virtio_net\n');
    expect(await readFile(join(target, 'kernel/drivers/virtio/virtio.ko'), 'latin1')).toBe(ko('depends='));
  });

  it('decompresses what Debian packs with xz', async () => {
    const packed = join(folder(), 'kernel/drivers/char/virtio-rng.ko.xz');
    await mkdir(dirname(packed), { recursive: true });
    await writeFile(packed, 'packed');
    const commands: string[] = [];
    const run: Run = async (argv) => {
      commands.push(argv.join(' '));
      await writeFile(packed.replace('.xz', ''), ko('depends='), 'latin1');
      return { status: 0, stdout: '', stderr: '' };
    };
    const modules = await openKernelModules(join(dir, 'modules'), '/tree/busybox', run);
    await modules.install(['virtio_rng'], join(dir, 'root'));
    expect(commands).toEqual([`/tree/busybox unxz ${packed}`]);
    expect(await readFile(join(dir, 'root/lib/modules', modules.release, 'modules.dep'), 'utf8')).toBe(
      'kernel/drivers/char/virtio-rng.ko:\n',
    );
  });

  it('says which essential module a kernel lacks', async () => {
    const modules = await openKernelModules(join(dir, 'modules'), 'busybox', noProgram);
    modules.require(['virtio_net', 'ext4']);
    expect(() => modules.require(['virtio_blk'])).toThrow(
      "Debian's kernel 6.1.0-1-cloud-amd64 has no module virtio_blk, which the guest needs.",
    );
  });
});
