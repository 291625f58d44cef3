import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { neutronPolicies } from '../policies.ts';
import { firewallRpc } from '../rpc.ts';
import { admin, createTestbed, member, stranger, uuidPattern, type Testbed } from '../testing/testbed.ts';

const someId = '00000000-0000-4000-8000-000000000000';
const host = 'network-1';

describe('firewalls', () => {
  let bed: Testbed;
  let routerId: string;
  beforeAll(async () => {
    bed = await createTestbed({
      config: { DEFAULT: { service_plugins: 'router,firewall' }, quotas: { quota_firewall_policy: -1 } },
    });
    await bed.report({ agentType: 'L3 agent', host, binary: 'neutron-l3-agent' });
  });
  afterAll(() => bed.close());

  const agent = () => bed.bus.client(firewallRpc);
  const post =
    (singular: string, plural: string) =>
    (body: object, token = member) =>
      bed.request(token, 'POST', `/v2.0/fw/${plural}`, { [singular]: body });
  const rule = post('firewall_rule', 'firewall_rules');
  const policy = post('firewall_policy', 'firewall_policies');
  const firewall = post('firewall', 'firewalls');
  const type = (answer: { body: { NeutronError: { type: string } } }) => answer.body.NeutronError.type;
  const statusOf = async (id: string, token = member) =>
    (await bed.request(token, 'GET', `/v2.0/fw/firewalls/${id}`)).body?.firewall?.status as string | undefined;
  const aRule = async (more: object = {}) =>
    (await rule({ protocol: 'tcp', destination_port: '80', action: 'allow', ...more })).body.firewall_rule;

  /** As the agent: asks, and says that the router enforces it. */
  const enforce = async (applied = true) => {
    const { firewalls } = await agent().call('firewalls', { host, projectIds: ['demo'] });
    const [spec] = firewalls;
    await agent().cast('firewallStates', {
      host,
      routers: [{ routerId, firewallId: spec?.id ?? null, generation: spec?.generation ?? 0, applied }],
    });
    return spec;
  };

  it('go the way from rules to routers', async () => {
    const web = await aRule({ name: 'web', source_ip_address: '10.0.0.0/8' });
    expect(web).toEqual({
      id: expect.stringMatching(uuidPattern),
      tenant_id: 'demo',
      project_id: 'demo',
      name: 'web',
      description: '',
      firewall_policy_id: null,
      shared: false,
      protocol: 'tcp',
      ip_version: 4,
      source_ip_address: '10.0.0.0/8',
      destination_ip_address: null,
      source_port: null,
      destination_port: '80',
      position: null,
      action: 'allow',
      enabled: true,
    });
    const off = await aRule({ enabled: false });
    const p = (await policy({ name: 'p', firewall_rules: [web.id, off.id], audited: true })).body.firewall_policy;
    expect(p).toEqual({
      id: expect.stringMatching(uuidPattern),
      tenant_id: 'demo',
      project_id: 'demo',
      name: 'p',
      description: '',
      shared: false,
      firewall_rules: [web.id, off.id],
      audited: true,
    });
    const f = (await firewall({ name: 'f', firewall_policy_id: p.id })).body.firewall;
    expect(f).toEqual({
      id: expect.stringMatching(uuidPattern),
      tenant_id: 'demo',
      project_id: 'demo',
      name: 'f',
      description: '',
      admin_state_up: true,
      status: 'PENDING_CREATE',
      firewall_policy_id: p.id,
    });
    const url = `/v2.0/fw/firewalls/${f.id}`;
    expect(type(await bed.request(member, 'PUT', url, { firewall: { name: 'x' } }))).toBe('FirewallInPendingState');
    expect(type(await firewall({ firewall_policy_id: p.id }))).toBe('OverQuota');
    await bed.ok(admin, 'PUT', '/v2.0/quotas/demo', { quota: { firewall: -1 } });
    expect(type(await firewall({ firewall_policy_id: p.id }))).toBe('FirewallCountExceeded');

    // Without a router nobody can enforce it.
    await agent().call('firewalls', { host, projectIds: ['demo'] });
    expect(await statusOf(f.id)).toBe('PENDING_CREATE');
    routerId = (await bed.ok(member, 'POST', '/v2.0/routers', { router: {} })).router.id;
    await bed.services.scheduler.scheduleRouters();
    const spec = await enforce();
    expect(spec).toMatchObject({ id: f.id, adminStateUp: true });
    expect(spec!.rules).toEqual([
      {
        ...{ ipVersion: 4, protocol: 'tcp', source: '10.0.0.0/8', destination: null, sourcePort: null },
        ...{ destinationPort: '80', action: 'allow' },
      },
    ]);
    await expect.poll(() => statusOf(f.id)).toBe('ACTIVE');

    // A change of a rule reaches it, and the audit is void.
    await bed.ok(member, 'PUT', `/v2.0/fw/firewall_rules/${web.id}`, { firewall_rule: { action: 'deny' } });
    expect(await statusOf(f.id)).toBe('PENDING_UPDATE');
    expect((await bed.ok(member, 'GET', `/v2.0/fw/firewall_policies/${p.id}`)).firewall_policy.audited).toBe(false);
    const busy = await bed.request(member, 'PUT', `/v2.0/fw/firewall_rules/${web.id}`, {
      firewall_rule: { name: 'x' },
    });
    expect(type(busy)).toBe('FirewallInPendingState');
    await enforce(false);
    await expect.poll(() => statusOf(f.id)).toBe('ERROR');
    await enforce();
    await expect.poll(() => statusOf(f.id)).toBe('ACTIVE');
    await bed.ok(member, 'PUT', url, { firewall: { admin_state_up: false } });
    await enforce();
    await expect.poll(() => statusOf(f.id)).toBe('DOWN');

    expect(type(await bed.request(member, 'DELETE', `/v2.0/fw/firewall_policies/${p.id}`))).toBe('FirewallPolicyInUse');
    expect((await bed.request(member, 'DELETE', url)).status).toBe(204);
    expect(await statusOf(f.id)).toBe('PENDING_DELETE');
    expect(await enforce()).toBeUndefined();
    await expect.poll(() => statusOf(f.id)).toBeUndefined();
    expect((await bed.request(member, 'DELETE', `/v2.0/fw/firewall_policies/${p.id}`)).status).toBe(204);
    const left = (await bed.ok(member, 'GET', `/v2.0/fw/firewall_rules/${web.id}`)).firewall_rule;
    expect([left.firewall_policy_id, left.position]).toEqual([null, null]);
    expect((await bed.ok(member, 'GET', '/v2.0/quotas/demo/details')).quota.firewall).toMatchObject({ used: 0 });
    await bed.settled();
    expect(bed.hints).toContainEqual(['firewallsChanged', { projectIds: ['demo'] }]);
  });

  it('are gone at once when the agent that enforced them is dead', async () => {
    const f = (await firewall({ firewall_policy_id: null })).body.firewall;
    await enforce();
    await expect.poll(() => statusOf(f.id)).toBe('ACTIVE');
    bed.clock.advance(100);
    expect((await bed.request(member, 'DELETE', `/v2.0/fw/firewalls/${f.id}`)).status).toBe(204);
    expect(await statusOf(f.id)).toBeUndefined();
    await bed.report({ agentType: 'L3 agent', host });
  });

  it('keep the rules of a policy in order', async () => {
    const [a, b, c] = [await aRule(), await aRule(), await aRule()];
    const p = (await policy({ name: 'order', firewall_rules: [a.id] })).body.firewall_policy;
    const url = `/v2.0/fw/firewall_policies/${p.id}`;
    const insert = (body: object) => bed.request(member, 'PUT', `${url}/insert_rule`, body);
    const first = await insert({ firewall_rule_id: b.id, insert_before: '', insert_after: '' });
    // Not wrapped: as Neutron answers.
    expect([first.status, first.body.firewall_rules]).toEqual([200, [b.id, a.id]]);
    expect((await insert({ firewall_rule_id: c.id, insert_after: b.id })).body.firewall_rules).toEqual([
      b.id,
      c.id,
      a.id,
    ]);
    expect((await bed.ok(member, 'GET', `/v2.0/fw/firewall_rules/${c.id}`)).firewall_rule.position).toBe(2);
    expect(type(await insert({ firewall_rule_id: c.id }))).toBe('FirewallRuleInUse');
    expect(type(await insert({}))).toBe('FirewallRuleInfoMissing');
    expect(type(await insert({ firewall_rule_id: someId }))).toBe('FirewallRuleNotFound');
    const alone = await aRule();
    expect(type(await insert({ firewall_rule_id: alone.id, insert_before: someId }))).toBe('FirewallRuleNotFound');
    expect(type(await bed.request(member, 'DELETE', `/v2.0/fw/firewall_rules/${a.id}`))).toBe('FirewallRuleInUse');
    const removed = await bed.request(member, 'PUT', `${url}/remove_rule`, { firewall_rule_id: c.id });
    expect(removed.body.firewall_rules).toEqual([b.id, a.id]);
    const again = await bed.request(member, 'PUT', `${url}/remove_rule`, { firewall_rule_id: c.id });
    expect(type(again)).toBe('FirewallRuleNotAssociatedWithPolicy');
    expect(type(await policy({ firewall_rules: [a.id] }))).toBe('FirewallRuleInUse');
    const put = await bed.ok(member, 'PUT', url, { firewall_policy: { firewall_rules: [a.id, c.id] } });
    expect(put.firewall_policy.firewall_rules).toEqual([a.id, c.id]);
    const conflict = await bed.request(member, 'PUT', url, { firewall_policy: { shared: true } });
    expect(type(conflict)).toBe('FirewallRuleSharingConflict');
  });

  it('refuse rules that no filter could be made of', async () => {
    expect(type(await rule({ protocol: null, destination_port: 80 }))).toBe(
      'FirewallRuleWithPortWithoutProtocolInvalid',
    );
    expect(type(await rule({ protocol: 'icmp', source_port: '80' }))).toBe('FirewallRuleInvalidICMPParameter');
    expect(type(await rule({ ip_version: 6, source_ip_address: '10.0.0.1' }))).toBe('FirewallIpAddressConflict');
    for (const wrong of [
      { destination_port: '0' },
      { destination_port: '90:80' },
      { destination_port: '80:x' },
      { action: 'maybe' },
      { protocol: 'gre' },
      { source_ip_address: 'here' },
    ])
      expect((await rule({ protocol: 'tcp', ...wrong })).status, JSON.stringify(wrong)).toBe(400);
    const made = (await rule({ protocol: 'UDP', source_port: '1000:2000', action: 'ALLOW' })).body.firewall_rule;
    expect(made).toMatchObject({ protocol: 'udp', source_port: '1000:2000', action: 'allow' });
  });

  it('belong to their projects, except what is shared', async () => {
    const mine = await aRule();
    const shared = await aRule({ shared: true });
    const p = (await policy({ name: 'shared', shared: true, firewall_rules: [shared.id] })).body.firewall_policy;
    const f = (await firewall({ firewall_policy_id: p.id })).body.firewall;
    for (const [path, singular, id] of [
      ['firewall_rules', 'firewall_rule', mine.id],
      ['firewalls', 'firewall', f.id],
    ] as const) {
      const url = `/v2.0/fw/${path}/${id}`;
      expect((await bed.request(stranger, 'GET', url)).status).toBe(404);
      expect((await bed.request(stranger, 'PUT', url, { [singular]: { name: 'x' } })).status).toBe(404);
      expect((await bed.request(stranger, 'DELETE', url)).status).toBe(404);
      expect(Object.values(await bed.ok(stranger, 'GET', `/v2.0/fw/${path}?id=${id}`))).toEqual([[]]);
    }
    const url = `/v2.0/fw/firewall_policies/${p.id}`;
    expect((await bed.request(stranger, 'GET', url)).status).toBe(200);
    expect((await bed.request(stranger, 'PUT', url, { firewall_policy: { name: 'x' } })).status).toBe(403);
    expect((await bed.request(stranger, 'DELETE', url)).status).toBe(403);
    expect((await bed.request(stranger, 'PUT', `${url}/remove_rule`, { firewall_rule_id: shared.id })).status).toBe(
      403,
    );
    expect((await firewall({ firewall_policy_id: p.id }, stranger)).status).toBe(201);
    expect((await firewall({ firewall_policy_id: null, shared: true }, 'member:third')).status).toBe(403);
  });

  it('have a policy for every route, and turn everybody away who has no token', async () => {
    const routes = bed.app.mounted.filter(({ route }) => route.path.startsWith('/fw/'));
    expect(routes).toHaveLength(17);
    for (const { point, route } of routes) {
      expect(neutronPolicies, route.id).toHaveProperty([route.policy!]);
      const url = (point.prefix + route.path).replace(/:\w+/g, someId);
      const answer = await bed.request('', route.method as 'GET', url, route.method === 'GET' ? undefined : {});
      expect([route.id, answer.status]).toEqual([route.id, 401]);
    }
    const { extensions } = await bed.ok(member, 'GET', '/v2.0/extensions');
    expect(extensions.map(({ alias }: { alias: string }) => alias)).toContain('fwaas');
  });
});
