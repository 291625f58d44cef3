import { anyOperation, type AnyOperation } from '#common/operations/operation.ts';
import type { VolumeDeps } from './deps.ts';
import { buildVolumeOperation } from './operations/build.ts';
import { deleteVolumeOperation } from './operations/delete.ts';
import { extendVolumeOperation } from './operations/extend.ts';
import { manageVolumeOperation, unmanageVolumeOperation } from './operations/manage.ts';
import { migrateVolumeOperation, retypeVolumeOperation } from './operations/migrate.ts';
import { createSnapshotOperation, deleteSnapshotOperation, revertVolumeOperation } from './operations/snapshots.ts';
import { uploadVolumeOperation } from './operations/upload.ts';

/** Everything that a back end knows to do. */
export const definitionsOf = (deps: VolumeDeps): AnyOperation[] => [
  anyOperation(buildVolumeOperation(deps)),
  anyOperation(deleteVolumeOperation(deps)),
  anyOperation(extendVolumeOperation(deps)),
  anyOperation(uploadVolumeOperation(deps)),
  anyOperation(createSnapshotOperation(deps)),
  anyOperation(deleteSnapshotOperation(deps)),
  anyOperation(revertVolumeOperation(deps)),
  anyOperation(manageVolumeOperation(deps)),
  anyOperation(unmanageVolumeOperation(deps)),
  anyOperation(migrateVolumeOperation(deps)),
  anyOperation(retypeVolumeOperation(deps)),
];
