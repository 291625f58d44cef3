import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isoMicros, systemClock } from '#common/clock.ts';
import { fromObject, loadConfig } from '#common/config/load.ts';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import { matchesSpec } from '#common/extra-spec.ts';
import { insertOperation } from '#common/operations/rows.ts';
import { randomIds } from '#common/ids.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { cinderOptions, type CinderConfig } from '../config.ts';
import type { BackendStats } from '../drivers/driver.ts';
import { cinderMigrations } from '../migrations/index.ts';
import { ownersOfOpenOperations } from '../operations/rows.ts';
import { changeService, listServices, seeService } from '../services/rows.ts';
import type { CinderTables } from '../tables.ts';
import { insertType } from '../types/rows.ts';
import { insertVolume } from '../volumes/rows.ts';
import { Chooser, type Wish } from './choose.ts';
import { adoptOrphans } from './orphans.ts';

let db: Database<CinderTables>;
beforeEach(async () => {
  db = await openDatabase<CinderTables>('sqlite://', { log: silentLogger });
  await db.migrate(cinderMigrations(db.dialect, systemClock));
});
afterEach(() => db.close());

const now = (ago = 0): string => isoMicros(new Date(Date.now() - ago * 1000));
const conf = (values: Record<string, string | number> = {}): CinderConfig =>
  loadConfig(cinderOptions, fromObject({ DEFAULT: values }, 'test'));
const chooser = (values: Record<string, string | number> = {}): Chooser =>
  new Chooser({ db, clock: systemClock, conf: conf(values) });

async function backend(
  host: string,
  stats: Partial<BackendStats> = {},
  more: { name?: string; zone?: string; ago?: number; ratio?: number; reserved?: number } = {},
): Promise<void> {
  const zone = more.zone ?? 'nova';
  await seeService(db.query, {
    ...{ id: randomIds.uuid(), binary: 'cinder-volume', host, topic: 'cinder-volume', availabilityZone: zone },
    now: now(more.ago),
    report: {
      host,
      backendName: more.name ?? 'lvm',
      availabilityZone: zone,
      allocatedGb: 0,
      ...(more.ratio !== undefined && { maxOverSubscriptionRatio: more.ratio }),
      ...(more.reserved !== undefined && { reservedPercentage: more.reserved }),
      stats: {
        vendorName: 'Open Source',
        driverVersion: '1.0',
        storageProtocol: 'iSCSI',
        totalGb: 100,
        freeGb: 100,
        thin: false,
        ...stats,
      },
    },
  });
}
const volume = async (host: string, sizeGb: number): Promise<string> => {
  const id = randomIds.uuid();
  await insertVolume(db.query, {
    ...{ id, project_id: 'p', user_id: 'u', name: null, description: null, status: 'available', size_gb: sizeGb, host },
    ...{ availability_zone: 'nova', bootable: 0, multiattach: 0, readonly: 0, encrypted: 0, metadata: '{}' },
    ...{ admin_metadata: '{}', created_at: now(), deleted: 0 },
  });
  return id;
};
const typed = async (extraSpecs: Record<string, string>): Promise<string> => {
  const id = randomIds.uuid();
  const specs = JSON.stringify(extraSpecs);
  await insertType(db.query, { id, name: id, is_public: 1, extra_specs: specs, created_at: now() });
  return id;
};
const wish = (over: Partial<Omit<Wish, 'volume'>> & { sizeGb?: number; zone?: string | null } = {}): Wish => ({
  volume: { sizeGb: over.sizeGb ?? 1, availabilityZone: over.zone === undefined ? 'nova' : over.zone },
  typeId: over.typeId ?? null,
  hints: over.hints ?? {},
  tried: over.tried ?? [],
});
const chosen = async (asked: Wish, values: Record<string, string | number> = {}): Promise<string> =>
  (await chooser(values).choose(asked)).host;

