import type { NetworkType, Segment } from '../rpc.ts';
import type { NetworkRow } from '../tables.ts';

export const segmentOf = (row: NetworkRow): Segment => ({
  networkType: row.network_type as NetworkType,
  physicalNetwork: row.physical_network,
  segmentationId: row.segmentation_id,
});
