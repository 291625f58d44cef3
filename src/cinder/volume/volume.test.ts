import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isoMicros } from '#common/clock.ts';
import { cinderWorld, type CinderWorld } from '../testing/real-daemons.ts';
import { findVolume, updateVolume } from '../volumes/rows.ts';
import { idIn } from './backend.ts';
import { createLocks } from './locks.ts';
import { isStillConnected } from './exports.ts';
import { connector } from '../targets/contract.ts';

const admin = 'demo/admin';
let world: CinderWorld;
beforeEach(async () => {
  world = await cinderWorld();
});
afterEach(() => world.close());

type Shown = { id: string } & Record<string, unknown>;
const show = async (id: string): Promise<Shown & { status: string }> =>
  (await world.request('GET', `/volumes/${id}`, { token: admin, version: '3.70' })).body.volume;
const create = async (over: Record<string, unknown> = {}): Promise<Shown & { status: string }> => {
  const answer = await world.request('POST', '/volumes', { body: { volume: { size: 1, ...over } } });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  await world.done();
  return show(answer.body.volume.id);
};
const act = async (id: string, action: string, body: unknown = null, version = '3.70'): Promise<void> => {
  const answer = await world.request('POST', `/volumes/${id}/action`, {
    token: admin,
    version,
    body: { [action]: body },
  });
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  await world.done();
};
const snapshotOf = async (id: string, force = false): Promise<Shown> => {
  const answer = await world.request('POST', '/snapshots', { body: { snapshot: { volume_id: id, force } } });
  await world.done();
  return (await world.request('GET', `/snapshots/${answer.body.snapshot.id}`)).body.snapshot;
};
const hostOf = async (id: string): Promise<string> => (await findVolume(world.db.query, id))?.host ?? '';
const machineOf = async (id: string) => world.machines.get(await hostOf(id))!;
const messages = async (): Promise<string[]> =>
  (await world.request('GET', '/messages', { version: '3.70' })).body.messages.map(
    (one: { user_message: string }) => one.user_message,
  );
const attach = async (id: string): Promise<string> => {
  const { body } = await world.request('POST', '/attachments', {
    version: '3.44',
    body: { attachment: { volume_uuid: id, instance_uuid: '6d6f4f0c-59b4-4b5c-8b2b-7a4f9b0f9a01', connector: null } },
  });
  const { id: attachment } = body.attachment;
  await world.request('PUT', `/attachments/${attachment}`, { version: '3.44', body: { attachment: { connector } } });
  await world.request('POST', `/attachments/${attachment}/action`, { version: '3.44', body: { 'os-complete': null } });
  return attachment;
};

