import { createHash, createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { HttpRequest, HttpTransport } from '#common/api/transport.ts';
import { createEc2Auth, type SignedRequest } from './auth.ts';

const now = new Date('2014-09-12T08:00:00Z');
const secret = 'secret';

interface Sent {
  readonly ec2Credentials: {
    readonly access: string;
    readonly signature: string;
    readonly host: string;
    readonly verb: string;
    readonly path: string;
    readonly params: Record<string, string>;
    readonly headers: Record<string, string>;
    readonly body_hash: string;
  };
}

/** The Identity service's side of signature version 2. */
function signV2({ verb, host, path, params }: Pick<SignedRequest, 'verb' | 'host' | 'path' | 'params'>): string {
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = Object.keys(params)
    .sort()
    .map((key) => `${encode(key)}=${encode(params[key] as string)}`)
    .join('&');
  return createHmac('sha256', secret).update(`${verb}\n${host}\n${path}\n${query}`).digest('base64');
}

const access = {
  access: {
    token: { id: 't0k3n', tenant: { id: 'p1', name: 'demo' } },
    user: { id: 'u1', name: 'alice', roles: [{ name: 'Admin' }] },
  },
};

function keystone(answer: (sent: Sent) => { status: number; body: unknown; headers?: Record<string, string> }): {
  transport: HttpTransport;
  requests: HttpRequest[];
} {
  const requests: HttpRequest[] = [];
  return {
    requests,
    transport: {
      request: async (request) => {
        requests.push(request);
        const { status, body, headers = {} } = answer(JSON.parse(request.body as string) as Sent);
        return {
          status,
          headers,
          text: async () => JSON.stringify(body),
          json: async <T>() => body as T,
          stream: Readable.from([]),
        };
      },
    },
  };
}

/** As the real one: it knows one access key, and its secret. */
const checking = () =>
  keystone(({ ec2Credentials: sent }) =>
    sent.access === 'AK' && sent.signature === signV2(sent) ? { status: 200, body: access } : { status: 401, body: {} },
  );

function authOf(transport: HttpTransport, clock = { now: () => now }) {
  return createEc2Auth({
    url: 'http://k:5000/v2.0/ec2tokens',
    transport,
    clock,
    expirySeconds: 300,
    lockout: { attempts: 3, minutes: 15, windowMinutes: 15 },
  });
}

const request = (params: Record<string, string>, over: Partial<SignedRequest> = {}): SignedRequest => ({
  verb: 'GET',
  path: '/services/Cloud/',
  host: 'cloud:8773',
  headers: {},
  params,
  body: '',
  requestId: 'req-1',
  ...over,
});
function signed(over: Record<string, string> = {}): SignedRequest {
  const params = {
    Action: 'DescribeInstances',
    AWSAccessKeyId: 'AK',
    SignatureVersion: '2',
    SignatureMethod: 'HmacSHA256',
    Timestamp: '2014-09-12T08:00:00Z',
    Version: '2013-10-15',
    'Filter.1.Value.1': "a b*(~)'é",
    ...over,
  };
  return request({ ...params, Signature: signV2(request(params)) });
}

describe('EC2 signatures', () => {
  it('of version 2 are checked by the Identity service, whose token is the caller', async () => {
    const { transport } = checking();
    const ctx = await authOf(transport)(signed());
    expect(ctx).toMatchObject({
      requestId: 'req-1',
      userId: 'u1',
      projectId: 'p1',
      roles: ['admin'],
      isAdmin: true,
      token: 't0k3n',
    });
    const forged = { ...signed() };
    await expect(authOf(transport)({ ...forged, path: '/services/Other/' })).rejects.toMatchObject({
      status: 401,
      ec2Code: 'AuthFailure',
    });
  });

  it('of version 4 stand in a header; the token may come the way of v3', async () => {
    const { transport, requests } = keystone(() => ({
      status: 200,
      headers: { 'x-subject-token': 'v3' },
      body: { token: { project: { id: 'p', name: 'p' }, user: { id: 'u', name: 'u' }, roles: [{ name: 'member' }] } },
    }));
    const ctx = await authOf(transport)(
      request(
        { Action: 'DescribeInstances' },
        {
          verb: 'POST',
          body: 'Action=DescribeInstances',
          headers: {
            'x-amz-date': '20140912T080000Z',
            authorization:
              'AWS4-HMAC-SHA256 Credential=AK/20140912/nova/ec2/aws4_request, SignedHeaders=host;x-amz-date, Signature=abcd',
          },
        },
      ),
    );
    expect(ctx).toMatchObject({ projectId: 'p', token: 'v3', isAdmin: false });
    const { ec2Credentials: sent } = JSON.parse(requests[0]?.body as string) as Sent;
    expect(sent).toMatchObject({ access: 'AK', signature: 'abcd', verb: 'POST', host: 'cloud:8773' });
    expect(sent.body_hash).toBe(createHash('sha256').update('Action=DescribeInstances').digest('hex'));
  });

  it.each([
    [{ Action: 'x' }, 400, 'Signature not provided'],
    [{ Signature: 's' }, 400, 'Access key not provided'],
    [{ Signature: 's', AWSAccessKeyId: 'AK' }, 400, 'Request must include either Timestamp or Expires'],
    [{ Signature: 's', AWSAccessKeyId: 'AK', Timestamp: '2014-09-12T07:54:00Z' }, 403, 'Timestamp failed validation.'],
    [{ Signature: 's', AWSAccessKeyId: 'AK', Expires: '2014-09-12T07:59:59Z' }, 403, 'Timestamp failed validation.'],
    [{ Signature: 's', AWSAccessKeyId: 'AK', Timestamp: 'soon' }, 400, 'Timestamp is invalid.'],
  ])('%j are refused', async (params, status, message) => {
    await expect(authOf(checking().transport)(request(params as Record<string, string>))).rejects.toMatchObject({
      status,
      message,
    });
  });

  it('that fail again and again lock the key out for a while', async () => {
    let at = now.getTime();
    const { transport, requests } = checking();
    const authenticate = authOf(transport, { now: () => new Date(at) });
    const wrong = { ...signed(), host: 'elsewhere' };
    for (let count = 0; count < 3; count++) await expect(authenticate(wrong)).rejects.toMatchObject({ status: 401 });
    await expect(authenticate(signed())).rejects.toMatchObject({
      status: 403,
      message: 'Too many failed authentications.',
    });
    expect(requests).toHaveLength(3);
    at += 15 * 60_000;
    const late = signed({ Timestamp: new Date(at).toISOString() });
    expect((await authenticate(late)).userId).toBe('u1');
  });

  it('say when the Identity service is away, or cannot check them', async () => {
    const away = authOf({ request: () => Promise.reject(new Error('ECONNREFUSED')) });
    await expect(away(signed())).rejects.toMatchObject({ status: 503 });
    const { transport } = keystone(() => ({ status: 404, body: {} }));
    await expect(authOf(transport)(signed())).rejects.toThrow('cannot check EC2 signatures (HTTP 404)');
  });
});
