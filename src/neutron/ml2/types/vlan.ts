import { errors } from '../../errors.ts';
import type { TypeDriver } from './driver.ts';
import { idsOf, type IdRange } from './ranges.ts';
import { poolsNamed, releaseId, synchronisePool, takeId, takeLowestId } from './rows.ts';

const poolOf = (physicalNetwork: string): string => `vlan:${physicalNetwork}`;

/** VLANs of physical networks. @param ranges by physical network; without a range only administrators choose there */
export function createVlanDriver(ranges: ReadonlyMap<string, readonly IdRange[]>, mtu: number): TypeDriver {
  const lowest = async (
    db: Parameters<TypeDriver['allocate']>[0],
    physicalNetworks: readonly string[],
  ): ReturnType<TypeDriver['allocate']> => {
    for (const physicalNetwork of physicalNetworks) {
      const segmentationId = await takeLowestId(db, poolOf(physicalNetwork));
      if (segmentationId !== null) return { networkType: 'vlan', physicalNetwork, segmentationId };
    }
    return null;
  };
  return {
    type: 'vlan',
    mtu,
    async synchronise(db) {
      for (const [name, list] of ranges) await synchronisePool(db, poolOf(name), idsOf(list));
      for (const pool of await poolsNamed(db, 'vlan:'))
        if (!ranges.has(pool.slice('vlan:'.length))) await synchronisePool(db, pool, new Set());
    },
    async reserve(db, { physicalNetwork, segmentationId }) {
      if (physicalNetwork !== null && !ranges.has(physicalNetwork))
        throw errors.invalidInput(`physical_network '${physicalNetwork}' unknown for VLAN provider network`);
      if (segmentationId === null) {
        const found = await lowest(db, physicalNetwork === null ? [...ranges.keys()] : [physicalNetwork]);
        if (!found) throw errors.noNetworkAvailable();
        return found;
      }
      if (physicalNetwork === null)
        throw errors.invalidInput('segmentation_id requires physical_network for VLAN provider network');
      if (segmentationId < 1 || segmentationId > 4094)
        throw errors.invalidInput('segmentation_id out of range (1 through 4094)');
      if (!(await takeId(db, poolOf(physicalNetwork), segmentationId)))
        throw errors.vlanIdInUse(segmentationId, physicalNetwork);
      return { networkType: 'vlan', physicalNetwork, segmentationId };
    },
    allocate: (db) => lowest(db, [...ranges.keys()]),
    async release(db, { physicalNetwork, segmentationId }) {
      const id = segmentationId ?? 0;
      const list = ranges.get(physicalNetwork ?? '') ?? [];
      await releaseId(
        db,
        poolOf(physicalNetwork ?? ''),
        id,
        list.some(({ first, last }) => first <= id && id <= last),
      );
    },
  };
}
