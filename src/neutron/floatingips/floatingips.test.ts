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

describe('floating IPs', () => {
  let bed: Testbed;
  let external: string;
  let routerId: string;
  let subnetId: string;
  let portId: string;
  beforeEach(async () => {
    bed = await createTestbed();
    external = (await makeExternal(bed)).networkId;
    const inner = await makeNetwork(bed, member);
    subnetId = inner.subnetId;
    const gateway = { external_gateway_info: { network_id: external } };
    routerId = (await bed.ok(member, 'POST', '/v2.0/routers', { router: gateway })).router.id;
    await bed.ok(member, 'PUT', `/v2.0/routers/${routerId}/add_router_interface`, { subnet_id: subnetId });
    const vm = { network_id: inner.networkId, device_owner: 'compute:nova', device_id: 'vm1' };
    portId = (await bed.ok(member, 'POST', '/v2.0/ports', { port: vm })).port.id;
  });
  afterEach(() => bed.close());
  const create = (more: object = {}, token = member) =>
    bed.request(token, 'POST', '/v2.0/floatingips', { floatingip: { floating_network_id: external, ...more } });
  const put = (id: string, floatingip: object) => bed.request(member, 'PUT', `/v2.0/floatingips/${id}`, { floatingip });

  it('gets the next address of the pool, as the manual prints it', async () => {
    const answer = await create();
    expect([answer.status, answer.body]).toEqual([
      201,
      {
        floatingip: {
          id: expect.stringMatching(uuidPattern),
          floating_ip_address: '172.16.200.152',
          floating_network_id: external,
          router_id: null,
          port_id: null,
          fixed_ip_address: null,
          status: 'DOWN',
          tenant_id: 'demo',
          project_id: 'demo',
          description: '',
          tags: [],
          created_at: '2014-09-12T08:00:00Z',
          updated_at: '2014-09-12T08:00:00Z',
          revision_number: 0,
        },
      },
    ]);
    expect((await bed.request(stranger, 'GET', `/v2.0/floatingips/${answer.body.floatingip.id}`)).status).toBe(404);
  });

  it('stands for a server behind a router, and is freed with it', async () => {
    const { id } = (await create()).body.floatingip;
    const associated = await put(id, { port_id: portId });
    expect(associated.body.floatingip).toMatchObject({
      port_id: portId,
      fixed_ip_address: '10.77.0.2',
      router_id: routerId,
    });
    const second = await create({ port_id: portId });
    expect([second.status, second.body.NeutronError.type]).toEqual([409, 'FloatingIPPortAlreadyAssociated']);
    const { routers } = await (async () => {
      await bed.report({ agentType: 'L3 agent', host: 'net1', startup: true });
      return bed.services.handlers.routers({ host: 'net1', routerIds: [routerId] }, {});
    })();
    expect(routers[0]?.floatingIps).toEqual([{ id, floatingIp: '172.16.200.152', fixedIp: '10.77.0.2' }]);
    await bed.services.handlers.floatingIpStatus({ floatingIps: [{ id, status: 'ACTIVE' }] }, {});
    expect((await bed.ok(member, 'GET', `/v2.0/floatingips/${id}`)).floatingip.status).toBe('ACTIVE');

    const gateway = await bed.request(member, 'PUT', `/v2.0/routers/${routerId}`, {
      router: { external_gateway_info: null },
    });
    expect([gateway.status, gateway.body.NeutronError.message]).toEqual([
      409,
      `Gateway cannot be updated for router ${routerId}, since a gateway to external network ${external} is required by one or more floating IPs.`,
    ]);
    const inside = await bed.request(member, 'PUT', `/v2.0/routers/${routerId}/remove_router_interface`, {
      subnet_id: subnetId,
    });
    expect(inside.body.NeutronError.type).toBe('RouterInterfaceInUseByFloatingIP');

    await bed.ok(member, 'DELETE', `/v2.0/ports/${portId}`);
    expect((await bed.ok(member, 'GET', `/v2.0/floatingips/${id}`)).floatingip).toMatchObject({
      port_id: null,
      fixed_ip_address: null,
      router_id: null,
      status: 'DOWN',
    });
  });

  it('is disassociated, and gives its address back', async () => {
    const { id } = (await create({ port_id: portId })).body.floatingip;
    expect((await put(id, { port_id: null })).body.floatingip).toMatchObject({ port_id: null, router_id: null });
    expect((await bed.request(member, 'DELETE', `/v2.0/floatingips/${id}`)).status).toBe(204);
    expect((await create()).body.floatingip.floating_ip_address).toBe('172.16.200.152');
  });

  it('has a chosen address for administrators only', async () => {
    const chosen = { floating_ip_address: '172.16.200.175' };
    expect((await create(chosen)).status).toBe(403);
    expect((await create(chosen, admin)).body.floatingip.floating_ip_address).toBe('172.16.200.175');
    expect((await create(chosen, admin)).status).toBe(409);
  });

  it('refuses what leads nowhere', async () => {
    const { networkId, subnetId: lonely } = await makeNetwork(bed, member, { cidr: '10.99.0.0/24' });
    expect((await create({ floating_network_id: networkId })).body.NeutronError.message).toBe(
      `Bad floatingip request: Network ${networkId} is not a valid external network.`,
    );
    const { port } = await bed.ok(member, 'POST', '/v2.0/ports', { port: { network_id: networkId } });
    const nowhere = await create({ port_id: port.id });
    expect([nowhere.status, nowhere.body.NeutronError.message]).toEqual([
      404,
      `External network ${external} is not reachable from subnet ${lonely}.  Therefore, cannot associate Port ${port.id} with a Floating IP.`,
    ]);
    const wrong = await create({ port_id: portId, fixed_ip_address: '10.77.0.99' });
    expect(wrong.body.NeutronError.message).toBe(
      `Bad floatingip request: Port ${portId} does not have fixed ip 10.77.0.99.`,
    );
    expect((await create({ port_id: portId }, stranger)).status).toBe(404);
    expect((await bed.ok(admin, 'GET', '/v2.0/floatingips')).floatingips).toEqual([]);
  });
});
