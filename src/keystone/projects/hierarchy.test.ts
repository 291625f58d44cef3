import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, passwordAuth, startTestCloud, type Answer, type TestCloud } from '../testing/cloud.ts';

let cloud: TestCloud;
/** `top`, with `left` (which has `leaf`) and `right` below it. */
const ids: Record<'top' | 'left' | 'right' | 'leaf', string> = { top: '', left: '', right: '', leaf: '' };
const call = (method: string, path: string, body?: unknown, token = adminToken): Promise<Answer> =>
  cloud.call(method, `/v3${path}`, body, { token });
const create = async (name: string, parentId?: string): Promise<string> =>
  (await call('POST', '/projects', { project: { name, parent_id: parentId } })).body.project?.id as string;

beforeAll(async () => {
  cloud = await startTestCloud();
  ids.top = await create('top');
  ids.left = await create('left', ids.top);
  ids.right = await create('right', ids.top);
  ids.leaf = await create('leaf', ids.left);
});
afterAll(() => cloud.close());
const names = (list: { project: { name: string } }[]): string[] => list.map((one) => one.project.name);

describe('a tree of projects', () => {
  it('is shown upwards and downwards, as lists and as ids', async () => {
    const show = async (id: string, query: string) =>
      (await call('GET', `/projects/${id}?${query}`)).body.project as { parents: never; subtree: never };
    expect(names((await show(ids.leaf, 'parents_as_list')).parents)).toEqual(['left', 'top']);
    expect((await show(ids.leaf, 'parents_as_ids')).parents).toEqual({ [ids.left]: { [ids.top]: { default: null } } });
    expect(names((await show(ids.top, 'subtree_as_list')).subtree)).toEqual(['left', 'right', 'leaf']);
    expect((await show(ids.top, 'subtree_as_ids')).subtree).toEqual({
      [ids.left]: { [ids.leaf]: null },
      [ids.right]: null,
    });
    expect((await show(ids.right, 'subtree_as_ids')).subtree).toBeNull();
    expect((await call('GET', `/projects/${ids.top}?subtree_as_ids&subtree_as_list`)).status).toBe(400);
  });

  it('is no deeper than allowed, and grows from enabled projects only', async () => {
    const fourth = await create('fourth', ids.leaf);
    const fifth = await create('fifth', fourth);
    const sixth = await call('POST', '/projects', { project: { name: 'sixth', parent_id: fifth } });
    expect([sixth.status, sixth.body.error.message]).toEqual([403, `Max hierarchy depth reached for ${fifth} branch.`]);
    for (const id of [fifth, fourth]) await call('DELETE', `/projects/${id}`);
    await call('PATCH', `/projects/${ids.right}`, { project: { enabled: false } });
    expect((await call('POST', '/projects', { project: { name: 'x', parent_id: ids.right } })).status).toBe(403);
    await call('PATCH', `/projects/${ids.right}`, { project: { enabled: true } });
  });

  it('is disabled and deleted from below, or whole when asked', async () => {
    const disable = { project: { enabled: false } };
    expect((await call('PATCH', `/projects/${ids.top}`, disable)).status).toBe(403);
    expect((await call('DELETE', `/projects/${ids.top}?cascade`)).status).toBe(403);
    expect((await call('PATCH', `/projects/${ids.top}?cascade`, disable)).status).toBe(200);
    expect((await call('GET', `/projects/${ids.leaf}`)).body.project.enabled).toBe(false);
    expect((await call('PATCH', `/projects/${ids.leaf}`, { project: { enabled: true } })).status).toBe(403);
    const other = await create('other');
    expect((await call('DELETE', `/projects/${ids.top}`)).status).toBe(403);
    expect((await call('DELETE', `/projects/${ids.top}?cascade`)).status).toBe(204);
    expect((await call('GET', `/projects/${ids.leaf}`)).status).toBe(404);
    expect((await call('DELETE', `/projects/${other}`)).status).toBe(204);
  });
});

