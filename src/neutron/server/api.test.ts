import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { neutronPolicies } from '../policies.ts';
import { admin, createTestbed, makeNetwork, member, stranger, type Testbed } from '../testing/testbed.ts';

const unauthorized = {
  error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
};
const someId = '00000000-0000-4000-8000-000000000000';

describe('the Networking API', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await createTestbed();
  });
  afterAll(() => bed.close());

  it('has a policy for every route, and turns everybody away who has no token', async () => {
    const open: string[] = [];
    for (const { point, route } of bed.app.mounted) {
      const url = (point.prefix + route.path).replace(/:\w+/g, someId);
      if (route.policy === null) {
        open.push(url);
        continue;
      }
      expect(neutronPolicies, route.id).toHaveProperty([route.policy]);
      const answer = await bed.request('', route.method as 'GET', url, route.method === 'GET' ? undefined : {});
      expect([route.id, answer.status, answer.body]).toEqual([route.id, 401, unauthorized]);
    }
    expect(open).toEqual(['/', '/v2.0/']);
    expect(new Set(bed.app.mounted.map(({ route }) => route.id)).size).toBe(bed.app.mounted.length);
  });

  it("keeps the administrator's routes from users", async () => {
    const closed = bed.app.mounted.filter(({ route }) => neutronPolicies[route.policy ?? ''] === 'rule:admin_only');
    expect(closed.length).toBeGreaterThan(10);
    for (const { point, route } of closed) {
      const url = (point.prefix + route.path).replace(/:\w+/g, someId);
      const answer = await bed.request(member, route.method as 'GET', url, route.method === 'GET' ? undefined : {});
      expect([route.id, answer.status, answer.body.NeutronError.type]).toEqual([route.id, 403, 'PolicyNotAuthorized']);
    }
  });

  it("answers 404, and nothing else, for strangers' things", async () => {
    const { networkId, subnetId } = await makeNetwork(bed, member);
    const made = async (path: string, singular: string, body: object = {}) =>
      [path, (await bed.ok(member, 'POST', `/v2.0/${path}`, { [singular]: body }))[singular].id] as const;
    const things = [
      ['networks', networkId],
      ['subnets', subnetId],
      await made('ports', 'port', { network_id: networkId }),
      await made('routers', 'router'),
      await made('security-groups', 'security_group', { name: 'x' }),
    ] as const;
    for (const [path, id] of things) {
      expect((await bed.request(stranger, 'GET', `/v2.0/${path}/${id}`)).status).toBe(404);
      expect((await bed.request(stranger, 'DELETE', `/v2.0/${path}/${id}`)).status).toBe(404);
      const singular = path.replace('-', '_').replace(/s$/, '');
      const put = await bed.request(stranger, 'PUT', `/v2.0/${path}/${id}`, { [singular]: { name: 'mine' } });
      expect(put.status).toBe(404);
      expect((await bed.request(stranger, 'PUT', `/v2.0/${path}/${id}/tags`, { tags: ['x'] })).status).toBe(404);
      const list = await bed.ok(stranger, 'GET', `/v2.0/${path}?id=${id}&project_id=demo`);
      expect(Object.values(list)).toEqual([[]]);
    }
  });

  it('names its versions, resources and extensions', async () => {
    expect((await bed.request('', 'GET', '/')).body).toEqual({
      versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: 'http://localhost:80/v2.0/' }] }],
    });
    expect((await bed.request('', 'GET', '/v2.0')).body.resources[0]).toEqual({
      links: [{ rel: 'self', href: 'http://localhost:80/v2.0/networks' }],
      name: 'network',
      collection: 'networks',
    });
    const { extensions } = await bed.ok(member, 'GET', '/v2.0/extensions.json');
    const aliases = extensions.map((extension: { alias: string }) => extension.alias);
    expect(aliases).toEqual([...aliases].sort());
    for (const alias of ['router', 'security-group', 'binding', 'quotas', 'external-net', 'provider', 'agent'])
      expect(aliases).toContain(alias);
    const { extension } = await bed.ok(member, 'GET', '/v2.0/extensions/router');
    expect(extension).toMatchObject({ name: 'Neutron L3 Router', links: [] });
    const missing = await bed.request(member, 'GET', '/v2.0/extensions/nope');
    expect(missing.body.NeutronError.message).toBe('Extension with alias nope does not exist');
    expect((await bed.ok(member, 'GET', '/v2.0/service-providers')).service_providers).toEqual([]);
    const nowhere = await bed.request(member, 'GET', '/v2.0/nosuch');
    expect([nowhere.status, nowhere.body]).toEqual([
      404,
      { NeutronError: { type: 'HTTPNotFound', message: 'The resource could not be found.', detail: '' } },
    ]);
  });

  it('describes every body in its OpenAPI document', async () => {
    const { body } = await bed.request('', 'GET', '/openapi.json');
    const create = body.paths['/v2.0/networks'].post.requestBody.content['application/json'].schema.anyOf[0];
    expect(create.properties.network.properties.name).toEqual({ type: 'string', maxLength: 255 });
    const answer = body.paths['/v2.0/networks/{network_id}'].get.responses['200'];
    expect(answer.content['application/json'].schema.properties.network.properties).toHaveProperty('mtu');
  });

  it('tags resources', async () => {
    const { network } = await bed.ok(member, 'POST', '/v2.0/networks', { network: { name: 'tagged' } });
    const url = `/v2.0/networks/${network.id}/tags`;
    expect(await bed.ok(member, 'PUT', url, { tags: ['b', 'a', 'b'] })).toEqual({ tags: ['a', 'b'] });
    expect((await bed.request(member, 'PUT', `${url}/50%25`)).status).toBe(201);
    expect(await bed.ok(member, 'GET', url)).toEqual({ tags: ['50%', 'a', 'b'] });
    expect((await bed.request(member, 'GET', `${url}/a`)).status).toBe(204);
    expect((await bed.request(member, 'GET', `${url}/c`)).body.NeutronError.type).toBe('TagNotFound');
    const found = async (query: string) =>
      (await bed.ok(member, 'GET', `/v2.0/networks?name=tagged&${query}`)).networks.length;
    expect([await found('tags=a,b'), await found('tags=a,c'), await found('tags-any=a,c')]).toEqual([1, 0, 1]);
    expect([await found('not-tags=a'), await found('not-tags-any=c'), await found('tags=5_%25')]).toEqual([0, 1, 0]);
    expect((await bed.request(member, 'DELETE', `${url}/a`)).status).toBe(204);
    expect((await bed.request(member, 'DELETE', url)).status).toBe(204);
    expect(await bed.ok(member, 'GET', url)).toEqual({ tags: [] });
    expect((await bed.request(member, 'PUT', url, { tags: [1] })).status).toBe(400);
  });

  it('shows and sets quotas', async () => {
    expect((await bed.ok(member, 'GET', '/v2.0/quotas/demo')).quota).toMatchObject({ router: 10, floatingip: 50 });
    expect((await bed.request(member, 'GET', '/v2.0/quotas/other')).body.NeutronError).toEqual({
      type: 'AdminRequired',
      message: 'User does not have admin privileges: Non-admin is not authorised to access quotas for another tenant.',
      detail: '',
    });
    expect((await bed.ok(admin, 'PUT', '/v2.0/quotas/quoted', { quota: { router: 1 } })).quota.router).toBe(1);
    expect((await bed.ok(admin, 'GET', '/v2.0/quotas.json')).quotas).toMatchObject([
      { project_id: 'quoted', tenant_id: 'quoted', router: 1 },
    ]);
    const make = () => bed.request('member:quoted', 'POST', '/v2.0/routers', { router: {} });
    expect((await make()).status).toBe(201);
    const over = await make();
    expect([over.status, over.body.NeutronError.message]).toEqual([409, "Quota exceeded for resources: ['router']."]);
    const wrong = (quota: unknown) => bed.request(admin, 'PUT', '/v2.0/quotas/quoted', { quota });
    expect((await wrong({ nope: 1 })).body.NeutronError.message).toBe("Unrecognized attribute(s) 'nope'");
    expect((await wrong({ router: -2 })).body.NeutronError.message).toBe(
      "Invalid input for router. Reason: '-2' is too small - must be at least '-1'.",
    );
    expect((await bed.request(admin, 'DELETE', '/v2.0/quotas/quoted')).status).toBe(204);
    expect((await bed.ok('member:quoted', 'GET', '/v2.0/quotas/quoted/default.json')).quota.router).toBe(10);
    expect((await make()).status).toBe(201);
    expect((await bed.ok(member, 'GET', '/v2.0/quotas/tenant')).tenant.tenant_id).toBe('demo');
  });

  it('shows agents, zones and addresses in use', async () => {
    await bed.report({ agentType: 'DHCP agent', host: 'net1', binary: 'neutron-dhcp-agent', topic: 'dhcp_agent' });
    const { agents } = await bed.ok(admin, 'GET', '/v2.0/agents');
    expect(agents).toMatchObject([
      {
        agent_type: 'DHCP agent',
        binary: 'neutron-dhcp-agent',
        host: 'net1',
        alive: true,
        admin_state_up: true,
        created_at: '2014-09-12 08:00:00',
        availability_zone: 'nova',
      },
    ]);
    const url = `/v2.0/agents/${agents[0].id}`;
    const updated = await bed.ok(admin, 'PUT', url, { agent: { admin_state_up: false, description: 'x' } });
    expect(updated.agent).toMatchObject({ admin_state_up: false, description: 'x' });
    await bed.ok(admin, 'PUT', url, { agent: { admin_state_up: true } });
    expect((await bed.ok(member, 'GET', '/v2.0/availability_zones')).availability_zones).toEqual([
      { name: 'nova', resource: 'network', state: 'available' },
    ]);
    const { networkId } = await makeNetwork(bed, admin, { cidr: '10.100.0.0/28' });
    const hand = (id: string) => bed.request(admin, 'POST', `${url}/dhcp-networks`, { network_id: id });
    expect((await hand(networkId)).status).toBe(201);
    expect((await hand(networkId)).body.NeutronError.type).toBe('NetworkHostedByDHCPAgent');
    expect((await bed.ok(admin, 'GET', `${url}/dhcp-networks`)).networks).toContainEqual(
      expect.objectContaining({ id: networkId }),
    );
    expect((await bed.request(admin, 'DELETE', `${url}/dhcp-networks/${networkId}`)).status).toBe(204);
    expect((await bed.request(admin, 'DELETE', `${url}/dhcp-networks/${networkId}`)).status).toBe(409);
    expect((await bed.request(admin, 'POST', `${url}/l3-routers`, { router_id: someId })).body.NeutronError.type).toBe(
      'InvalidL3Agent',
    );
    const { network_ip_availability: used } = await bed.ok(
      admin,
      'GET',
      `/v2.0/network-ip-availabilities/${networkId}`,
    );
    expect(used).toMatchObject({ used_ips: 0, total_ips: 13, subnet_ip_availability: [{ cidr: '10.100.0.0/28' }] });
    bed.clock.advance(76);
    expect((await bed.ok(admin, 'GET', '/v2.0/agents?alive=False')).agents).toHaveLength(1);
    expect((await bed.request(admin, 'DELETE', url)).status).toBe(204);
    expect((await bed.request(admin, 'GET', url)).body.NeutronError.message).toBe(
      `Agent ${agents[0].id} could not be found.`,
    );
  });
});
