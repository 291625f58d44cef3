import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, startTestCloud, type Answer, type TestCloud } from '../testing/cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());
const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
  cloud.call(method, `/v3${path}`, body, { token: adminToken });

describe('users', () => {
  it('are created, shown, changed, deleted, with the bodies of a real Keystone', async () => {
    const created = await call('POST', '/users', { user: { name: 'eve', password: 's3cret', email: 'e@x.org' } });
    const { id } = created.body.user as { id: string };
    const user = {
      id,
      name: 'eve',
      domain_id: 'default',
      enabled: true,
      password_expires_at: null,
      options: {},
      email: 'e@x.org',
      links: { self: `http://controller:5000/v3/users/${id}` },
    };
    expect([created.status, created.body]).toEqual([201, { user }]);
    expect((await call('GET', `/users/${id}`)).body).toEqual({ user });
    const changed = await call('PATCH', `/users/${id}`, {
      user: { email: 'n@x.org', default_project_id: cloud.ids.projects['demo'] },
    });
    expect(changed.body.user).toEqual({
      ...user,
      email: 'n@x.org',
      default_project_id: cloud.ids.projects['demo'],
      extra: { email: 'n@x.org' },
    });
    expect((await call('DELETE', `/users/${id}`)).status).toBe(204);
    expect((await call('GET', `/users/${id}`)).body).toEqual({
      error: { code: 404, message: `Could not find user: ${id}.`, title: 'Not Found' },
    });
  });

  it('have names once per domain', async () => {
    const answer = await call('POST', '/users', { user: { name: 'demo' } });
    expect(answer.body).toEqual({
      error: {
        code: 409,
        message:
          'Conflict occurred attempting to store user - Duplicate entry found with name demo at domain ID default.',
        title: 'Conflict',
      },
    });
  });

  it('never show a password or its hash', async () => {
    const all = await call('GET', '/users');
    expect(all.body.users).toHaveLength(3);
    expect(all.text).not.toMatch(/password_hash|\$2b\$|"password"|pass"/);
  });

  it('see themselves and no other', async () => {
    const token = await cloud.token('demo');
    const get = async (path: string) => (await cloud.call('GET', `/v3${path}`, undefined, { token })).status;
    const { admin, demo } = cloud.ids.users as { admin: string; demo: string };
    for (const part of ['', '/projects', '/groups']) {
      expect([await get(`/users/${demo}${part}`), await get(`/users/${admin}${part}`)]).toEqual([200, 403]);
    }
    expect(await get('/users')).toBe(403);
    const projects = await cloud.call('GET', `/v3/users/${demo}/projects`, undefined, { token });
    expect(projects.body.projects).toMatchObject([{ name: 'demo' }]);
  });

  it('without a password, or with an unacceptable one', async () => {
    const { status, body } = await call('POST', '/users', { user: { name: 'machine' } });
    expect(status).toBe(201);
    const auth = { user: { id: body.user.id as string, password: '' } };
    const signIn = await cloud.call('POST', '/v3/auth/tokens', {
      auth: { identity: { methods: ['password'], password: auth } },
    });
    expect(signIn.status).toBe(401);
    const long = await call('POST', '/users', { user: { name: 'long', password: 'x'.repeat(4097) } });
    expect(long.status).toBe(400);
    await call('DELETE', `/users/${body.user.id}`);
  });
});

describe('groups', () => {
  it('give their members their roles', async () => {
    const created = await call('POST', '/groups', { group: { name: 'staff', description: 'Us' } });
    const { id } = created.body.group as { id: string };
    expect(created.body.group).toEqual({
      id,
      name: 'staff',
      domain_id: 'default',
      description: 'Us',
      links: { self: `http://controller:5000/v3/groups/${id}` },
    });
    const demo = cloud.ids.users['demo'];
    const member = `/groups/${id}/users/${demo}`;
    expect((await call('HEAD', member)).status).toBe(404);
    expect((await call('PUT', member)).status).toBe(204);
    expect((await call('HEAD', member)).status).toBe(204);
    expect((await call('GET', `/groups/${id}/users`)).body.users).toMatchObject([{ name: 'demo' }]);
    expect((await call('GET', `/users/${demo}/groups`)).body.groups).toMatchObject([{ name: 'staff' }]);

    const grant = `/projects/${cloud.ids.projects['service']}/groups/${id}/roles/${cloud.ids.roles['reader']}`;
    expect((await call('PUT', grant)).status).toBe(204);
    const token = await cloud.token('demo', 'service');
    const validate = () => cloud.call('GET', '/v3/auth/tokens', undefined, { token: adminToken, subject: token });
    expect((await validate()).body.token.roles).toMatchObject([{ name: 'reader' }]);
    expect((await call('DELETE', member)).status).toBe(204);
    expect((await validate()).status).toBe(404);
    await call('PUT', member);
    expect((await validate()).status).toBe(200);
    expect((await call('DELETE', `/groups/${id}`)).status).toBe(204);
    expect((await validate()).status).toBe(404);
  });
});