describe('volumes', () => {
  it('are made where a scheduler puts them, and deleted', async () => {
    const volume = await create();
    expect(volume.status).toBe('available');
    const machine = await machineOf(volume.id);
    expect(await machine.driver.list()).toEqual([`volume-${volume.id}`]);
    expect((await world.request('DELETE', `/volumes/${volume.id}`)).status).toBe(202);
    await world.done();
    expect((await world.request('GET', `/volumes/${volume.id}`)).status).toBe(404);
    expect(await machine.driver.list()).toEqual([]);
  });

  it('are made of images, and bootable then', async () => {
    const image = world.images.add('cirros');
    const volume = await create({ imageRef: image.id });
    expect(volume).toMatchObject({ status: 'available', bootable: 'true' });
  });

  it('say why an image did not become one', async () => {
    const image = world.images.add('cirros');
    world.before = (what) => {
      if (what === 'images.toVolume')
        throw new Error(`Image ${image.id} is unacceptable: Size is 5GB and doesn't fit in a volume of size 1GB.`);
    };
    const volume = await create({ imageRef: image.id });
    expect(volume.status).toBe('error');
    expect((await findVolume(world.db.query, volume.id))?.fault).toContain("doesn't fit");
    expect(await messages()).toEqual(['copy image to volume:Image used for creating volume exceeds available space.']);
    for (const { driver } of world.machines.values()) expect(await driver.list()).toEqual([]);
  });

  it('are copies of snapshots and of each other, beside the original', async () => {
    const original = await create();
    const { driver } = await machineOf(original.id);
    await driver.write(`volume-${original.id}`, 'mine');
    const snapshot = await snapshotOf(original.id);
    expect(snapshot['status']).toBe('available');
    await driver.write(`volume-${original.id}`, 'changed');
    const ofSnapshot = await create({ size: 2, snapshot_id: snapshot.id });
    const clone = await create({ source_volid: original.id });
    expect(await hostOf(ofSnapshot.id)).toBe(await hostOf(original.id));
    expect(driver.content(`volume-${ofSnapshot.id}`)).toBe('mine');
    expect(driver.size(`volume-${ofSnapshot.id}`)).toBe(2);
    expect(driver.content(`volume-${clone.id}`)).toBe('changed');
    await act(original.id, 'revert', { snapshot_id: snapshot.id });
    expect((await show(original.id)).status).toBe('available');
    expect(driver.content(`volume-${original.id}`)).toBe('mine');
  });

  it('are tried on another back end where one fails, and say what each of them said when none can', async () => {
    let failures = 1;
    world.before = (what) => {
      if (what === 'driver.create' && failures-- > 0) throw new Error('the disk is on fire');
    };
    expect((await create()).status).toBe('available');
    failures = 99;
    const lost = await create();
    expect(lost.status).toBe('error');
    const fault = (await findVolume(world.db.query, lost.id))?.fault;
    expect(fault).toMatch(/^No valid host was found\. stor1@[ab]: it was tried, and failed: the disk is on fire/);
    expect(fault).toMatch(/stor1@a.*stor1@b/);
    expect(await messages()).toEqual(['schedule allocate volume:Could not find any available weighted backend.']);
  });

  it('grow, exported or not', async () => {
    const volume = await create();
    await act(volume.id, 'os-extend', { new_size: 3 });
    expect(await show(volume.id)).toMatchObject({ status: 'available', size: 3 });
    await attach(volume.id);
    await act(volume.id, 'os-extend', { new_size: 4 });
    expect(await show(volume.id)).toMatchObject({ status: 'in-use', size: 4 });
    world.before = (what) => {
      if (what === 'driver.extend') throw new Error('no room');
    };
    await act(volume.id, 'os-extend', { new_size: 5 });
    expect(await show(volume.id)).toMatchObject({ status: 'error_extending', size: 4 });
    expect(await messages()).toEqual(['extend volume:Volume Driver failed to extend volume.']);
  });

  it('are exported while somebody has them, always with one secret', async () => {
    const volume = await create();
    const { target } = await machineOf(volume.id);
    const attachment = await attach(volume.id);
    expect((await show(volume.id)).status).toBe('in-use');
    const made = target.exports.get(`volume-${volume.id}`);
    expect(made?.auth).toMatch(/^CHAP /);
    // As after a restart of the target program.
    target.exports.clear();
    await world.reconcilers.get(await hostOf(volume.id))!.run(false, new AbortController().signal);
    expect(target.exports.get(`volume-${volume.id}`)).toEqual(made);
    await world.request('DELETE', `/attachments/${attachment}`, { version: '3.44' });
    expect((await show(volume.id)).status).toBe('available');
    expect(target.exports.size).toBe(0);
    expect((await findVolume(world.db.query, volume.id))?.providerAuth).toBeNull();
  });

  it('become images, and the image that could not be filled goes', async () => {
    const volume = await create();
    await act(volume.id, 'os-volume_upload_image', { image_name: 'mine', disk_format: 'qcow2' });
    expect([...world.images.images.values()].map(({ name, status }) => [name, status])).toEqual([['mine', 'active']]);
    world.before = (what) => {
      if (what === 'images.toImage') throw new Error('no');
    };
    await act(volume.id, 'os-volume_upload_image', { image_name: 'lost' });
    expect([...world.images.images.values()].map(({ name }) => name)).toEqual(['mine']);
    expect((await show(volume.id)).status).toBe('available');
    expect(await messages()).toEqual(['copy volume to image:Failed to upload volume to image at backend.']);
  });

  it('move to another back end with their bytes in one place only', async () => {
    const volume = await create();
    const from = await hostOf(volume.id);
    const to = from === 'stor1@a' ? 'stor1@b' : 'stor1@a';
    await act(volume.id, 'os-migrate_volume', { host: to });
    expect(await show(volume.id)).toMatchObject({ status: 'available', migration_status: 'success' });
    expect(await hostOf(volume.id)).toBe(to);
    expect(await world.machines.get(from)!.driver.list()).toEqual([]);
    expect(await world.machines.get(to)!.driver.list()).toEqual([`volume-${volume.id}`]);
    // Two back ends over one store: the copy would be the original.
    await world.machines.get(from)!.driver.create({ id: '', name: `volume-${volume.id}`, sizeGb: 1 });
    await act(volume.id, 'os-migrate_volume', { host: from });
    expect(await hostOf(volume.id)).toBe(to);
    expect((await findVolume(world.db.query, volume.id))?.fault).toContain('There is nothing to move');
    expect(await world.machines.get(from)!.driver.list()).toHaveLength(1);
  });

  it('move for a type that their back end has not, if they may', async () => {
    const volume = await create();
    const from = await hostOf(volume.id);
    const other = from.endsWith('a') ? 'b' : 'a';
    const type = async (name: string, backend: string): Promise<string> => {
      const extra_specs = { volume_backend_name: backend };
      const answer = await world.request('POST', '/types', {
        token: admin,
        body: { volume_type: { name, extra_specs } },
      });
      return answer.body.volume_type.id as string;
    };
    await type('same', from.split('@')[1] as string);
    await type('other', other);
    await act(volume.id, 'os-retype', { new_type: 'same', migration_policy: 'never' });
    expect(await show(volume.id)).toMatchObject({ status: 'available', volume_type: 'same' });
    await act(volume.id, 'os-retype', { new_type: 'other', migration_policy: 'never' });
    expect(await show(volume.id)).toMatchObject({ status: 'available', volume_type: 'same' });
    expect((await findVolume(world.db.query, volume.id))?.fault).toContain('on-demand');
    await act(volume.id, 'os-retype', { new_type: 'other', migration_policy: 'on-demand' });
    expect(await show(volume.id)).toMatchObject({ status: 'available', volume_type: 'other' });
    expect(await hostOf(volume.id)).toBe(`stor1@${other}`);
  });

  it('are forgotten with their bytes, and taken over again', async () => {
    const volume = await create();
    const host = await hostOf(volume.id);
    const { driver } = await machineOf(volume.id);
    await driver.write(`volume-${volume.id}`, 'mine');
    await act(volume.id, 'os-unmanage');
    expect(await driver.list()).toEqual([`unmanaged-volume-${volume.id}`]);
    const answer = await world.request('POST', '/os-volume-manage', {
      token: admin,
      body: { volume: { host, ref: { 'source-name': `unmanaged-volume-${volume.id}` } } },
    });
    await world.done();
    const again = await show(answer.body.volume.id);
    expect(again).toMatchObject({ status: 'available', size: 1 });
    expect(driver.content(`volume-${again.id}`)).toBe('mine');
  });

  it('are deleted with their snapshots when asked', async () => {
    const volume = await create();
    const { driver } = await machineOf(volume.id);
    await snapshotOf(volume.id);
    await snapshotOf(volume.id);
    await world.request('DELETE', `/volumes/${volume.id}?cascade=true`);
    await world.done();
    expect(await driver.list()).toEqual([]);
    expect((await world.request('GET', '/snapshots')).body.snapshots).toEqual([]);
  });
});

