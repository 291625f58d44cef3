import { errors } from '../../errors.ts';
import type { TypeDriver } from './driver.ts';
import { releaseFlat, takeFlat } from './rows.ts';

/** The untagged network of a physical network: at most one each, made by administrators. @param physicalNetworks `*`: any */
export function createFlatDriver(physicalNetworks: readonly string[], mtu: number): TypeDriver {
  return {
    type: 'flat',
    mtu,
    synchronise: async () => undefined,
    async reserve(db, { physicalNetwork, segmentationId }) {
      if (physicalNetwork === null) throw errors.invalidInput('physical_network required for flat provider network');
      if (!physicalNetworks.includes('*') && !physicalNetworks.includes(physicalNetwork))
        throw errors.invalidInput(`physical_network '${physicalNetwork}' unknown for flat provider network`);
      if (segmentationId !== null) throw errors.invalidInput('segmentation_id prohibited for flat provider network');
      if (!(await takeFlat(db, physicalNetwork))) throw errors.flatNetworkInUse(physicalNetwork);
      return { networkType: 'flat', physicalNetwork, segmentationId: null };
    },
    allocate: async () => null,
    release: (db, { physicalNetwork }) => releaseFlat(db, physicalNetwork ?? ''),
  };
}
