import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, startTestCloud, type Answer, type TestCloud } from '../testing/cloud.ts';
import { percent, signatureOf } from './signature.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());

const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
  cloud.call(method, `/v3/OS-OAUTH1${path}`, body, { token: adminToken });

interface Secrets {
  readonly id: string;
  readonly secret: string;
}
/** A POST signed with a consumer's secret and perhaps a token's. */
const signed = (
  path: string,
  consumer: Secrets,
  { token, more = {}, headers = {}, body }: { token?: Secrets; more?: object; headers?: object; body?: unknown } = {},
): Promise<Answer> => {
  const parameters: Record<string, string> = {
    oauth_consumer_key: consumer.id,
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: '1',
    oauth_nonce: 'n',
    ...(token && { oauth_token: token.id }),
    ...more,
  };
  const header = (all: object): string =>
    `OAuth ${Object.entries(all)
      .map(([name, value]) => `${name}="${percent(String(value))}"`)
      .join(', ')}`;
  const request = { method: 'POST', url: `http://controller:5000${path}`, authorization: header(parameters) };
  const signature = signatureOf(request, consumer.secret, token?.secret ?? '');
  const authorization = header({ ...parameters, oauth_signature: signature });
  return cloud.call('POST', path, body, { headers: { ...headers, authorization } });
};
const secretsOf = (text: string): Secrets => {
  const form = new URLSearchParams(text);
  return { id: form.get('oauth_token') ?? '', secret: form.get('oauth_token_secret') ?? '' };
};

describe('OAuth 1.0a', () => {
  it('signs as RFC 5849 shows it', () => {
    const authorization =
      'OAuth oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", oauth_signature_method="HMAC-SHA1", ' +
      'oauth_timestamp="137131202", oauth_nonce="chapoH"';
    const url = 'http://photos.example.net/photos?file=vacation.jpg&size=original';
    const signature = signatureOf({ method: 'GET', url, authorization }, 'kd94hf93k423kf44', 'pfkkdhi9sl3r4s00');
    expect(signature).toBe('MdpQcU8iPSUjWoN/UDMsK2sui9I=');
  });

  it('keeps consumers, whose secret is shown once and stays', async () => {
    const made = (await admin('POST', '/consumers', { consumer: { description: 'a program' } })).body
      .consumer as Secrets;
    const shown = (await admin('GET', `/consumers/${made.id}`)).body.consumer as object;
    expect(shown).toEqual({
      id: made.id,
      description: 'a program',
      links: { self: `http://controller:5000/v3/OS-OAUTH1/consumers/${made.id}` },
    });
    const changed = await admin('PATCH', `/consumers/${made.id}`, { consumer: { description: 'renamed' } });
    expect(changed.body.consumer.description).toBe('renamed');
    expect((await admin('PATCH', `/consumers/${made.id}`, { consumer: { secret: 'x' } })).status).toBe(400);
    expect((await admin('GET', '/consumers')).body.consumers).toHaveLength(1);
    expect((await admin('DELETE', `/consumers/${made.id}`)).status).toBe(204);
    expect((await admin('GET', `/consumers/${made.id}`)).status).toBe(404);
  });

  it('lets a consumer act for a user who allows it, until the user does no longer', async () => {
    const consumer = (await admin('POST', '/consumers', { consumer: {} })).body.consumer as Secrets;
    const project = cloud.ids.projects['demo'] as string;
    const headers = { 'requested-project-id': project };
    const ask = '/v3/OS-OAUTH1/request_token';
    expect((await signed(ask, consumer)).status).toBe(400);
    expect((await signed(ask, { ...consumer, secret: 'wrong' }, { headers })).status).toBe(401);
    const asked = await signed(ask, consumer, { headers });
    expect([asked.status, asked.headers['content-type']]).toEqual([201, 'application/x-www-form-urlencoded']);
    const wish = secretsOf(asked.text);

    const user = await cloud.token('demo');
    const authorize = (roles: object[], token = user): Promise<Answer> =>
      cloud.call('PUT', `/v3/OS-OAUTH1/authorize/${wish.id}`, { roles }, { token });
    expect((await authorize([{ name: 'admin' }])).status).toBe(404);
    const verifier = (await authorize([{ id: cloud.ids.roles['reader'] }])).body.token.oauth_verifier as string;
    const exchange = '/v3/OS-OAUTH1/access_token';
    expect((await signed(exchange, consumer, { token: wish, more: { oauth_verifier: 'wrong' } })).status).toBe(401);
    const granted = await signed(exchange, consumer, { token: wish, more: { oauth_verifier: verifier } });
    const access = secretsOf(granted.text);
    expect((await signed(exchange, consumer, { token: wish, more: { oauth_verifier: verifier } })).status).toBe(404);

    const body = { auth: { identity: { methods: ['oauth1'], oauth1: {} } } };
    const signIn = (secret = access.secret): Promise<Answer> =>
      signed('/v3/auth/tokens', consumer, { token: { ...access, secret }, body });
    const answer = await signIn();
    expect(answer.body.token).toMatchObject({
      user: { name: 'demo' },
      project: { id: project },
      roles: [{ name: 'reader' }],
      'OS-OAUTH1': { access_token_id: access.id, consumer_id: consumer.id },
    });
    expect((await signIn('wrong')).status).toBe(401);
    const token = answer.headers['x-subject-token'] ?? '';
    expect((await authorize([{ name: 'reader' }], token)).status).toBe(403);

    const own = `/v3/users/${cloud.ids.users['demo']}/OS-OAUTH1/access_tokens`;
    const call = (method: string, path = ''): Promise<Answer> =>
      cloud.call(method, own + path, undefined, { token: user });
    expect((await call('GET')).body.access_tokens).toMatchObject([{ id: access.id, consumer_id: consumer.id }]);
    expect((await call('GET', `/${access.id}/roles`)).body.roles).toMatchObject([{ name: 'reader' }]);
    expect((await call('GET', `/${access.id}/roles/${cloud.ids.roles['admin']}`)).status).toBe(404);
    expect((await call('DELETE', `/${access.id}`)).status).toBe(204);
    expect((await cloud.call('GET', '/v3/auth/projects', undefined, { token })).status).toBe(401);
    expect((await signIn()).status).toBe(401);
  });
});
