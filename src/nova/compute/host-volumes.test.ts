import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasProgram } from '#common/host/privileges.ts';
import { initiatorName } from '../virt/initiator.ts';
import type { VolumeDisk } from '../virt/volume-disks.ts';
import { createHostVolumes } from './host-volumes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'volumes-'));
});
afterEach(() => rm(folder, { recursive: true }));

const { signal } = new AbortController();
const disk: VolumeDisk = {
  kind: 'volume',
  device: 'vdb',
  bus: 'virtio',
  volumeId: '32dec761-6096-481c-8bb6-ab8cc6bb6a4f',
  connection: { type: 'nfs', export: 'stor1:/vols', name: 'volume-32', format: 'raw', options: '-o vers=4' },
};

describe('a compute host', () => {
  it('tells Cinder its name as an initiator: the one that it was given, or one of its own', async () => {
    const file = join(folder, 'initiatorname.iscsi');
    expect(initiatorName('compute1', file)).toBe('iqn.2008-11.org.linux-kvm:compute1');
    await writeFile(file, '# comment\nInitiatorName=iqn.1993-08.org.debian:01:abc\n');
    expect(initiatorName('compute1', file)).toBe('iqn.1993-08.org.debian:01:abc');
  });

  it('mounts a share below its own folder, or says what it lacks', async () => {
    const calls: string[] = [];
    const volumes = createHostVolumes({
      run: async (argv) => {
        calls.push(argv.join(' '));
        return { status: 0, stdout: '', stderr: '' };
      },
      host: 'compute1',
      ip: '127.0.0.1',
      mountBase: folder,
      mountOptions: 'soft',
    });
    const ready = volumes.ready(disk, signal);
    if (!hasProgram('mount.nfs')) return expect(ready).rejects.toThrow(/nfs-common/);
    const { connection } = await ready;
    if (connection.type !== 'file') throw new Error('not mounted');
    expect(connection.path).toMatch(new RegExp(`^${folder}/[0-9a-f]{32}/volume-32$`));
    expect(calls).toEqual([`mount -t nfs -o soft,vers=4 -- stor1:/vols ${connection.path.replace('/volume-32', '')}`]);
  });
});
