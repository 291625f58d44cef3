import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isoMicros, systemClock } from '#common/clock.ts';
import { randomIds } from '#common/ids.ts';
import { changeService, listServices, seeService } from '../hosts/services-rows.ts';
import { reportNode } from '../hosts/nodes-rows.ts';
import { FakeCompute } from '../testing/fake-compute.ts';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

const big = { vcpus: 8, memoryMb: 8704, diskGb: 200 };
const small = { vcpus: 1, memoryMb: 1024, diskGb: 10 };

let nova: NovaFixture;
beforeEach(async () => {
  nova = await novaFixture({
    hosts: [],
    conf: { quota_cores: 4, quota_ram: 8192, ram_allocation_ratio: 1, cpu_allocation_ratio: 1 },
  });
  await nova.addHost('alpha', big);
  await nova.addHost('beta', small);
});
afterEach(() => nova.close());

interface Verdict {
  host: string;
  passed: boolean;
  filter: string | null;
  reason: string | null;
}
interface Fit {
  flavor_id: string;
  fits: boolean;
  hosts: number;
  reasons: { kind: string; resource: string; message: string; limit: number; used?: number; needed: number }[];
  host_verdicts: Verdict[];
}
const ask = (wish: Record<string, unknown>, token = 'demo') =>
  nova.request('POST', '/v2.1/os-server-fit', { token, body: { server_fit: wish } });
const fits = async (wish: Record<string, unknown>, token = 'demo'): Promise<Fit[]> => {
  const answer = await ask(wish, token);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.fits as Fit[];
};
const one = async (wish: Record<string, unknown>, token = 'demo'): Promise<Fit> => {
  const [first] = await fits({ flavors: ['1'], ...wish }, token);
  return first as Fit;
};

