import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { HttpRequest, HttpResponse } from '#common/api/transport.ts';
import { fixtureSettings } from '../../testing/store-settings.ts';
import type { StoreSettings } from '../options.ts';
import { SwiftAccount } from './account.ts';

const answer = (status: number, body: object = {}, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers,
  stream: Readable.from([JSON.stringify(body)]),
  text: () => Promise.resolve(JSON.stringify(body)),
  json: <T>() => Promise.resolve(body as T),
});

function accountOf(settings: Partial<StoreSettings>, reply: (request: HttpRequest) => HttpResponse) {
  const seen: HttpRequest[] = [];
  const account = new SwiftAccount({
    settings: { ...fixtureSettings, swift_store_user: 'service:glance', swift_store_key: 'secret', ...settings },
    transport: {
      request(request) {
        seen.push(request);
        return Promise.resolve(reply(request));
      },
    },
  });
  return { account, seen };
}

const endpoints = [
  { region: 'one', interface: 'public', url: 'http://one/v1/AUTH_1', publicURL: 'http://one/v1/AUTH_1' },
  { region: 'two', interface: 'public', url: 'http://two/v1/AUTH_1', publicURL: 'http://two/v1/AUTH_1' },
];
const catalog = [
  { type: 'compute', endpoints: [{ region: 'two', url: 'x', interface: 'public', publicURL: 'x' }] },
  { type: 'object-store', endpoints },
];
const two = {
  swift_store_auth_version: '2' as const,
  swift_store_auth_address: 'http://keystone/v2.0/',
  swift_store_region: 'two',
};
const three = { ...two, swift_store_auth_version: '3' as const, swift_store_auth_address: 'http://keystone/v3' };
const keystone = (request: HttpRequest): HttpResponse =>
  request.url.endsWith('/v2.0/tokens')
    ? answer(200, { access: { token: { id: 'token' }, serviceCatalog: catalog } })
    : request.url.endsWith('/v3/auth/tokens')
      ? answer(201, { token: { catalog } }, { 'x-subject-token': 'token' })
      : answer(200);

describe('the account in Swift', () => {
  it.each([
    [two, { auth: { tenantName: 'service', passwordCredentials: { username: 'glance', password: 'secret' } } }],
    [
      three,
      {
        auth: {
          identity: {
            methods: ['password'],
            password: { user: { name: 'glance', password: 'secret', domain: { id: 'default' } } },
          },
          scope: { project: { name: 'service', domain: { id: 'default' } } },
        },
      },
    ],
  ])('is found with Keystone: %o', async (settings, body) => {
    const { account, seen } = accountOf(settings, keystone);
    expect((await account.request('GET', '/c')).status).toBe(200);
    await account.request('GET', '/d');
    expect(JSON.parse(String(seen[0]?.body))).toEqual(body);
    expect(seen.slice(1).map(({ url, headers }) => [url, headers?.['x-auth-token']])).toEqual([
      ['http://two/v1/AUTH_1/c', 'token'],
      ['http://two/v1/AUTH_1/d', 'token'],
    ]);
  });

  it('gets a new token once when the old one is refused', async () => {
    let refusals = 1;
    const { account, seen } = accountOf(two, (request) =>
      request.method === 'GET' && refusals-- > 0 ? answer(401) : keystone(request),
    );
    expect((await account.request('GET', '/c')).status).toBe(200);
    expect(seen.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST', 'GET']);
  });

  it('says what is wrong', async () => {
    const nowhere = accountOf({ ...two, swift_store_region: 'three' }, keystone).account;
    await expect(nowhere.request('GET', '/c')).rejects.toThrow(
      'no publicURL of the service type object-store in three',
    );
    const refused = accountOf(two, () => answer(401)).account;
    await expect(refused.request('GET', '/c')).rejects.toMatchObject({ problem: 'denied' });
  });
});
