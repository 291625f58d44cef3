import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, startTestCloud, type Answer, type TestCloud } from '../testing/cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());
const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
  cloud.call(method, `/v3${path}`, body, { token: adminToken });

describe('projects', () => {
  it('are created, shown, changed, deleted, with the bodies of a real Keystone', async () => {
    const created = await call('POST', '/projects', { project: { name: 'ref-p' } });
    const { id } = created.body.project as { id: string };
    const project = {
      id,
      name: 'ref-p',
      domain_id: 'default',
      description: '',
      enabled: true,
      parent_id: 'default',
      is_domain: false,
      tags: [],
      options: {},
      links: { self: `http://controller:5000/v3/projects/${id}` },
    };
    expect([created.status, created.body]).toEqual([201, { project }]);
    expect((await call('GET', `/projects/${id}`)).body).toEqual({ project });

    const again = await call('POST', '/projects', { project: { name: 'ref-p' } });
    expect([again.status, again.body.error.title]).toEqual([409, 'Conflict']);
    expect(again.body.error.message).toMatch(
      /^Conflict occurred attempting to store project - it is not permitted to have two projects with either the same name or same id in the same domain: name is ref-p, project id [0-9a-f]{32}\.$/,
    );

    const changed = await call('PATCH', `/projects/${id}`, { project: { description: 'x', colour: 'blue' } });
    const colour = { colour: 'blue' };
    expect(changed.body).toEqual({ project: { ...project, ...colour, description: 'x', extra: colour } });
    expect((await call('GET', `/projects/${id}`)).body.project).toEqual({ ...project, ...colour, description: 'x' });

    const gone = await call('DELETE', `/projects/${id}`);
    expect([gone.status, gone.text]).toEqual([204, '']);
    const missing = await call('DELETE', `/projects/${id}`);
    expect([missing.status, missing.body]).toEqual([
      404,
      { error: { code: 404, message: `Could not find project: ${id}.`, title: 'Not Found' } },
    ]);
  });

  it.each([
    [{ project: {} }, "'name' is a required property"],
    [{ project: { name: '' } }, 'too short'],
    [{ project: { name: ' ' } }, 'does not match'],
    [{ project: { name: 'x'.repeat(65) } }, 'too long'],
    [{ project: { name: 'x', enabled: 'yes' } }, "is not of type 'boolean'"],
    [{ project: { name: 'x', domain_id: 'a/b' } }, 'does not match'],
  ])('refuse %j', async (body, message) => {
    const answer = await call('POST', '/projects', body);
    expect([answer.status, answer.body.error.code, answer.body.error.title]).toEqual([400, 400, 'Bad Request']);
    expect(answer.body.error.message).toContain(message);
  });

  it('are listed by name, filtered, and in pages', async () => {
    const names = async (query: string): Promise<string[]> =>
      ((await call('GET', `/projects?${query}`)).body.projects as { name: string }[]).map((p) => p.name);
    expect(await names('')).toEqual(['admin', 'demo', 'service']);
    expect(await names('name=demo')).toEqual(['demo']);
    expect(await names('enabled=0')).toEqual([]);
    expect(await names('name__contains=E')).toEqual([]);
    expect(await names('name__icontains=E')).toEqual(['demo', 'service']);
    expect(await names('is_domain')).toEqual(['Default']);
    const first = await call('GET', '/projects?limit=2');
    expect((first.body.projects as unknown[]).length).toBe(2);
    const next = (first.body.links.next as string).replace('http://controller:5000/v3', '');
    const second = await call('GET', next);
    expect(second.body).toMatchObject({ projects: [{ name: 'service' }], links: { next: null } });
  });

  it('have children, which must go first', async () => {
    const parent = (await call('POST', '/projects', { project: { name: 'parent' } })).body.project.id as string;
    const child = await call('POST', '/projects', { project: { name: 'child', parent_id: parent } });
    expect(child.body.project).toMatchObject({ parent_id: parent, domain_id: 'default' });
    expect((await call('GET', `/projects?parent_id=${parent}`)).body.projects).toHaveLength(1);
    expect((await call('DELETE', `/projects/${parent}`)).status).toBe(403);
    expect((await call('DELETE', `/projects/${child.body.project.id}`)).status).toBe(204);
    expect((await call('DELETE', `/projects/${parent}`)).status).toBe(204);
    expect((await call('POST', '/projects', { project: { name: 'x', parent_id: 'nope' } })).status).toBe(404);
  });

  it('have tags, and are found by them', async () => {
    const make = async (name: string, tags: string[]) =>
      (await call('POST', '/projects', { project: { name, tags } })).body.project.id as string;
    const [red, both] = [await make('red', ['red']), await make('both', ['red', 'blue'])];
    const found = async (query: string): Promise<string[]> =>
      ((await call('GET', `/projects?${query}`)).body.projects as { name: string }[]).map((p) => p.name);
    expect(await found('tags=red')).toEqual(['both', 'red']);
    expect(await found('tags=red,blue')).toEqual(['both']);
    expect(await found('tags-any=blue,green')).toEqual(['both']);
    expect(await found('not-tags=red,blue')).toEqual(['admin', 'demo', 'red', 'service']);
    expect(await found('not-tags-any=red')).toEqual(['admin', 'demo', 'service']);
    expect((await call('PUT', `/projects/${red}/tags/warm`)).status).toBe(201);
    expect((await call('GET', `/projects/${red}/tags`)).body.tags).toEqual(['red', 'warm']);
    expect((await call('GET', `/projects/${red}/tags/cold`)).status).toBe(404);
    expect((await call('DELETE', `/projects/${red}/tags/warm`)).status).toBe(204);
    expect((await call('PUT', `/projects/${red}/tags`, { tags: ['new'] })).body.tags).toEqual(['new']);
    expect((await call('DELETE', `/projects/${red}/tags`)).status).toBe(204);
    for (const id of [red, both]) await call('DELETE', `/projects/${id}`);
  });

  it('that are immutable stay as they are', async () => {
    const wanted = { name: 'fixed', options: { immutable: true } };
    const { id } = (await call('POST', '/projects', { project: wanted })).body.project as { id: string };
    expect((await call('DELETE', `/projects/${id}`)).status).toBe(403);
    expect((await call('PATCH', `/projects/${id}`, { project: { name: 'x' } })).status).toBe(403);
    expect((await call('PATCH', `/projects/${id}`, { project: { options: { immutable: false } } })).status).toBe(200);
    expect((await call('DELETE', `/projects/${id}`)).status).toBe(204);
  });

  it('are shown to their members only', async () => {
    const token = await cloud.token('demo');
    const show = (name: string) => cloud.call('GET', `/v3/projects/${cloud.ids.projects[name]}`, undefined, { token });
    expect([(await show('demo')).status, (await show('admin')).status]).toEqual([200, 403]);
  });

  it('take their assignments with them', async () => {
    const { id } = (await call('POST', '/projects', { project: { name: 'short' } })).body.project as { id: string };
    const grant = `/projects/${id}/users/${cloud.ids.users['demo']}/roles/${cloud.ids.roles['member']}`;
    await call('PUT', grant);
    await call('DELETE', `/projects/${id}`);
    const left = await call('GET', `/role_assignments?scope.project.id=${id}`);
    expect(left.body.role_assignments).toEqual([]);
  });
});

