import { describe, expect, it } from 'vitest';
import { crashAfter } from '#common/db/testing/crash.ts';
import { connector } from '../targets/contract.ts';
import { cinderWorld, openOperations, type CinderWorld } from '../testing/real-daemons.ts';

const admin = 'demo/admin';
const never = new AbortController().signal;

interface Scene {
  /** While nobody dies. */
  readonly prepare?: (world: CinderWorld) => Promise<Prepared>;
  /** What users ask of the API, which lives on. */
  readonly act: (world: CinderWorld, prepared: Prepared) => Promise<void>;
  readonly check: (world: CinderWorld, prepared: Prepared, moment: string) => Promise<void>;
}
type Prepared = Readonly<Record<string, string>>;

/**
 * Runs a scene with all daemons killed after their n-th statement, for every n until one runs to its end. Dying between two
 * effects outside is dying at the statement before: each effect is followed by one.
 * @returns how many moments there were
 */
async function atEveryStatement({ prepare = async () => ({}), act, check }: Scene): Promise<number> {
  for (let after = 0; ; after++) {
    const world = await cinderWorld();
    try {
      const prepared = await prepare(world);
      const crash = crashAfter(world.db, after);
      const { before } = world;
      await world.restart(crash.db);
      world.before = async (what) => {
        await crash.alive();
        await before(what);
      };
      await act(world, prepared);
      const runners = world.runners();
      for (const runner of runners) await runner.resume().catch(() => undefined);
      // Whoever is dead does not become idle: enough that nothing more happens.
      const ended = (async () => {
        while ((await openOperations(world.db)) > 0 && !crash.dead)
          for (const runner of runners) {
            await runner.resume().catch(() => undefined);
            await Promise.race([runner.idle(), new Promise((resolve) => setTimeout(resolve, 50))]);
          }
      })();
      await Promise.race([ended, expect.poll(() => crash.dead, { timeout: 5000, interval: 5 }).toBe(true)]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      world.before = before;
      await world.restart();
      await world.done();
      for (const reconciler of world.reconcilers.values()) await reconciler.run(true, never);
      const moment = `killed after statement ${after}`;
      await isSound(world, moment);
      await check(world, prepared, moment);
      if (!crash.dead) return after;
    } finally {
      await world.close();
    }
  }
}

const resting = new Set(['available', 'in-use', 'error', 'error_deleting', 'error_extending', 'error_restoring']);

/** What is in the back ends is what the database says, and nothing is on its way. */
async function isSound(world: CinderWorld, moment: string): Promise<void> {
  const alive = await world.db.query.selectFrom('volumes').selectAll().where('deleted', '=', 0).execute();
  const snapshots = await world.db.query.selectFrom('snapshots').selectAll().where('deleted', '=', 0).execute();
  const backups = await world.db.query.selectFrom('backups').selectAll().where('deleted', '=', 0).execute();
  for (const { status } of [...alive, ...snapshots, ...backups])
    expect(resting.has(status), `${moment}: ${status}`).toBe(true);
  for (const [host, { driver, target }] of world.machines) {
    const volumes = alive.filter((one) => one.host === host && one.status !== 'error');
    const of = new Set(volumes.map(({ id }) => id));
    const wanted = [
      ...volumes.map(({ id }) => `volume-${id}`),
      ...snapshots
        .filter((one) => of.has(one.volume_id) && one.status === 'available')
        .map(({ id }) => `snapshot-${id}`),
    ];
    expect((await driver.list()).toSorted(), `${moment}: ${host}`).toEqual(wanted.toSorted());
    const exported = volumes.filter((one) => one.provider_location !== null).map(({ id }) => `volume-${id}`);
    expect((await target.list()).toSorted(), `${moment}: exports of ${host}`).toEqual(exported.toSorted());
  }
  const whole = backups.filter((one) => one.status === 'available').map(({ id }) => id);
  expect((await world.backupFolders()).toSorted(), `${moment}: backups`).toEqual(whole.toSorted());
  for (const image of world.images.images.values()) expect(image.status, moment).toBe('active');
  expect(await openOperations(world.db), moment).toBe(0);
}

const ask = async (world: CinderWorld, method: string, url: string, body?: unknown) => {
  const answer = await world.request(method, url, { token: admin, version: '3.70', body });
  if (answer.status >= 300) throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};
const volume = async (world: CinderWorld, over: Record<string, unknown> = {}): Promise<string> => {
  const { volume: made } = await ask(world, 'POST', '/volumes', { volume: { size: 1, ...over } });
  return made.id as string;
};
const made = async (world: CinderWorld, over: Record<string, unknown> = {}): Promise<string> => {
  const id = await volume(world, over);
  await world.done();
  return id;
};
const exported = async (world: CinderWorld): Promise<string> => {
  const id = await made(world);
  const server = '6d6f4f0c-59b4-4b5c-8b2b-7a4f9b0f9a01';
  const { attachment } = await ask(world, 'POST', '/attachments', {
    attachment: { volume_uuid: id, instance_uuid: server, connector: null },
  });
  await ask(world, 'PUT', `/attachments/${attachment.id}`, { attachment: { connector } });
  await ask(world, 'POST', `/attachments/${attachment.id}/action`, { 'os-complete': null });
  return id;
};
const snapshot = async (world: CinderWorld, id: string): Promise<string> => {
  const { snapshot: one } = await ask(world, 'POST', '/snapshots', { snapshot: { volume_id: id } });
  return one.id as string;
};
const shown = async (world: CinderWorld, id: string) => (await ask(world, 'GET', `/volumes/${id}`)).volume;
const only = async (world: CinderWorld) => (await ask(world, 'GET', '/volumes/detail')).volumes[0];
const elsewhere = async (world: CinderWorld, id: string): Promise<string> => {
  const at = (await shown(world, id))['os-vol-host-attr:host'] as string;
  return at.startsWith('stor1@a') ? 'stor1@b' : 'stor1@a';
};

describe('daemons that are killed at any statement', { timeout: 120_000 }, () => {
  it('make a volume all the same, once', async () => {
    const moments = await atEveryStatement({
      act: async (world) => void (await volume(world)),
      check: async (world, _, moment) => expect((await only(world)).status, moment).toBe('available'),
    });
    expect(moments).toBeGreaterThan(15);
  });

  it('make a volume of an image', async () => {
    await atEveryStatement({
      prepare: async (world) => ({ image: world.images.add('cirros').id }),
      act: async (world, { image }) => void (await volume(world, { imageRef: image })),
      check: async (world, _, moment) =>
        expect(await only(world), moment).toMatchObject({ status: 'available', bootable: 'true' }),
    });
  });

  it('make a volume of a snapshot', async () => {
    await atEveryStatement({
      async prepare(world) {
        const id = await made(world);
        const source = await snapshot(world, id);
        await world.done();
        return { source };
      },
      act: async (world, { source }) => void (await volume(world, { snapshot_id: source, size: 2 })),
      check: async (world, _, moment) =>
        expect(await only(world), moment).toMatchObject({ status: 'available', size: 2 }),
    });
  });

  it('give a volume that no back end can make back and forth, and leave nothing of it', async () => {
    await atEveryStatement({
      async prepare(world) {
        world.before = (what) => {
          if (what === 'driver.create') throw new Error('the disk is on fire');
        };
        return {};
      },
      act: async (world) => void (await volume(world)),
      async check(world, _, moment) {
        expect((await only(world)).status, moment).toBe('error');
        const { fault } = await world.db.query.selectFrom('volumes').select('fault').executeTakeFirstOrThrow();
        expect(fault, moment).toContain('the disk is on fire');
        // One message, however often it was interrupted.
        expect((await ask(world, 'GET', '/messages')).messages, moment).toHaveLength(1);
      },
    });
  });

  it('end every delete in deleted', async () => {
    await atEveryStatement({
      async prepare(world) {
        const id = await made(world);
        await snapshot(world, id);
        await snapshot(world, id);
        await world.done();
        return { id };
      },
      act: async (world, { id }) => void (await ask(world, 'DELETE', `/volumes/${id}?cascade=true`)),
      check: async (world, _, moment) => expect(await only(world), moment).toBeUndefined(),
    });
  });

  it('extend a volume that is exported', async () => {
    await atEveryStatement({
      prepare: async (world) => ({ id: await exported(world) }),
      act: async (world, { id }) =>
        void (await ask(world, 'POST', `/volumes/${id}/action`, { 'os-extend': { new_size: 3 } })),
      async check(world, { id }, moment) {
        expect(await shown(world, id as string), moment).toMatchObject({ status: 'in-use', size: 3 });
      },
    });
  });

  it('make and delete snapshots', async () => {
    await atEveryStatement({
      async prepare(world) {
        const id = await exported(world);
        const old = await snapshot(world, id);
        await world.done();
        return { id, old };
      },
      async act(world, { id, old }) {
        await ask(world, 'DELETE', `/snapshots/${old}`);
        await snapshot(world, id as string);
      },
      async check(world, { old }, moment) {
        const { snapshots } = await ask(world, 'GET', '/snapshots');
        expect(snapshots, moment).toEqual([expect.objectContaining({ status: 'available' })]);
        expect(snapshots[0].id, moment).not.toBe(old);
      },
    });
  });

  it('undo a snapshot that fails', async () => {
    await atEveryStatement({
      async prepare(world) {
        const id = await made(world);
        world.before = (what) => {
          if (what === 'driver.createSnapshot') throw new Error('no room');
        };
        return { id };
      },
      act: async (world, { id }) => void (await snapshot(world, id as string)),
      check: async (world, _, moment) =>
        expect((await ask(world, 'GET', '/snapshots')).snapshots, moment).toEqual([
          expect.objectContaining({ status: 'error' }),
        ]),
    });
  });

  it('fill an image, or take it away', async () => {
    for (const fails of [false, true])
      await atEveryStatement({
        async prepare(world) {
          const id = await made(world);
          if (fails)
            world.before = (what) => {
              if (what === 'images.toImage') throw new Error('no');
            };
          return { id };
        },
        async act(world, { id }) {
          await ask(world, 'POST', `/volumes/${id}/action`, { 'os-volume_upload_image': { image_name: 'mine' } });
        },
        async check(world, { id }, moment) {
          expect((await shown(world, id as string)).status, moment).toBe('available');
          expect(world.images.images.size, moment).toBe(fails ? 0 : 1);
        },
      });
  });

  it('move a volume so that it is in one place', async () => {
    await atEveryStatement({
      prepare: async (world) => ({ id: await made(world) }),
      async act(world, { id }) {
        const host = await elsewhere(world, id as string);
        await ask(world, 'POST', `/volumes/${id}/action`, { 'os-migrate_volume': { host, lock_volume: true } });
      },
      async check(world, { id }, moment) {
        expect(await shown(world, id as string), moment).toMatchObject({
          status: 'available',
          migration_status: 'success',
        });
      },
    });
  });

  it('leave a volume that cannot be moved where it is', async () => {
    await atEveryStatement({
      async prepare(world) {
        const id = await made(world);
        world.before = (what) => {
          if (what === 'copier.copy') throw new Error('the line is cut');
        };
        return { id };
      },
      async act(world, { id }) {
        const host = await elsewhere(world, id as string);
        await ask(world, 'POST', `/volumes/${id}/action`, { 'os-migrate_volume': { host, lock_volume: true } });
      },
      async check(world, { id }, moment) {
        expect(await shown(world, id as string), moment).toMatchObject({
          status: 'available',
          migration_status: 'error',
        });
      },
    });
  });

  it('go back to a snapshot', async () => {
    await atEveryStatement({
      async prepare(world) {
        const id = await made(world);
        const source = await snapshot(world, id);
        await world.done();
        return { id, source };
      },
      act: async (world, { id, source }) =>
        void (await ask(world, 'POST', `/volumes/${id}/action`, { revert: { snapshot_id: source } })),
      check: async (world, { id }, moment) =>
        expect((await shown(world, id as string)).status, moment).toBe('available'),
    });
  });

  it('back up a volume in use, and nothing is left of the moment that it was copied of', async () => {
    for (const fails of [false, true])
      await atEveryStatement({
        async prepare(world) {
          const id = await exported(world);
          if (fails)
            world.before = (what) => {
              if (what === 'store.writeWhole') throw new Error('the store is full');
            };
          return { id };
        },
        act: async (world, { id }) =>
          void (await ask(world, 'POST', '/backups', { backup: { volume_id: id, force: true } })),
        async check(world, { id }, moment) {
          const { backups } = await ask(world, 'GET', '/backups/detail');
          expect(backups, moment).toEqual([expect.objectContaining({ status: fails ? 'error' : 'available' })]);
          expect((await shown(world, id as string)).status, moment).toBe('in-use');
        },
      });
  });

  it('restore and delete a backup', async () => {
    await atEveryStatement({
      async prepare(world) {
        const id = await made(world);
        const all: string[] = [];
        for (let i = 0; i < 2; i++) {
          const { backup } = await ask(world, 'POST', '/backups', { backup: { volume_id: id } });
          await world.done();
          all.push(backup.id as string);
        }
        return { id, kept: all[0] as string, old: all[1] as string };
      },
      async act(world, { id, kept, old }) {
        await ask(world, 'POST', `/backups/${kept}/restore`, { restore: { volume_id: id } });
        await ask(world, 'DELETE', `/backups/${old}`);
      },
      async check(world, { id, kept }, moment) {
        expect((await shown(world, id as string)).status, moment).toBe('available');
        const { backups } = await ask(world, 'GET', '/backups/detail');
        expect(backups, moment).toEqual([expect.objectContaining({ id: kept, status: 'available' })]);
      },
    });
  });
});
