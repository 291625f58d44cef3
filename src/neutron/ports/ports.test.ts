import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, createTestbed, makeNetwork, member, stranger, uuidPattern, type Testbed } from '../testing/testbed.ts';

const ovs = (host: string, configurations: object = { tunnel_types: ['gre'], bridge_mappings: {} }) =>
  ({ agentType: 'Open vSwitch agent', host, configurations: configurations as Record<string, unknown> }) as const;

describe('ports', () => {
  let bed: Testbed;
  let networkId: string;
  let subnetId: string;
  beforeAll(async () => {
    bed = await createTestbed();
    ({ networkId, subnetId } = await makeNetwork(bed, member));
  });
  afterAll(() => bed.close());
  const create = (port: object = {}, token = member) =>
    bed.request(token, 'POST', '/v2.0/ports', { port: { network_id: networkId, ...port } });
  const made = async (port: object = {}, token = member) => {
    const answer = await create(port, token);
    expect(answer.body).toHaveProperty('port');
    return answer.body.port;
  };
  const faultOf = async (port: object, token = member) => {
    const { status, body } = await create(port, token);
    return [status, body.NeutronError?.type];
  };

  it('gets the lowest free address and the default group, and answers as Neutron does', async () => {
    const { body, status } = await create({ name: 'p' }, admin);
    expect(status).toBe(201);
    const { security_groups: groups } = await bed.ok(admin, 'GET', '/v2.0/security-groups?project_id=admin-project');
    expect(body).toEqual({
      port: {
        id: expect.stringMatching(uuidPattern),
        name: 'p',
        network_id: networkId,
        tenant_id: 'admin-project',
        project_id: 'admin-project',
        mac_address: expect.stringMatching(/^fa:16:3e(:[0-9a-f]{2}){3}$/),
        admin_state_up: true,
        status: 'DOWN',
        device_id: '',
        device_owner: '',
        fixed_ips: [{ subnet_id: subnetId, ip_address: '10.77.0.2' }],
        port_security_enabled: true,
        security_groups: [groups[0].id],
        'binding:vnic_type': 'normal',
        'binding:profile': {},
        'binding:host_id': '',
        'binding:vif_type': 'unbound',
        'binding:vif_details': {},
        allowed_address_pairs: [],
        extra_dhcp_opts: [],
        description: '',
        tags: [],
        created_at: '2014-09-12T08:00:00Z',
        updated_at: '2014-09-12T08:00:00Z',
        revision_number: 1,
      },
    });
    await bed.ok(admin, 'DELETE', `/v2.0/ports/${body.port.id}`);
  });

  it('hides the binding from users and refuses them to set it', async () => {
    const port = await made();
    expect(Object.keys(port).filter((name) => name.startsWith('binding:'))).toEqual(['binding:vnic_type']);
    expect(await faultOf({ 'binding:host_id': 'compute1' })).toEqual([403, 'PolicyNotAuthorized']);
    expect((await bed.request(stranger, 'GET', `/v2.0/ports/${port.id}`)).body.NeutronError.message).toBe(
      `Port ${port.id} could not be found.`,
    );
    expect((await bed.ok(stranger, 'GET', '/v2.0/ports')).ports).toEqual([]);
  });

  it('takes named addresses, and refuses foreign or taken ones', async () => {
    const port = await made({ fixed_ips: [{ ip_address: '10.77.0.100' }] });
    expect(port.fixed_ips).toEqual([{ subnet_id: subnetId, ip_address: '10.77.0.100' }]);
    expect(await faultOf({ fixed_ips: [{ ip_address: '10.77.0.100' }] })).toEqual([409, 'IpAddressInUse']);
    expect(await faultOf({ fixed_ips: [{ ip_address: '10.99.0.1' }] })).toEqual([400, 'InvalidIpForNetwork']);
    expect(await faultOf({ fixed_ips: [{ ip_address: '10.77.0.255' }] })).toEqual([400, 'InvalidIpForSubnet']);
    expect(await faultOf({ fixed_ips: [{ subnet_id: networkId }] })).toEqual([400, 'InvalidInput']);
    expect(await faultOf({ fixed_ips: [{}] })).toEqual([400, 'InvalidInput']);
    expect(await faultOf({ fixed_ips: [{ ip_address: 'x' }] })).toEqual([400, 'HTTPBadRequest']);
    const gateway = await made({ fixed_ips: [{ ip_address: '10.77.0.1' }] });
    expect(gateway.fixed_ips[0].ip_address).toBe('10.77.0.1');
    const none = await made({ fixed_ips: [] });
    expect([none.fixed_ips, none.security_groups]).toEqual([[], []]);
  });

  it('refuses a MAC address that is taken, and generates others', async () => {
    const { networkId: shared } = await makeNetwork(bed, admin, { cidr: '10.70.0.0/24', network: { shared: true } });
    const mac_address = 'fa:16:3e:00:00:01';
    await made({ mac_address });
    expect(await faultOf({ mac_address: 'FA:16:3E:00:00:01' })).toEqual([409, 'MacAddressInUse']);
    expect(await faultOf({ network_id: shared, mac_address })).toEqual([403, 'PolicyNotAuthorized']);
    expect(await faultOf({ network_id: shared, device_owner: 'network:dhcp' })).toEqual([403, 'PolicyNotAuthorized']);
    expect(await faultOf({ mac_address: 'nope' })).toEqual([400, 'HTTPBadRequest']);
  });

  it('keeps the rules of port security', async () => {
    const { security_groups: groups } = await bed.ok(member, 'GET', '/v2.0/security-groups');
    const { security_groups: foreign } = await bed.ok(stranger, 'GET', '/v2.0/security-groups');
    expect(await faultOf({ security_groups: [foreign[0].id] })).toEqual([404, 'SecurityGroupNotFound']);
    expect(await faultOf({ port_security_enabled: false, security_groups: [groups[0].id] })).toEqual([
      400,
      'PortSecurityAndIPRequiredForSecurityGroups',
    ]);
    const pair = { ip_address: '10.77.0.0/28' };
    expect(await faultOf({ port_security_enabled: false, allowed_address_pairs: [pair] })).toEqual([
      409,
      'AddressPairAndPortSecurityRequired',
    ]);
    expect(await faultOf({ allowed_address_pairs: [pair, pair] })).toEqual([400, 'DuplicateAddressPairInRequest']);
    const port = await made({ allowed_address_pairs: [pair] });
    expect(port.allowed_address_pairs).toEqual([{ mac_address: port.mac_address, ip_address: '10.77.0.0/28' }]);
    const off = { port: { port_security_enabled: false } };
    const refused = await bed.request(member, 'PUT', `/v2.0/ports/${port.id}`, off);
    expect(refused.body.NeutronError.type).toBe('PortSecurityPortHasSecurityGroup');
    const cleared = await bed.ok(member, 'PUT', `/v2.0/ports/${port.id}`, {
      port: { port_security_enabled: false, security_groups: [], allowed_address_pairs: [] },
    });
    expect(cleared.port).toMatchObject({ port_security_enabled: false, security_groups: [] });
  });

  it('changes its addresses: what stays is kept, what goes is free again', async () => {
    const port = await made({ fixed_ips: [{ ip_address: '10.77.0.120' }] });
    const put = (changes: object) => bed.request(member, 'PUT', `/v2.0/ports/${port.id}`, { port: changes });
    const two = await put({ fixed_ips: [{ ip_address: '10.77.0.120' }, { ip_address: '10.77.0.121' }] });
    expect(two.body.port.fixed_ips.map((ip: { ip_address: string }) => ip.ip_address)).toEqual([
      '10.77.0.120',
      '10.77.0.121',
    ]);
    const one = await put({ fixed_ips: [{ ip_address: '10.77.0.121' }] });
    expect(one.body.port.fixed_ips).toHaveLength(1);
    await made({ fixed_ips: [{ ip_address: '10.77.0.120' }] });
    expect((await put({ fixed_ips: [{ ip_address: '10.77.0.120' }] })).status).toBe(409);
    expect((await put({ nosuch: 1 })).body.NeutronError.message).toBe("Unrecognized attribute(s) 'nosuch'");
    expect((await put({ network_id: networkId })).body.NeutronError.message).toBe(
      'Cannot update read-only attribute network_id',
    );
  });

  it('merges extra DHCP options by their names', async () => {
    const port = await made({ extra_dhcp_opts: [{ opt_name: 'mtu', opt_value: '1400' }] });
    const put = (extra_dhcp_opts: object[]) =>
      bed.ok(member, 'PUT', `/v2.0/ports/${port.id}`, { port: { extra_dhcp_opts } });
    await put([{ opt_name: 'bootfile-name', opt_value: 'x' }]);
    const left = await put([{ opt_name: 'mtu', opt_value: null }]);
    expect(left.port.extra_dhcp_opts).toEqual([{ opt_name: 'bootfile-name', opt_value: 'x', ip_version: 4 }]);
  });

  it('binds where the host has a living agent that reaches the network', async () => {
    await bed.report(ovs('compute1'));
    await bed.report(ovs('compute2', { tunnel_types: [], bridge_mappings: {} }));
    const port = await made({ 'binding:host_id': 'compute1', device_owner: 'compute:nova', device_id: 'vm1' }, admin);
    expect(port).toMatchObject({
      'binding:vif_type': 'ovs',
      'binding:vif_details': { port_filter: true, ovs_hybrid_plug: true },
      status: 'DOWN',
    });
    const move = async (host: string | null) =>
      (await bed.ok(admin, 'PUT', `/v2.0/ports/${port.id}`, { port: { 'binding:host_id': host } })).port;
    expect(await move('compute2')).toMatchObject({ 'binding:vif_type': 'binding_failed' });
    expect(await move(null)).toMatchObject({ 'binding:vif_type': 'unbound', 'binding:host_id': '' });
    bed.clock.advance(100);
    expect(await move('compute1')).toMatchObject({ 'binding:vif_type': 'binding_failed' });
    await bed.report(ovs('compute1'));
    const { devices } = await bed.services.handlers.deviceDetails({ host: 'compute1', portIds: [port.id, 'gone'] }, {});
    expect(devices).toHaveLength(1);
    expect((await bed.ok(admin, 'GET', `/v2.0/ports/${port.id}`)).port['binding:vif_type']).toBe('ovs');
  });

  it('answers filters, fields, order and pages', async () => {
    const { networkId: net } = await makeNetwork(bed, member, { cidr: '10.60.0.0/24' });
    const ports = await bed.ok(member, 'POST', '/v2.0/ports', {
      ports: ['b', 'a', 'c', 'a'].map((name, i) => ({ network_id: net, name, device_id: `d${i}` })),
    });
    const names = async (query: string) =>
      (await bed.ok(member, 'GET', `/v2.0/ports?network_id=${net}&${query}`)).ports.map(
        (port: { name: string }) => port.name,
      );
    expect(await names('sort_key=name&sort_dir=desc')).toEqual(['c', 'b', 'a', 'a']);
    expect(await names('name=a&name=b&sort_key=name')).toEqual(['a', 'a', 'b']);
    expect(await names('device_id=d2')).toEqual(['c']);
    expect(await names('fixed_ips=ip_address%3D10.60.0.2')).toEqual(['b']);
    expect(await names('fixed_ips=ip_address=10.60.0.99')).toEqual([]);
    expect(await names('admin_state_up=False')).toEqual([]);
    expect(await names('admin_state_up=true')).toHaveLength(4);
    expect(await names(`security_groups=${ports.ports[0].security_groups[0]}`)).toHaveLength(4);
    const only = await bed.ok(member, 'GET', `/v2.0/ports.json?network_id=${net}&fields=id&fields=name&limit=1`);
    expect(Object.keys(only.ports[0]).sort()).toEqual(['id', 'name']);

    const page = await bed.ok(member, 'GET', `/v2.0/ports?network_id=${net}&sort_key=name&limit=3`);
    const [next, previous] = page.ports_links;
    expect([next.rel, previous.rel]).toEqual(['next', 'previous']);
    const rest = await bed.ok(member, 'GET', new URL(next.href).pathname + new URL(next.href).search);
    expect(rest.ports.map((port: { name: string }) => port.name)).toEqual(['c']);
    const back = new URL(rest.ports_links[0].href);
    expect(back.searchParams.get('page_reverse')).toBe('True');
    const first = await bed.ok(member, 'GET', back.pathname + back.search);
    expect(first.ports.map((port: { name: string }) => port.name)).toEqual(['a', 'a', 'b']);

    const bad = async (query: string) => (await bed.request(member, 'GET', `/v2.0/ports?${query}`)).body.NeutronError;
    expect(await bad('nosuch=1')).toMatchObject({ message: "['nosuch'] is invalid attribute for filtering" });
    expect(await bad('sort_key=nosuch')).toMatchObject({ message: "['nosuch'] is invalid attribute for sort key" });
    expect(await bad('limit=x')).toMatchObject({ type: 'BadRequest' });
    expect(await bad('marker=00000000-0000-4000-8000-000000000000')).toMatchObject({ type: 'PortNotFound' });
  });

  it('asks a bounded number of queries, however many ports', async () => {
    const { networkId: net } = await makeNetwork(bed, member, { cidr: '10.61.0.0/16' });
    const bulk = (n: number) =>
      bed.ok(member, 'POST', '/v2.0/ports', { ports: Array.from({ length: n }, () => ({ network_id: net })) });
    await bulk(3);
    const few = await bed.counting(() => bed.ok(member, 'GET', `/v2.0/ports?network_id=${net}`));
    await bulk(100);
    const many = await bed.counting(() => bed.ok(member, 'GET', `/v2.0/ports?network_id=${net}`));
    expect(many.result.ports).toHaveLength(103);
    expect([few.queries.length, many.queries.length]).toEqual([3, 3]);
    const create1 = await bed.counting(() => bed.ok(member, 'POST', '/v2.0/ports', { port: { network_id: net } }));
    expect(create1.queries.length).toBeLessThanOrEqual(14);
  });

  it('tells agents and Nova', async () => {
    await bed.report(ovs('compute1'));
    const port = await made({ 'binding:host_id': 'compute1', device_owner: 'compute:nova', device_id: 'vm7' }, admin);
    await bed.settled();
    bed.hints.length = 0;
    const before = bed.novaPokes();
    await bed.services.handlers.devicesUp({ host: 'elsewhere', portIds: [port.id] }, {});
    expect((await bed.ok(admin, 'GET', `/v2.0/ports/${port.id}`)).port.status).toBe('DOWN');
    await bed.services.handlers.devicesUp({ host: 'compute1', portIds: [port.id] }, {});
    await bed.services.handlers.devicesUp({ host: 'compute1', portIds: [port.id] }, {});
    expect((await bed.ok(admin, 'GET', `/v2.0/ports/${port.id}`)).port.status).toBe('ACTIVE');
    await bed.settled();
    expect(bed.novaPokes()).toBe(before + 1);
    await bed.ok(admin, 'DELETE', `/v2.0/ports/${port.id}`);
    await bed.settled();
    expect(bed.hints).toContainEqual(['portsDeleted', { portIds: [port.id] }]);
    expect(bed.hints).toContainEqual(['networksChanged', { networkIds: [networkId] }]);
  });
});
