import { STATUS_CODES } from 'node:http';
import { ApiError } from '#common/api/errors.ts';
import type { FaultStyle } from '#common/api/faults.ts';

/** `{"error": {"code", "title", "message"}}`, as Keystone's, also for a path that is not there. */
export const eventsFaults: FaultStyle = {
  render: ({ status, message }) => ({
    contentType: 'application/json',
    body: JSON.stringify({ error: { code: status, title: STATUS_CODES[status], message } }),
  }),
  noRoute: (path) => new ApiError(404, `There is no ${path.replace(/\?.*$/, '')}: GET / says what there is.`),
  forbidden: (rule) => new ApiError(403, `You are not authorized to perform the requested action: ${rule}.`),
  invalid: (where, value, reason) => new ApiError(400, `Invalid ${where}: ${value}. ${reason}`),
};
