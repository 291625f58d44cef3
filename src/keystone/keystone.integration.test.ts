/** Keystone over real databases: what differs between them must not show. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mariadbPrograms, startMariadb, type SqlServer } from '#test/fixtures/mariadb.ts';
import { postgresqlPrograms, startPostgresql } from '#test/fixtures/postgresql.ts';
import { canRun } from '#test/fixtures/programs.ts';
import { carryOut } from './bootstrap.ts';
import { keystoneMigrations } from './migrations/index.ts';
import { adminToken, passwordAuth, plan, startTestCloud, type Answer, type TestCloud } from './testing/cloud.ts';

const engines = [
  { name: 'mariadb', programs: mariadbPrograms, start: startMariadb },
  { name: 'postgresql', programs: postgresqlPrograms, start: startPostgresql },
] as const;

for (const engine of engines) {
  describe.skipIf(!canRun(...engine.programs))(`keystone on ${engine.name}`, () => {
    let server: SqlServer;
    let cloud: TestCloud;
    const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
      cloud.call(method, path, body, { token: adminToken });

    beforeAll(async () => {
      server = await engine.start();
      cloud = await startTestCloud({}, await server.createDatabase('keystone'));
    });
    afterAll(async () => {
      await cloud.close();
      await server.stop();
    });

    it('migrates and bootstraps again without a change', async () => {
      expect(await cloud.db.migrate(keystoneMigrations)).toEqual([]);
      expect(await carryOut(plan, cloud.identity)).toEqual(cloud.ids);
    });

    it('signs in, validates and revokes', async () => {
      const signedIn = await cloud.call('POST', '/v3/auth/tokens', passwordAuth('admin', 'adminpass', 'admin'));
      expect(signedIn.body.token.roles).toHaveLength(3);
      const subject = signedIn.headers['x-subject-token'] as string;
      const validate = () => cloud.call('GET', '/v3/auth/tokens', undefined, { token: adminToken, subject });
      expect((await validate()).body).toEqual(signedIn.body);
      expect((await cloud.call('DELETE', '/v3/auth/tokens', undefined, { token: subject, subject })).status).toBe(204);
      expect((await validate()).status).toBe(404);
    });

    it('keeps names apart by case and refuses them twice, also at the same time', async () => {
      const create = (name: string) => admin('POST', '/v3/users', { user: { name } });
      expect((await create('Demo')).status).toBe(201);
      const twins = await Promise.all([create('twin'), create('twin'), create('twin')]);
      expect(twins.map((answer) => answer.status).sort()).toEqual([201, 409, 409]);
    });

    it('delegates, filters, limits and configures, and forgets it all with its project and user', async () => {
      const user = (await admin('POST', '/v3/users', { user: { name: 'heir', password: 'p' } })).body.user.id as string;
      const project = (await admin('POST', '/v3/projects', { project: { name: 'estate' } })).body.project.id as string;
      const leaf = (await admin('POST', '/v3/projects', { project: { name: 'garden', parent_id: project } })).body
        .project.id as string;
      const reader = cloud.ids.roles['reader'];
      await admin('PUT', `/v3/projects/${project}/users/${user}/roles/${reader}`);
      const inherit = `/v3/OS-INHERIT/projects/${project}/users/${user}/roles/${reader}/inherited_to_projects`;
      expect((await admin('PUT', inherit)).status).toBe(204);
      const below = await cloud.call('POST', '/v3/auth/tokens', passwordAuth('heir', 'p', 'garden'));
      expect(below.status).toBe(201);
      const signedIn = await cloud.call('POST', '/v3/auth/tokens', passwordAuth('heir', 'p', 'estate'));
      const token = signedIn.headers['x-subject-token'] as string;
      const as = (method: string, path: string, body?: unknown): Promise<Answer> =>
        cloud.call(method, `/v3${path}`, body, { token });

      const trust = {
        trustor_user_id: user,
        trustee_user_id: cloud.ids.users['demo'],
        project_id: project,
        impersonation: true,
        roles: [{ id: reader }],
        remaining_uses: 1,
      };
      const { id: trustId } = (await as('POST', '/OS-TRUST/trusts', { trust })).body.trust as { id: string };
      const identity = { methods: ['token'], token: { id: await cloud.token('demo', null) } };
      const use = () =>
        cloud.call('POST', '/v3/auth/tokens', { auth: { identity, scope: { 'OS-TRUST:trust': { id: trustId } } } });
      expect([(await use()).status, (await use()).status]).toEqual([201, 404]);

      const rule = { path: '/x', method: 'GET', service: 'compute' };
      const wanted = { name: 'ci', secret: 's', access_rules: [rule] };
      const keys = `/users/${user}/application_credentials`;
      expect((await as('POST', keys, { application_credential: wanted })).status).toBe(201);
      expect((await as('POST', keys, { application_credential: wanted })).status).toBe(409);
      expect((await as('GET', keys)).body.application_credentials).toMatchObject([{ access_rules: [rule] }]);
      expect((await as('POST', `/users/${user}/credentials/OS-EC2`, { tenant_id: project })).status).toBe(201);

      const filters = { service_id: cloud.ids.services['nova'] };
      const group = await admin('POST', '/v3/OS-EP-FILTER/endpoint_groups', { endpoint_group: { name: 'g', filters } });
      const given = `/v3/OS-EP-FILTER/endpoint_groups/${group.body.endpoint_group.id}/projects/${project}`;
      expect([(await admin('PUT', given)).status, (await admin('PUT', given)).status]).toEqual([204, 204]);
      expect((await as('GET', '/auth/catalog')).body.catalog).toMatchObject([{ name: 'nova' }]);
      const place = { service_id: cloud.ids.services['nova'], resource_name: 'cores' };
      await admin('POST', '/v3/registered_limits', { registered_limits: [{ ...place, default_limit: 1 }] });
      const limits = [{ ...place, project_id: project, resource_limit: 2 }];
      expect((await admin('POST', '/v3/limits', { limits })).status).toBe(201);
      expect((await admin('PUT', '/v3/domains/default/config', { config: { ldap: { url: 'x' } } })).status).toBe(201);
      const consumer = await admin('POST', '/v3/OS-OAUTH1/consumers', { consumer: { description: 'd' } });
      expect((await admin('DELETE', `/v3/OS-OAUTH1/consumers/${consumer.body.consumer.id}`)).status).toBe(204);
      expect((await admin('GET', '/v3/OS-REVOKE/events')).status).toBe(200);

      await admin('DELETE', `/v3/projects/${leaf}`);
      expect((await admin('DELETE', `/v3/projects/${project}`)).status).toBe(204);
      expect((await admin('DELETE', `/v3/users/${user}`)).status).toBe(204);
      for (const table of [
        'trust',
        'application_credential',
        'access_rule',
        'credential',
        'project_endpoint_group',
        'resource_limit',
      ] as const)
        expect(await cloud.db.query.selectFrom(table).selectAll().execute(), table).toEqual([]);
    });

    it('grants, lists with names, pages, and deletes with everything below', async () => {
      const domain = (await admin('POST', '/v3/domains', { domain: { name: 'acme' } })).body.domain.id as string;
      const project = (await admin('POST', '/v3/projects', { project: { name: 'p', domain_id: domain, tags: ['a'] } }))
        .body.project.id as string;
      const group = (await admin('POST', '/v3/groups', { group: { name: 'g', domain_id: domain } })).body.group
        .id as string;
      await admin('PUT', `/v3/groups/${group}/users/${cloud.ids.users['demo']}`);
      const grant = `/v3/projects/${project}/groups/${group}/roles/${cloud.ids.roles['reader']}`;
      expect([(await admin('PUT', grant)).status, (await admin('PUT', grant)).status]).toEqual([204, 204]);
      const list = await admin('GET', `/v3/role_assignments?effective&include_names&scope.project.id=${project}`);
      expect(list.body.role_assignments).toMatchObject([{ user: { name: 'demo' }, role: { name: 'reader' } }]);
      const page = await admin('GET', '/v3/users?limit=2');
      const next = await admin('GET', (page.body.links.next as string).replace('http://controller:5000', ''));
      expect((next.body.users as { name: string }[]).map((user) => user.name)).toEqual(['demo', 'glance']);
      expect((await admin('GET', '/v3/projects?tags=a')).body.projects).toHaveLength(1);
      await admin('PATCH', `/v3/domains/${domain}`, { domain: { enabled: false } });
      expect((await admin('DELETE', `/v3/domains/${domain}`)).status).toBe(204);
      expect((await admin('GET', `/v3/groups/${group}`)).status).toBe(404);
    });
  });
}
