import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, passwordAuth, startTestCloud, type Answer, type TestCloud } from '../testing/cloud.ts';
import { setupFernetKeys } from '../tokens/fernet-keys.ts';

const unauthorized = {
  error: { code: 401, message: 'The request you have made requires authentication.', title: 'Unauthorized' },
};
const hex32 = expect.stringMatching(/^[0-9a-f]{32}$/) as string;
const folder = mkdtempSync(join(tmpdir(), 'igloo-fernet-'));
afterAll(() => rmSync(folder, { recursive: true }));

const providers = [
  { provider: 'uuid', shape: /^[0-9a-f]{32}$/, unknown: 'Could not find token: nope.' },
  { provider: 'fernet', shape: /^gAAAAA[\w-]{50,240}$/, unknown: 'Could not recognize Fernet token' },
] as const;

describe.each(providers)('$provider tokens', ({ provider, shape, unknown }) => {
  let cloud: TestCloud;
  const signIn = (body: unknown): Promise<Answer> => cloud.call('POST', '/v3/auth/tokens', body);
  const validate = (subject: string): Promise<Answer> =>
    cloud.call('GET', '/v3/auth/tokens', undefined, { token: adminToken, subject });

  beforeAll(async () => {
    setupFernetKeys(folder);
    cloud = await startTestCloud({ token: { provider }, fernet_tokens: { key_repository: folder } });
  });
  afterAll(() => cloud.close());

  it('are given for a password and a project, with roles and catalogue', async () => {
    const answer = await signIn(passwordAuth('admin', 'adminpass', 'admin'));
    expect(answer.status).toBe(201);
    expect(answer.headers['x-subject-token']).toMatch(shape);
    expect(answer.headers['vary']).toBe('X-Auth-Token');
    expect(answer.headers['x-openstack-request-id']).toMatch(/^req-/);
    const projectId = cloud.ids.projects['admin'];
    const face = (name: string, url: string) => ({
      id: hex32,
      interface: name,
      region_id: 'RegionOne',
      url,
      region: 'RegionOne',
    });
    expect(answer.body).toEqual({
      token: {
        methods: ['password'],
        user: {
          domain: { id: 'default', name: 'Default' },
          id: cloud.ids.users['admin'],
          name: 'admin',
          password_expires_at: null,
        },
        audit_ids: [expect.stringMatching(/^[\w-]{22}$/)],
        expires_at: '2026-11-23T02:03:16.000000Z',
        issued_at: '2026-11-23T01:03:16.000000Z',
        project: { domain: { id: 'default', name: 'Default' }, id: projectId, name: 'admin' },
        is_domain: false,
        roles: [
          { id: cloud.ids.roles['admin'], name: 'admin' },
          { id: cloud.ids.roles['member'], name: 'member' },
          { id: cloud.ids.roles['reader'], name: 'reader' },
        ],
        catalog: [
          {
            endpoints: expect.arrayContaining([
              face('public', 'http://controller:5000/v3'),
              face('internal', 'http://controller:5000/v3'),
              face('admin', 'http://controller:35357/v3'),
            ]) as unknown,
            id: cloud.ids.services['keystone'],
            type: 'identity',
            name: 'keystone',
          },
          {
            endpoints: expect.arrayContaining([
              face('public', `http://controller:8774/v2/${projectId}`),
              face('admin', `http://controller:8774/v2/${projectId}`),
            ]) as unknown,
            id: cloud.ids.services['nova'],
            type: 'compute',
            name: 'nova',
          },
        ],
      },
    });
  });

  it('are given without a scope, and for the default project only where one is set', async () => {
    const demo = await signIn(passwordAuth('demo', 'demopass'));
    expect(Object.keys(demo.body.token)).toEqual(['methods', 'user', 'audit_ids', 'expires_at', 'issued_at']);
    const admin = await signIn(passwordAuth('admin', 'adminpass'));
    expect(admin.body.token.project.name).toBe('admin');
    const body = passwordAuth('admin', 'adminpass');
    const explicit = await signIn({ auth: { ...body.auth, scope: 'unscoped' } });
    expect(explicit.body.token).not.toHaveProperty('project');
    const object = await signIn({ auth: { ...body.auth, scope: { unscoped: {} } } });
    expect(object.body.token).not.toHaveProperty('project');
  });

  it('are given for the whole cloud and for a domain to who has a role there', async () => {
    const { auth } = passwordAuth('admin', 'adminpass');
    const system = await signIn({ auth: { ...auth, scope: { system: { all: true } } } });
    expect(system.body.token).toMatchObject({ system: { all: true }, roles: [{ name: 'admin' }, {}, {}] });
    const domain = { auth: { ...auth, scope: { domain: { name: 'Default' } } } };
    expect((await signIn(domain)).status).toBe(401);
    const path = `/v3/domains/default/users/${cloud.ids.users['admin']}/roles/${cloud.ids.roles['reader']}`;
    expect((await cloud.call('PUT', path, undefined, { token: adminToken })).status).toBe(204);
    expect((await signIn(domain)).body.token).toMatchObject({ domain: { id: 'default', name: 'Default' } });
    expect((await cloud.call('DELETE', path, undefined, { token: adminToken })).status).toBe(204);
    const demo = passwordAuth('demo', 'demopass').auth;
    expect((await signIn({ auth: { ...demo, scope: { system: { all: true } } } })).status).toBe(401);
  });

  it('are refused alike for a wrong password, an unknown user, project or role', async () => {
    const refused = [
      passwordAuth('admin', 'wrong', 'admin'),
      passwordAuth('nobody', 'adminpass', 'admin'),
      passwordAuth('admin', 'adminpass', 'nowhere'),
      passwordAuth('demo', 'demopass', 'admin'),
      { auth: { identity: { methods: ['token'], token: { id: 'nope' } } } },
    ];
    for (const body of refused) {
      const answer = await signIn(body);
      expect([answer.status, answer.body]).toEqual([401, unauthorized]);
      expect(answer.headers['www-authenticate']).toBe('Keystone uri="http://controller:5000/v3"');
    }
  });

  it('are exchanged for another scope, ending with the first', async () => {
    const first = await signIn(passwordAuth('admin', 'adminpass'));
    cloud.clock.advance(60_000);
    const again = await signIn({
      auth: {
        identity: { methods: ['token'], token: { id: first.headers['x-subject-token'] } },
        scope: { project: { id: cloud.ids.projects['admin'] } },
      },
    });
    expect(again.status).toBe(201);
    expect(again.body.token).toMatchObject({
      methods: ['password', 'token'],
      expires_at: first.body.token.expires_at as string,
      audit_ids: [expect.any(String), first.body.token.audit_ids[0]],
    });
    expect(again.body.token.issued_at).not.toBe(first.body.token.issued_at);
  });

  it('are validated with the body that they were given with', async () => {
    const given = await signIn(passwordAuth('demo', 'demopass', 'demo'));
    const token = given.headers['x-subject-token'] as string;
    const answer = await validate(token);
    expect([answer.status, answer.headers['x-subject-token'], answer.body]).toEqual([200, token, given.body]);
    const short = await cloud.call('GET', '/v3/auth/tokens?nocatalog', undefined, { token, subject: token });
    expect(short.status).toBe(200);
    expect(short.body.token).not.toHaveProperty('catalog');
    const head = await cloud.call('HEAD', '/v3/auth/tokens', undefined, { token: adminToken, subject: token });
    expect([head.status, head.text]).toEqual([200, '']);
  });

  it('are validated for their own user, services and administrators only', async () => {
    const [admin, demo, glance] = [await cloud.token('admin'), await cloud.token('demo'), await cloud.token('glance')];
    const ask = async (token: string): Promise<number> =>
      (await cloud.call('GET', '/v3/auth/tokens', undefined, { token, subject: admin })).status;
    expect([await ask(admin), await ask(glance), await ask(demo)]).toEqual([200, 200, 403]);
  });

  it('that are not known are a 404', async () => {
    const answer = await validate('nope');
    expect([answer.status, answer.body]).toEqual([404, { error: { code: 404, message: unknown, title: 'Not Found' } }]);
  });

  it('end after an hour', async () => {
    const token = await cloud.token('demo');
    cloud.clock.advance(3599_000);
    expect((await validate(token)).status).toBe(200);
    cloud.clock.advance(1000);
    expect((await validate(token)).status).toBe(404);
    expect((await cloud.call('GET', '/v3/auth/projects', undefined, { token })).status).toBe(401);
  });

  it('end when they are revoked, alone', async () => {
    const [one, two] = [await cloud.token('demo'), await cloud.token('demo')];
    const stranger = await cloud.call('DELETE', '/v3/auth/tokens', undefined, {
      token: await cloud.token('glance'),
      subject: one,
    });
    expect(stranger.status).toBe(403);
    const answer = await cloud.call('DELETE', '/v3/auth/tokens', undefined, { token: one, subject: one });
    expect(answer.status).toBe(204);
    expect([(await validate(one)).status, (await validate(two)).status]).toEqual([404, 200]);
    await cloud.identity.revocations.load();
    expect((await validate(one)).status).toBe(404);
  });

  it('end when the user is disabled, for good', async () => {
    const token = await cloud.token('demo');
    const path = `/v3/users/${cloud.ids.users['demo']}`;
    const set = (enabled: boolean) => cloud.call('PATCH', path, { user: { enabled } }, { token: adminToken });
    expect((await set(false)).status).toBe(200);
    expect((await validate(token)).status).toBe(404);
    expect((await signIn(passwordAuth('demo', 'demopass'))).body).toEqual(unauthorized);
    expect((await set(true)).status).toBe(200);
    expect((await validate(token)).status).toBe(404);
    cloud.clock.advance(1);
    expect((await validate(await cloud.token('demo'))).status).toBe(200);
  });

  it('end when the password changes; the new one is good', async () => {
    const token = await cloud.token('demo');
    const path = `/v3/users/${cloud.ids.users['demo']}/password`;
    const change = (original_password: string, password: string) =>
      cloud.call('POST', path, { user: { original_password, password } });
    expect((await change('wrong', 'x')).body).toEqual(unauthorized);
    expect((await change('demopass', 'changed')).status).toBe(204);
    expect((await validate(token)).status).toBe(404);
    expect((await signIn(passwordAuth('demo', 'demopass'))).status).toBe(401);
    expect((await change('changed', 'demopass')).status).toBe(204);
    cloud.clock.advance(1);
    expect((await validate(await cloud.token('demo'))).status).toBe(200);
  });

  it('lose a role that is taken away, and end with the last one', async () => {
    const token = await cloud.token('demo');
    const grants = `/v3/projects/${cloud.ids.projects['demo']}/users/${cloud.ids.users['demo']}/roles`;
    const put = (role: string) =>
      cloud.call('PUT', `${grants}/${cloud.ids.roles[role]}`, undefined, { token: adminToken });
    const remove = (role: string) =>
      cloud.call('DELETE', `${grants}/${cloud.ids.roles[role]}`, undefined, { token: adminToken });
    expect((await put('service')).status).toBe(204);
    const names = async () => ((await validate(token)).body.token.roles as { name: string }[]).map(({ name }) => name);
    expect(await names()).toEqual(['member', 'reader', 'service']);
    await remove('service');
    expect(await names()).toEqual(['member', 'reader']);
    await remove('member');
    expect((await validate(token)).status).toBe(404);
    await put('member');
    expect((await validate(token)).status).toBe(200);
  });

  it('end when their project is disabled', async () => {
    const token = await cloud.token('demo');
    const path = `/v3/projects/${cloud.ids.projects['demo']}`;
    await cloud.call('PATCH', path, { project: { enabled: false } }, { token: adminToken });
    expect((await validate(token)).status).toBe(404);
    expect((await signIn(passwordAuth('demo', 'demopass', 'demo'))).status).toBe(401);
    await cloud.call('PATCH', path, { project: { enabled: true } }, { token: adminToken });
    expect((await validate(token)).status).toBe(404);
    cloud.clock.advance(1);
    expect((await validate(await cloud.token('demo'))).status).toBe(200);
  });

  it('show a catalogue that changed at once', async () => {
    const token = await cloud.token('demo');
    const service_id = cloud.ids.services['nova'];
    const endpoint = { interface: 'internal', url: 'http://inside/%(project_id)s', service_id, region_id: 'RegionOne' };
    const made = await cloud.call('POST', '/v3/endpoints', { endpoint }, { token: adminToken });
    expect((await validate(token)).text).toContain(`http://inside/${cloud.ids.projects['demo']}`);
    await cloud.call('DELETE', `/v3/endpoints/${made.body.endpoint.id}`, undefined, { token: adminToken });
    expect((await validate(token)).text).not.toContain('http://inside');
  });

  it('notice what another process changed, within a second', async () => {
    const token = await cloud.token('demo');
    expect((await validate(token)).status).toBe(200);
    await cloud.db.query.updateTable('user').set({ enabled: 0 }).where('name', '=', 'demo').execute();
    await cloud.db.query
      .updateTable('identity_generation')
      .set((eb) => ({ value: eb('value', '+', 1) }))
      .execute();
    cloud.clock.advance(1000);
    expect((await validate(token)).status).toBe(404);
    await cloud.db.query.updateTable('user').set({ enabled: 1 }).where('name', '=', 'demo').execute();
    await cloud.db.query
      .updateTable('identity_generation')
      .set((eb) => ({ value: eb('value', '+', 1) }))
      .execute();
    cloud.clock.advance(1000);
    expect((await validate(token)).status).toBe(200);
  });
});

