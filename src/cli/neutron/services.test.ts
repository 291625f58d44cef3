import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeCloud } from '../testing/fake-cloud.ts';
import { neutronClient } from './client.ts';

let cloud: FakeCloud;
beforeAll(async () => {
  cloud = await FakeCloud.start();
});
afterAll(() => cloud.stop());
beforeEach(() => cloud.reset());
const run = (...argv: string[]) => cloud.run(neutronClient, argv);

/** A list that has one thing, found by name. */
const known = (path: string, key: string, item: object = {}): void => {
  cloud.answers.set(`GET /network/v2.0${path}`, { body: { [key]: [{ id: `id-of-${key}`, name: 'n', ...item }] } });
};

describe('neutron, beyond networks', () => {
  it('balances load', async () => {
    known('/subnets', 'subnets');
    known('/lb/pools', 'pools', { lb_method: 'ROUND_ROBIN', provider: null, protocol: 'HTTP', admin_state_up: true });
    cloud.answers.set('POST /network/v2.0/lb/vips', { body: { vip: { id: 'v1', name: 'n' } } });
    const { out } = await run(
      'lb-vip-create',
      '--name',
      'n',
      '--protocol-port',
      '80',
      '--protocol',
      'HTTP',
      '--subnet-id',
      's',
      'p',
    );
    expect(out).toMatch(/^Created a new vip:\n/);
    expect(cloud.sent('POST')).toEqual({
      vip: {
        pool_id: 'id-of-pools',
        subnet_id: 'id-of-subnets',
        admin_state_up: true,
        name: 'n',
        protocol_port: '80',
        protocol: 'HTTP',
      },
    });
    expect((await run('lb-pool-list')).out).toContain(
      '| id-of-pools | n    | N/A      | ROUND_ROBIN | HTTP     | True           |',
    );
    cloud.answers.set('POST /network/v2.0/lb/pools/id-of-pools/health_monitors', { body: {} });
    expect((await run('lb-healthmonitor-associate', 'm1', 'n')).out).toBe('Associated health monitor m1\n');
    cloud.answers.set('GET /network/v2.0/lb/pools/id-of-pools/stats', { body: { stats: { bytes_in: 1 } } });
    expect((await run('lb-pool-stats', 'n')).out).toContain('| bytes_in | 1     |');
    expect((await run('lb-vip-create', '--name', 'n', 'p')).err).toContain(
      'neutron lb-vip-create: error: argument --protocol-port is required',
    );
  });

  it('keeps firewalls', async () => {
    known('/fw/firewall_rules', 'firewall_rules', {
      firewall_policy_id: null,
      protocol: 'tcp',
      source_ip_address: null,
      source_port: null,
      destination_ip_address: '10.0.0.0/8',
      destination_port: '80',
      action: 'allow',
      enabled: true,
    });
    expect((await run('firewall-rule-list')).out).toMatch(
      / TCP, +\|.*\n.* {2}source: none\(none\), +\|.*\n.* {2}dest: 10\.0\.0\.0\/8\(80\), +\|.*\n.* {2}allow /,
    );
    known('/fw/firewall_policies', 'firewall_policies', { firewall_rules: ['a', 'b'] });
    expect((await run('firewall-policy-list')).out).toContain('| [a,            |');
    cloud.answers.set('PUT /network/v2.0/fw/firewall_policies/id-of-firewall_policies/insert_rule', { body: {} });
    expect((await run('firewall-policy-insert-rule', 'n', 'r', '--insert-after', 'x')).out).toBe(
      'Inserted firewall rule in firewall policy n\n',
    );
    expect(cloud.sent('PUT')).toEqual({
      firewall_rule_id: 'id-of-firewall_rules',
      insert_before: '',
      insert_after: 'id-of-firewall_rules',
    });
    cloud.answers.set('POST /network/v2.0/fw/firewall_rules', { body: { firewall_rule: { id: 'r' } } });
    await run('firewall-rule-create', '--protocol', 'any', '--action', 'deny', '--disabled');
    expect(cloud.sent('POST')).toEqual({ firewall_rule: { protocol: null, action: 'deny', enabled: false } });
  });

  it('meters, and ties networks by VPN', async () => {
    known('/metering/metering-labels', 'metering_labels');
    cloud.answers.set('POST /network/v2.0/metering/metering-label-rules', {
      body: { metering_label_rule: { id: 'r' } },
    });
    await run('meter-label-rule-create', 'n', '10.0.0.0/8', '--excluded');
    expect(cloud.sent('POST')).toEqual({
      metering_label_rule: {
        metering_label_id: 'id-of-metering_labels',
        remote_ip_prefix: '10.0.0.0/8',
        direction: 'ingress',
        excluded: true,
      },
    });
    expect((await run('vpn-ikepolicy-create', 'i', '--lifetime', 'value=10')).err).toContain('should be at least 60');
    cloud.answers.set('POST /network/v2.0/vpn/ikepolicies', { body: { ikepolicy: { id: 'i' } } });
    await run('vpn-ikepolicy-create', 'i', '--lifetime', 'units=seconds,value=100');
    expect(cloud.sent('POST')).toMatchObject({
      ikepolicy: { name: 'i', pfs: 'group5', lifetime: { units: 'seconds', value: 100 } },
    });
  });

  it('says what the service says when an extension is not there', async () => {
    cloud.answers.set('GET /network/v2.0/vpn/vpnservices', {
      status: 404,
      body: { NeutronError: { type: 'HTTPNotFound', message: 'The resource could not be found.', detail: '' } },
    });
    expect(await run('vpn-service-list')).toEqual({ status: 1, out: '', err: 'The resource could not be found.\n' });
  });

  it('prints lists as they are wanted', async () => {
    cloud.answers.set('GET /network/v2.0/agents', {
      body: { agents: [{ id: 'a', agent_type: 'L3', host: 'h', alive: true, admin_state_up: true, port: 7 }] },
    });
    expect((await run('agent-list', '-f', 'csv', '-c', 'host', '-c', 'port')).out).toBe('"host","port"\n"h",7\n');
    expect((await run('agent-list', '-f', 'csv', '--quote', 'minimal', '-c', 'id')).out).toBe('id\na\n');
    expect((await run('agent-list', '-f', 'csv', '--quote', 'all', '-c', 'port')).out).toBe('"port"\n"7"\n');
    expect((await run('agent-list', '-c', 'host', '--max-width', '3')).out).toContain('| h    |');
    expect(await run('--quiet', 'net-delete', 'x')).toMatchObject({ status: 1 });
    expect((await run('net-list', '--sort-dir', 'up')).err).toContain(
      "neutron net-list: error: argument --sort-dir: invalid choice: u'up' (choose from 'asc', 'desc')",
    );
  });

  it('has help in cliff’s manner', async () => {
    const { out } = await run('help', 'net-create');
    expect(out).toMatch(/^usage: neutron net-create \[-h\] \[-f \{json,shell,table,value\}\]/);
    expect(out).toContain('\noutput formatters:\n  output formatter options\n\n  -f ');
    expect(out).toContain('\nshell formatter:\n  a format a UNIX shell can parse (variable="value")\n\n  --variable');
    expect((await run('help')).out).toContain('\nCommands for API v2.0:\n  agent-delete ');
    expect((await run('net-list', '--help')).out).toContain('\nCSV Formatter:\n  --quote');
    expect(await run('nothing')).toEqual({ status: 1, out: '', err: "Unknown command [u'nothing']\n" });
  });
});
