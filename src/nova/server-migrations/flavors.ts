import { localDiskGb, type FlavorSnapshot } from '../servers/model.ts';

/** A flavor in the columns that quotas and lists read. */
export const flavorColumns = (flavor: FlavorSnapshot, server: { readonly imageId: string | null }) => ({
  flavor: JSON.stringify(flavor),
  flavor_id: flavor.id,
  vcpus: flavor.vcpus,
  memory_mb: flavor.memoryMb,
  disk_gb: localDiskGb({ flavor, imageId: server.imageId }),
});

/** Until a move is confirmed the larger of its two flavors counts: the way back must not fail for lack of quota. */
export const heldColumns = (before: FlavorSnapshot, after: FlavorSnapshot) => ({
  vcpus: Math.max(before.vcpus, after.vcpus),
  memory_mb: Math.max(before.memoryMb, after.memoryMb),
});
