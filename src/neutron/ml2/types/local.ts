import { errors } from '../../errors.ts';
import type { TypeDriver } from './driver.ts';

/** Networks that exist on one host only; there is nothing to allocate. */
export function createLocalDriver(mtu: number): TypeDriver {
  const segment = { networkType: 'local', physicalNetwork: null, segmentationId: null } as const;
  return {
    type: 'local',
    mtu,
    synchronise: async () => undefined,
    async reserve(_db, { physicalNetwork, segmentationId }) {
      if (physicalNetwork !== null || segmentationId !== null)
        throw errors.invalidInput(
          `${physicalNetwork !== null ? 'physical_network' : 'segmentation_id'} prohibited for local provider network`,
        );
      return segment;
    },
    allocate: async () => segment,
    release: async () => undefined,
  };
}