describe('backups', () => {
  const back = async (body: Record<string, unknown>) => {
    const answer = await world.request('POST', '/backups', { token: admin, body: { backup: body } });
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    await world.done();
    return (await world.request('GET', `/backups/${answer.body.backup.id}`, { token: admin })).body.backup;
  };

  it('are made, also of volumes in use and of snapshots, restored and deleted', async () => {
    const volume = await create();
    const first = await back({ volume_id: volume.id });
    expect(first.status, first.fail_reason).toBe('available');
    await attach(volume.id);
    const second = await back({ volume_id: volume.id, force: true, container: 'nightly' });
    expect([second.status, second.container]).toEqual(['available', 'nightly']);
    expect((await show(volume.id)).status).toBe('in-use');
    const snapshot = await snapshotOf(volume.id, true);
    const third = await back({ volume_id: volume.id, snapshot_id: snapshot.id, incremental: true });
    expect([third.status, third.is_incremental]).toEqual(['available', true]);
    expect((await world.backupFolders()).sort()).toEqual([first.id, second.id, third.id].sort());
    // Nothing is left of the moments that the copies were made of.
    const { driver } = await machineOf(volume.id);
    expect(await driver.list()).toEqual([`volume-${volume.id}`, `snapshot-${snapshot.id}`]);
    const target = await create();
    const answer = await world.request('POST', `/backups/${third.id}/restore`, {
      token: admin,
      body: { restore: { volume_id: target.id } },
    });
    expect(answer.status).toBe(202);
    await world.done();
    expect((await show(target.id)).status).toBe('available');
    await world.request('DELETE', `/backups/${third.id}`, { token: admin });
    await world.done();
    expect((await world.backupFolders()).sort()).toEqual([first.id, second.id].sort());
  });

  it('stay within their store', async () => {
    const volume = await create();
    const backup = await back({ volume_id: volume.id, container: '../../etc' });
    expect(backup.status).toBe('error');
    expect(backup.fail_reason).toContain('no name of a container');
    expect((await show(volume.id)).status).toBe('available');
  });
});

