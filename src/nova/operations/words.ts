import type { OperationWords } from '#common/operations/view.ts';

/**
 * How operations and filters' verdicts are told to those who may not know the hosts: who disabled one, and why, is between
 * administrators. A failure's message is what the server's fault shows to everybody.
 */
export const hostWords: OperationWords = {
  noun: 'host',
  guarded: new Set(['ComputeFilter']),
  typeOf: () => 'server',
};
