import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromObject, loadConfig } from '#common/config/load.ts';
import { missingPrograms } from '#common/host/privileges.ts';
import { fromPidFile, signalProcess, waitForEnd } from '#common/host/process.ts';
import { privateTgtdSocket, startPrivateTgtd, stopPrivateTgtd, type PrivateTgtd } from '#common/host/private-tgtd.ts';
import { run } from '#common/host/run.ts';
import { TgtClient } from '#common/host/tgt-client.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { backendOptions, type BackendConfig } from '../../config.ts';
import type { VolumeSpec } from '../../drivers/driver.ts';
import { connector, targetContract } from '../contract.ts';
import type { Export, VolumeTarget } from '../target.ts';
import { TgtTarget } from './tgt-target.ts';

const missing = missingPrograms(['tgtd', 'qemu-img', 'qemu-io']);
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.log(`skipped: missing ${missing.join(', ')}`);

const { signal } = new AbortController();
const GIB = 1024 ** 3;

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  await once(server.close(), 'close');
  return port;
}

describe.skipIf(skip)('tgtd', () => {
  let folder: string;
  let port: number;
  let tgtd: PrivateTgtd;
  let conf: BackendConfig;
  let starts = 0;
  const bring = async (): Promise<PrivateTgtd> =>
    startPrivateTgtd({ folder: join(folder, 'tgtd'), run, log: silentLogger }, `127.0.0.1:${port}`, () => starts++);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'igloo-tgt-'));
    port = await freePort();
    tgtd = await bring();
    conf = loadConfig(
      { DEFAULT: backendOptions },
      fromObject(
        { DEFAULT: { state_path: folder, my_ip: '127.0.0.1', iscsi_port: port, volumes_dir: join(folder, 'volumes') } },
        'test',
      ),
    ).DEFAULT;
  });
  afterAll(async () => {
    await tgtd.close();
    await stopPrivateTgtd({ folder: join(folder, 'tgtd'), run, log: silentLogger });
    await stopPrivateTgtd({ folder: join(folder, 'tgtd'), run, log: silentLogger });
    await rm(folder, { recursive: true });
  });
  const target = (): VolumeTarget => new TgtTarget({ client: tgtd.client, conf, log: silentLogger });

  targetContract('tgt', async () => ({
    exports: true,
    open: async () => target(),
    async local({ name, sizeGb }) {
      const path = join(folder, name);
      await writeFile(path, '');
      await truncate(path, sizeGb * GIB);
      return { path, format: 'raw' };
    },
    close: async () => undefined,
  }));

  /** The URL of QEMU's initiator. */
  const url = (volume: VolumeSpec, made: Export, password?: string): string => {
    const { data } = target().connection(volume, { path: '', format: 'raw' }, made, connector, 'rw');
    const { target_portal, target_iqn, target_lun, auth_username, auth_password } = data as Record<string, string>;
    return `iscsi://${auth_username}%${password ?? auth_password}@${target_portal}/${target_iqn}/${target_lun}`;
  };
  const exported = async (name: string): Promise<{ volume: VolumeSpec; made: Export; path: string }> => {
    const path = join(folder, name);
    await writeFile(path, '');
    await truncate(path, GIB);
    const volume = { id: name, name, sizeGb: 1 };
    return { volume, path, made: await target().ensure(volume, { path, format: 'raw' }, null, signal) };
  };
  const size = async (address: string): Promise<number> => {
    const { stdout } = await run(['qemu-img', 'info', '--output=json', address], { timeoutMs: 20_000 });
    return (JSON.parse(stdout) as { 'virtual-size': number })['virtual-size'];
  };

  it('gives guests their bytes, by the right password only', async () => {
    const { volume, made, path } = await exported('volume-bytes');
    const io = ['qemu-io', '-f', 'raw', '-c', 'write -P 0x41 0 4096', '-c', 'flush', url(volume, made)];
    await run(io, { timeoutMs: 20_000 });
    expect((await readFile(path)).subarray(0, 4096).equals(Buffer.alloc(4096, 'A'))).toBe(true);
    await expect(size(url(volume, made, 'x'.repeat(20)))).rejects.toThrow('Authentication failure');
    await expect(size(url(volume, made).replace(/\/\/.*@/, '//'))).rejects.toThrow('Authentication failure');
  });

  it("keeps the secret in a file of its owner's, and off command lines", async () => {
    const { volume, made } = await exported('volume-secret');
    const file = join(conf.volumes_dir, volume.name);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const [, user, password] = (made.auth as string).split(' ');
    expect(await readFile(file, 'utf8')).toContain(`incominguser ${user} ${password}`);
    await target().remove(volume, signal);
    await expect(stat(file)).rejects.toThrow('ENOENT');
    expect((await tgtd.client.targets()).map(({ iqn }) => iqn)).not.toContain(
      `${conf.iscsi_target_prefix}${volume.name}`,
    );
    await tgtd.client.createAccount(user as string, 'is free again');
    await tgtd.client.deleteAccount(user as string);
  });

  it.skipIf(missingPrograms(['tgt-admin']).length > 0 && !process.env['CI'])(
    "writes files that the machine's tgtd reads",
    async () => {
      const { volume, made, path } = await exported('volume-file');
      const main = join(folder, 'targets.conf');
      await writeFile(main, `include ${conf.volumes_dir}/${volume.name}\n`);
      const env = { TGT_IPC_SOCKET: privateTgtdSocket(join(folder, 'tgtd')).replace(/\.0$/, '') };
      const live = (await tgtd.client.targets()).find(({ iqn }) => iqn.endsWith(volume.name));
      await tgtd.client.deleteTarget(live?.tid as number);
      await tgtd.client.deleteAccount((made.auth as string).split(' ')[1] as string);
      await run(['tgt-admin', '-c', main, '-e'], { env });
      expect(await size(url(volume, made))).toBe(GIB);
      expect((await tgtd.client.targets()).find(({ iqn }) => iqn.endsWith(volume.name))?.units[0]?.path).toBe(path);
    },
  );

  it('offers a volume in its new size, and leaves one that is in use alone', async () => {
    const { volume, made, path } = await exported('volume-grown');
    await truncate(path, 2 * GIB);
    await target().ensure(volume, { path, format: 'raw' }, made, signal);
    expect(await size(url(volume, made))).toBe(2 * GIB);
    const guest = await connect(url(volume, made));
    await truncate(path, 3 * GIB);
    await target().ensure(volume, { path, format: 'raw' }, made, signal);
    expect(await guest.ask('read 0 512')).toContain('read 512/512');
    await guest.close();
    await expect
      .poll(async () => (await tgtd.client.targets()).find(({ iqn }) => iqn.endsWith(volume.name))?.initiators)
      .toBe(0);
    await target().ensure(volume, { path, format: 'raw' }, made, signal);
    expect(await size(url(volume, made))).toBe(3 * GIB);
  });

  it('takes an export away from who is connected', async () => {
    const { volume, made } = await exported('volume-taken');
    const guest = await connect(url(volume, made));
    await target().remove(volume, signal);
    expect(await target().list(signal)).not.toContain(volume.name);
    await guest.close();
    await expect(size(url(volume, made))).rejects.toThrow();
  });

  it('is started again when it dies; the same exports made again, guests reconnect and read on', async () => {
    const { volume, made, path } = await exported('volume-again');
    const guest = await connect(url(volume, made));
    expect(await guest.ask('write -P 0x42 0 4096')).toContain('wrote 4096/4096');
    const process = fromPidFile(join(folder, 'tgtd', 'tgtd.pid'));
    const before = starts;
    signalProcess(process!, 'SIGKILL');
    await waitForEnd(process!, 5000);
    await expect.poll(() => starts, { timeout: 15_000 }).toBe(before + 1);
    expect(await tgtd.client.targets()).toEqual([]);
    expect(await target().ensure(volume, { path, format: 'raw' }, made, signal)).toEqual(made);
    expect(await guest.ask('read -P 0x42 0 4096')).toContain('read 4096/4096');
    await guest.close();
    await target().remove(volume, signal);
  });

  it('is adopted by the next cinder-volume', async () => {
    const before = fromPidFile(join(folder, 'tgtd', 'tgtd.pid'));
    await tgtd.close();
    tgtd = await bring();
    expect(fromPidFile(join(folder, 'tgtd', 'tgtd.pid'))).toEqual(before);
  });

  it('says so when its address is taken, and leaves no process', async () => {
    const other = join(folder, 'other');
    const deps = { folder: other, run, log: silentLogger };
    await expect(startPrivateTgtd(deps, `127.0.0.1:${port}`, () => undefined)).rejects.toThrow('the address is taken');
    expect(fromPidFile(join(other, 'tgtd.pid'))).toBeUndefined();
  });

  it('says what to do when it is not there', async () => {
    const client = new TgtClient(join(folder, 'nobody'));
    await expect(new TgtTarget({ client, conf, log: silentLogger }).check()).rejects.toThrow('service tgtd start');
  });
});

/** A guest's initiator: one qemu-io that stays connected. */
async function connect(address: string): Promise<{ ask(command: string): Promise<string>; close(): Promise<void> }> {
  const child: ChildProcess = spawn('qemu-io', ['-f', 'raw', address], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ask = async (command: string): Promise<string> => {
    said = '';
    child.stdin?.write(`${command}\n`);
    await expect.poll(() => said + errors, { timeout: 20_000 }).toMatch(/ops|error|failed/);
    return said + errors;
  };
  expect(await ask('read 0 512')).toContain('read 512/512');
  return {
    ask,
    async close() {
      const ended = once(child, 'exit');
      child.stdin?.end('quit\n');
      const late = setTimeout(() => child.kill('SIGKILL'), 3000);
      await ended;
      clearTimeout(late);
    },
  };
}
