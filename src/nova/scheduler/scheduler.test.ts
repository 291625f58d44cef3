import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isoMicros, systemClock } from '#common/clock.ts';
import { fromObject, loadConfig } from '#common/config/load.ts';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import { randomIds } from '#common/ids.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { novaOptions } from '../config.ts';
import { addHost, insertAggregate, listAggregates } from '../hosts/aggregates-rows.ts';
import { reportNode } from '../hosts/nodes-rows.ts';
import { changeService, listServices, seeService } from '../hosts/services-rows.ts';
import { novaMigrations } from '../migrations/index.ts';
import type { ScheduleRequest } from '../rpc.ts';
import { addMember, insertGroup, type GroupPolicy } from '../server-groups/rows.ts';
import type { NovaTables } from '../tables.ts';
import { FakeCompute } from '../testing/fake-compute.ts';
import type { HostResources } from '../virt/driver.ts';
import { releaseRoom } from './claims-rows.ts';
import { matchesSpec } from '#common/extra-spec.ts';
import { filtersNamed } from './filters/index.ts';
import { Scheduler } from './scheduler.ts';

let db: Database<NovaTables>;
beforeEach(async () => {
  db = await openDatabase<NovaTables>('sqlite://', { log: silentLogger });
  await db.migrate(novaMigrations(db.dialect, systemClock));
});
afterEach(() => db.close());

const now = (): string => isoMicros(systemClock.now());

async function host(name: string, resources: Partial<HostResources> = {}): Promise<void> {
  await seeService(db.query, {
    id: randomIds.uuid(),
    binary: 'nova-compute',
    host: name,
    topic: 'compute',
    now: now(),
  });
  await reportNode(db.query, {
    id: randomIds.uuid(),
    host: name,
    resources: FakeCompute.resources({ vcpus: 4, memoryMb: 8704, diskGb: 100, hypervisorHostname: name, ...resources }),
    now: now(),
  });
}

const scheduler = (options: Record<string, string | number> = {}): Scheduler => {
  const conf = loadConfig(
    novaOptions,
    fromObject({ DEFAULT: { ram_allocation_ratio: 1, cpu_allocation_ratio: 1, ...options } }, 'test'),
  );
  return new Scheduler({ db, clock: systemClock, conf, filters: filtersNamed(conf.DEFAULT.scheduler_default_filters) });
};

const request = (
  over: Partial<ScheduleRequest> = {},
  flavor: Partial<ScheduleRequest['flavor']> = {},
): ScheduleRequest => ({
  serverIds: [randomIds.uuid()],
  projectId: 'demo',
  flavor: { id: '1', name: 'm1', vcpus: 1, memoryMb: 1024, diskGb: 10, extraSpecs: {}, ...flavor },
  image: null,
  availabilityZone: null,
  forceHost: null,
  ignoreHosts: [],
  hints: {},
  ...over,
});
const reasons = async (wanted: ScheduleRequest, with_: Scheduler = scheduler()) => {
  const answer = await with_.select(wanted);
  return answer.ok
    ? answer.hosts
    : answer.verdicts.map(({ host: name, filter, reason }) => `${name} ${filter}: ${reason}`);
};

