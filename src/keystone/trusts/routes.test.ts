import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, passwordAuth, startTestCloud, type Answer, type TestCloud } from '../testing/cloud.ts';

let cloud: TestCloud;
let trustor: string;
let trustee: string;
beforeAll(async () => {
  cloud = await startTestCloud({ trust: { allow_redelegation: true } });
  trustor = await cloud.token('admin');
  trustee = await cloud.token('demo', null);
});
afterAll(() => cloud.close());

const call = (method: string, path: string, body?: unknown, token = trustor): Promise<Answer> =>
  cloud.call(method, `/v3/OS-TRUST/trusts${path}`, body, { token });
const wanted = (more: object = {}) => ({
  trust: {
    trustor_user_id: cloud.ids.users['admin'],
    trustee_user_id: cloud.ids.users['demo'],
    project_id: cloud.ids.projects['admin'],
    impersonation: false,
    roles: [{ name: 'member' }],
    ...more,
  },
});
const create = async (more: object = {}): Promise<string> =>
  (await call('POST', '', wanted(more))).body.trust.id as string;
const use = (id: string, token = trustee): Promise<Answer> => {
  const identity = { methods: ['token'], token: { id: token } };
  return cloud.call('POST', '/v3/auth/tokens', { auth: { identity, scope: { 'OS-TRUST:trust': { id } } } });
};

