import { createHash } from 'node:crypto';
import type { HttpTransport } from '#common/api/transport.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Clock } from '#common/clock.ts';
import { Ec2Error } from './errors.ts';

/** A request as it was signed. */
export interface SignedRequest {
  readonly verb: string;
  /** `/services/Cloud/` as sent. */
  readonly path: string;
  /** Host header. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Of the query and the form together. */
  readonly params: Readonly<Record<string, string>>;
  readonly body: string;
  readonly requestId: string;
}

export interface Ec2AuthOptions {
  /** `keystone_ec2_url` */
  readonly url: string;
  readonly transport: HttpTransport;
  readonly clock: Clock;
  /** Seconds that a signature is good for. */
  readonly expirySeconds: number;
  readonly lockout: { readonly attempts: number; readonly minutes: number; readonly windowMinutes: number };
}

/** @throws Ec2Error AuthFailure */
export type Ec2Authenticate = (request: SignedRequest) => Promise<RequestContext>;

const refuse = (status: number, message: string, cause?: unknown): Ec2Error =>
  new Ec2Error(status, 'AuthFailure', message, cause === undefined ? undefined : { cause });

/** Access key and signature, of version 2 (parameters) or 4 (a header, or parameters of a pre-signed address). */
function signatureOf({ params, headers }: SignedRequest): { access: string; signature: string } {
  const { authorization = '' } = headers;
  const header = (name: string): string | undefined => new RegExp(`${name}=([^,\\s]+)`).exec(authorization)?.[1];
  const signature = params['Signature'] ?? params['X-Amz-Signature'] ?? header('Signature');
  if (!signature) throw refuse(400, 'Signature not provided');
  const scope = params['X-Amz-Credential'] ?? header('Credential');
  const access = params['AWSAccessKeyId'] ?? scope?.split('/')[0];
  if (!access) throw refuse(400, 'Access key not provided');
  return { access, signature };
}

/** When it was signed; null when it does not say, which an `Expires` makes up for. @throws Ec2Error */
function checkTime({ params, headers }: SignedRequest, now: number, expirySeconds: number): void {
  const { Timestamp: timestamp, Expires: expires } = params;
  if (timestamp !== undefined && expires !== undefined)
    throw new Ec2Error(
      400,
      'InvalidParameterCombination',
      'Request must include either Timestamp or Expires, but cannot contain both',
    );
  const compact = (text: string): string =>
    text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const text = expires ?? timestamp ?? params['X-Amz-Date'] ?? headers['x-amz-date'] ?? headers['date'];
  if (text === undefined) throw refuse(400, 'Request must include either Timestamp or Expires');
  const iso = compact(text);
  const at = Date.parse(/^\d{4}-\d\d-\d\dT[\d:.]+$/.test(iso) ? `${iso}Z` : iso);
  if (Number.isNaN(at)) throw new Ec2Error(400, 'InvalidParameterValue', 'Timestamp is invalid.');
  const expired = expires !== undefined ? at < now : Math.abs(now - at) > expirySeconds * 1000;
  if (expired) throw refuse(403, 'Timestamp failed validation.');
}

/** `{access: …}` of the Identity API v2.0, or `{token: …}` of v3. */
interface TokenAnswer {
  readonly access?: {
    readonly token: { readonly id: string; readonly tenant: { readonly id: string; readonly name: string } };
    readonly user: {
      readonly id: string;
      readonly name: string;
      readonly roles?: readonly { readonly name: string }[];
    };
  };
  readonly token?: {
    readonly project: { readonly id: string; readonly name: string };
    readonly user: { readonly id: string; readonly name: string };
    readonly roles?: readonly { readonly name: string }[];
  };
}

function contextOf(answer: TokenAnswer, subject: string | undefined, requestId: string): RequestContext | null {
  const { access, token } = answer;
  const [user, project, roles, id] = access
    ? [access.user, access.token.tenant, access.user.roles, access.token.id]
    : [token?.user, token?.project, token?.roles, subject];
  if (!user || !project || id === undefined) return null;
  const names = (roles ?? []).map((role) => role.name.toLowerCase());
  return {
    requestId,
    userId: user.id,
    userName: user.name,
    userDomainId: 'default',
    projectId: project.id,
    projectName: project.name,
    projectDomainId: 'default',
    roles: names,
    isAdmin: names.includes('admin'),
    token: id,
  };
}

/**
 * Lets the Identity service check signatures: it has the secret keys, we never see one. A key with too many failures is
 * locked out for a while, so that nobody can try signatures for ever.
 */
export function createEc2Auth(options: Ec2AuthOptions): Ec2Authenticate {
  const { url, transport, clock, expirySeconds, lockout } = options;
  const failures = new Map<string, { count: number; until: number }>();
  const failed = (access: string, now: number): void => {
    for (const [key, entry] of failures) if (entry.until <= now) failures.delete(key);
    const count = (failures.get(access)?.count ?? 0) + 1;
    const minutes = count >= lockout.attempts ? lockout.minutes : lockout.windowMinutes;
    failures.set(access, { count, until: now + minutes * 60_000 });
  };
  return async (request) => {
    const { access, signature } = signatureOf(request);
    const now = clock.now().getTime();
    const known = failures.get(access);
    if (known && known.until > now && known.count >= lockout.attempts)
      throw refuse(403, 'Too many failed authentications.');
    checkTime(request, now, expirySeconds);
    const { Signature: _signature, ...params } = request.params;
    const answer = await transport
      .request({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({
          ec2Credentials: {
            access,
            signature,
            host: request.host,
            verb: request.verb,
            path: request.path,
            params,
            headers: request.headers,
            body_hash: createHash('sha256').update(request.body).digest('hex'),
          },
        }),
      })
      .catch((cause: unknown) => {
        throw refuse(503, `The Identity service at ${url} does not answer.`, cause);
      });
    if (answer.status === 401 || answer.status === 403) {
      failed(access, now);
      throw refuse(answer.status, 'The Identity service does not take this access key with this signature.');
    }
    const ctx =
      answer.status === 200 || answer.status === 201
        ? contextOf(await answer.json<TokenAnswer>(), answer.headers['x-subject-token'], request.requestId)
        : null;
    if (!ctx) throw refuse(503, `The Identity service at ${url} cannot check EC2 signatures (HTTP ${answer.status}).`);
    failures.delete(access);
    return ctx;
  };
}
