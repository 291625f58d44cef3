import { describe, expect, it } from 'vitest';
import { crashAfter } from '../testing/crash.ts';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

/** Everything outside the database obeys the dying process no longer. */
function obey(nova: NovaFixture, alive: () => Promise<void>): void {
  nova.network.beforeChange = alive;
  nova.volumes.beforeChange = alive;
  for (const compute of nova.computes.values()) compute.before = alive;
}

interface Scene {
  /** While nobody dies. */
  readonly prepare?: (nova: NovaFixture) => Promise<string[]>;
  readonly act: (nova: NovaFixture, prepared: readonly string[]) => Promise<string[]>;
  readonly check: (nova: NovaFixture, ids: readonly string[], moment: string) => Promise<void>;
}

/**
 * Runs `act` with the conductor killed after its n-th statement, for every n until one runs to its end. Dying between two effects
 * outside is dying at the statement before: each effect is followed by one.
 */
async function atEveryStatement({ prepare = async () => [], act, check }: Scene): Promise<number> {
  for (let after = 0; ; after++) {
    const nova = await novaFixture({ hosts: ['compute1', 'compute2'] });
    try {
      const prepared = await prepare(nova);
      const crash = crashAfter(nova.db, after);
      await nova.startConductor(crash.db);
      obey(nova, crash.alive);
      // A request that waits for the conductor gets its answer from the second one.
      const acting = act(nova, prepared);
      const first = nova.runner;
      const settled = acting.then(async () => {
        await first.resume().catch(() => undefined);
        await first.idle();
      });
      await Promise.race([settled, expect.poll(() => crash.dead, { timeout: 5000 }).toBe(true)]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      obey(nova, async () => undefined);
      await nova.startConductor();
      await nova.settled();
      const ids = await acting;
      await nova.settled();
      await check(nova, ids, `killed after statement ${after}`);
      if (!crash.dead) return after;
    } finally {
      await nova.close();
    }
  }
}

const boot = async (nova: NovaFixture, over: object = {}): Promise<string> => {
  const body = { server: { name: 'one', imageRef: nova.imageId, flavorRef: '1', ...over } };
  const answer = await nova.request('POST', '/v2.1/servers', { body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  return answer.body.server.id as string;
};
const url = (id: string): string => `/v2.1/servers/${id}/os-volume_attachments`;
const attach = (nova: NovaFixture, id: string, volumeId: string) =>
  nova.request('POST', url(id), { body: { volumeAttachment: { volumeId } } });
const open = async (nova: NovaFixture) =>
  (
    await nova.db.query
      .selectFrom('operations')
      .select('id')
      .where('status', 'in', ['pending', 'running', 'undoing'])
      .execute()
  ).length;
const rows = async (nova: NovaFixture) =>
  (await nova.db.query.selectFrom('block_devices').selectAll().execute()).length;
const inGuests = (nova: NovaFixture) =>
  [...nova.computes.values()].flatMap((compute) =>
    [...compute.guests.keys()].flatMap((id) => [...compute.volumes(id).keys()]),
  );
const statuses = (nova: NovaFixture) => [...nova.volumes.volumes.values()].map((volume) => volume.status);

const withVolume = async (nova: NovaFixture): Promise<string[]> => {
  const id = await boot(nova);
  await nova.settled();
  return [id, nova.volumes.add().id];
};
const withAttached = async (nova: NovaFixture): Promise<string[]> => {
  const [id, volume] = await withVolume(nova);
  await attach(nova, id!, volume!);
  await nova.settled();
  return [id!, volume!];
};

describe('a conductor that is killed at any statement', { timeout: 120_000 }, () => {
  it('attaches a volume all the same, once', async () => {
    const moments = await atEveryStatement({
      prepare: withVolume,
      async act(nova, [id, volume]) {
        expect((await attach(nova, id!, volume!)).status).toBe(200);
        return [id!, volume!];
      },
      async check(nova, [id, volume], moment) {
        expect([statuses(nova), inGuests(nova), await open(nova)], moment).toEqual([['in-use'], [volume], 0]);
        expect([[...nova.volumes.ties.values()].map((tie) => tie.status), await rows(nova)], moment).toEqual([
          ['attached'],
          1,
        ]);
        const list = await nova.request('GET', url(id!), { version: '2.89' });
        expect(list.body.volumeAttachments[0].attachment_id, moment).toBe([...nova.volumes.ties.keys()][0]);
      },
    });
    expect(moments).toBeGreaterThan(8);
  });

  it('leaves no trace of an attachment that cannot be', async () => {
    await atEveryStatement({
      prepare: withVolume,
      async act(nova, [id, volume]) {
        for (const compute of nova.computes.values()) {
          const { before } = compute;
          compute.before = async (method, server) => {
            await before(method, server);
            if (method === 'attachVolume') throw new Error('Authentication failure(513)');
          };
        }
        await attach(nova, id!, volume!);
        return [id!, volume!];
      },
      async check(nova, [, volume], moment) {
        // The second conductor meets hosts that work again: either end is a right one, but nothing between.
        const attached = statuses(nova)[0] === 'in-use';
        const found = [inGuests(nova), nova.volumes.ties.size, await rows(nova), await open(nova)];
        expect(found, moment).toEqual(attached ? [[volume], 1, 1, 0] : [[], 0, 0, 0]);
        expect(statuses(nova), moment).toEqual([attached ? 'in-use' : 'available']);
      },
    });
  });

  it('ends every detach in detached', async () => {
    const moments = await atEveryStatement({
      prepare: withAttached,
      async act(nova, [id, volume]) {
        expect((await nova.request('DELETE', `${url(id!)}/${volume}`)).status).toBe(202);
        return [];
      },
      async check(nova, _ids, moment) {
        const found = [statuses(nova), inGuests(nova), nova.volumes.ties.size, await rows(nova), await open(nova)];
        expect(found, moment).toEqual([['available'], [], 0, 0, 0]);
      },
    });
    expect(moments).toBeGreaterThan(6);
  });

  it('puts a volume in the place of another, or leaves it', async () => {
    await atEveryStatement({
      prepare: async (nova) => [...(await withAttached(nova)), nova.volumes.add().id],
      async act(nova, [id, from, to]) {
        const body = { volumeAttachment: { volumeId: to } };
        const answer = await nova.request('PUT', `${url(id!)}/${from}`, { body, token: 'demo/admin' });
        expect(answer.status).toBe(202);
        return [to!];
      },
      async check(nova, [to], moment) {
        const found = [statuses(nova), inGuests(nova), nova.volumes.ties.size, await rows(nova), await open(nova)];
        expect(found, moment).toEqual([['available', 'in-use'], [to], 1, 1, 0]);
      },
    });
  });

  const fromVolumes = (nova: NovaFixture, volume: string) => ({
    imageRef: '',
    block_device_mapping_v2: [
      {
        source_type: 'image',
        destination_type: 'volume',
        uuid: nova.imageId,
        boot_index: 0,
        volume_size: 1,
        delete_on_termination: true,
      },
      { source_type: 'volume', destination_type: 'volume', uuid: volume },
    ],
  });

  it('boots from volumes, each made once', async () => {
    const moments = await atEveryStatement({
      prepare: async (nova) => [nova.volumes.add().id],
      act: async (nova, [volume]) => [await boot(nova, fromVolumes(nova, volume!))],
      async check(nova, [id], moment) {
        const shown = (await nova.request('GET', `/v2.1/servers/${id}`, { token: 'demo/admin' })).body.server;
        expect([shown.status, shown['OS-EXT-STS:task_state']], moment).toEqual(['ACTIVE', null]);
        expect(statuses(nova), moment).toEqual(['in-use', 'in-use']);
        expect([inGuests(nova).length, nova.volumes.ties.size, await rows(nova), await open(nova)], moment).toEqual([
          2, 2, 2, 0,
        ]);
        const hosts = [...nova.volumes.ties.values()].map((tie) => tie.connectedTo);
        expect(new Set(hosts), moment).toEqual(new Set([shown['OS-EXT-SRV-ATTR:host']]));
      },
    });
    expect(moments).toBeGreaterThan(30);
  });

  it('unwinds a boot from volumes that cannot succeed, and leaves none', async () => {
    await atEveryStatement({
      prepare: async (nova) => [nova.volumes.add().id],
      async act(nova, [volume]) {
        for (const compute of nova.computes.values()) {
          const { before } = compute;
          compute.before = async (method, id) => {
            await before(method, id);
            if (method === 'spawn')
              throw Object.assign(new Error('The image is no image'), { name: 'ImageUnacceptable' });
          };
        }
        return [await boot(nova, fromVolumes(nova, volume!))];
      },
      async check(nova, [id], moment) {
        const shown = (await nova.request('GET', `/v2.1/servers/${id}`)).body.server;
        expect(['ERROR', 'ACTIVE'], moment).toContain(shown.status);
        const lives = shown.status === 'ACTIVE';
        expect(statuses(nova), moment).toEqual(lives ? ['in-use', 'in-use'] : ['available']);
        const found = [inGuests(nova).length, nova.volumes.ties.size, await rows(nova), await open(nova)];
        expect(found, moment).toEqual(lives ? [2, 2, 2, 0] : [0, 0, 0, 0]);
      },
    });
  });

  it('deletes a server with its volumes, or lets go of them', async () => {
    const moments = await atEveryStatement({
      async prepare(nova) {
        const id = await boot(nova, fromVolumes(nova, nova.volumes.add().id));
        await nova.settled();
        return [id];
      },
      async act(nova, [id]) {
        expect((await nova.request('DELETE', `/v2.1/servers/${id}`)).status).toBe(204);
        return [id!];
      },
      async check(nova, [id], moment) {
        expect((await nova.request('GET', `/v2.1/servers/${id}`)).status, moment).toBe(404);
        const found = [statuses(nova), inGuests(nova), nova.volumes.ties.size, await rows(nova), await open(nova)];
        expect(found, moment).toEqual([['available'], [], 0, 0, 0]);
      },
    });
    expect(moments).toBeGreaterThan(10);
  });

  it('deletes a server that was being booted from volumes', async () => {
    await atEveryStatement({
      prepare: async (nova) => [nova.volumes.add().id],
      async act(nova, [volume]) {
        const id = await boot(nova, fromVolumes(nova, volume!));
        await nova.request('DELETE', `/v2.1/servers/${id}`);
        return [id];
      },
      async check(nova, [id], moment) {
        expect((await nova.request('GET', `/v2.1/servers/${id}`)).status, moment).toBe(404);
        const found = [statuses(nova), inGuests(nova), nova.volumes.ties.size, await rows(nova), await open(nova)];
        expect(found, moment).toEqual([['available'], [], 0, 0, 0]);
      },
    });
  });
});
