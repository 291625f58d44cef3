import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, createTestbed, makeNetwork, member, stranger, uuidPattern, type Testbed } from '../testing/testbed.ts';

describe('subnets', () => {
  let bed: Testbed;
  let networkId: string;
  beforeAll(async () => {
    bed = await createTestbed();
    networkId = (await bed.ok(member, 'POST', '/v2.0/networks', { network: {} })).network.id;
  });
  afterAll(() => bed.close());
  const create = (subnet: object, token = member) =>
    bed.request(token, 'POST', '/v2.0/subnets', { subnet: { network_id: networkId, ip_version: 4, ...subnet } });

  it('has gateway and pool by default, and answers as Neutron does', async () => {
    const answer = await create({ cidr: '10.77.0.9/24' });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      subnet: {
        id: expect.stringMatching(uuidPattern),
        name: '',
        tenant_id: 'demo',
        project_id: 'demo',
        network_id: networkId,
        ip_version: 4,
        subnetpool_id: null,
        enable_dhcp: true,
        ipv6_ra_mode: null,
        ipv6_address_mode: null,
        gateway_ip: '10.77.0.1',
        cidr: '10.77.0.0/24',
        allocation_pools: [{ start: '10.77.0.2', end: '10.77.0.254' }],
        host_routes: [],
        dns_nameservers: [],
        description: '',
        service_types: [],
        tags: [],
        created_at: '2014-09-12T08:00:00Z',
        updated_at: '2014-09-12T08:00:00Z',
        revision_number: 0,
      },
    });
    const { network } = await bed.ok(member, 'GET', `/v2.0/networks/${networkId}`);
    expect(network).toMatchObject({ subnets: [answer.body.subnet.id], revision_number: 2 });
  });

  it.each([
    [
      { cidr: '10.77.0.0/25' },
      400,
      'InvalidInput',
      /^Invalid input for operation: Requested subnet with cidr: 10.77.0.0\/25 for network: .* overlaps with another subnet.$/,
    ],
    [{ cidr: 'bogus' }, 400, 'InvalidInput', /^Invalid input for operation: bogus is not in a CIDR format.$/],
    [{}, 400, 'BadRequest', /a subnetpool must be specified in the absence of a cidr/],
    [{ cidr: '10.5.0.0/24', gateway_ip: '10.6.0.1' }, 400, 'InvalidInput', /Gateway is not valid on subnet/],
    [{ cidr: '2001:db8::/64' }, 400, 'InvalidInput', /does not match the ip_version/],
    [
      { cidr: '10.5.0.0/24', ip_version: 5 },
      400,
      'HTTPBadRequest',
      /^Invalid input for ip_version. Reason: 5 is not in valid_values.$/,
    ],
    [
      { cidr: '10.5.0.0/24', allocation_pools: [{ start: '10.5.0.9', end: '10.5.0.2' }] },
      400,
      'InvalidAllocationPool',
      /10.5.0.9-10.5.0.2 is not valid/,
    ],
    [
      { cidr: '10.5.0.0/24', allocation_pools: [{ start: '10.5.0.9', end: '10.5.1.2' }] },
      400,
      'OutOfBoundsAllocationPool',
      /spans beyond the subnet cidr 10.5.0.0\/24/,
    ],
    [
      {
        cidr: '10.5.0.0/24',
        allocation_pools: [
          { start: '10.5.0.9', end: '10.5.0.20' },
          { start: '10.5.0.20', end: '10.5.0.30' },
        ],
      },
      409,
      'OverlappingAllocationPools',
      /10.5.0.9-10.5.0.20 10.5.0.20-10.5.0.30/,
    ],
    [
      { cidr: '10.5.0.0/24', allocation_pools: [{ start: '10.5.0.1', end: '10.5.0.20' }] },
      409,
      'GatewayConflictWithAllocationPools',
      /Gateway ip 10.5.0.1 conflicts with allocation pool 10.5.0.1-10.5.0.20/,
    ],
    [{ cidr: '10.5.0.0/24', dns_nameservers: ['8.8.8.8', '8.8.8.8'] }, 400, 'HTTPBadRequest', /Duplicate nameserver/],
    [
      { cidr: '10.5.0.0/24', dns_nameservers: [1, 2, 3, 4, 5, 6].map((n) => `10.0.0.${n}`) },
      400,
      'DNSNameServersExhausted',
      /exceeds the limit 5/,
    ],
    [
      { cidr: '10.5.0.0/24', host_routes: [{ destination: '10.1.0.0/24' }] },
      400,
      'HTTPBadRequest',
      /Invalid data format for hostroute/,
    ],
    [{ cidr: '10.5.0.0/24', network_id: 'x' }, 400, 'HTTPBadRequest', /'x' is not a valid UUID/],
  ])('refuses %j', async (subnet, status, type, message) => {
    const answer = await create(subnet);
    expect([answer.status, answer.body.NeutronError.type]).toEqual([status, type]);
    expect(answer.body.NeutronError.message).toMatch(message);
  });

  it('is made by the owner of the network only', async () => {
    const { network } = await bed.ok(admin, 'POST', '/v2.0/networks', { network: { shared: true } });
    const refused = await create({ network_id: network.id, cidr: '10.9.0.0/24' }, stranger);
    expect([refused.status, refused.body.NeutronError.message]).toEqual([
      403,
      'rule:create_subnet is disallowed by policy',
    ]);
    const missing = await create({ network_id: networkId, cidr: '10.9.0.0/24' }, stranger);
    expect(missing.status).toBe(403);
  });

  it('has no gateway when told so, and odd prefixes work', async () => {
    const none = await create({ cidr: '10.10.0.0/29', gateway_ip: null });
    expect(none.body.subnet).toMatchObject({
      gateway_ip: null,
      allocation_pools: [{ start: '10.10.0.1', end: '10.10.0.6' }],
    });
    const point = await create({ cidr: '10.11.0.0/31', gateway_ip: null });
    expect(point.body.subnet.allocation_pools).toEqual([{ start: '10.11.0.0', end: '10.11.0.1' }]);
    const middle = await create({ cidr: '10.12.0.0/29', gateway_ip: '10.12.0.3' });
    expect(middle.body.subnet.allocation_pools).toEqual([
      { start: '10.12.0.1', end: '10.12.0.2' },
      { start: '10.12.0.4', end: '10.12.0.6' },
    ]);
    const six = await create({
      ip_version: 6,
      cidr: '2001:db8::/64',
      ipv6_address_mode: 'slaac',
      ipv6_ra_mode: 'slaac',
    });
    expect(six.body.subnet).toMatchObject({
      gateway_ip: '2001:db8::1',
      allocation_pools: [{ start: '2001:db8::2', end: '2001:db8::ffff:ffff:ffff:ffff' }],
    });
  });

  it('is changed: pools free and take addresses, a gateway in use stays', async () => {
    const { subnetId, networkId: net } = await makeNetwork(bed, member, { cidr: '10.20.0.0/24' });
    const url = `/v2.0/subnets/${subnetId}`;
    const changed = await bed.ok(member, 'PUT', url, {
      subnet: { allocation_pools: [{ start: '10.20.0.50', end: '10.20.0.51' }], dns_nameservers: ['8.8.8.8'] },
    });
    expect(changed.subnet).toMatchObject({
      allocation_pools: [{ start: '10.20.0.50', end: '10.20.0.51' }],
      dns_nameservers: ['8.8.8.8'],
      revision_number: 1,
    });
    const { port } = await bed.ok(member, 'POST', '/v2.0/ports', { port: { network_id: net } });
    expect(port.fixed_ips[0].ip_address).toBe('10.20.0.50');
    const { router } = await bed.ok(member, 'POST', '/v2.0/routers', { router: {} });
    await bed.ok(member, 'PUT', `/v2.0/routers/${router.id}/add_router_interface`, { subnet_id: subnetId });
    const refused = await bed.request(member, 'PUT', url, { subnet: { gateway_ip: '10.20.0.254' } });
    expect([refused.status, refused.body.NeutronError.type]).toEqual([409, 'GatewayIpInUse']);
  });

  it('cannot be deleted while ports have its addresses', async () => {
    const { subnetId, networkId: net } = await makeNetwork(bed, member, { cidr: '10.30.0.0/24' });
    const { port } = await bed.ok(member, 'POST', '/v2.0/ports', { port: { network_id: net } });
    const refused = await bed.request(member, 'DELETE', `/v2.0/subnets/${subnetId}`);
    expect([refused.status, refused.body.NeutronError.message]).toEqual([
      409,
      `Unable to complete operation on subnet ${subnetId}: One or more ports have an IP allocation from this subnet.`,
    ]);
    await bed.ok(member, 'DELETE', `/v2.0/ports/${port.id}`);
    expect((await bed.request(member, 'DELETE', `/v2.0/subnets/${subnetId}`)).status).toBe(204);
    expect((await bed.request(member, 'GET', `/v2.0/subnets/${subnetId}`)).body.NeutronError).toEqual({
      type: 'SubnetNotFound',
      message: `Subnet ${subnetId} could not be found.`,
      detail: '',
    });
  });

  it('may not overlap anywhere when allow_overlapping_ips is off', async () => {
    const strict = await createTestbed({ config: { DEFAULT: { allow_overlapping_ips: false } } });
    await makeNetwork(strict, member);
    await expect(makeNetwork(strict, stranger)).rejects.toThrow(/overlaps with another subnet/);
    await strict.close();
  });
});