describe('OS-INHERIT', () => {
  it('gives roles on everything below, to users and groups, as tokens and lists show', async () => {
    const top = await create('a');
    const below = await create('b', top);
    const user = cloud.ids.users['demo'] as string;
    const role = cloud.ids.roles['reader'] as string;
    const signIn = (project: string): Promise<Answer> =>
      cloud.call('POST', '/v3/auth/tokens', passwordAuth('demo', 'demopass', project));
    const effective = async (project: string): Promise<unknown[]> =>
      (await call('GET', `/role_assignments?effective&scope.project.id=${project}&user.id=${user}`)).body
        .role_assignments as unknown[];
    const base = `/OS-INHERIT/projects/${top}/users/${user}/roles`;
    const grant = `${base}/${role}/inherited_to_projects`;
    expect((await call('HEAD', grant)).status).toBe(404);
    expect((await call('PUT', grant)).status).toBe(204);
    expect((await call('HEAD', grant)).status).toBe(204);
    expect((await call('GET', `${base}/inherited_to_projects`)).body.roles).toHaveLength(1);
    // On the project itself it is none.
    expect((await call('GET', `/projects/${top}/users/${user}/roles`)).body.roles).toEqual([]);
    expect([(await signIn('a')).status, (await signIn('b')).status]).toEqual([401, 201]);
    expect(await effective(top)).toEqual([]);
    expect(await effective(below)).toMatchObject([
      { links: { assignment: `http://controller:5000/v3${grant}` }, scope: { project: { id: below } } },
    ]);
    const raw = await call('GET', `/role_assignments?scope.project.id=${top}`);
    expect(raw.body.role_assignments).toMatchObject([{ scope: { 'OS-INHERIT:inherited_to': 'projects' } }]);
    const tree = await call('GET', `/role_assignments?effective&include_subtree&scope.project.id=${top}`);
    expect(tree.body.role_assignments).toHaveLength(1);
    expect((await call('GET', '/role_assignments?include_subtree')).status).toBe(400);
    const token = (await signIn('b')).headers['x-subject-token'] ?? '';
    const own = await cloud.call('GET', '/v3/auth/projects', undefined, { token });
    expect((own.body.projects as { name: string }[]).map((one) => one.name)).toEqual(['b', 'demo']);
    expect((await call('DELETE', grant)).status).toBe(204);
    expect((await cloud.call('GET', '/v3/auth/projects', undefined, { token })).status).toBe(401);

    const group = (await call('POST', '/groups', { group: { name: 'g' } })).body.group.id as string;
    await call('PUT', `/groups/${group}/users/${user}`);
    const ofDomain = `/OS-INHERIT/domains/default/groups/${group}/roles/${role}/inherited_to_projects`;
    expect((await call('PUT', ofDomain)).status).toBe(204);
    expect([(await signIn('a')).status, (await signIn('b')).status]).toEqual([201, 201]);
    const everywhere = await call('GET', `/role_assignments?effective&user.id=${user}&role.id=${role}`);
    expect(everywhere.body.role_assignments).toHaveLength(5);
    expect((await call('DELETE', ofDomain)).status).toBe(204);
    expect((await signIn('a')).status).toBe(401);
  });

  it('roles of domains are none in effect, but for what they imply', async () => {
    const own = (await call('POST', '/roles', { role: { name: 'local', domain_id: 'default' } })).body.role
      .id as string;
    const [project, user] = [cloud.ids.projects['service'], cloud.ids.users['demo']];
    await call('PUT', `/projects/${project}/users/${user}/roles/${own}`);
    const effective = `/role_assignments?effective&scope.project.id=${project}&user.id=${user}`;
    expect((await call('GET', effective)).body.role_assignments).toEqual([]);
    const signIn = () => cloud.call('POST', '/v3/auth/tokens', passwordAuth('demo', 'demopass', 'service'));
    expect((await signIn()).status).toBe(401);
    const reader = cloud.ids.roles['reader'];
    expect((await call('PUT', `/roles/${reader}/implies/${own}`)).status).toBe(403);
    expect((await call('PUT', `/roles/${own}/implies/${cloud.ids.roles['admin']}`)).status).toBe(403);
    expect((await call('PUT', `/roles/${own}/implies/${reader}`)).status).toBe(201);
    expect((await call('GET', effective)).body.role_assignments).toHaveLength(1);
    expect((await signIn()).body.token.roles).toMatchObject([{ name: 'reader' }]);
    await call('DELETE', `/roles/${own}`);
    expect((await signIn()).status).toBe(401);
  });
});
