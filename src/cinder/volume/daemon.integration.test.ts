import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionInfo } from '#clients/volume.ts';
import type { Bus } from '#common/bus/bus.ts';
import { createMemoryBus } from '#common/bus/memory.ts';
import { isoMicros, systemClock } from '#common/clock.ts';
import { fromObject } from '#common/config/load.ts';
import type { DaemonEnv, RunningDaemon } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import { randomIds } from '#common/ids.ts';
import { fromPidFile, signalProcess } from '#common/host/process.ts';
import { stopPrivateTgtd } from '#common/host/private-tgtd.ts';
import { isRoot, missingPrograms } from '#common/host/privileges.ts';
import { output, run } from '#common/host/run.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { findBackup, insertBackup } from '../backups/rows.ts';
import { cinderBackup } from '../backup/daemon.ts';
import { cinderConfig } from '../daemon-kit.ts';
import { openCinderDatabase } from '../database.ts';
import { createJournal, type Owner } from '../operations/journal.ts';
import type { OperationInputs, OperationKind } from '../operations/kinds.ts';
import { volumeRpc } from '../rpc.ts';
import { cinderScheduler } from '../scheduler/daemon.ts';
import { findSnapshot, insertSnapshot } from '../snapshots/rows.ts';
import type { CinderTables } from '../tables.ts';
import { connector } from '../targets/contract.ts';
import { findVolume, insertVolume, updateVolume } from '../volumes/rows.ts';
import { cinderVolume } from './daemon.ts';
import { tgtdFolder } from './open-backend.ts';

const missing = missingPrograms(['tgtd', 'qemu-img', 'qemu-io']);
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.log(`skipped: missing ${missing.join(', ')}`);
const lvmMissing = isRoot() ? missingPrograms(['vgcreate', 'losetup']) : ['root'];
const skipLvm = skip || (lvmMissing.length > 0 && !process.env['CI']);
if (skipLvm) console.log(`skipped: LVM needs ${lvmMissing.join(', ')}`);

const GIB = 1024 ** 3;
type Iscsi = Extract<ConnectionInfo, { driver_volume_type: 'iscsi' }>;

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  await once(server.close(), 'close');
  return port;
}

