import { ApiError } from '#common/api/errors.ts';
import { glanceFaults, type FaultStyle } from '#common/api/faults.ts';

/** Glance's words for a body that a named schema refuses. */
export const wordsOf = (schema: string): FaultStyle => ({
  ...glanceFaults,
  invalid: (_where, _value, reason) =>
    new ApiError(400, `Provided object does not match schema '${schema}': ${reason}`),
});