describe('choosing a host', () => {
  it('takes the one with the most free memory, and spreads', async () => {
    await host('small', { memoryMb: 4096 });
    await host('big', { memoryMb: 8704 });
    const one = scheduler();
    expect(await reasons(request({}, { memoryMb: 4096 }), one)).toEqual(['big']);
    expect(await reasons(request({}, { memoryMb: 2048 }), one)).toEqual(['big']);
  });

  it.each([
    [{}, { memoryMb: 9000 }, 'c1 RamFilter: needs 9000 MB, 8192 MB of 8192 MB are free'],
    [{}, { vcpus: 5 }, 'c1 CoreFilter: needs 5 VCPUs, the host has 4 CPUs'],
    [{}, { diskGb: 101 }, 'c1 DiskFilter: needs 101 GB of disk, 100 GB of 100 GB are free'],
    [{ availabilityZone: 'z' }, {}, 'c1 AvailabilityZoneFilter: is in zone nova, z was asked for'],
    [{ ignoreHosts: ['c1'] }, {}, 'c1 RetryFilter: was tried already and failed to build the server'],
    [{ forceHost: 'c9' }, {}, 'c9 ComputeFilter: no compute host of this name has ever reported'],
    [
      { image: { properties: { architecture: 'aarch64' } } },
      {},
      'c1 ImagePropertiesFilter: the image needs aarch64, the host runs x86_64/fake/hvm',
    ],
    [
      {},
      { extraSpecs: { 'capabilities:hypervisor_type': 'kvm' } },
      "c1 ComputeCapabilitiesFilter: has hypervisor_type fake, the flavor's extra spec asks for kvm",
    ],
  ])('says in words why not: %j %j', async (over, flavor, words) => {
    await host('c1');
    expect(await reasons(request(over, flavor))).toEqual([words]);
  });

  it('leaves out hosts that are down or disabled, unless an administrator names a disabled one', async () => {
    await host('c1');
    const [service] = await listServices(db.query);
    await changeService(db.query, service!.num, { disabled: true, disabledReason: 'repairs' }, now());
    expect(await reasons(request())).toEqual(['c1 ComputeFilter: is disabled: repairs']);
    expect(await reasons(request({ forceHost: 'c1' }))).toEqual(['c1']);
    await db.query.updateTable('services').set({ disabled: 0, last_seen: '2014-01-01T00:00:00.000000' }).execute();
    expect(await reasons(request())).toEqual([
      'c1 ComputeFilter: nova-compute is down, it reported last at 2014-01-01T00:00:00.000000',
    ]);
  });

  it('goes by the zones and extra specs of aggregates, also when they change', async () => {
    await host('c1');
    await host('c2');
    const one = scheduler({ scheduler_default_filters: 'AvailabilityZoneFilter,AggregateInstanceExtraSpecsFilter' });
    expect(await reasons(request({ availabilityZone: 'z' }), one)).toHaveLength(2);
    await db.transaction(async (trx) => {
      await insertAggregate(trx, { id: 'a', name: 'a', metadata: { availability_zone: 'z', ssd: 'true' }, now: now() });
      await addHost(trx, (await listAggregates(trx))[0]!.num, 'c2');
    });
    expect(await reasons(request({ availabilityZone: 'z' }, { extraSpecs: { ssd: 'true' } }), one)).toEqual(['c2']);
    expect(await reasons(request({}, { extraSpecs: { ssd: 's!= true' } }), one)).toContain(
      'c1 AggregateInstanceExtraSpecsFilter: none of its aggregates has ssd, which the flavor asks for',
    );
  });

  it('keeps members of a server group apart or together', async () => {
    await host('c1');
    await host('c2');
    const group = async (policy: GroupPolicy, count: number): Promise<string[]> => {
      const id = randomIds.uuid();
      await insertGroup(db.query, { id, projectId: 'demo', userId: 'u', name: policy, policy, rules: {} });
      const one = scheduler();
      const hosts: string[] = [];
      for (let made = 0; made < count; made++) {
        const serverId = randomIds.uuid();
        await addMember(db.query, id, serverId);
        hosts.push(...(await reasons(request({ serverIds: [serverId], hints: { group: id } }), one)));
      }
      return hosts;
    };
    const apart = await group('anti-affinity', 3);
    expect(apart.slice(0, 2).sort()).toEqual(['c1', 'c2']);
    expect(apart[2]).toMatch(/has 1 of the server group's members already, 1 are allowed/);
    expect(new Set(await group('affinity', 3)).size).toBe(1);
  });

  it('takes a host by its neighbours', async () => {
    await host('c1');
    await host('c2');
    const first = request();
    const one = scheduler({ scheduler_default_filters: 'SameHostFilter,DifferentHostFilter' });
    const [where] = await reasons(first, one);
    const [id] = first.serverIds;
    expect(await reasons(request({ hints: { same_host: id } }), one)).toEqual([where]);
    expect(await reasons(request({ hints: { different_host: [id] } }), one)).not.toEqual([where]);
  });
});

describe('claims', () => {
  it('are kept by a server that asks again', async () => {
    await host('c1');
    const wanted = request();
    expect(await reasons(wanted)).toEqual(['c1']);
    expect(await reasons(wanted)).toEqual(['c1']);
    const [node] = await db.query.selectFrom('compute_nodes').select('memory_mb_used').execute();
    expect(node?.memory_mb_used).toBe(1024);
  });

  it('never exceed a host, however many schedulers ask at once', async () => {
    await host('c1'); // 8192 MB: room for eight
    await host('c2', { memoryMb: 2560 }); // 2048 MB: room for two
    const limits = { scheduler_default_filters: 'RamFilter' };
    const schedulers = [scheduler(limits), scheduler(limits), scheduler(limits)];
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_all, index) => schedulers[index % 3]!.select(request())),
    );
    expect(answers.filter((answer) => answer.ok)).toHaveLength(10);
    const nodes = await db.query
      .selectFrom('compute_nodes')
      .select(['host', 'memory_mb_used'])
      .orderBy('host')
      .execute();
    expect(nodes).toEqual([
      { host: 'c1', memory_mb_used: 8192 },
      { host: 'c2', memory_mb_used: 2048 },
    ]);
  });

  it('are all given back when one of several servers finds no host', async () => {
    await host('c1');
    const answer = await scheduler().select(request({ serverIds: Array.from({ length: 5 }, () => randomIds.uuid()) }));
    expect(answer.ok).toBe(false);
    expect(await db.query.selectFrom('allocations').selectAll().execute()).toEqual([]);
  });

  it('that others gave back are found before saying no', async () => {
    await host('c1');
    const one = scheduler();
    const first = request({}, { memoryMb: 8192 });
    await one.select(first);
    await db.transaction((trx) => releaseRoom(trx, first.serverIds[0]!, now()));
    expect(await reasons(request({}, { memoryMb: 8192 }), one)).toEqual(['c1']);
  });

  it('are fast on a thousand hosts', async () => {
    for (let index = 0; index < 1000; index++) await host(`c${index}`);
    const one = scheduler();
    await one.select(request());
    const begun = performance.now();
    const answers = await Promise.all(Array.from({ length: 100 }, () => one.select(request())));
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(new Set(answers.flatMap((answer) => (answer.ok ? answer.hosts : []))).size).toBeGreaterThan(50);
    expect(performance.now() - begun).toBeLessThan(5000);
  }, 30_000);
});

describe('extra specs', () => {
  it.each([
    ['4', '>= 4', true],
    ['3', '>= 4', false],
    ['10', '= 9', true],
    ['x', 's== x', true],
    ['x', 's!= x', false],
    ['abc', '<in> b', true],
    ['b', '<or> a <or> b', true],
    ['c', '<or> a <or> b', false],
    ['true', 'true', true],
  ])('%s against "%s"', (actual, wanted, fits) => expect(matchesSpec(actual, wanted)).toBe(fits));
});
