import { STATUS_CODES } from 'node:http';
import { ApiError } from './errors.ts';

/** A rendered error. */
export interface Fault {
  readonly contentType: string;
  readonly body: string;
}

/** How one service words its errors; the bodies are those of the real service, byte for byte where clients look. */
export interface FaultStyle {
  /** `accept` is the request's Accept header. */
  render(error: ApiError, accept: string): Fault;
  /** The error of a path that no route has. */
  noRoute(path: string): ApiError;
  /** The error of a request whose policy check failed. */
  forbidden(rule: string): ApiError;
  /** The error of a body that its schema refuses: where, the offending value, and why. */
  invalid(where: string, value: string, reason: string): ApiError;
}

const json = (value: unknown): Fault => ({ contentType: 'application/json', body: JSON.stringify(value) });
const text = (status: number, detail: string): Fault => ({
  contentType: 'text/plain; charset=UTF-8',
  body: `${status} ${STATUS_CODES[status]}\n\n${detail}\n\n   `,
});
const noResource = 'The resource could not be found.';

/** A 404 that no handler gave: Nova, Cinder and Glance answer it in plain text. */
const isRouteMiss = (error: ApiError): boolean => error.type === 'NoRoute';
const routeMiss = (): ApiError => new ApiError(404, noResource, { type: 'NoRoute' });

const novaKeys: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  429: 'overLimit',
  501: 'notImplemented',
  503: 'serviceUnavailable',
};

/** `{itemNotFound: {code, message}}`: Nova and Cinder. */
const computeStyle = (fallback: string): FaultStyle => ({
  render(error) {
    if (isRouteMiss(error)) return text(404, noResource);
    // The auth_token middleware stands in front of the service and has Keystone's words.
    if (error.status === 401) return keystoneFaults.render(error, '');
    const retry = error.headers['retry-after'];
    return json({
      [novaKeys[error.status] ?? fallback]: {
        code: error.status,
        message: error.message,
        ...(retry !== undefined && { retryAfter: retry }),
      },
    });
  },
  noRoute: routeMiss,
  forbidden: (rule) => new ApiError(403, `Policy doesn't allow ${rule} to be performed.`),
  invalid: (where, value, reason) =>
    new ApiError(400, `Invalid input for field/attribute ${where}. Value: ${value}. ${reason}`),
});

export const novaFaults = computeStyle('computeFault');
export const cinderFaults = computeStyle('computeFault');

/** `{error: {code, message, title}}`. */
export const keystoneFaults: FaultStyle = {
  render(error) {
    if (isRouteMiss(error))
      return {
        contentType: 'text/html; charset=utf-8',
        body:
          '<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was ' +
          'not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n',
      };
    return json({ error: { code: error.status, message: error.message, title: STATUS_CODES[error.status] } });
  },
  noRoute: routeMiss,
  forbidden: (rule) => new ApiError(403, `You are not authorized to perform the requested action: ${rule}.`),
  invalid: (where, _value, reason) => new ApiError(400, `Invalid input for field '${where}': ${reason}`),
};

/** `{NeutronError: {type, message, detail}}`. */
export const neutronFaults: FaultStyle = {
  render(error) {
    if (error.status === 401) return keystoneFaults.render(error, '');
    const type = error.type ?? `HTTP${(STATUS_CODES[error.status] ?? '').replace(/[^A-Za-z]/g, '')}`;
    return json({ NeutronError: { type, message: error.message, detail: '' } });
  },
  noRoute: () => new ApiError(404, noResource, { type: 'HTTPNotFound' }),
  forbidden: (rule) => new ApiError(403, `rule:${rule} is disallowed by policy`, { type: 'PolicyNotAuthorized' }),
  invalid: (where, _value, reason) =>
    new ApiError(400, `Invalid input for ${where}. Reason: ${reason}`, { type: 'HTTPBadRequest' }),
};

/** Plain text, HTML or JSON by the Accept header, as WebOb does. */
export const glanceFaults: FaultStyle = {
  render(error, accept) {
    if (error.status === 401) return keystoneFaults.render(error, '');
    const title = STATUS_CODES[error.status] ?? '';
    if (accept.includes('text/html')) {
      const escaped = error.message.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
      return {
        contentType: 'text/html; charset=UTF-8',
        body: `<html>\n <head>\n  <title>${error.status} ${title}</title>\n </head>\n <body>\n  <h1>${error.status} ${title}</h1>\n  ${escaped}<br /><br />\n\n\n\n </body>\n</html>`,
      };
    }
    if (accept.includes('application/json'))
      return json({ message: `${error.message}<br /><br />\n\n\n`, code: `${error.status} ${title}`, title });
    return text(error.status, error.message);
  },
  noRoute: routeMiss,
  forbidden: () => new ApiError(403, 'You are not authorized to complete this action.'),
  invalid: (where, value, reason) =>
    new ApiError(400, `Provided object does not match schema: ${where}: ${value} ${reason}`),
};