// The daemons of Cinder as they run, over real files, logical volumes and a tgtd of our own.
describe.skipIf(skip)('cinder-volume', () => {
  let folder: string;
  let bus: Bus;
  let env: DaemonEnv;
  let db: Database<CinderTables>;
  let group: string | undefined;
  let device: string | undefined;
  const running = new Map<string, RunningDaemon>();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'igloo-cv-'));
    bus = createMemoryBus({ log: silentLogger });
    [group, device] = [undefined, undefined];
    if (!skipLvm) {
      await writeFile(join(folder, 'disk'), '');
      await truncate(join(folder, 'disk'), 8 * GIB);
      device = await output(run, ['losetup', '-f', '--show', join(folder, 'disk')]);
      group = `igloo-test-${randomBytes(4).toString('hex')}`;
      await run(['vgcreate', '-y', group, device]);
    }
    env = {
      config: fromObject(
        {
          DEFAULT: {
            ...{ state_path: folder, my_ip: '127.0.0.1', iscsi_port: await freePort(), private_tgtd: true },
            ...{ enabled_backends: skipLvm ? 'files' : 'files,lvm', report_interval: 1, periodic_interval: 1 },
          },
          files: { volume_driver: 'file', file_volumes_path: join(folder, 'files') },
          lvm: { volume_driver: 'cinder.volume.drivers.lvm.LVMISCSIDriver', volume_group: group ?? '' },
          database: { connection: `sqlite:///${join(folder, 'cinder.sqlite')}` },
        },
        'test',
      ),
      ...{ bus, run, log: silentLogger, clock: systemClock, ids: randomIds, host: 'stor1' },
    } as unknown as DaemonEnv; // Neither HTTP nor Keystone is needed for what is tested here.
    db = await openCinderDatabase(cinderConfig(env), env);
    for (const daemon of [cinderScheduler, cinderVolume, cinderBackup])
      running.set(daemon.name, await daemon.start(env));
  });
  afterEach(async () => {
    for (const daemon of running.values()) await daemon.stop();
    running.clear();
    await stopPrivateTgtd({ folder: tgtdFolder(folder), run, log: silentLogger });
    await db.close();
    await bus.close();
    if (group !== undefined && device !== undefined) {
      for (const window of (await output(run, ['losetup', '-n', '-O', 'NAME', '-j', device])).split('\n'))
        if (window !== '') await run(['losetup', '-d', window.trim()]);
      await run(['vgremove', '-y', '-f', '--driverloaded', 'n', group]);
      await run(['losetup', '-d', device]);
      await rm(join('/dev', group), { recursive: true, force: true });
    }
    await rm(folder, { recursive: true });
  });

  const now = (): string => isoMicros(systemClock.now());
  const request = async <K extends OperationKind>(kind: K, input: OperationInputs[K], owner: Owner): Promise<void> => {
    const journal = createJournal({ ids: randomIds, clock: systemClock, bus });
    await journal.add(db.query, { requestId: 'req-1', userId: 'u' }, kind, { input, projectId: 'p', owner });
    await journal.launch(owner, 'req-1');
  };
  const backendOf = (host: string): Owner => ({ binary: 'cinder-volume', host });
  const status = async (id: string): Promise<string | undefined> => (await findVolume(db.query, id))?.status;
  const becomes = (id: string, wanted: string): Promise<void> =>
    expect.poll(() => status(id), { timeout: 20_000, interval: 20 }).toBe(wanted);
  const create = async (host: string | null, over: Record<string, string> = {}): Promise<string> => {
    const id = randomIds.uuid();
    await insertVolume(db.query, {
      ...{ id, project_id: 'p', user_id: 'u', name: null, description: null, status: 'creating', size_gb: 1, host },
      ...{ availability_zone: 'nova', bootable: 0, multiattach: 0, readonly: 0, encrypted: 0, metadata: '{}' },
      ...{ admin_metadata: '{}', created_at: now(), deleted: 0, ...over },
    });
    if (host === null)
      await request('volume.create', { volumeId: id, hints: {} }, { binary: 'cinder-scheduler', host: 'stor1' });
    else await request('volume.build', { volumeId: id }, backendOf(host));
    await becomes(id, 'available');
    return id;
  };
  const connect = async (volumeId: string): Promise<Iscsi['data']> => {
    const { host } = (await findVolume(db.query, volumeId))!;
    const what = { volumeId, attachmentId: null, connector, mode: 'rw' as const };
    const { connection } = await bus.client(volumeRpc).call('initializeConnection', what, { host: host! });
    return (connection as Iscsi).data;
  };
  const url = (data: Iscsi['data']): string =>
    `iscsi://${data.auth_username}%${data.auth_password}@${data.target_portal}/${data.target_iqn}/${data.target_lun}`;
  const io = (data: Iscsi['data'], ...commands: string[]): Promise<string> =>
    output(run, ['qemu-io', '-f', 'raw', ...commands.flatMap((one) => ['-c', one]), url(data)], { timeoutMs: 20_000 });
  /** What is there again; an initiator that met a dying target is not waited for. */
  const reads = (data: Iscsi['data']): Promise<string> =>
    output(run, ['qemu-io', '-f', 'raw', '-c', 'read -P 0x41 0 4096', url(data)], { timeoutMs: 2_000 }).catch(() => '');

  it.each(skipLvm ? ['stor1@files'] : ['stor1@files', 'stor1@lvm'])(
    'makes, exports, snapshots and deletes in %s',
    async (host) => {
      const id = await create(host);
      const data = await connect(id);
      await io(data, 'write -P 0x41 0 1M', 'flush');
      const snapshotId = randomIds.uuid();
      await insertSnapshot(db.query, {
        ...{ id: snapshotId, project_id: 'p', user_id: 'u', volume_id: id, status: 'creating', progress: '0%' },
        ...{ size_gb: 1, metadata: '{}', created_at: now(), deleted: 0 },
      });
      await request('snapshot.create', { volumeId: id, snapshotId }, backendOf(host));
      await expect
        .poll(async () => (await findSnapshot(db.query, snapshotId))?.status, { timeout: 20_000 })
        .toBe('available');
      await io(data, 'write -P 0x42 0 1M', 'flush');
      const copy = await create(host, { snapshot_id: snapshotId });
      expect(await io(await connect(copy), 'read -P 0x41 0 1M')).toContain('read 1048576/1048576');
      await updateVolume(db.query, copy, { status: 'deleting', updated_at: now() });
      await request('volume.delete', { volumeId: copy, cascade: false }, backendOf(host));
      await becomes(copy, 'deleted');
      expect(await io(data, 'read -P 0x42 0 1M')).toContain('read 1048576/1048576');
      const what = { volumeId: id, attachmentId: null, connector, force: false };
      await bus.client(volumeRpc).call('terminateConnection', what, { host });
      await expect(io(data, 'read 0 512')).rejects.toThrow();
      await updateVolume(db.query, id, { status: 'deleting', updated_at: now() });
      await request('volume.delete', { volumeId: id, cascade: true }, backendOf(host));
      await becomes(id, 'deleted');
      expect(await readdir(join(folder, 'files'))).toEqual([]);
      expect(await readdir(join(folder, 'volumes'))).toEqual([]);
    },
  );

  it('makes exports again that tgtd, or the machine, has lost: the same ones', async () => {
    const id = await create('stor1@files');
    const data = await connect(id);
    await io(data, 'write -P 0x41 0 4096', 'flush');
    signalProcess(fromPidFile(join(tgtdFolder(folder), 'tgtd.pid'))!, 'SIGKILL');
    await expect.poll(() => reads(data), { timeout: 20_000 }).toContain('read 4096');
    // cinder-volume itself dies with all that it had begun, and tgtd while nobody looks.
    await running.get('cinder-volume')!.stop();
    await stopPrivateTgtd({ folder: tgtdFolder(folder), run, log: silentLogger });
    running.set('cinder-volume', await cinderVolume.start(env));
    await expect.poll(() => reads(data), { timeout: 20_000 }).toContain('read 4096');
    expect(await connect(id)).toEqual(data);
    expect((await running.get('cinder-volume')!.health()).ok).toBe(true);
  });

  it.skipIf(skipLvm)('moves a volume from files into LVM with its bytes', async () => {
    const id = await create('stor1@files');
    const path = join(folder, 'files', `volume-${id}`);
    const file = await open(path, 'r+');
    await file.write(Buffer.alloc(4096, 0x43), 0, 4096, 700 * 1024 ** 2);
    await file.close();
    await request('volume.migrate', { volumeId: id, host: 'stor1@lvm' }, backendOf('stor1@files'));
    await expect
      .poll(async () => (await findVolume(db.query, id))?.migrationStatus, { timeout: 30_000 })
      .toBe('success');
    await expect.poll(() => readdir(join(folder, 'files')), { timeout: 10_000 }).toEqual([]);
    const data = await connect(id);
    expect(await io(data, `read -P 0x43 ${700 * 1024 ** 2} 4096`, 'read -P 0 0 4096')).not.toContain('failed');
  });

  it('backs a volume up and restores it', async () => {
    const id = await create('stor1@files');
    const path = join(folder, 'files', `volume-${id}`);
    await writeFile(path, Buffer.alloc(1024 ** 2, 0x44), { flag: 'r+' });
    const backupId = randomIds.uuid();
    await updateVolume(db.query, id, { status: 'backing-up', previous_status: 'available', updated_at: now() });
    await insertBackup(db.query, {
      ...{
        id: backupId,
        project_id: 'p',
        user_id: 'u',
        volume_id: id,
        status: 'creating',
        size_gb: 1,
        object_count: 0,
      },
      ...{ metadata: '{}', created_at: now(), deleted: 0 },
    });
    const owner: Owner = { binary: 'cinder-backup', host: 'stor1' };
    await request('backup.create', { volumeId: id, backupId }, owner);
    await becomes(id, 'available');
    const backup = await findBackup(db.query, backupId);
    expect([backup?.status, backup?.objectCount, backup?.failReason]).toEqual(['available', 1, null]);
    const fresh = await create('stor1@files');
    await updateVolume(db.query, fresh, { status: 'restoring-backup', updated_at: now() });
    await request('backup.restore', { volumeId: fresh, backupId }, owner);
    await becomes(fresh, 'available');
    const restored = await readFile(join(folder, 'files', `volume-${fresh}`));
    expect([
      restored.length,
      restored.subarray(0, 1024 ** 2).equals(Buffer.alloc(1024 ** 2, 0x44)),
      restored[1024 ** 2],
    ]).toEqual([GIB, true, 0]);
  });

  it('lets the scheduler choose, by what the back ends have reported', async () => {
    const id = await create(null);
    expect((await findVolume(db.query, id))?.host).toMatch(/^stor1@(files|lvm)$/);
  });

  it('starts with those back ends that can be used, and says what is wrong with the others', async () => {
    await running.get('cinder-volume')!.stop();
    running.delete('cinder-volume');
    const more = fromObject(
      { DEFAULT: { enabled_backends: 'files,gone' }, gone: { volume_driver: 'lvm', volume_group: 'no-such-group' } },
      't',
    );
    const broken = { ...env, config: { values: [...env.config.values, ...more.values] } };
    running.set('cinder-volume', await cinderVolume.start(broken));
    const health = await running.get('cinder-volume')!.health();
    expect(health.ok).toBe(false);
    expect(health.detail.join('\n')).toMatch(/back end stor1@gone: [^]*(vgcreate no-such-group|needs root)/);
    expect(health.detail.join('\n')).toContain('back end stor1@files: in order');
  });
});