describe('whether a server would fit', () => {
  it('says of every visible flavor whether, and host by host why not', async () => {
    const all = await fits({});
    expect(all.map((fit) => [fit.flavor_id, fit.fits, fit.hosts])).toEqual([
      ['1', true, 2],
      ['2', true, 1],
      ['3', true, 1],
      ['4', true, 1],
      ['5', false, 0],
    ]);
    expect(all[1]?.host_verdicts).toEqual([
      { host: 'host 1', passed: true, filter: null, reason: null },
      { host: 'host 2', passed: false, filter: 'RamFilter', reason: 'needs 2048 MB, 512 MB of 512 MB are free' },
    ]);
    expect(all[4]?.reasons).toEqual([
      {
        kind: 'quota',
        message: "The project's quota of cores is 4, of which 0 are used: 4 are left, 8 are needed.",
        ...{ resource: 'cores', limit: 4, used: 0, needed: 8 },
      },
      {
        kind: 'quota',
        message:
          "The project's quota of ram is 8192 MB, of which 0 MB are used: 8192 MB are left, 16384 MB are needed.",
        ...{ resource: 'ram', limit: 8192, used: 0, needed: 16_384 },
      },
      {
        kind: 'hosts',
        message: 'None of 2 hosts takes it: RamFilter refuses 2.',
        ...{ resource: 'hosts', limit: 0, needed: 1 },
      },
    ]);
  });

  it('names hosts to administrators only, also within reasons', async () => {
    const { body } = await nova.request('POST', '/v2.1/os-server-groups', {
      body: { server_group: { name: 'near', policies: ['affinity'] } },
    });
    const group = body.server_group.id as string;
    const made = await nova.request('POST', '/v2.1/servers', {
      body: {
        server: { name: 'one', imageRef: nova.imageId, flavorRef: '1', networks: [{ uuid: nova.demoNet.id }] },
        'os:scheduler_hints': { group },
      },
    });
    expect(made.status).toBe(202);
    await nova.settled();
    const theirs = await one({ scheduler_hints: { group } });
    expect(theirs.host_verdicts).toEqual([
      { host: 'host 1', passed: true, filter: null, reason: null },
      {
        host: 'host 2',
        passed: false,
        filter: 'ServerGroupAffinityFilter',
        reason: "the server group's members are on host 1",
      },
    ]);
    const ours = await one({ scheduler_hints: { group } }, 'demo/admin');
    expect(ours.host_verdicts.map(({ host, reason }) => [host, reason])).toEqual([
      ['alpha', null],
      ['beta', "the server group's members are on alpha"],
    ]);
    expect((await ask({ scheduler_hints: { group } }, 'other')).status).toBe(400);
  });

  it("keeps administrators' words about a host from others", async () => {
    const service = (await listServices(nova.db.query)).find((found) => found.host === 'beta')!;
    await changeService(
      nova.db.query,
      service.num,
      { disabled: true, disabledReason: 'rack 7 burns' },
      isoMicros(systemClock.now()),
    );
    const [, theirs] = (await one({})).host_verdicts;
    expect(theirs).toMatchObject({ filter: 'ComputeFilter', reason: 'is not in service' });
    const [, ours] = (await one({}, 'demo/admin')).host_verdicts;
    expect(ours?.reason).toBe('is disabled: rack 7 burns');
  });

  it('counts several servers, and what there is room for', async () => {
    expect(await one({ count: 4 })).toMatchObject({ fits: true });
    const many = await one({ count: 40 });
    expect(many.reasons.map(({ kind, resource, needed }) => [kind, resource, needed])).toEqual([
      ['quota', 'cores', 40],
      ['quota', 'ram', 40 * 512],
      ['hosts', 'hosts', 40],
    ]);
    expect(many.reasons[2]).toMatchObject({ limit: 9, message: 'The hosts have room for 9 of 40 servers.' });
  });

  it('counts members of an anti-affinity group one by one', async () => {
    const { body } = await nova.request('POST', '/v2.1/os-server-groups', {
      body: { server_group: { name: 'far', policies: ['anti-affinity'] } },
    });
    const hints = { group: body.server_group.id as string };
    expect((await one({ count: 2, scheduler_hints: hints })).fits).toBe(true);
    expect((await one({ count: 3, scheduler_hints: hints })).reasons.at(-1)).toMatchObject({ limit: 2, needed: 3 });
  });

  it('asks the image, of the disk that it is to be on', async () => {
    const { id: image } = nova.images.add('large', { min_ram: 1024, min_disk: 30 });
    const tiny = await one({ image });
    expect(tiny.reasons.map(({ kind, message }) => [kind, message])).toEqual([
      ['image', 'The image needs 1024 MB of memory, the flavor has 512 MB.'],
      ['image', "The image needs a disk of 30 GB, the flavor's has 1 GB."],
    ]);
    expect((await one({ flavors: ['2'], image, volume_size: 40 })).reasons).toEqual([]);
    expect((await one({ flavors: ['2'], image, volume_size: 20 })).reasons).toEqual([
      {
        kind: 'image',
        message: 'The image needs 30 GB, the volume is to have 20 GB.',
        ...{ resource: 'disk', limit: 20, needed: 30 },
      },
    ]);
    const { id: foreign } = nova.images.add('arm', { hw_architecture: 'aarch64' });
    expect((await one({ image: foreign })).host_verdicts.map(({ filter }) => filter)).toEqual([
      'ImagePropertiesFilter',
      'ImagePropertiesFilter',
    ]);
  });

  it("asks Cinder's quota about new volumes, and not about one that is there", async () => {
    expect((await one({ volume_size: 60, count: 2 })).reasons).toEqual([
      {
        kind: 'quota',
        message:
          "The project's quota of gigabytes is 100 GB, of which 0 GB are used: 100 GB are left, 120 GB are needed.",
        ...{ resource: 'gigabytes', limit: 100, used: 0, needed: 120 },
      },
    ]);
    const made = await nova.request('POST', '/v2.1/flavors', {
      token: 'demo/admin',
      body: { flavor: { name: 'wide', ram: 512, vcpus: 1, disk: 50 } },
    });
    const flavors = [made.body.flavor.id as string];
    expect((await one({ flavors })).hosts).toBe(1);
    expect(await one({ flavors, volume_size: 0 })).toMatchObject({ hosts: 2, fits: true });
  });

  it('is as hard on what does not exist as a boot', async () => {
    const refusal = async (wish: Record<string, unknown>, token = 'demo') => {
      const { status, body } = await ask(wish, token);
      return [status, Object.values(body as Record<string, { message: string }>)[0]?.message];
    };
    expect(await refusal({ flavors: ['99'] })).toEqual([400, 'Flavor 99 could not be found.']);
    expect(await refusal({ image: randomIds.uuid() })).toEqual([400, 'Can not find requested image']);
    expect(await refusal({ availability_zone: 'mars' })).toEqual([
      400,
      'The requested availability zone is not available',
    ]);
    expect((await refusal({ availability_zone: 'nova:alpha' }))[0]).toBe(403);
    expect((await one({ availability_zone: 'nova:beta' }, 'demo/admin')).host_verdicts.map(({ host }) => host)).toEqual(
      ['beta'],
    );
    expect((await ask({ count: 0 })).status).toBe(400);
    expect((await ask({ flavours: [] })).status).toBe(400);
    expect((await nova.request('POST', '/v2.1/os-server-fit', { token: null, body: {} })).status).toBe(401);
  });

  it('writes nothing', async () => {
    const tables = ['allocations', 'quota_locks', 'operations', 'instances'] as const;
    const counts = () => Promise.all(tables.map((table) => nova.db.query.selectFrom(table).selectAll().execute()));
    const before = await counts();
    await fits({ count: 3 });
    expect(await counts()).toEqual(before);
  });

  it('answers for 50 flavors on 100 hosts at once', async () => {
    for (let index = 0; index < 98; index++) {
      const host = `host${index}`;
      const now = isoMicros(systemClock.now());
      await seeService(nova.db.query, { id: randomIds.uuid(), binary: 'nova-compute', host, topic: 'compute', now });
      await reportNode(nova.db.query, { id: randomIds.uuid(), host, resources: FakeCompute.resources(big), now });
    }
    for (let index = 0; index < 45; index++)
      await nova.request('POST', '/v2.1/flavors', {
        token: 'demo/admin',
        body: { flavor: { name: `f${index}`, ram: 256 + index, vcpus: 1, disk: 1 } },
      });
    await fits({});
    const begun = performance.now();
    const answer = await fits({ count: 5 });
    const took = performance.now() - begun;
    expect(answer).toHaveLength(50);
    expect(answer[0]?.host_verdicts).toHaveLength(100);
    console.log(`50 flavors on 100 hosts: ${Math.round(took)} ms`);
    expect(took).toBeLessThan(2000);
  });
});