describe('the scheduler of volumes', () => {
  it('takes the back end with most room, counting what it gave away itself', async () => {
    await backend('a@lvm', { freeGb: 100 });
    await backend('b@lvm', { freeGb: 96 });
    const one = chooser();
    const hosts: string[] = [];
    for (let i = 0; i < 6; i++) hosts.push((await one.choose(wish({ sizeGb: 3 }))).host);
    expect(hosts.filter((host) => host === 'b@lvm').length).toBeGreaterThan(1);
    expect(await chosen(wish(), { capacity_weight_multiplier: -1 })).toBe('b@lvm');
  });

  it('says of every back end why it cannot', async () => {
    await backend('full@lvm', { freeGb: 3 });
    await backend('silent@lvm', {}, { ago: 600 });
    await backend('off@lvm');
    await backend('away@lvm', {}, { zone: 'z2' });
    await backend('burnt@lvm');
    const [service] = (await listServices(db.query)).filter(({ host }) => host === 'off@lvm');
    await changeService(db.query, service!.num, { disabled: true, disabledReason: 'new disks' }, now());
    const asked = wish({ sizeGb: 5, tried: [{ host: 'burnt@lvm', reason: 'the disk is on fire' }] });
    await expect(chosen(asked)).rejects.toThrow(
      /^No valid host was found\. full@lvm: 5 GiB are wanted, and 3 GiB are left of 100 GiB \(0 GiB are promised\) \(CapacityFilter\); silent@lvm: its cinder-volume has not reported for 6\d\d s \(BackendFilter\); off@lvm: it is disabled: new disks \(BackendFilter\); away@lvm: it is in zone z2, not nova \(AvailabilityZoneFilter\); burnt@lvm: it was tried, and failed: the disk is on fire \(BackendFilter\)$/,
    );
  });

  it('says so when there is none at all', async () => {
    await expect(chosen(wish())).rejects.toThrow('No back end has ever reported: start cinder-volume');
  });

  it.each([
    ['thick: what is promised counts', { freeGb: 100 }, {}, 95, 6, false],
    ['thick: what is kept free counts', { freeGb: 100 }, { reserved: 10 }, 0, 91, false],
    ['thick: fits', { freeGb: 100 }, { reserved: 10 }, 0, 90, true],
    ['thin: may promise more than it has', { thin: true, freeGb: 50 }, { ratio: 2 }, 150, 50, true],
    ['thin: but not without end', { thin: true, freeGb: 50 }, { ratio: 2 }, 151, 50, false],
    ['thin: nor when it is full', { thin: true, freeGb: 0 }, { ratio: 20 }, 0, 1, false],
    ['unlimited', { totalGb: null, freeGb: null }, {}, 0, 100_000, true],
  ] as const)('capacity, %s', async (_, stats, more, promised, asked, fits) => {
    await backend('a@lvm', stats, more);
    if (promised > 0) await volume('a@lvm', promised);
    const answer = chosen(wish({ sizeGb: asked }));
    if (fits) expect(await answer).toBe('a@lvm');
    else await expect(answer).rejects.toThrow('CapacityFilter');
  });

  it('gives a type the back end that it asks for', async () => {
    await backend('a@slow', {}, { name: 'slow' });
    await backend('a@fast', { thin: true }, { name: 'fast' });
    expect(await chosen(wish({ typeId: await typed({ volume_backend_name: 'fast' }) }))).toBe('a@fast');
    expect(
      await chosen(wish({ typeId: await typed({ 'capabilities:thin_provisioning_support': '<is> False' }) })),
    ).toBe('a@slow');
    expect(
      await chosen(
        wish({
          typeId: await typed({
            free_capacity_gb: '>= 100',
            'hw:whatever': '1',
            volume_backend_name: '<or> x <or> slow',
          }),
        }),
      ),
    ).toBe('a@slow');
    const unknown = await typed({ volume_backend_name: 'other' });
    await expect(chosen(wish({ typeId: unknown }))).rejects.toThrow(
      'wants volume_backend_name other, and this back end has slow',
    );
    await expect(chosen(wish({ typeId: await typed({ colour: 'red' }) }))).rejects.toThrow('does not tell of itself');
  });

  it('heeds hints of volumes to be with, or not', async () => {
    await backend('a@lvm');
    await backend('b@lvm');
    const there = await volume('b@lvm', 1);
    expect(await chosen(wish({ hints: { same_host: [there] } }))).toBe('b@lvm');
    expect(await chosen(wish({ hints: { different_host: there } }))).toBe('a@lvm');
    await expect(chosen(wish({ hints: { same_host: 'unknown' } }))).rejects.toThrow('SameBackendFilter');
  });

  it('refuses filters and weighers that there are not', () => {
    expect(() => chooser({ scheduler_default_filters: 'DriverFilter' })).toThrow('There are BackendFilter');
    expect(() => chooser({ scheduler_default_weighers: 'NoWeigher' })).toThrow('There are CapacityWeigher');
    chooser({ scheduler_default_filters: 'cinder.scheduler.filters.capacity_filter.CapacityFilter' });
  });

  it('compares by number of volumes or what is promised, when told', async () => {
    await backend('a@lvm');
    await backend('b@lvm', { freeGb: 60 });
    await volume('a@lvm', 1);
    expect(await chosen(wish(), { scheduler_default_weighers: 'VolumeNumberWeigher' })).toBe('b@lvm');
    expect(await chosen(wish(), { scheduler_default_weighers: 'AllocatedCapacityWeigher' })).toBe('b@lvm');
    expect(['a@lvm', 'b@lvm']).toContain(await chosen(wish(), { scheduler_default_weighers: 'ChanceWeigher' }));
  });

  it('takes over what a scheduler that is gone left undone', async () => {
    const journal = (owner: string) =>
      insertOperation(db.query, {
        ...{ id: randomIds.uuid(), kind: 'volume.create', action: 'create_volume', owner, input: {}, now: now() },
        ...{ resourceId: randomIds.uuid(), requestId: 'req-1', projectId: 'p', userId: 'u' },
      });
    for (const owner of ['cinder-scheduler@gone', 'cinder-scheduler@busy', 'cinder-volume@gone']) await journal(owner);
    const see = (host: string, ago: number) =>
      seeService(db.query, {
        ...{
          id: randomIds.uuid(),
          binary: 'cinder-scheduler',
          host,
          topic: 't',
          availabilityZone: 'nova',
          now: now(ago),
        },
      });
    await see('gone', 600);
    await see('busy', 100);
    await adoptOrphans({ db, clock: systemClock, conf: conf(), log: silentLogger, host: 'me' });
    expect((await ownersOfOpenOperations(db.query)).toSorted()).toEqual([
      'cinder-scheduler@busy',
      'cinder-scheduler@me',
      'cinder-volume@gone',
    ]);
  });
});

it.each([
  ['True', '<is> true', true],
  ['False', '<is> True', false],
  ['False', '<is> no', true],
])('%s %s', (actual, wanted, matches) => {
  expect(matchesSpec(actual, wanted)).toBe(matches);
});