describe('signing in', () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await startTestCloud({ security_compliance: { lockout_failure_attempts: 3, lockout_duration: 60 } });
  });
  afterAll(() => cloud.close());

  it.each([
    [{ auth: {} }, "'identity' is a required property"],
    [{ auth: { identity: { methods: ['password'] } } }, 'Expecting to find user in password'],
    [{ auth: { identity: { methods: [] } } }, 'Expecting to find methods'],
    [
      { auth: { identity: { methods: ['password'], password: { user: { name: 'x', password: 'y' } } } } },
      'Expecting to find domain in user',
    ],
    [
      { auth: { ...passwordAuth('admin', 'adminpass').auth, scope: { project: { id: 'x' }, system: { all: true } } } },
      'Scope must be one of',
    ],
  ])('refuses a body that is none: %j', async (body, message) => {
    const answer = await cloud.call('POST', '/v3/auth/tokens', body);
    expect([answer.status, answer.body.error.title]).toEqual([400, 'Bad Request']);
    expect(answer.body.error.message).toContain(message);
  });

  it('locks an account after too many wrong passwords, for a while', async () => {
    const attempt = async (password: string) =>
      (await cloud.call('POST', '/v3/auth/tokens', passwordAuth('demo', password, 'demo'))).status;
    for (let i = 0; i < 3; i++) expect(await attempt('wrong')).toBe(401);
    expect(await attempt('demopass')).toBe(401);
    cloud.clock.advance(60_000);
    expect(await attempt('demopass')).toBe(201);
    expect(await attempt('wrong')).toBe(401);
    expect(await attempt('demopass')).toBe(201);
  });

  it('lists what one may have a token for', async () => {
    const token = await cloud.token('demo', null);
    const projects = await cloud.call('GET', '/v3/auth/projects', undefined, { token });
    expect(projects.body.projects).toMatchObject([{ name: 'demo', links: { self: expect.any(String) as string } }]);
    expect(projects.body.links).toEqual({
      next: null,
      self: 'http://controller:5000/v3/auth/projects',
      previous: null,
    });
    expect((await cloud.call('GET', '/v3/auth/domains', undefined, { token })).body.domains).toEqual([]);
    expect((await cloud.call('GET', '/v3/auth/system', undefined, { token })).body.system).toEqual([]);
    const admin = { token: await cloud.token('admin') };
    expect((await cloud.call('GET', '/v3/auth/system', undefined, admin)).body).toEqual({
      system: [{ all: true }],
      links: { self: 'http://controller:5000/v3/auth/system' },
    });
    const { catalog } = (await cloud.call('GET', '/v3/auth/catalog', undefined, admin)).body as { catalog: unknown[] };
    expect(catalog).toHaveLength(2);
  });

  it('lists what has ended tokens early', async () => {
    const events = async (query = ''): Promise<Record<string, string>[]> =>
      (await cloud.call('GET', `/v3/OS-REVOKE/events${query}`, undefined, { token: adminToken })).body.events as never;
    const before = await events();
    const token = await cloud.token('demo');
    await cloud.call('DELETE', '/v3/auth/tokens', undefined, { token, subject: token });
    const event = (await events()).at(-1);
    expect(await events()).toHaveLength(before.length + 1);
    expect(event).toEqual({
      audit_id: expect.stringMatching(/^[\w-]{22}$/) as string,
      issued_before: expect.stringMatching(/^2026-11-23T.*000Z$/) as string,
      revoked_at: event?.['issued_before'],
    });
    expect(await events('?since=2030-01-01T00:00:00Z')).toEqual([]);
    const malformed = await cloud.call('GET', '/v3/OS-REVOKE/events?since=yesterday', undefined, { token: adminToken });
    expect(malformed.status).toBe(400);
  });

  it('finds a catalogue without a project free of URLs that need one', async () => {
    const { auth } = passwordAuth('admin', 'adminpass');
    const answer = await cloud.call('POST', '/v3/auth/tokens', { auth: { ...auth, scope: { system: { all: true } } } });
    const nova = (answer.body.token.catalog as { type: string; endpoints: unknown[] }[]).find(
      (s) => s.type === 'compute',
    );
    expect(nova?.endpoints).toEqual([]);
  });
});