describe('the reconciler', () => {
  const { signal } = new AbortController();
  const aged = isoMicros(new Date(Date.now() - 3_600_000));

  it.each([
    ['creating', 'error'],
    ['downloading', 'error'],
    ['deleting', 'error_deleting'],
    ['extending', 'error_extending'],
    ['uploading', 'available'],
    ['retyping', 'available'],
    ['reverting', 'error'],
    ['restoring-backup', 'error_restoring'],
    ['backing-up', 'available'],
    ['attaching', 'available'],
    ['detaching', 'available'],
  ])('ends what nobody ends: %s becomes %s', async (status, end) => {
    const volume = await create();
    await updateVolume(world.db.query, volume.id, { status, updated_at: aged });
    await world.reconcilers.get(await hostOf(volume.id))!.run(true, signal);
    expect((await show(volume.id)).status).toBe(end);
  });

  it('lets those go on who have just begun', async () => {
    const volume = await create();
    await updateVolume(world.db.query, volume.id, { status: 'extending', updated_at: isoMicros(new Date()) });
    await world.reconcilers.get(await hostOf(volume.id))!.run(true, signal);
    expect((await show(volume.id)).status).toBe('extending');
  });

  it('removes what is left of deleted volumes and exports that nobody asked for, and nothing else', async () => {
    const volume = await create();
    const { driver, target } = await machineOf(volume.id);
    const gone = await create();
    const machine = await machineOf(gone.id);
    const reconciler = world.reconcilers.get(await hostOf(gone.id))!;
    await world.request('DELETE', `/volumes/${gone.id}`);
    await world.done();
    const spec = { id: gone.id, name: `volume-${gone.id}`, sizeGb: 1 };
    const foreign = { id: '', name: 'volume-00000000-0000-4000-8000-000000000000', sizeGb: 1 };
    for (const one of [spec, foreign]) {
      await machine.driver.create(one);
      await machine.target.ensure(one, { path: '', format: 'raw' }, null);
    }
    await reconciler.run(false, signal);
    const left = driver === machine.driver ? [`volume-${volume.id}`, foreign.name] : [foreign.name];
    expect((await machine.driver.list()).toSorted()).toEqual(left.toSorted());
    expect(await machine.target.list()).toEqual([foreign.name]);
    expect(target.exports.has(`volume-${volume.id}`)).toBe(false);
  });
});

describe('who has a volume', () => {
  const attachment = (id: string, host: string | null, status = 'attached') =>
    ({ id, status, connector: host === null ? null : { ...connector, host } }) as never;
  it.each([
    ['nobody else', [attachment('a', 'h1')], 'a', 'h1', false],
    ['another attachment of the same host', [attachment('a', 'h1'), attachment('b', 'h1')], 'a', 'h1', true],
    ['another host', [attachment('a', 'h1'), attachment('b', 'h2')], 'a', 'h1', true],
    ['one that os-attach made', [attachment('a', 'h1'), attachment('b', null)], 'a', 'h1', true],
    ['one that is only reserved', [attachment('a', 'h1'), attachment('b', null, 'reserved')], 'a', 'h1', false],
    ['the one that leaves by the old API', [attachment('a', null, 'detaching')], null, 'h1', false],
    ['another one by the old API', [attachment('a', null), attachment('b', null)], null, 'h1', true],
  ] as const)('%s', (_, all, leaving, host, connected) => {
    expect(isStillConnected(all, leaving, { ...connector, host })).toBe(connected);
  });
});

describe('locks', () => {
  it('are held one after the other, and never in a circle', async () => {
    const locks = createLocks();
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const work = (name: string, ids: string[], wait?: Promise<void>) =>
      locks.run(ids, async () => {
        order.push(`${name} begins`);
        await wait;
        order.push(`${name} ends`);
      });
    const all = [work('one', ['a', 'b'], gate.promise), work('two', ['b', 'a']), work('three', ['c'])];
    await all[2];
    expect(order).toEqual(['one begins', 'three begins', 'three ends']);
    gate.resolve();
    await Promise.all(all);
    expect(order.slice(3)).toEqual(['one ends', 'two begins', 'two ends']);
    await expect(locks.run(['a'], () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await locks.run(['a'], async () => 'free')).toBe('free');
  });
});

it('knows its own names', () => {
  const id = '1d7b3a5e-0b8a-4c0f-9d0c-6a1b2c3d4e5f';
  expect(idIn('volume-%s', `volume-${id}`)).toBe(id);
  expect(idIn('volume-%s', `unmanaged-volume-${id}`)).toBeNull();
  expect(idIn('volume-%s', 'volume-mine')).toBeNull();
});
