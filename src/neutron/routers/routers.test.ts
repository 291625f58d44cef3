import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  admin,
  createTestbed,
  makeExternal,
  makeNetwork,
  member,
  stranger,
  uuidPattern,
  type Testbed,
} from '../testing/testbed.ts';

describe('routers', () => {
  let bed: Testbed;
  let routerId: string;
  beforeEach(async () => {
    bed = await createTestbed();
    routerId = (await bed.ok(member, 'POST', '/v2.0/routers', { router: { name: 'r' } })).router.id;
  });
  afterEach(() => bed.close());
  const wire = (verb: 'add' | 'remove', body: object, token = member) =>
    bed.request(token, 'PUT', `/v2.0/routers/${routerId}/${verb}_router_interface`, body);
  const put = (router: object, token = member) => bed.request(token, 'PUT', `/v2.0/routers/${routerId}`, { router });

  it('answers as Neutron does', async () => {
    const answer = await bed.request(admin, 'POST', '/v2.0/routers', { router: { name: 'r' } });
    expect([answer.status, answer.body]).toEqual([
      201,
      {
        router: {
          id: expect.stringMatching(uuidPattern),
          name: 'r',
          tenant_id: 'admin-project',
          project_id: 'admin-project',
          admin_state_up: true,
          status: 'ACTIVE',
          external_gateway_info: null,
          description: '',
          availability_zones: [],
          distributed: false,
          ha: false,
          availability_zone_hints: [],
          routes: [],
          flavor_id: null,
          tags: [],
          created_at: '2014-09-12T08:00:00Z',
          updated_at: '2014-09-12T08:00:00Z',
          revision_number: 1,
        },
      },
    ]);
  });

  it('stands at the gateway address of a subnet, and only once', async () => {
    const { networkId, subnetId } = await makeNetwork(bed, member);
    const added = await wire('add', { subnet_id: subnetId });
    expect([added.status, added.body]).toEqual([
      200,
      {
        id: routerId,
        tenant_id: 'demo',
        port_id: expect.stringMatching(uuidPattern),
        network_id: networkId,
        subnet_id: subnetId,
        subnet_ids: [subnetId],
      },
    ]);
    const { port } = await bed.ok(member, 'GET', `/v2.0/ports/${added.body.port_id}`);
    expect(port).toMatchObject({
      device_owner: 'network:router_interface',
      device_id: routerId,
      fixed_ips: [{ ip_address: '10.77.0.1' }],
      security_groups: [],
      port_security_enabled: false,
    });
    expect((await wire('add', { subnet_id: subnetId })).body.NeutronError).toMatchObject({
      type: 'BadRequest',
      message: `Bad router request: Router already has a port on subnet ${subnetId}.`,
    });
    const { subnetId: same } = await makeNetwork(bed, member, { cidr: '10.77.0.128/25' });
    expect((await wire('add', { subnet_id: same })).body.NeutronError.message).toMatch(
      /^Bad router request: Cidr 10.77.0.128\/25 of subnet .* overlaps with cidr 10.77.0.0\/24 of subnet /,
    );
    const direct = await bed.request(member, 'DELETE', `/v2.0/ports/${added.body.port_id}`);
    expect([direct.status, direct.body.NeutronError.type]).toEqual([409, 'ServicePortInUse']);
    const used = await bed.request(member, 'DELETE', `/v2.0/routers/${routerId}`);
    expect([used.status, used.body.NeutronError]).toEqual([
      409,
      {
        type: 'RouterInUse',
        message: `Router ${routerId} has ports still attached: ${added.body.port_id}`,
        detail: '',
      },
    ]);
    expect((await wire('remove', { subnet_id: subnetId })).body.port_id).toBe(added.body.port_id);
    expect((await wire('remove', { subnet_id: subnetId })).status).toBe(404);
    expect((await bed.request(member, 'DELETE', `/v2.0/routers/${routerId}`)).status).toBe(204);
  });

  it('takes a port as interface', async () => {
    const { networkId } = await makeNetwork(bed, member);
    const { port } = await bed.ok(member, 'POST', '/v2.0/ports', { port: { network_id: networkId } });
    expect((await wire('add', { port_id: port.id })).body.port_id).toBe(port.id);
    expect((await wire('add', { port_id: port.id })).body.NeutronError.type).toBe('PortInUse');
    expect((await wire('remove', { port_id: port.id })).status).toBe(200);
    expect((await bed.request(member, 'GET', `/v2.0/ports/${port.id}`)).status).toBe(404);
  });

  it.each([
    [{}, 400, 'Bad router request: Either subnet_id or port_id must be specified.'],
    [
      { subnet_id: '00000000-0000-4000-8000-000000000000', port_id: '00000000-0000-4000-8000-000000000000' },
      400,
      'Bad router request: Cannot specify both subnet-id and port-id.',
    ],
    [
      { subnet_id: '00000000-0000-4000-8000-000000000000' },
      404,
      'Subnet 00000000-0000-4000-8000-000000000000 could not be found.',
    ],
  ])('refuses the interface %j', async (body, status, message) => {
    const answer = await wire('add', body);
    expect([answer.status, answer.body.NeutronError.message]).toEqual([status, message]);
  });

  it("cannot be wired to a stranger's subnet, nor by a stranger", async () => {
    const { subnetId } = await makeNetwork(bed, stranger, { cidr: '10.78.0.0/24' });
    expect((await wire('add', { subnet_id: subnetId })).status).toBe(404);
    expect((await wire('add', { subnet_id: subnetId }, stranger)).status).toBe(404);
  });

  it('gets the first address of the external pool, invisible to its project', async () => {
    const { networkId, subnetId } = await makeExternal(bed);
    const set = await put({ external_gateway_info: { network_id: networkId } });
    expect(set.body.router.external_gateway_info).toEqual({
      network_id: networkId,
      enable_snat: true,
      external_fixed_ips: [{ subnet_id: subnetId, ip_address: '172.16.200.151' }],
    });
    expect((await bed.ok(member, 'GET', '/v2.0/ports')).ports).toEqual([]);
    const { ports } = await bed.ok(admin, 'GET', '/v2.0/ports?device_owner=network:router_gateway');
    expect(ports).toMatchObject([{ tenant_id: '', device_id: routerId }]);
    const refused = await put({ external_gateway_info: { network_id: networkId, enable_snat: false } });
    expect([refused.status, refused.body.NeutronError.type]).toEqual([403, 'PolicyNotAuthorized']);
    const off = await put({ external_gateway_info: { network_id: networkId, enable_snat: false } }, admin);
    expect(off.body.router.external_gateway_info).toMatchObject({
      enable_snat: false,
      external_fixed_ips: [{ ip_address: '172.16.200.151' }],
    });
    const moved = await put(
      { external_gateway_info: { network_id: networkId, external_fixed_ips: [{ ip_address: '172.16.200.170' }] } },
      admin,
    );
    expect(moved.body.router.external_gateway_info.external_fixed_ips[0].ip_address).toBe('172.16.200.170');
    expect((await put({ external_gateway_info: {} })).body.router.external_gateway_info).toBeNull();
    expect((await bed.ok(admin, 'GET', '/v2.0/ports')).ports).toEqual([]);
    const { networkId: inner } = await makeNetwork(bed, member);
    expect((await put({ external_gateway_info: { network_id: inner } })).body.NeutronError.message).toBe(
      `Bad router request: Network ${inner} is not an external network.`,
    );
  });

  it('takes extra routes to its neighbours only', async () => {
    const { subnetId } = await makeNetwork(bed, member);
    await wire('add', { subnet_id: subnetId });
    const routes = (nexthop: string) => put({ routes: [{ destination: '192.168.0.0/24', nexthop }] });
    expect((await routes('10.77.0.5')).body.router.routes).toHaveLength(1);
    expect((await routes('10.1.0.5')).body.NeutronError.message).toBe(
      "Invalid format for routes: [{'destination': '192.168.0.0/24', 'nexthop': '10.1.0.5'}], the nexthop is not connected with router",
    );
    expect((await routes('10.77.0.1')).body.NeutronError.message).toMatch(/the nexthop is used by router$/);
    expect((await wire('remove', { subnet_id: subnetId })).body.NeutronError.type).toBe('RouterInterfaceInUseByRoute');
    expect((await put({ routes: null })).body.router.routes).toEqual([]);
  });

  it('is scheduled to a living L3 agent that is then told', async () => {
    await bed.report({ agentType: 'L3 agent', host: 'network1' });
    await bed.report({ agentType: 'Open vSwitch agent', host: 'network1', configurations: { tunnel_types: ['gre'] } });
    const { subnetId } = await makeNetwork(bed, member);
    bed.hints.length = 0;
    await wire('add', { subnet_id: subnetId });
    await bed.settled();
    await bed.settled();
    expect(bed.hints).toContainEqual(['routersChanged', { routerIds: [routerId] }]);
    const { agents } = await bed.ok(admin, 'GET', `/v2.0/routers/${routerId}/l3-agents`);
    expect(agents).toMatchObject([{ host: 'network1', alive: true }]);
    expect((await bed.ok(admin, 'GET', `/v2.0/agents/${agents[0].id}/l3-routers`)).routers).toMatchObject([
      { id: routerId, availability_zones: ['nova'] },
    ]);
    const { routers } = await bed.services.handlers.routers({ host: 'network1' }, {});
    expect(routers).toMatchObject([
      {
        id: routerId,
        gatewayPort: null,
        interfaces: [
          {
            mtu: 1454,
            fixedIps: [{ ip: '10.77.0.1', prefixLength: 24 }],
            subnets: [{ id: subnetId, cidr: '10.77.0.0/24', gatewayIp: '10.77.0.1' }],
          },
        ],
      },
    ]);
    const { ports } = await bed.ok(admin, 'GET', `/v2.0/ports?device_id=${routerId}`);
    expect(ports).toMatchObject([{ 'binding:host_id': 'network1', 'binding:vif_type': 'ovs' }]);
    expect((await bed.services.handlers.routers({ host: 'other' }, {})).routers).toEqual([]);
  });
});
