import { errors } from '../../errors.ts';
import type { TypeDriver } from './driver.ts';
import { idsOf, type IdRange } from './ranges.ts';
import { releaseId, synchronisePool, takeId, takeLowestId } from './rows.ts';

export interface TunnelDriverOptions {
  readonly type: 'gre' | 'vxlan';
  readonly ranges: readonly IdRange[];
  /** The largest id that the encapsulation has room for. */
  readonly maxId: number;
  readonly mtu: number;
}

/** Overlay networks, told apart by a GRE key or a VXLAN network identifier. */
export function createTunnelDriver({ type, ranges, maxId, mtu }: TunnelDriverOptions): TypeDriver {
  const segment = (segmentationId: number) => ({ networkType: type, physicalNetwork: null, segmentationId });
  return {
    type,
    mtu,
    synchronise: (db) => synchronisePool(db, type, idsOf(ranges)),
    async reserve(db, { physicalNetwork, segmentationId }) {
      if (physicalNetwork !== null)
        throw errors.invalidInput(`provider:physical_network specified for ${type} network`);
      if (segmentationId === null) {
        const id = await takeLowestId(db, type);
        if (id === null) throw errors.noNetworkAvailable();
        return segment(id);
      }
      if (segmentationId < 1 || segmentationId > maxId)
        throw errors.invalidInput(`segmentation_id out of range (1 through ${maxId})`);
      if (!(await takeId(db, type, segmentationId))) throw errors.tunnelIdInUse(segmentationId);
      return segment(segmentationId);
    },
    async allocate(db) {
      const id = await takeLowestId(db, type);
      return id === null ? null : segment(id);
    },
    release: (db, { segmentationId }) => {
      const id = segmentationId ?? 0;
      return releaseId(
        db,
        type,
        id,
        ranges.some(({ first, last }) => first <= id && id <= last),
      );
    },
  };
}
