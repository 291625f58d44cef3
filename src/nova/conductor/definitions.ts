import type { OperationDefinition } from '#common/operations/operation.ts';
import type { ConductorDeps } from './deps.ts';
import { createServerOperation } from './operations/create.ts';
import { deleteServerOperation } from './operations/delete.ts';
import { attachInterfaceOperation, detachInterfaceOperation } from './operations/interfaces.ts';
import { powerOperations } from './operations/power.ts';

/** Everything that a conductor knows to do. */
export const definitionsOf = (deps: ConductorDeps): OperationDefinition<never, never>[] => [
  erased(createServerOperation(deps)),
  erased(deleteServerOperation(deps)),
  erased(attachInterfaceOperation(deps)),
  erased(detachInterfaceOperation(deps)),
  ...powerOperations(deps),
];

// The runner hands each definition back its own journalled values, so their types may differ.
const erased = <Input, State>(definition: OperationDefinition<Input, State>): OperationDefinition<never, never> =>
  definition as unknown as OperationDefinition<never, never>;
