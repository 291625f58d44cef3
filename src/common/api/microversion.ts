import type { FastifyReply } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './errors.ts';
import { ApiVersion } from './version.ts';

/** A service whose clients choose a version per request (API-WG "Microversion Specification"). */
export interface MicroversionRange {
  /** The service type in `OpenStack-API-Version: compute 2.79`. */
  readonly type: 'compute' | 'volume' | 'placement';
  readonly min: string;
  readonly max: string;
  /** Nova's older header, still asked and answered. */
  readonly legacyHeader?: string;
}

/** The version of this request; answers with the headers that name it. @throws ApiError 400 malformed, 406 outside the range */
export function negotiate(
  version: string | MicroversionRange,
  headers: IncomingHttpHeaders,
  reply: FastifyReply,
): ApiVersion {
  if (typeof version === 'string') return ApiVersion.of(version);
  const { type, min, max, legacyHeader } = version;
  const asked = askedFor(type, headers, legacyHeader) ?? min;
  const parsed = asked === 'latest' ? ApiVersion.of(max) : ApiVersion.parse(asked);
  if (!parsed)
    throw new ApiError(400, `API Version String ${asked} is of invalid format. Must be of format MajorNum.MinorNum.`);
  void reply.header('openstack-api-version', `${type} ${parsed}`).header('vary', 'OpenStack-API-Version');
  if (legacyHeader)
    void reply.header(legacyHeader, String(parsed)).header('vary', `OpenStack-API-Version, ${legacyHeader}`);
  if (parsed.compare(ApiVersion.of(min)) < 0 || parsed.compare(ApiVersion.of(max)) > 0)
    throw new ApiError(406, `Version ${parsed} is not supported by the API. Minimum is ${min} and maximum is ${max}.`);
  return parsed;
}

function askedFor(type: string, headers: IncomingHttpHeaders, legacy: string | undefined): string | undefined {
  const header = headers['openstack-api-version'];
  for (const entry of typeof header === 'string' ? header.split(',') : []) {
    const [service, asked] = entry.trim().split(/\s+/);
    if (service === type && asked !== undefined) return asked;
  }
  const older = legacy === undefined ? undefined : headers[legacy.toLowerCase()];
  return typeof older === 'string' ? older.trim() : undefined;
}
