import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const fault = (type: string, message: string) => ({ NeutronError: { type, message, detail: '' } });

describe('networks', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await createTestbed();
  });
  afterAll(() => bed.close());

  it('is made with the lowest free segment, and answers as Neutron does', async () => {
    const answer = await bed.request(admin, 'POST', '/v2.0/networks', { network: { name: 'ref-n' } });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      network: {
        id: expect.stringMatching(uuidPattern),
        name: 'ref-n',
        tenant_id: 'admin-project',
        project_id: 'admin-project',
        admin_state_up: true,
        mtu: 1454,
        status: 'ACTIVE',
        subnets: [],
        shared: false,
        port_security_enabled: true,
        'router:external': false,
        'provider:network_type': 'gre',
        'provider:physical_network': null,
        'provider:segmentation_id': 1,
        availability_zone_hints: [],
        availability_zones: [],
        ipv4_address_scope: null,
        ipv6_address_scope: null,
        description: '',
        tags: [],
        created_at: '2014-09-12T08:00:00Z',
        updated_at: '2014-09-12T08:00:00Z',
        revision_number: 1,
      },
    });
    await bed.ok(admin, 'DELETE', `/v2.0/networks/${answer.body.network.id}`);
    const again = await bed.ok(admin, 'POST', '/v2.0/networks', { network: {} });
    expect(again.network['provider:segmentation_id']).toBe(1);
  });

  it('hides provider attributes from users, and refuses them', async () => {
    const { network } = await bed.ok(member, 'POST', '/v2.0/networks', { network: { name: 'mine' } });
    expect(Object.keys(network).filter((name) => name.startsWith('provider:'))).toEqual([]);
    const refused = await bed.request(member, 'POST', '/v2.0/networks', {
      network: { 'provider:network_type': 'vlan' },
    });
    expect([refused.status, refused.body]).toEqual([
      403,
      fault(
        'PolicyNotAuthorized',
        '(rule:create_network and rule:create_network:provider:network_type) is disallowed by policy',
      ),
    ]);
    expect((await bed.request(member, 'POST', '/v2.0/networks', { network: { shared: true } })).status).toBe(403);
  });

  it.each([
    [{ net: {} }, "Unable to find 'network' in request body"],
    [undefined, 'Resource body required'],
    [{ network: { nosuch: 1, other: 2 } }, "Unrecognized attribute(s) 'nosuch, other'"],
    [{ network: { status: 'DOWN' } }, "Attribute 'status' not allowed in POST"],
    [{ network: { name: 5 } }, "Invalid input for name. Reason: '5' is not a valid string."],
    [
      { network: { tenant_id: 'other' } },
      "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request requires admin privileges",
    ],
    [{ networks: [] }, 'Resources required'],
  ])('answers 400 for %j', async (body, message) => {
    const answer = await bed.request(member, 'POST', '/v2.0/networks', body);
    expect([answer.status, answer.body]).toEqual([400, fault('HTTPBadRequest', message)]);
  });

  it('takes provider networks, and refuses wrong or taken ones', async () => {
    const vlan = (more: object) =>
      bed.request(admin, 'POST', '/v2.0/networks', { network: { 'provider:network_type': 'vlan', ...more } });
    const physical = { 'provider:physical_network': 'physnet1' };
    const made = await vlan(physical);
    expect(made.body.network).toMatchObject({ 'provider:segmentation_id': 100, mtu: 1500 });
    const outside = await vlan({ ...physical, 'provider:segmentation_id': 3000 });
    expect(outside.body.network['provider:segmentation_id']).toBe(3000);
    const taken = await vlan({ ...physical, 'provider:segmentation_id': 3000 });
    expect([taken.status, taken.body.NeutronError.type]).toEqual([409, 'VlanIdInUse']);
    const unknown = await vlan({ 'provider:physical_network': 'nowhere' });
    expect(unknown.body.NeutronError.message).toBe(
      "Invalid input for operation: physical_network 'nowhere' unknown for VLAN provider network.",
    );
    const flat = { network: { 'provider:network_type': 'flat', ...physical } };
    expect((await bed.request(admin, 'POST', '/v2.0/networks', flat)).status).toBe(201);
    expect((await bed.request(admin, 'POST', '/v2.0/networks', flat)).body.NeutronError.type).toBe('FlatNetworkInUse');
  });

  it('shows others only what is shared or external, and lets them change nothing', async () => {
    const { network: own } = await bed.ok(member, 'POST', '/v2.0/networks', { network: { name: 'private' } });
    const { network: shared } = await bed.ok(admin, 'POST', '/v2.0/networks', { network: { shared: true } });
    const { networkId: external } = await makeExternal(bed);
    const seen = (await bed.ok(stranger, 'GET', '/v2.0/networks')).networks.map((one: { id: string }) => one.id);
    expect(seen.sort()).toEqual([shared.id, external].sort());
    const missing = await bed.request(stranger, 'GET', `/v2.0/networks/${own.id}`);
    expect([missing.status, missing.body]).toEqual([
      404,
      fault('NetworkNotFound', `Network ${own.id} could not be found.`),
    ]);
    expect((await bed.request(stranger, 'DELETE', `/v2.0/networks/${own.id}`)).status).toBe(404);
    const update = await bed.request(stranger, 'PUT', `/v2.0/networks/${shared.id}`, { network: { name: 'x' } });
    expect(update.status).toBe(403);
    expect((await bed.request('member:none', 'GET', '/v2.0/networks')).body.networks).toHaveLength(2);
  });

  it('is updated, counts revisions, and honours If-Match', async () => {
    const { network } = await bed.ok(member, 'POST', '/v2.0/networks', { network: {} });
    const url = `/v2.0/networks/${network.id}`;
    const updated = await bed.ok(member, 'PUT', url, { network: { name: 'new', admin_state_up: 'False' } });
    expect(updated.network).toMatchObject({ name: 'new', admin_state_up: false, revision_number: 2 });
    const readOnly = await bed.request(member, 'PUT', url, { network: { status: 'DOWN' } });
    expect(readOnly.body).toEqual(fault('HTTPBadRequest', 'Cannot update read-only attribute status'));
    const stale = await bed.app.fastify.inject({
      method: 'PUT',
      url,
      headers: { 'x-auth-token': member, 'if-match': 'revision_number=1', 'content-type': 'application/json' },
      payload: '{"network":{"name":"late"}}',
    });
    expect(stale.statusCode).toBe(412);
  });

  it('cannot be deleted while ports are on it', async () => {
    const { networkId } = await makeNetwork(bed, member);
    const { port } = await bed.ok(member, 'POST', '/v2.0/ports', { port: { network_id: networkId } });
    const answer = await bed.request(member, 'DELETE', `/v2.0/networks/${networkId}`);
    expect([answer.status, answer.body]).toEqual([
      409,
      fault(
        'NetworkInUse',
        `Unable to complete operation on network ${networkId}. There are one or more ports still in use on the network, id for these ports is: ${port.id}.`,
      ),
    ]);
    await bed.ok(member, 'DELETE', `/v2.0/ports/${port.id}`);
    expect((await bed.request(member, 'DELETE', `/v2.0/networks/${networkId}`)).status).toBe(204);
  });

  it('cannot stop being shared or external while others use it', async () => {
    const { networkId } = await makeNetwork(bed, admin, { cidr: '10.8.0.0/24', network: { shared: true } });
    await bed.ok(member, 'POST', '/v2.0/ports', { port: { network_id: networkId } });
    const answer = await bed.request(admin, 'PUT', `/v2.0/networks/${networkId}`, { network: { shared: false } });
    expect([answer.status, answer.body.NeutronError.type]).toEqual([409, 'InvalidSharedSetting']);
  });

  it('is made in bulk, all or none', async () => {
    const before = (await bed.ok(admin, 'GET', '/v2.0/networks?name=bulk')).networks.length;
    const made = await bed.ok(member, 'POST', '/v2.0/networks', { networks: [{ name: 'bulk' }, { name: 'bulk' }] });
    expect(made.networks.map((one: { name: string }) => one.name)).toEqual(['bulk', 'bulk']);
    const vlan = { name: 'bulk', 'provider:network_type': 'vlan', 'provider:physical_network': 'physnet2' };
    const failed = await bed.request(admin, 'POST', '/v2.0/networks', {
      networks: [
        { ...vlan, 'provider:segmentation_id': 7 },
        { ...vlan, 'provider:segmentation_id': 7 },
      ],
    });
    expect(failed.status).toBe(409);
    expect((await bed.ok(admin, 'GET', '/v2.0/networks?name=bulk')).networks).toHaveLength(before + 2);
  });

  it('is announced on the bus', async () => {
    const { network } = await bed.ok(member, 'POST', '/v2.0/networks', { network: { name: 'told' } });
    await bed.settled();
    expect(bed.notifications.at(-1)).toMatchObject({
      eventType: 'network.create.end',
      publisherId: 'network.controller',
      projectId: 'demo',
      payload: { network: { id: network.id } },
    });
  });
});