describe('domains', () => {
  it('hold projects, users and groups, and take them with them', async () => {
    const list = await call('GET', '/domains');
    expect(list.body).toEqual({
      domains: [
        {
          id: 'default',
          name: 'Default',
          description: 'The default domain',
          enabled: true,
          tags: [],
          options: {},
          links: { self: 'http://controller:5000/v3/domains/default' },
        },
      ],
      links: { next: null, self: 'http://controller:5000/v3/domains', previous: null },
    });
    const { id } = (await call('POST', '/domains', { domain: { name: 'acme' } })).body.domain as { id: string };
    expect((await call('POST', '/domains', { domain: { name: 'acme' } })).status).toBe(409);
    const project = await call('POST', '/projects', { project: { name: 'admin', domain_id: id } });
    expect([project.status, project.body.project.parent_id]).toEqual([201, id]);
    const user = await call('POST', '/users', { user: { name: 'demo', domain_id: id, password: 'acmepass' } });
    const group = await call('POST', '/groups', { group: { name: 'staff', domain_id: id } });
    const role = cloud.ids.roles['member'];
    await call('PUT', `/projects/${project.body.project.id}/users/${user.body.user.id}/roles/${role}`);

    const identity = {
      methods: ['password'],
      password: { user: { name: 'demo', domain: { name: 'acme' }, password: 'acmepass' } },
    };
    const scope = { project: { name: 'admin', domain: { name: 'acme' } } };
    const signedIn = await cloud.call('POST', '/v3/auth/tokens', { auth: { identity, scope } });
    expect(signedIn.body.token).toMatchObject({ user: { domain: { id, name: 'acme' } }, project: { domain: { id } } });

    expect((await call('DELETE', `/domains/${id}`)).body.error.message).toBe(
      'Cannot delete a domain that is enabled, please disable it first.',
    );
    await call('PATCH', `/domains/${id}`, { domain: { enabled: false } });
    const subject = signedIn.headers['x-subject-token'] ?? '';
    const validated = await cloud.call('GET', '/v3/auth/tokens', undefined, { token: adminToken, subject });
    expect(validated.status).toBe(404);
    expect((await call('DELETE', `/domains/${id}`)).status).toBe(204);
    for (const path of [`/users/${user.body.user.id}`, `/groups/${group.body.group.id}`, `/domains/${id}`])
      expect((await call('GET', path)).status).toBe(404);
    expect((await call('GET', `/projects/${project.body.project.id}`)).status).toBe(404);
  });

  it('may be deleted as projects only when they are disabled', async () => {
    expect((await call('DELETE', '/projects/default')).status).toBe(400);
    expect((await call('GET', '/domains/nope')).body.error.message).toBe('Could not find domain: nope.');
  });
});
