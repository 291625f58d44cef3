import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A request to the EC2 API as the service that got it describes it to Keystone. */
export interface Ec2Request {
  readonly signature: string;
  readonly host?: string | undefined;
  readonly verb?: string | undefined;
  readonly path?: string | undefined;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** SHA-256 of the body, hex. */
  readonly bodyHash?: string | undefined;
}

const hmac = (algorithm: string, key: string | Buffer, text: string): Buffer =>
  createHmac(algorithm, key).update(text).digest();
/** AWS's way of percent-encoding. */
const quote = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const byBytes = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;

const queryOf = (params: Readonly<Record<string, string>>): string =>
  Object.entries(params)
    .filter(([name]) => name !== 'Signature' && name !== 'X-Amz-Signature')
    .sort(byBytes)
    .map(([name, value]) => `${quote(name)}=${quote(value)}`)
    .join('&');

/** Whether the request was signed with the secret, in version 0, 1, 2 or 4 of AWS's signatures. */
export function isSignedWithSecret(request: Ec2Request, secret: string): boolean {
  const { host = '' } = request;
  const tries = [request, { ...request, host: host.replace(/:\d+$/, '') }];
  // Some clients sign the host with its port, some without.
  return tries.some((one) => signaturesOf(one, secret).some((made) => equal(made, request.signature)));
}

function equal(a: string, b: string): boolean {
  const [mine, theirs] = [Buffer.from(a), Buffer.from(b)];
  return mine.length === theirs.length && timingSafeEqual(mine, theirs);
}

function signaturesOf(request: Ec2Request, secret: string): string[] {
  const { params = {}, headers = {} } = request;
  const header = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  if (header?.startsWith('AWS4-HMAC-SHA256') || params['X-Amz-Algorithm'] === 'AWS4-HMAC-SHA256')
    return [version4(request, secret, header)];
  switch (params['SignatureVersion']) {
    case '0':
      return [hmac('sha1', secret, (params['Action'] ?? '') + (params['Timestamp'] ?? '')).toString('base64')];
    case '1': {
      const text = Object.entries(params)
        .filter(([name]) => name !== 'Signature')
        .sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
        .map(([name, value]) => name + value)
        .join('');
      return [hmac('sha1', secret, text).toString('base64')];
    }
    case '2':
      return [version2(request, secret)];
    default:
      return [];
  }
}

function version2({ verb = 'GET', host = '', path = '/', params = {} }: Ec2Request, secret: string): string {
  const algorithm = params['SignatureMethod'] === 'HmacSHA1' ? 'sha1' : 'sha256';
  const text = [verb, host, path, queryOf(params)].join('\n');
  return hmac(algorithm, secret, text).toString('base64');
}

function version4(request: Ec2Request, secret: string, header: string | undefined): string {
  const { verb = 'GET', path = '/', params = {}, headers = {}, host = '' } = request;
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const part = (name: string): string => new RegExp(`${name}=([^,\\s]+)`).exec(header ?? '')?.[1] ?? '';
  const credential = header ? part('Credential') : (params['X-Amz-Credential'] ?? '');
  const signed = (header ? part('SignedHeaders') : (params['X-Amz-SignedHeaders'] ?? '')).split(';');
  const date = lower['x-amz-date'] ?? params['X-Amz-Date'] ?? '';
  const [, day = '', region = '', service = ''] = credential.split('/');
  const value = (name: string): string => (name === 'host' ? host : (lower[name] ?? '')).trim();
  const canonical = [
    verb,
    path,
    header ? (verb === 'POST' ? '' : queryOf(params)) : queryOf(params),
    ...signed.map((name) => `${name}:${value(name)}`),
    '',
    signed.join(';'),
    request.bodyHash ?? 'UNSIGNED-PAYLOAD',
  ].join('\n');
  const scope = [day, region, service, 'aws4_request'].join('/');
  const hashed = createHash('sha256').update(canonical).digest('hex');
  const text = ['AWS4-HMAC-SHA256', date, scope, hashed].join('\n');
  const key = [region, service, 'aws4_request'].reduce<Buffer>(
    (made, step) => hmac('sha256', made, step),
    hmac('sha256', `AWS4${secret}`, day),
  );
  return hmac('sha256', key, text).toString('hex');
}

/** When the request was signed, milliseconds since 1970; NaN when it does not say. */
export function signedAt({ params = {}, headers = {} }: Ec2Request): number {
  const header = Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-amz-date')?.[1];
  const text = params['Timestamp'] ?? params['X-Amz-Date'] ?? header ?? '';
  const [, date, time] = /^(\d{8})T(\d{6})Z$/.exec(text) ?? [];
  if (date === undefined || time === undefined) return Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  const dashed = date.replace(/(\d{4})(\d\d)/, '$1-$2-');
  return Date.parse(`${dashed}T${time.replace(/(\d\d)(\d\d)/, '$1:$2:')}Z`);
}

/** S3's own form: HMAC-SHA1 of a text that the object store has made of the request (base64), or version 4's. */
export function isSignedForS3(token: string, signature: string, secret: string): boolean {
  const text = Buffer.from(token, 'base64').toString('utf8');
  if (!text.startsWith('AWS4-HMAC-SHA256')) return equal(hmac('sha1', secret, text).toString('base64'), signature);
  const [day = '', region = '', service = ''] = (text.split('\n')[2] ?? '').split('/');
  const key = [region, service, 'aws4_request'].reduce<Buffer>(
    (made, step) => hmac('sha256', made, step),
    hmac('sha256', `AWS4${secret}`, day),
  );
  return equal(hmac('sha256', key, text).toString('hex'), signature);
}
