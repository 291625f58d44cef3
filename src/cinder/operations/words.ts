import type { OperationFailure } from '#common/operations/operation.ts';
import type { OperationWords } from '#common/operations/view.ts';

/** As users' messages do: what a back end said is in the log, and for administrators. */
function tenantMessage({ code, message, details }: OperationFailure): string {
  if (Array.isArray(details)) return 'No valid host was found: no back end can take the volume.';
  return code < 500 ? message : 'The volume back end could not do it. Administrators see why.';
}

/** How operations are told to those who may not know the back ends. */
export const backendWords: OperationWords = {
  noun: 'back end',
  guarded: new Set(['BackendFilter']),
  // The journal's resource is the volume, also of what is done to its snapshots and backups.
  typeOf: (kind) => (kind === 'backup.delete' ? 'backup' : 'volume'),
  tenantMessage,
};
