import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, startTestCloud, type Answer, type TestCloud } from '../testing/cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());
const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
  cloud.call(method, `/v3${path}`, body, { token: adminToken });
const host = 'http://controller:5000';

describe('roles', () => {
  it('are listed, created, and guarded against two of a name', async () => {
    const list = await call('GET', '/roles');
    expect((list.body.roles as { name: string }[]).map((r) => r.name)).toEqual([
      '_member_',
      'admin',
      'member',
      'reader',
      'service',
    ]);
    expect(list.body.roles[0]).toEqual({
      id: '9fe2ff9ee4384b1894a90878d3e92bab',
      name: '_member_',
      domain_id: null,
      description: 'Default role for project membership',
      options: {},
      links: { self: `${host}/v3/roles/9fe2ff9ee4384b1894a90878d3e92bab` },
    });
    const made = await call('POST', '/roles', { role: { name: 'auditor' } });
    expect([made.status, made.body.role.description]).toEqual([201, null]);
    const again = await call('POST', '/roles', { role: { name: 'auditor' } });
    expect(again.body.error.message).toBe(
      'Conflict occurred attempting to store role - Duplicate entry found with name auditor.',
    );
    const renamed = await call('PATCH', `/roles/${made.body.role.id}`, { role: { description: 'Looks' } });
    expect(renamed.body.role).toMatchObject({ name: 'auditor', description: 'Looks' });
    expect((await call('DELETE', `/roles/${made.body.role.id}`)).status).toBe(204);
  });

  it('imply others, without circles', async () => {
    const { admin, member, reader } = cloud.ids.roles as Record<string, string>;
    const named = (id: string | undefined, name: string) => ({ id, links: { self: `${host}/v3/roles/${id}` }, name });
    const inferences = await call('GET', '/role_inferences');
    expect(inferences.body.role_inferences).toHaveLength(2);
    expect(inferences.body.role_inferences).toContainEqual({
      prior_role: named(admin, 'admin'),
      implies: [named(member, 'member')],
    });
    expect((await call('PUT', `/roles/${reader}/implies/${admin}`)).status).toBe(403);
    expect((await call('HEAD', `/roles/${member}/implies/${reader}`)).status).toBe(204);
    expect((await call('HEAD', `/roles/${admin}/implies/${reader}`)).status).toBe(404);
    expect((await call('GET', `/roles/${admin}/implies`)).body.role_inference.implies).toEqual([
      named(member, 'member'),
    ]);
  });
});

describe('role assignments', () => {
  it('are granted, checked, listed and revoked, on projects and on the whole cloud', async () => {
    const { demo } = cloud.ids.users as { demo: string };
    const role = cloud.ids.roles['reader'] as string;
    for (const base of [
      `/projects/${cloud.ids.projects['admin']}/users/${demo}/roles`,
      `/system/users/${demo}/roles`,
    ]) {
      expect((await call('HEAD', `${base}/${role}`)).status).toBe(404);
      expect((await call('PUT', `${base}/${role}`)).status).toBe(204);
      expect((await call('PUT', `${base}/${role}`)).status).toBe(204);
      expect((await call('HEAD', `${base}/${role}`)).status).toBe(204);
      const list = await call('GET', base);
      expect(list.body.roles).toMatchObject([{ id: role, name: 'reader' }]);
      expect((await call('DELETE', `${base}/${role}`)).status).toBe(204);
      expect((await call('DELETE', `${base}/${role}`)).status).toBe(404);
    }
    const nobody = await call('PUT', `/projects/${cloud.ids.projects['admin']}/users/nobody/roles/${role}`);
    expect(nobody.body.error.message).toBe('Could not find user: nobody.');
  });

  it('are listed as stored', async () => {
    const { projects, users, roles } = cloud.ids;
    const list = await call('GET', `/role_assignments?user.id=${users['demo']}`);
    expect(list.body).toEqual({
      role_assignments: [
        {
          links: {
            assignment: `${host}/v3/projects/${projects['demo']}/users/${users['demo']}/roles/${roles['member']}`,
          },
          scope: { project: { id: projects['demo'] } },
          user: { id: users['demo'] },
          role: { id: roles['member'] },
        },
      ],
      links: { next: null, self: `${host}/v3/role_assignments?user.id=${users['demo']}`, previous: null },
    });
    const system = await call('GET', '/role_assignments?scope.system=all');
    expect(system.body.role_assignments).toMatchObject([
      { scope: { system: { all: true } }, user: { id: users['admin'] }, role: { id: roles['admin'] } },
    ]);
  });

  it('are listed as they work out, with names', async () => {
    const { projects, users, roles } = cloud.ids;
    const group = (await call('POST', '/groups', { group: { name: 'g' } })).body.group.id as string;
    await call('PUT', `/groups/${group}/users/${users['demo']}`);
    await call('PUT', `/projects/${projects['service']}/groups/${group}/roles/${roles['service']}`);
    const list = await call('GET', `/role_assignments?effective&include_names&user.id=${users['demo']}`);
    const domain = { id: 'default', name: 'Default' };
    const user = { id: users['demo'], name: 'demo', domain };
    const all = list.body.role_assignments as { role: { name: string } }[];
    expect(all.map(({ role }) => role.name).sort()).toEqual(['member', 'reader', 'service']);
    expect(all).toContainEqual({
      links: {
        assignment: `${host}/v3/projects/${projects['demo']}/users/${users['demo']}/roles/${roles['member']}`,
        prior_role: `${host}/v3/prior_roles/${roles['member']}/implies/${roles['reader']}`,
      },
      scope: { project: { id: projects['demo'], name: 'demo', domain } },
      user,
      role: { id: roles['reader'], name: 'reader' },
    });
    expect(all).toContainEqual({
      links: {
        assignment: `${host}/v3/projects/${projects['service']}/groups/${group}/roles/${roles['service']}`,
        membership: `${host}/v3/groups/${group}/users/${users['demo']}`,
      },
      scope: { project: { id: projects['service'], name: 'service', domain } },
      user,
      role: { id: roles['service'], name: 'service' },
    });
    const ofGroup = await call('GET', `/role_assignments?group.id=${group}&include_names`);
    expect(ofGroup.body.role_assignments).toMatchObject([{ group: { id: group, name: 'g', domain } }]);
    expect((await call('GET', `/role_assignments?effective&group.id=${group}`)).status).toBe(400);
  });
});
