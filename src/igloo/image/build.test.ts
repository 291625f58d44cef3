import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandError, type Run } from '#common/host/run.ts';
import { fetchGuestPackages, parseUris } from './debs.ts';
import { partitionTable } from './disk-image.ts';
import { explain } from './explain.ts';
import { requireBuildMachine, requiredPackages } from './requirements.ts';
import { makeWorkFolder } from './work-folder.ts';

describe('the build of the guest image', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'igloo-build-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('names every package that it needs with a reason', () => {
    for (const one of requiredPackages) expect([one.why, one.program ?? one.file]).not.toContain(undefined);
    expect(() => requireBuildMachine('arm64')).toThrow(/x86-64 only \(this is arm64\): use igloo image fetch/);
  });

  it('makes one line of a program that failed', async () => {
    const stderr = 'W: something odd\nE: Unable to locate package busybox-static\nE: and so on\n';
    const failed = Promise.reject(new CommandError(['apt-get'], 100, '', stderr));
    await expect(explain('find it', failed, 'Run apt-get update.')).rejects.toThrow(
      /^Could not find it: Unable to locate package busybox-static\. Run apt-get update\.$/,
    );
  });

  it('reads what apt would download', () => {
    const text = `'http://deb.debian.org/debian/pool/b/busybox-static_1%3a1_amd64.deb' busybox-static_1%3a1_amd64.deb 928188 SHA256:00be\n`;
    expect(parseUris(text)).toEqual([
      { file: 'busybox-static_1%3a1_amd64.deb', size: 928188, algorithm: 'sha256', digest: '00be' },
    ]);
  });

  it('says how to get package lists when apt has none', async () => {
    const run: Run = async (argv) => {
      throw new CommandError(argv, 100, '', 'E: No packages found\n');
    };
    const deps = { run, cacheDir: dir, workDir: dir, log: () => undefined };
    await expect(fetchGuestPackages(deps)).rejects.toThrow(
      'Could not find the packages of the guest: No packages found. Run apt-get update and try again.',
    );
  });

  it('writes an MBR that ends with its signature', () => {
    const table = partitionTable([{ start: 1, length: 16, type: 0x83, active: true }]);
    expect([table[0], table[4], table.readUInt32LE(8), table.readUInt32LE(12)]).toEqual([0x80, 0x83, 2048, 32768]);
    expect(table.subarray(-2)).toEqual(Buffer.from([0x55, 0xaa]));
  });

  it('clears up after itself, and after a build that was killed', async () => {
    await mkdir(join(dir, 'work-4194305-dead/tree'), { recursive: true }); // a number that no process has
    await mkdir(join(dir, `work-${process.pid}-alive`));
    {
      await using work = await makeWorkFolder(dir);
      expect((await readdir(dir)).sort()).toEqual(
        [`work-${process.pid}-alive`, work.path.slice(dir.length + 1)].sort(),
      );
    }
    expect(await readdir(dir)).toEqual([`work-${process.pid}-alive`]);
  });
});
