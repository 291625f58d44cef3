import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { migrations } from '../../migrations/index.ts';
import type { NetworkType } from '../../rpc.ts';
import type { NeutronTables } from '../../tables.ts';
import { TypeManager } from '../type-manager.ts';
import { createTypeDrivers, type TypeOptions } from './drivers.ts';

const options: TypeOptions = {
  flatNetworks: ['physnet1'],
  vlanRanges: ['physnet1:100:102', 'physnet2'],
  greRanges: ['1:3'],
  vxlanRanges: ['1001:1003'],
  physicalMtu: 1500,
  pathMtu: 0,
  overlayIpVersion: 4,
};
const all = ['local', 'flat', 'vlan', 'gre', 'vxlan'];
const nothing = { physicalNetwork: null, segmentationId: null };

describe('type drivers', () => {
  let db: Database<NeutronTables>;
  beforeEach(async () => {
    db = await openDatabase<NeutronTables>('sqlite://', { log: silentLogger });
    await db.migrate(migrations);
  });
  afterEach(() => db.close());
  const driver = async (type: NetworkType, changed: Partial<TypeOptions> = {}) => {
    const found = createTypeDrivers(all, { ...options, ...changed }).get(type);
    if (!found) throw new Error(type);
    await found.synchronise(db.query);
    return found;
  };

  it.each<[NetworkType, number]>([
    ['local', 1500],
    ['flat', 1500],
    ['vlan', 1500],
    ['gre', 1454],
    ['vxlan', 1450],
  ])('%s leaves guests an MTU of %i', async (type, mtu) => {
    expect((await driver(type)).mtu).toBe(mtu);
  });

  it('has smaller packets over smaller paths and IPv6', async () => {
    expect((await driver('vxlan', { pathMtu: 1400 })).mtu).toBe(1350);
    expect((await driver('gre', { physicalMtu: 9000, pathMtu: 1500, overlayIpVersion: 6 })).mtu).toBe(1434);
  });

  it.each<[NetworkType, number]>([
    ['gre', 1],
    ['vxlan', 1001],
    ['vlan', 100],
  ])('%s gives the lowest free id, until there is none, and takes ids back', async (type, first) => {
    const one = await driver(type);
    const take = async () => (await one.allocate(db.query))?.segmentationId ?? null;
    expect([await take(), await take(), await take(), await take()]).toEqual([first, first + 1, first + 2, null]);
    const physicalNetwork = type === 'vlan' ? 'physnet1' : null;
    await one.release(db.query, { networkType: type, physicalNetwork, segmentationId: first + 1 });
    expect([await take(), await take()]).toEqual([first + 1, null]);
  });

  it('gives every concurrent taker another id', async () => {
    const gre = await driver('gre', { greRanges: ['1:50'] });
    const taken = await Promise.all(Array.from({ length: 50 }, () => db.transaction((trx) => gre.allocate(trx))));
    expect(new Set(taken.map((segment) => segment?.segmentationId)).size).toBe(50);
  });

  it('follows a change of the ranges, and keeps what is allocated outside of them', async () => {
    const before = await driver('gre', { greRanges: ['1:3'] });
    await before.allocate(db.query);
    const after = await driver('gre', { greRanges: ['3:5'] });
    const rows = await db.query
      .selectFrom('ml2_allocations')
      .select(['segmentation_id', 'allocated'])
      .orderBy('segmentation_id')
      .where('pool', '=', 'gre')
      .execute();
    expect(rows.map((row) => [row.segmentation_id, row.allocated])).toEqual([
      [1, 1],
      [3, 0],
      [4, 0],
      [5, 0],
    ]);
    await after.release(db.query, { networkType: 'gre', physicalNetwork: null, segmentationId: 1 });
    expect((await after.allocate(db.query))?.segmentationId).toBe(3);
    await driver('vlan');
    await driver('vlan', { vlanRanges: [] });
    const left = await db.query.selectFrom('ml2_allocations').select('pool').where('pool', 'like', 'vlan:%').execute();
    expect(left).toEqual([]);
  });

  it('flat is there once per physical network', async () => {
    const flat = await driver('flat');
    expect(await flat.allocate(db.query)).toBeNull();
    const wanted = { physicalNetwork: 'physnet1', segmentationId: null };
    const segment = await flat.reserve(db.query, wanted);
    await expect(flat.reserve(db.query, wanted)).rejects.toMatchObject({ type: 'FlatNetworkInUse' });
    await flat.release(db.query, segment);
    await flat.reserve(db.query, wanted);
    await expect(flat.reserve(db.query, { ...wanted, physicalNetwork: 'x' })).rejects.toThrow(/unknown for flat/);
    await expect(flat.reserve(db.query, nothing)).rejects.toThrow(/physical_network required/);
    await expect(flat.reserve(db.query, { ...wanted, segmentationId: 1 })).rejects.toThrow(/prohibited for flat/);
  });

  it.each<[NetworkType, string | null, number | null, RegExp]>([
    ['local', 'physnet1', null, /physical_network prohibited for local/],
    ['local', null, 1, /segmentation_id prohibited for local/],
    ['vlan', 'physnet1', 4095, /out of range \(1 through 4094\)/],
    ['vlan', null, 5, /segmentation_id requires physical_network/],
    ['vlan', 'physnet2', null, /No tenant network is available/],
    ['gre', 'physnet1', null, /physical_network specified for gre/],
    ['vxlan', null, 2 ** 24, /out of range/],
  ])('%s refuses physical network %s with id %s', async (type, physicalNetwork, segmentationId, message) => {
    const one = await driver(type);
    await expect(one.reserve(db.query, { physicalNetwork, segmentationId })).rejects.toThrow(message);
  });

  it('refuses wrong options when it starts', () => {
    expect(() => createTypeDrivers(['token-ring'], options)).toThrow(/there is no type driver "token-ring"/);
    expect(() => createTypeDrivers(all, { ...options, greRanges: ['9:1'] })).toThrow(/"9:1" is no range/);
    expect(() => createTypeDrivers(all, { ...options, vlanRanges: ['p:1:9999'] })).toThrow(/network_vlan_ranges/);
    expect(() => new TypeManager(createTypeDrivers(['gre'], options), ['vlan'])).toThrow(/type_drivers lacks/);
  });

  it('tries the types for tenants in order', async () => {
    const drivers = createTypeDrivers(all, { ...options, greRanges: ['7:7'] });
    const manager = new TypeManager(drivers, ['gre', 'vxlan']);
    await manager.synchronise(db.query);
    expect(await manager.allocate(db.query)).toMatchObject({ networkType: 'gre', segmentationId: 7 });
    expect(await manager.allocate(db.query)).toMatchObject({ networkType: 'vxlan', segmentationId: 1001 });
    await expect(manager.reserve(db.query, 'token-ring', nothing)).rejects.toThrow(/not supported/);
    await expect(manager.reserve(db.query, null, nothing)).rejects.toThrow(/network_type required/);
  });
});
