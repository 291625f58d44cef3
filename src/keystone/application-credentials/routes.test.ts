import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, startTestCloud, type Answer, type TestCloud } from '../testing/cloud.ts';

let cloud: TestCloud;
let token: string;
let base: string;
beforeAll(async () => {
  cloud = await startTestCloud();
  token = await cloud.token('demo');
  base = `/v3/users/${cloud.ids.users['demo']}`;
});
afterAll(() => cloud.close());

const call = (method: string, path: string, body?: unknown, by = token): Promise<Answer> =>
  cloud.call(method, base + path, body, { token: by });
const create = (more: object = {}, by = token): Promise<Answer> =>
  call('POST', '/application_credentials', { application_credential: { name: 'ci', ...more } }, by);
const signIn = (given: object, scope?: object): Promise<Answer> => {
  const identity = { methods: ['application_credential'], application_credential: given };
  return cloud.call('POST', '/v3/auth/tokens', { auth: { identity, ...(scope && { scope }) } });
};

describe('application credentials', () => {
  it('are made with a secret that is shown once, and signed in with', async () => {
    const made = await create();
    expect(made.status).toBe(201);
    const { secret, ...shown } = made.body.application_credential as { id: string; secret: string };
    expect(secret).toMatch(/^[\w-]{86}$/);
    expect(shown).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      name: 'ci',
      description: null,
      user_id: cloud.ids.users['demo'],
      project_id: cloud.ids.projects['demo'],
      system: null,
      expires_at: null,
      unrestricted: false,
      roles: [
        { id: cloud.ids.roles['member'], name: 'member', domain_id: null },
        { id: cloud.ids.roles['reader'], name: 'reader', domain_id: null },
      ],
      links: { self: `http://controller:5000${base}/application_credentials/${shown.id}` },
    });
    expect((await call('GET', `/application_credentials/${shown.id}`)).body).toEqual({ application_credential: shown });
    expect((await call('GET', '/application_credentials?name=ci')).body.application_credentials).toEqual([shown]);
    expect((await call('GET', '/application_credentials?name=no')).body.application_credentials).toEqual([]);
    const user = { name: 'demo', domain: { name: 'Default' } };
    for (const reference of [
      { id: shown.id },
      { name: 'ci', user },
      { name: 'ci', user: { id: cloud.ids.users['demo'] } },
    ]) {
      const answer = await signIn({ ...reference, secret });
      expect(answer.body.token).toMatchObject({
        methods: ['application_credential'],
        project: { name: 'demo' },
        roles: [{ name: 'member' }, { name: 'reader' }],
        application_credential: { id: shown.id, name: 'ci', restricted: true },
      });
    }
    expect((await signIn({ id: shown.id, secret: 'wrong' })).status).toBe(401);
    expect((await signIn({ id: shown.id })).status).toBe(400);
    expect((await signIn({ id: shown.id, secret }, { system: { all: true } })).status).toBe(401);
    expect((await create()).status).toBe(409);

    const own = (await signIn({ id: shown.id, secret })).headers['x-subject-token'] ?? '';
    expect((await create({ name: 'another' }, own)).status).toBe(403);
    expect((await call('DELETE', `/application_credentials/${shown.id}`, undefined, own)).status).toBe(403);
    expect((await call('DELETE', `/application_credentials/${shown.id}`)).status).toBe(204);
    expect((await cloud.call('GET', '/v3/auth/projects', undefined, { token: own })).status).toBe(401);
  });

  it('may be unrestricted, have fewer roles, a chosen secret and an end', async () => {
    const made = await create({
      name: 'short',
      secret: 'sesame',
      unrestricted: true,
      roles: [{ name: 'reader' }],
      expires_at: '2026-11-23T01:30:00.123456',
    });
    const { id, expires_at: expires } = made.body.application_credential as { id: string; expires_at: string };
    expect(expires).toBe('2026-11-23T01:30:00.123456');
    const answer = await signIn({ id, secret: 'sesame' });
    expect(answer.body.token).toMatchObject({ roles: [{ name: 'reader' }], expires_at: '2026-11-23T01:30:00.123000Z' });
    const own = answer.headers['x-subject-token'] ?? '';
    expect((await create({ name: 'child' }, own)).body.application_credential.roles).toHaveLength(1);
    const more = await create({ name: 'greedy', roles: [{ name: 'member' }] }, own);
    expect([more.status, more.body.error.message]).toEqual([
      400,
      'Invalid application credential: Cannot create an application credential with unassigned role',
    ]);
    expect((await create({ name: 'late', expires_at: '2020-01-01' })).status).toBe(400);
    expect((await create({ name: 'none' }, await cloud.token('demo', null))).status).toBe(400);
  });

  it("are nobody else's business, not even an administrator's to make", async () => {
    const admin = await cloud.token('admin');
    expect((await create({ name: 'foreign' }, admin)).status).toBe(403);
    expect((await call('GET', '/application_credentials', undefined, admin)).status).toBe(200);
    const stranger = await cloud.token('glance');
    expect((await call('GET', '/application_credentials', undefined, stranger)).status).toBe(403);
  });

  it('have access rules, which only services that heed them learn of', async () => {
    const rule = { path: '/v2.1/servers/*/ips', method: 'GET', service: 'compute' };
    const made = await create({ name: 'ruled', secret: 'x', access_rules: [rule] });
    const { id, access_rules: rules } = made.body.application_credential as {
      id: string;
      access_rules: { id: string }[];
    };
    expect(rules).toMatchObject([rule]);
    await create({ name: 'ruled too', secret: 'x', access_rules: [rule, { id: rules[0]?.id }] });
    const listed = (await call('GET', '/access_rules')).body.access_rules as { id: string }[];
    expect(listed).toHaveLength(1);
    const path = `/access_rules/${listed[0]?.id}`;
    expect((await call('GET', path)).body.access_rule).toMatchObject(rule);
    expect((await call('DELETE', path)).status).toBe(403);

    const subject = (await signIn({ id, secret: 'x' })).headers['x-subject-token'] ?? '';
    const asked = { token: adminToken, subject };
    expect((await cloud.call('GET', '/v3/auth/tokens', undefined, asked)).status).toBe(404);
    const heeding = { ...asked, headers: { 'openstack-identity-access-rules': '1' } };
    const shown = await cloud.call('GET', '/v3/auth/tokens', undefined, heeding);
    expect(shown.body.token.application_credential.access_rules).toMatchObject([rule]);

    const all = (await call('GET', '/application_credentials')).body.application_credentials as { id: string }[];
    for (const one of all) await call('DELETE', `/application_credentials/${one.id}`);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
    expect((await create({ name: 'bad', access_rules: [{ path: 'x' }] })).status).toBe(400);
    expect((await create({ name: 'bad', access_rules: [{ id: 'nope' }] })).status).toBe(404);
  });
});
