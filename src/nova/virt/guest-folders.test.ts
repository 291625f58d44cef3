import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GuestSpec } from './driver.ts';
import { GuestFolders } from './guest-folders.ts';

const id = '70af5516-b0ce-4908-823b-fdb5ee0ce22b';
const spec: GuestSpec = {
  id,
  name: 'instance-00000003',
  displayName: 's',
  projectId: 'p',
  vcpus: 1,
  memoryMb: 1,
  disks: [],
  interfaces: [],
  configDrive: { 'openstack/latest/meta_data.json': '{"admin_pass": "sesame"}' },
  vnc: null,
};

describe('GuestFolders', () => {
  let instancesPath: string;
  let folders: GuestFolders;
  beforeEach(async () => {
    instancesPath = await mkdtemp(join(tmpdir(), 'folders-'));
    folders = new GuestFolders({ instancesPath, installation: 'i1', host: 'h1' });
  });
  afterEach(() => rm(instancesPath, { recursive: true }));

  it('keeps a definition for our eyes only, without what the config drive says', async () => {
    await folders.write(spec);
    expect((await folders.read(id))?.spec).toEqual({ ...spec, configDrive: true });
    expect(await readFile(folders.path(id, 'guest.json'), 'utf8')).not.toContain('sesame');
    expect((await stat(folders.path(id, 'guest.json'))).mode & 0o777).toBe(0o600);
    expect((await folders.write((await folders.read(id))!.spec)).spec.configDrive).toBe(true);
  });

  it('sees no guests of other installations and hosts, except when all are asked for', async () => {
    await folders.write(spec);
    for (const other of [
      { installation: 'i2', host: 'h1' },
      { installation: 'i1', host: 'h2' },
    ]) {
      const others = new GuestFolders({ instancesPath, ...other });
      expect([await others.read(id), await others.list()]).toEqual([null, []]);
      expect(await others.everyone()).toHaveLength(1);
      await expect(others.require(id)).rejects.toThrow(`Instance ${id} could not be found on host ${other.host}.`);
    }
  });

  it('makes no path of what is no UUID', async () => {
    for (const bad of ['../../etc', '', 'x', `${id}/..`]) expect(() => folders.path(bad)).toThrow('not the UUID');
    await expect(folders.read('../x')).rejects.toThrow('not the UUID');
  });

  it('finishes removals, and clears folders of this host that never came to their names', async () => {
    const half = '00000000-0000-4000-8000-000000000001';
    await folders.write(spec);
    await mkdir(`${folders.path(half)}.deleting`);
    await mkdir(`${folders.path(half)}.h1.making`);
    await mkdir(`${folders.path(half)}.h2.making`);
    await folders.sweep();
    expect((await readdir(instancesPath)).sort()).toEqual([`${half}.h2.making`, id].sort());
    await folders.remove(id);
    await folders.remove(id);
    expect(await folders.list()).toEqual([]);
  });
});
