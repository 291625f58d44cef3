import type { OperationDefinition } from '#common/operations/operation.ts';
import type { ConductorDeps } from './deps.ts';
import { createServerOperation } from './operations/create.ts';
import { deleteServerOperation } from './operations/delete.ts';
import { evacuateOperation, liveMigrateOperation } from './operations/evacuate.ts';
import { attachInterfaceOperation, detachInterfaceOperation } from './operations/interfaces.ts';
import { moveOperation } from './operations/move.ts';
import { powerOperations } from './operations/power.ts';
import { rebuildOperation } from './operations/rebuild.ts';
import {
  changePasswordOperation,
  restoreOperation,
  softDeleteOperation,
  triggerCrashDumpOperation,
} from './operations/requests.ts';
import { rescueOperation } from './operations/rescue.ts';
import { confirmResizeOperation, revertResizeOperation } from './operations/settle-move.ts';
import { shelveOffloadOperation, shelveOperation, unshelveOperation } from './operations/shelve.ts';
import { createBackupOperation, createImageOperation } from './operations/snapshot.ts';
import { volumeOperations } from './operations/volumes.ts';

/** Everything that a conductor knows to do. */
export const definitionsOf = (deps: ConductorDeps): OperationDefinition<never, never>[] => [
  erased(createServerOperation(deps)),
  erased(deleteServerOperation(deps)),
  erased(attachInterfaceOperation(deps)),
  erased(detachInterfaceOperation(deps)),
  erased(moveOperation(deps, 'server.resize')),
  erased(moveOperation(deps, 'server.migrate')),
  erased(confirmResizeOperation(deps)),
  erased(revertResizeOperation(deps)),
  erased(liveMigrateOperation(deps)),
  erased(evacuateOperation(deps)),
  erased(rebuildOperation(deps)),
  erased(rescueOperation(deps)),
  erased(createImageOperation(deps)),
  erased(createBackupOperation(deps)),
  erased(shelveOperation(deps)),
  erased(shelveOffloadOperation(deps)),
  erased(unshelveOperation(deps)),
  erased(changePasswordOperation(deps)),
  erased(triggerCrashDumpOperation(deps)),
  erased(softDeleteOperation(deps)),
  erased(restoreOperation(deps)),
  ...powerOperations(deps),
  ...volumeOperations(deps),
];

// The runner hands each definition back its own journalled values, so their types may differ.
const erased = <Input, State>(definition: OperationDefinition<Input, State>): OperationDefinition<never, never> =>
  definition as unknown as OperationDefinition<never, never>;
