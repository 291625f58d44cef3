import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, createTestbed, makeNetwork, member, stranger, type Testbed } from '../testing/testbed.ts';

describe('security groups', () => {
  let bed: Testbed;
  let groupId: string;
  beforeAll(async () => {
    bed = await createTestbed();
    groupId = (await bed.ok(member, 'POST', '/v2.0/security-groups', { security_group: { name: 'sg' } })).security_group
      .id;
  });
  afterAll(() => bed.close());
  const rule = (more: object, token = member) =>
    bed.request(token, 'POST', '/v2.0/security-group-rules', {
      security_group_rule: { security_group_id: groupId, direction: 'ingress', ...more },
    });

  it('has a default group per project, made on demand and once', async () => {
    const lists = await Promise.all(
      Array.from({ length: 5 }, () => bed.ok('member:fresh', 'GET', '/v2.0/security-groups')),
    );
    for (const { security_groups: groups } of lists) expect(groups).toHaveLength(1);
    const [group] = lists[0].security_groups;
    expect(group).toMatchObject({
      name: 'default',
      description: 'default',
      stateful: true,
      shared: false,
    });
    expect(
      group.security_group_rules
        .map((one: Record<string, string>) => [one['direction'], one['ethertype'], one['remote_group_id'] === group.id])
        .sort(),
    ).toEqual([
      ['egress', 'IPv4', false],
      ['egress', 'IPv6', false],
      ['ingress', 'IPv4', true],
      ['ingress', 'IPv6', true],
    ]);
    const url = `/v2.0/security-groups/${group.id}`;
    expect((await bed.request('member:fresh', 'DELETE', url)).body.NeutronError.type).toBe(
      'SecurityGroupCannotRemoveDefault',
    );
    const renamed = await bed.request('member:fresh', 'PUT', url, { security_group: { name: 'x' } });
    expect(renamed.body.NeutronError.type).toBe('SecurityGroupCannotUpdateDefault');
    const second = await bed.request(member, 'POST', '/v2.0/security-groups', { security_group: { name: 'default' } });
    expect([second.status, second.body.NeutronError.type]).toEqual([409, 'SecurityGroupDefaultAlreadyExists']);
  });

  it('begins with the two rules that let everything out', async () => {
    const { security_group: group } = await bed.ok(member, 'GET', `/v2.0/security-groups/${groupId}`);
    expect(group.security_group_rules.map((one: { direction: string }) => one.direction)).toEqual(['egress', 'egress']);
    expect((await bed.request(stranger, 'GET', `/v2.0/security-groups/${groupId}`)).body.NeutronError.message).toBe(
      `Security group ${groupId} does not exist`,
    );
  });

  it('takes a rule once', async () => {
    const ssh = { protocol: 'tcp', port_range_min: 22, port_range_max: '22' };
    const { status, body } = await rule(ssh);
    expect(status).toBe(201);
    expect(body.security_group_rule).toMatchObject({
      ethertype: 'IPv4',
      protocol: 'tcp',
      port_range_min: 22,
      port_range_max: 22,
      remote_ip_prefix: null,
      remote_group_id: null,
      normalized_cidr: null,
      description: '',
      revision_number: 0,
    });
    const again = await rule({ ...ssh, protocol: 6, remote_ip_prefix: '0.0.0.0/0' });
    expect([again.status, again.body.NeutronError]).toEqual([
      409,
      {
        type: 'SecurityGroupRuleExists',
        message: `Security group rule already exists. Rule id is ${body.security_group_rule.id}.`,
        detail: '',
      },
    ]);
    const both = await Promise.all([1, 2, 3].map(() => rule({ protocol: 'udp' })));
    expect(both.map((one) => one.status).sort()).toEqual([201, 409, 409]);
    expect(
      (await bed.request(member, 'DELETE', `/v2.0/security-group-rules/${body.security_group_rule.id}`)).status,
    ).toBe(204);
    expect((await rule(ssh)).status).toBe(201);
  });

  it.each([
    [
      { direction: 'sideways' },
      400,
      'HTTPBadRequest',
      'Invalid input for direction. Reason: sideways is not in valid_values.',
    ],
    [{ protocol: 'nope' }, 400, 'SecurityGroupRuleInvalidProtocol', /protocol nope not supported/],
    [{ protocol: 300 }, 400, 'SecurityGroupRuleInvalidProtocol', /protocol 300 not supported/],
    [
      { port_range_min: 1, port_range_max: 2 },
      400,
      'SecurityGroupProtocolRequiredWithPorts',
      /Must also specify protocol/,
    ],
    [{ protocol: 'tcp', port_range_min: 9, port_range_max: 2 }, 400, 'SecurityGroupInvalidPortRange', /must be <=/],
    [{ protocol: 'tcp', port_range_min: 9 }, 400, 'SecurityGroupInvalidPortRange', /must be <=/],
    [{ protocol: 'tcp', port_range_min: 1, port_range_max: 65536 }, 400, 'SecurityGroupInvalidPortValue', /65536/],
    [
      { protocol: 'icmp', port_range_min: 256 },
      400,
      'SecurityGroupInvalidIcmpValue',
      /ICMP type \(port-range-min\) 256/,
    ],
    [
      { protocol: 'icmp', port_range_max: 0 },
      400,
      'SecurityGroupMissingIcmpType',
      /ICMP code \(port-range-max\) 0 is provided/,
    ],
    [{ remote_ip_prefix: '10.0.0.0/33' }, 400, 'HTTPBadRequest', /is not a valid IP subnet/],
    [{ remote_ip_prefix: '2001:db8::/64' }, 400, 'SecurityGroupRuleParameterConflict', /ethertype IPv4 for CIDR/],
    [
      { remote_group_id: '00000000-0000-4000-8000-000000000000' },
      404,
      'SecurityGroupNotFound',
      'Security group 00000000-0000-4000-8000-000000000000 does not exist',
    ],
  ])('refuses %j', async (more, status, type, message) => {
    const answer = await rule(more);
    expect([answer.status, answer.body.NeutronError.type]).toEqual([status, type]);
    expect(answer.body.NeutronError.message).toMatch(message);
  });

  it('takes ICMP types, networks and groups as remotes', async () => {
    expect((await rule({ protocol: 'icmp', port_range_min: 8, port_range_max: 0 })).status).toBe(201);
    const cidr = await rule({ remote_ip_prefix: '10.1.2.3/16' });
    expect(cidr.body.security_group_rule).toMatchObject({
      remote_ip_prefix: '10.1.2.3/16',
      normalized_cidr: '10.1.0.0/16',
    });
    expect((await rule({ remote_group_id: groupId })).status).toBe(201);
    expect((await rule({ remote_group_id: groupId, remote_ip_prefix: '10.0.0.0/8' })).body.NeutronError.type).toBe(
      'SecurityGroupRemoteGroupAndRemoteIpPrefix',
    );
    expect((await rule({ ethertype: 'ipv6', protocol: 'ipv6-icmp' })).body.security_group_rule.ethertype).toBe('IPv6');
    expect((await rule({}, stranger)).status).toBe(404);
  });

  it('is kept while ports have it, and takes rules along that name it', async () => {
    const { networkId } = await makeNetwork(bed, member);
    const { security_group: group } = await bed.ok(member, 'POST', '/v2.0/security-groups', {
      security_group: { name: 'x' },
    });
    await rule({ remote_group_id: group.id });
    const { port } = await bed.ok(member, 'POST', '/v2.0/ports', {
      port: { network_id: networkId, security_groups: [group.id] },
    });
    const url = `/v2.0/security-groups/${group.id}`;
    const used = await bed.request(member, 'DELETE', url);
    expect([used.status, used.body.NeutronError.message]).toEqual([409, `Security Group ${group.id} in use.`]);
    await bed.ok(member, 'DELETE', `/v2.0/ports/${port.id}`);
    expect((await bed.request(member, 'DELETE', url)).status).toBe(204);
    const left = await bed.ok(member, 'GET', `/v2.0/security-group-rules?remote_group_id=${group.id}`);
    expect(left.security_group_rules).toEqual([]);
  });

  it('tells agents the whole firewall of ports in few queries', async () => {
    const { networkId } = await makeNetwork(bed, admin, { cidr: '10.90.0.0/24' });
    const port = async (more: object = {}) =>
      (await bed.ok(admin, 'POST', '/v2.0/ports', { port: { network_id: networkId, ...more } })).port;
    const [a, b] = [await port(), await port({ allowed_address_pairs: [{ ip_address: '10.91.0.0/24' }] })];
    const ask = () => bed.services.handlers.securityGroups({ host: 'h', portIds: [a.id, b.id] }, {});
    const { result, queries } = await bed.counting(async () => ask());
    expect(queries).toHaveLength(6);
    const [group] = a.security_groups;
    expect(result.members).toEqual({ [group]: { IPv4: ['10.90.0.2', '10.90.0.3', '10.91.0.0/24'], IPv6: [] } });
    expect(result.ports.find((one) => one.portId === a.id)).toMatchObject({
      mac: a.mac_address,
      fixedIps: [{ ip: '10.90.0.2', prefixLength: 24 }],
      portSecurity: true,
      dhcpServers: [],
    });
    expect(result.ports[0]?.rules).toHaveLength(4);
  });
});
