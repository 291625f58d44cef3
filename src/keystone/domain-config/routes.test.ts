import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, startTestCloud, type Answer, type TestCloud } from '../testing/cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());

const call = (method: string, path: string, config?: unknown): Promise<Answer> =>
  cloud.call(method, `/v3/domains/${path}`, config === undefined ? undefined : { config }, { token: adminToken });
const config = { identity: { driver: 'ldap' }, ldap: { url: 'ldap://a', password: 'secret', user_tree_dn: 'ou=x' } };
const shown = { identity: { driver: 'ldap' }, ldap: { url: 'ldap://a', user_tree_dn: 'ou=x' } };

describe("a domain's configuration", () => {
  it('has defaults: of all, of a group, of an option', async () => {
    expect((await call('GET', 'config/default')).body.config.identity).toEqual({ driver: 'sql', list_limit: null });
    expect((await call('GET', 'config/identity/default')).body.config.identity.driver).toBe('sql');
    expect((await call('GET', 'config/ldap/page_size/default')).body).toEqual({ config: { page_size: 0 } });
    expect((await call('GET', 'config/nova/default')).status).toBe(403);
  });

  it('is set, shown without secrets, changed and removed, whole and in parts', async () => {
    const path = 'default/config';
    expect((await call('GET', path)).status).toBe(404);
    const made = await call('PUT', path, config);
    expect([made.status, made.body]).toEqual([201, { config: shown }]);
    expect((await call('PUT', path, config)).status).toBe(200);
    expect((await call('GET', `${path}/ldap`)).body).toEqual({ config: { ldap: shown.ldap } });
    expect((await call('GET', `${path}/ldap/url`)).body).toEqual({ config: { url: 'ldap://a' } });
    expect((await call('GET', `${path}/ldap/password`)).status).toBe(404);
    const group = await call('PATCH', `${path}/identity`, { identity: { list_limit: 5 } });
    expect(group.body.config.identity).toEqual({ driver: 'ldap', list_limit: 5 });
    const option = await call('PATCH', `${path}/ldap/url`, { url: 'ldap://b' });
    expect(option.body.config.ldap).toEqual({ url: 'ldap://b', user_tree_dn: 'ou=x' });
    expect((await call('PATCH', path, { ldap: { url: 'ldap://c' } })).body.config.ldap.url).toBe('ldap://c');
    expect((await call('DELETE', `${path}/ldap/url`)).status).toBe(204);
    expect((await call('DELETE', `${path}/ldap/url`)).status).toBe(404);
    expect((await call('DELETE', `${path}/identity`)).status).toBe(204);
    expect((await call('GET', path)).body.config).toEqual({ ldap: { user_tree_dn: 'ou=x' } });
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
  });

  it.each([
    ['PUT', 'default/config', {}, 400],
    ['PUT', 'default/config', { nova: { a: 1 } }, 403],
    ['PUT', 'default/config', { ldap: { nonsense: 1 } }, 403],
    ['PUT', 'default/config', { ldap: 'x' }, 400],
    ['PUT', 'nope/config', config, 404],
    ['PATCH', 'default/config', config, 404],
  ])('%s %s %j: %i', async (method, path, wanted, status) => {
    expect((await call(method, path, wanted)).status).toBe(status);
  });
});