describe('trusts', () => {
  it('are made, shown to their parties, and listed', async () => {
    const made = await call('POST', '', wanted({ expires_at: '2026-11-23T02:00:00.123456Z' }));
    expect(made.status).toBe(201);
    const { trust } = made.body as { trust: { id: string } };
    const self = `http://controller:5000/v3/OS-TRUST/trusts/${trust.id}`;
    expect(trust).toEqual({
      ...wanted().trust,
      id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      expires_at: '2026-11-23T02:00:00.123456Z',
      remaining_uses: null,
      redelegation_count: 0,
      deleted_at: null,
      links: { self },
      roles: [
        {
          id: cloud.ids.roles['member'],
          name: 'member',
          links: { self: `http://controller:5000/v3/roles/${cloud.ids.roles['member']}` },
        },
      ],
      roles_links: { self: `${self}/roles`, next: null, previous: null },
    });
    for (const token of [trustor, trustee])
      expect((await call('GET', `/${trust.id}`, undefined, token)).status).toBe(200);
    const stranger = await cloud.token('glance');
    expect((await call('GET', `/${trust.id}`, undefined, stranger)).status).toBe(403);
    expect((await call('GET', `?trustor_user_id=${cloud.ids.users['admin']}`)).body.trusts).toHaveLength(1);
    expect(
      (await call('GET', `?trustee_user_id=${cloud.ids.users['demo']}`, undefined, trustee)).body.trusts,
    ).toHaveLength(1);
    expect((await call('GET', '', undefined, trustee)).status).toBe(403);
    const role = `/${trust.id}/roles/${cloud.ids.roles['member']}`;
    expect([(await call('GET', role)).body.role.name, (await call('HEAD', role)).status]).toEqual(['member', 200]);
    expect((await call('GET', `/${trust.id}/roles/${cloud.ids.roles['admin']}`)).status).toBe(404);
    expect((await call('DELETE', `/${trust.id}`, undefined, trustee)).status).toBe(403);
    expect((await call('DELETE', `/${trust.id}`)).status).toBe(204);
    expect((await call('GET', `/${trust.id}`)).body.error.message).toBe(`Could not find trust: ${trust.id}.`);
  });

  it.each([
    [{ expires_at: 'bad.123Z' }, 400],
    [{ expires_at: '2020-01-01T00:00:00Z' }, 400],
    [{ impersonation: 'yes' }, 400],
    [{ roles: [] }, 403],
    [{ roles: [{ name: 'service' }] }, 404],
    [{ trustee_user_id: 'nope' }, 404],
    [{ trustor_user_id: 'nope' }, 403],
    [{ redelegation_count: 9 }, 403],
  ])('%j: %i', async (more, status) => {
    expect((await call('POST', '', wanted(more))).status).toBe(status);
  });

  it.each([
    [false, 'demo'],
    [true, 'admin'],
  ] as const)(
    'let the trustee act (impersonation %s: as %s), with those roles and no others',
    async (impersonation, name) => {
      const id = await create({ impersonation });
      const answer = await use(id);
      expect(answer.body.token).toMatchObject({
        user: { id: cloud.ids.users[name] },
        project: { name: 'admin' },
        roles: [{ name: 'member' }, { name: 'reader' }],
        'OS-TRUST:trust': {
          id,
          impersonation,
          trustor_user: { id: cloud.ids.users['admin'] },
          trustee_user: { id: cloud.ids.users['demo'] },
        },
      });
      const token = answer.headers['x-subject-token'] ?? '';
      const [by, methods] = [{ token: { id: token } }, ['token']];
      const again = { auth: { identity: { methods, ...by }, scope: { project: { id: cloud.ids.projects['admin'] } } } };
      expect((await cloud.call('POST', '/v3/auth/tokens', again)).status).toBe(403);
      // A key pair would outlive the trust.
      const keys = `/v3/users/${cloud.ids.users[name]}/credentials/OS-EC2`;
      expect((await cloud.call('POST', keys, { tenant_id: cloud.ids.projects['admin'] }, { token })).status).toBe(403);
      expect((await call('DELETE', `/${id}`)).status).toBe(204);
      expect((await cloud.call('GET', '/v3/auth/projects', undefined, { token })).status).toBe(401);
    },
  );

  it('are for their trustee, as often as they say, and no longer than the trustor has the role', async () => {
    const id = await create({ remaining_uses: 1 });
    expect((await use(id, await cloud.token('glance'))).status).toBe(403);
    expect([(await use(id)).status, (await use(id)).status]).toEqual([201, 404]);

    const grant = `/v3/projects/${cloud.ids.projects['admin']}/users/${cloud.ids.users['admin']}/roles/${cloud.ids.roles['service']}`;
    await cloud.call('PUT', grant, undefined, { token: adminToken });
    const service = await create({ roles: [{ name: 'service' }] });
    const token = (await use(service)).headers['x-subject-token'] ?? '';
    await cloud.call('DELETE', grant, undefined, { token: adminToken });
    expect((await cloud.call('GET', '/v3/auth/projects', undefined, { token })).status).toBe(401);
    expect((await use(service)).status).toBe(403);
  });

  it('end with their time, and their tokens with them', async () => {
    const other = await startTestCloud();
    const token = await other.token('admin');
    const body = {
      trust: {
        trustor_user_id: other.ids.users['admin'],
        trustee_user_id: other.ids.users['demo'],
        project_id: other.ids.projects['admin'],
        impersonation: true,
        roles: [{ name: 'reader' }],
        expires_at: '2026-11-23T01:10:00Z',
      },
    };
    const { id } = (await other.call('POST', '/v3/OS-TRUST/trusts', body, { token })).body.trust as { id: string };
    const identity = { methods: ['token'], token: { id: await other.token('demo', null) } };
    const scope = { 'OS-TRUST:trust': { id } };
    const signedIn = await other.call('POST', '/v3/auth/tokens', { auth: { identity, scope } });
    expect(signedIn.body.token.expires_at).toBe('2026-11-23T01:10:00.000000Z');
    other.clock.advance(600_000);
    expect((await other.call('GET', `/v3/OS-TRUST/trusts/${id}`, undefined, { token })).status).toBe(404);
    await other.close();
  });

  it('may be passed on while they allow it', async () => {
    const id = await create({ allow_redelegation: true, impersonation: true });
    const token = (await use(id)).headers['x-subject-token'] ?? '';
    const further = wanted({ trustee_user_id: cloud.ids.users['glance'], impersonation: true });
    const passed = await call('POST', '', further, token);
    expect(passed.body.trust).toMatchObject({ redelegated_trust_id: id, redelegation_count: 2 });
    const greedy = await call('POST', '', wanted({ roles: [{ name: 'admin' }] }), token);
    expect(greedy.status).toBe(403);
    const third = await use(passed.body.trust.id as string, await cloud.token('glance', null));
    expect(third.body.token.user.name).toBe('admin');
    expect((await call('DELETE', `/${id}`)).status).toBe(204);
    expect((await call('GET', `/${passed.body.trust.id}`)).status).toBe(404);
  });

  it('are spoken of in v2.0 too', async () => {
    const id = await create();
    const auth = { ...passwordAuthV2('demo', 'demopass'), trust_id: id };
    const answer = await cloud.call('POST', '/v2.0/tokens', { auth });
    expect(answer.body.access.trust).toEqual({
      id,
      trustee_user_id: cloud.ids.users['demo'],
      trustor_user_id: cloud.ids.users['admin'],
      impersonation: false,
    });
  });

  it('go with their users', async () => {
    const made = await cloud.call('POST', '/v3/users', { user: { name: 'gone' } }, { token: adminToken });
    const { id } = made.body.user as { id: string };
    const trust = await create({ trustee_user_id: id });
    await cloud.call('DELETE', `/v3/users/${id}`, undefined, { token: adminToken });
    expect((await call('GET', `/${trust}`)).status).toBe(404);
    expect((await cloud.call('POST', '/v3/auth/tokens', passwordAuth('demo', 'demopass', 'demo'))).status).toBe(201);
  });
});

const passwordAuthV2 = (username: string, password: string) => ({ passwordCredentials: { username, password } });
