import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { neutronPolicies } from '../policies.ts';
import { loadBalancerRpc } from '../rpc.ts';
import { admin, createTestbed, makeNetwork, member, stranger, uuidPattern, type Testbed } from '../testing/testbed.ts';

const someId = '00000000-0000-4000-8000-000000000000';
const host = 'network-1';

describe('load balancers', () => {
  let bed: Testbed;
  let subnetId: string;
  let networkId: string;
  beforeAll(async () => {
    bed = await createTestbed({
      config: { DEFAULT: { service_plugins: 'router,lbaas' }, quotas: { quota_pool: -1, quota_vip: -1 } },
    });
    ({ networkId, subnetId } = await makeNetwork(bed, member));
    await bed.report({ agentType: 'Loadbalancer agent', host, binary: 'neutron-lbaas-agent' });
  });
  afterAll(() => bed.close());

  const agent = () => bed.bus.client(loadBalancerRpc);
  const pool = async (more: object = {}, token = member) =>
    (
      await bed.ok(token, 'POST', '/v2.0/lb/pools', {
        pool: { name: 'web', protocol: 'HTTP', lb_method: 'ROUND_ROBIN', subnet_id: subnetId, ...more },
      })
    ).pool;
  const vip = (poolId: string, more: object = {}) =>
    bed.request(member, 'POST', '/v2.0/lb/vips', {
      vip: { name: 'v', protocol: 'HTTP', protocol_port: 80, subnet_id: subnetId, pool_id: poolId, ...more },
    });
  const backend = (poolId: string, address: string, more: object = {}) =>
    bed.request(member, 'POST', '/v2.0/lb/members', {
      member: { pool_id: poolId, address, protocol_port: 8080, ...more },
    });
  const monitor = (more: object = {}) =>
    bed.request(member, 'POST', '/v2.0/lb/health_monitors', {
      health_monitor: { type: 'HTTP', delay: 5, timeout: 3, max_retries: 2, ...more },
    });
  const show = async (kind: string, id: string) =>
    Object.values(await bed.ok(member, 'GET', `/v2.0/lb/${kind}/${id}`))[0];
  const type = (answer: { body: { NeutronError: { type: string; message: string } } }) => answer.body.NeutronError.type;

  /** As the agent: asks, and says that all is done. */
  const deploy = async (status: 'ACTIVE' | 'ERROR' = 'ACTIVE') => {
    const { pools } = await agent().call('pools', { host });
    await agent().cast('poolStates', {
      host,
      pools: pools.map(({ id, generation }) => ({
        poolId: id,
        generation,
        status,
        ...(status === 'ERROR' && { reason: 'haproxy does not start' }),
      })),
    });
    return pools;
  };

  it('are answered as Icehouse answers them', async () => {
    const made = await pool({ description: 'd' });
    expect(made).toEqual({
      id: expect.stringMatching(uuidPattern),
      tenant_id: 'demo',
      project_id: 'demo',
      vip_id: null,
      name: 'web',
      description: 'd',
      subnet_id: subnetId,
      protocol: 'HTTP',
      provider: 'haproxy',
      lb_method: 'ROUND_ROBIN',
      members: [],
      health_monitors: [],
      health_monitors_status: [],
      admin_state_up: true,
      status: 'PENDING_CREATE',
      status_description: null,
    });
    const answer = await vip(made.id, {
      address: '10.77.0.100',
      session_persistence: { type: 'APP_COOKIE', cookie_name: 'JSESSIONID' },
    });
    expect(answer.status).toBe(201);
    expect(answer.body.vip).toEqual({
      id: expect.stringMatching(uuidPattern),
      tenant_id: 'demo',
      project_id: 'demo',
      name: 'v',
      description: '',
      subnet_id: subnetId,
      address: '10.77.0.100',
      port_id: expect.stringMatching(uuidPattern),
      protocol_port: 80,
      protocol: 'HTTP',
      pool_id: made.id,
      session_persistence: { type: 'APP_COOKIE', cookie_name: 'JSESSIONID' },
      connection_limit: -1,
      admin_state_up: true,
      status: 'PENDING_CREATE',
      status_description: null,
    });
    const { vip: v } = answer.body;
    const { port } = await bed.ok(member, 'GET', `/v2.0/ports/${v.port_id}`);
    expect(port).toMatchObject({ name: `vip-${v.id}`, device_owner: 'neutron:LOADBALANCER', network_id: networkId });
    expect(port.security_groups).toHaveLength(1);
    expect(type(await bed.request(member, 'DELETE', `/v2.0/ports/${v.port_id}`))).toBe('ServicePortInUse');
    expect((await bed.ok(member, 'GET', '/v2.0/lb/vips?address=10.77.0.100')).vips).toHaveLength(1);
    expect((await bed.ok(member, 'GET', '/v2.0/lb/vips?address=10.77.0.101')).vips).toEqual([]);
    const { member: m } = (await backend(made.id, '10.77.0.5', { weight: 3 })).body;
    expect(m).toEqual({
      id: expect.stringMatching(uuidPattern),
      tenant_id: 'demo',
      project_id: 'demo',
      pool_id: made.id,
      address: '10.77.0.5',
      protocol_port: 8080,
      weight: 3,
      admin_state_up: true,
      status: 'PENDING_CREATE',
      status_description: null,
    });
    const { health_monitor: h } = (await monitor()).body;
    expect(h).toEqual({
      id: expect.stringMatching(uuidPattern),
      tenant_id: 'demo',
      project_id: 'demo',
      type: 'HTTP',
      delay: 5,
      timeout: 3,
      max_retries: 2,
      http_method: 'GET',
      url_path: '/',
      expected_codes: '200',
      admin_state_up: true,
      pools: [],
    });
    expect((await monitor({ type: 'TCP' })).body.health_monitor).not.toHaveProperty('url_path');
    const associations = `/v2.0/lb/pools/${made.id}/health_monitors`;
    const body = { health_monitor: { id: h.id } };
    expect(await bed.request(member, 'POST', associations, body)).toMatchObject({
      status: 201,
      body: { health_monitor: {} },
    });
    expect(type(await bed.request(member, 'POST', associations, body))).toBe('PoolMonitorAssociationExists');
    expect(type(await bed.request(member, 'DELETE', `/v2.0/lb/health_monitors/${h.id}`))).toBe('HealthMonitorInUse');
    expect(await show('pools', made.id)).toMatchObject({
      vip_id: v.id,
      members: [m.id],
      health_monitors: [h.id],
      health_monitors_status: [{ monitor_id: h.id, status: 'PENDING_CREATE', status_description: null }],
    });

    // The whole way of an agent.
    const [spec] = (await deploy()).filter(({ id }) => id === made.id);
    expect(spec).toMatchObject({
      protocol: 'HTTP',
      vip: { id: v.id, protocolPort: 80, port: { id: v.port_id, fixedIps: [{ ip: '10.77.0.100', prefixLength: 24 }] } },
      members: [{ id: m.id, address: '10.77.0.5', weight: 3 }],
      monitors: [{ id: h.id, type: 'HTTP' }],
    });
    expect((await bed.ok(admin, 'GET', `/v2.0/ports/${v.port_id}`)).port['binding:host_id']).toBe(host);
    for (const [kind, id] of [
      ['pools', made.id],
      ['vips', v.id],
      ['members', m.id],
    ] as const)
      await expect.poll(() => show(kind, id)).toMatchObject({ status: 'ACTIVE' });
    expect(await show('health_monitors', h.id)).toMatchObject({ pools: [{ pool_id: made.id, status: 'ACTIVE' }] });
    const stats = { bytes_in: 1, bytes_out: 2, active_connections: 3, total_connections: 4 };
    await agent().cast('poolStats', {
      host,
      pools: [{ poolId: made.id, stats, members: [{ id: m.id, status: 'INACTIVE' }] }],
    });
    await expect.poll(() => show('members', m.id)).toMatchObject({ status: 'INACTIVE' });
    expect(await bed.ok(member, 'GET', `/v2.0/lb/pools/${made.id}/stats`)).toEqual({ stats });

    // What changed after the agent asked is not done.
    const { pools } = await agent().call('pools', { host, poolIds: [made.id] });
    await bed.ok(member, 'PUT', `/v2.0/lb/vips/${v.id}`, { vip: { connection_limit: 7 } });
    await agent().cast('poolStates', {
      host,
      pools: [{ poolId: made.id, generation: pools[0]!.generation, status: 'ACTIVE' }],
    });
    // Calls are answered in their order: what was said before this question has been heard.
    await agent().call('pools', { host, poolIds: [] });
    expect(await show('vips', v.id)).toMatchObject({ status: 'PENDING_UPDATE', connection_limit: 7 });
    await deploy('ERROR');
    await expect
      .poll(() => show('pools', made.id))
      .toMatchObject({
        status: 'ERROR',
        status_description: 'haproxy does not start',
      });
    await deploy();
    await expect.poll(() => show('vips', v.id)).toMatchObject({ status: 'ACTIVE', status_description: null });
    expect(await show('members', m.id)).toMatchObject({ status: 'INACTIVE' });

    expect(type(await bed.request(member, 'DELETE', `/v2.0/lb/pools/${made.id}`))).toBe('PoolInUse');
    expect((await bed.request(member, 'DELETE', `/v2.0/lb/vips/${v.id}`)).status).toBe(204);
    expect((await bed.request(member, 'GET', `/v2.0/ports/${v.port_id}`)).status).toBe(404);
    expect((await bed.request(member, 'DELETE', `${associations}/${h.id}`)).status).toBe(204);
    expect(type(await bed.request(member, 'DELETE', `${associations}/${h.id}`))).toBe('PoolMonitorAssociationNotFound');
    expect((await bed.request(member, 'DELETE', `/v2.0/lb/health_monitors/${h.id}`)).status).toBe(204);
    expect((await bed.request(member, 'DELETE', `/v2.0/lb/pools/${made.id}`)).status).toBe(204);
    expect((await bed.request(member, 'GET', `/v2.0/lb/members/${m.id}`)).status).toBe(404);
    await bed.settled();
    expect(bed.hints).toContainEqual(['poolsChanged', { poolIds: [made.id] }]);
    expect((await bed.ok(member, 'GET', '/v2.0/quotas/demo/details')).quota.member).toMatchObject({ used: 0 });
  });

  it('refuse what does not fit together', async () => {
    const one = await pool();
    expect(type(await vip(one.id, { protocol: 'TCP' }))).toBe('ProtocolMismatch');
    expect(type(await vip(someId))).toBe('PoolNotFound');
    expect(type(await vip(one.id, { subnet_id: someId }))).toBe('SubnetNotFound');
    const persistence = await vip(one.id, { session_persistence: { type: 'SOURCE_IP', cookie_name: 'x' } });
    expect([persistence.status, persistence.body.NeutronError.message]).toEqual([
      400,
      "Invalid input for session_persistence. Reason: 'cookie_name' is not allowed for this type of session persistence.",
    ]);
    expect((await vip(one.id, { session_persistence: { type: 'APP_COOKIE', cookie_name: 'a b' } })).status).toBe(400);
    expect((await vip(one.id)).status).toBe(201);
    const second = await vip(one.id);
    expect([second.status, second.body.NeutronError.message]).toEqual([
      409,
      `Another Vip already exists for pool ${one.id}`,
    ]);
    const two = await pool();
    const { vip: other } = (await vip(two.id)).body;
    const moved = await bed.request(member, 'PUT', `/v2.0/lb/vips/${other.id}`, { vip: { pool_id: one.id } });
    expect(type(moved)).toBe('VipExists');
    const { member: m } = (await backend(one.id, '10.77.0.9')).body;
    expect(type(await backend(one.id, '10.77.0.9'))).toBe('MemberExists');
    await backend(two.id, '10.77.0.9');
    const crowded = await bed.request(member, 'PUT', `/v2.0/lb/members/${m.id}`, { member: { pool_id: two.id } });
    expect(type(crowded)).toBe('MemberExists');
    expect((await backend(one.id, '10.77.0.10', { weight: 257 })).status).toBe(400);
    expect(type(await monitor({ timeout: 6 }))).toBe('DelayOrTimeoutInvalid');
    expect((await monitor({ expected_codes: '2xx' })).status).toBe(400);
    expect((await monitor({ url_path: '/a b' })).status).toBe(400);
    expect((await monitor({ max_retries: 11 })).status).toBe(400);
    const wrong = await bed.request(member, 'POST', '/v2.0/lb/pools', {
      pool: { protocol: 'HTTP', lb_method: 'ROUND_ROBIN', subnet_id: subnetId, provider: 'nobody' },
    });
    expect(type(wrong)).toBe('ServiceProviderNotFound');
    const sticky = await bed.request(member, 'PUT', `/v2.0/lb/pools/${one.id}`, { pool: { protocol: 'TCP' } });
    expect(sticky.body.NeutronError.message).toBe('Cannot update read-only attribute protocol');
  });

  it('belong to their projects', async () => {
    const mine = await pool();
    const { vip: v } = (await vip(mine.id)).body;
    const { member: m } = (await backend(mine.id, '10.77.0.20')).body;
    const { health_monitor: h } = (await monitor()).body;
    for (const [path, singular, id] of [
      ['pools', 'pool', mine.id],
      ['vips', 'vip', v.id],
      ['members', 'member', m.id],
      ['health_monitors', 'health_monitor', h.id],
    ] as const) {
      const url = `/v2.0/lb/${path}/${id}`;
      expect((await bed.request(stranger, 'GET', url)).status).toBe(404);
      expect((await bed.request(stranger, 'PUT', url, { [singular]: { admin_state_up: false } })).status).toBe(404);
      expect((await bed.request(stranger, 'DELETE', url)).status).toBe(404);
      expect(Object.values(await bed.ok(stranger, 'GET', `/v2.0/lb/${path}?id=${id}`))).toEqual([[]]);
    }
    const joined = await bed.request(stranger, 'POST', '/v2.0/lb/members', {
      member: { pool_id: mine.id, address: '10.0.0.1', protocol_port: 1 },
    });
    expect(type(joined)).toBe('PoolNotFound');
    const probing = { health_monitor: { id: h.id } };
    expect((await bed.request(stranger, 'POST', `/v2.0/lb/pools/${mine.id}/health_monitors`, probing)).status).toBe(
      404,
    );
    expect((await bed.request(stranger, 'GET', `/v2.0/lb/pools/${mine.id}/stats`)).status).toBe(404);
    const foreign = { vip: { protocol: 'HTTP', protocol_port: 80, subnet_id: subnetId, pool_id: mine.id } };
    expect(type(await bed.request(admin, 'POST', '/v2.0/lb/vips', foreign))).toBe('NotAuthorized');
  });

  it('are given to agents, or are in ERROR when there is none', async () => {
    const mine = await pool();
    const { agents } = await bed.ok(admin, 'GET', '/v2.0/agents?agent_type=Loadbalancer%20agent');
    expect((await bed.ok(admin, 'GET', `/v2.0/lb/pools/${mine.id}/loadbalancer-agent`)).agent.id).toBe(agents[0].id);
    const { pools } = await bed.ok(admin, 'GET', `/v2.0/agents/${agents[0].id}/loadbalancer-pools`);
    expect(pools.map(({ id }: { id: string }) => id)).toContain(mine.id);
    expect((await bed.request(member, 'GET', `/v2.0/lb/pools/${mine.id}/loadbalancer-agent`)).status).toBe(403);
    bed.clock.advance(100);
    const refused = await bed.request(member, 'POST', '/v2.0/lb/pools', {
      pool: { name: 'lonely', protocol: 'TCP', lb_method: 'SOURCE_IP', subnet_id: subnetId },
    });
    expect([refused.status, type(refused)]).toEqual([404, 'NoEligibleBackend']);
    const [lonely] = (await bed.ok(member, 'GET', '/v2.0/lb/pools?name=lonely')).pools;
    expect(lonely).toMatchObject({ status: 'ERROR', status_description: 'No eligible backend' });
    expect(await bed.ok(admin, 'GET', `/v2.0/lb/pools/${lonely.id}/loadbalancer-agent`)).toEqual({});
    await bed.report({ agentType: 'Loadbalancer agent', host });
    await deploy();
    await expect.poll(() => show('pools', lonely.id)).toMatchObject({ status: 'ACTIVE', status_description: null });
  });

  it('are in the lists of extensions, providers and quotas only when they are on', async () => {
    const aliases = async (from: Testbed) =>
      (await from.ok(member, 'GET', '/v2.0/extensions')).extensions.map(({ alias }: { alias: string }) => alias);
    expect(await aliases(bed)).toEqual(expect.arrayContaining(['lbaas', 'lbaas_agent_scheduler', 'service-type']));
    expect(await bed.ok(member, 'GET', '/v2.0/service-providers')).toEqual({
      service_providers: [{ service_type: 'LOADBALANCER', name: 'haproxy', default: true }],
    });
    expect((await bed.ok(member, 'GET', '/v2.0/quotas/demo')).quota).toMatchObject({ member: -1 });
    const without = await createTestbed();
    try {
      expect(await aliases(without)).not.toContain('lbaas');
      expect((await without.request(member, 'GET', '/v2.0/lb/pools')).status).toBe(404);
      expect((await without.ok(member, 'GET', '/v2.0/quotas/demo')).quota).not.toHaveProperty('vip');
    } finally {
      await without.close();
    }
    await expect(createTestbed({ config: { DEFAULT: { service_plugins: 'router,nosuch' } } })).rejects.toThrow(
      /nosuch/,
    );
  });

  it('have a policy for every route, and turn everybody away who has no token', async () => {
    const routes = bed.app.mounted.filter(({ route }) => /\/lb\/|loadbalancer/.test(route.path));
    expect(routes).toHaveLength(25);
    for (const { point, route } of routes) {
      expect(neutronPolicies, route.id).toHaveProperty([route.policy!]);
      const url = (point.prefix + route.path).replace(/:\w+/g, someId);
      const answer = await bed.request('', route.method as 'GET', url, route.method === 'GET' ? undefined : {});
      expect([route.id, answer.status]).toEqual([route.id, 401]);
    }
  });

  it('count for the quota', async () => {
    await bed.ok(admin, 'PUT', '/v2.0/quotas/demo', { quota: { health_monitor: 0 } });
    expect(type(await monitor())).toBe('OverQuota');
  });
});
