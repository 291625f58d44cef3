import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { admin, createTestbed, makeNetwork, member, stranger, uuidPattern, type Testbed } from '../testing/testbed.ts';

const POOLS = '/v2.0/subnetpools';

describe('subnet pools', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await createTestbed();
  });
  afterAll(() => bed.close());
  const create = (attributes: object, token = member) =>
    bed.request(token, 'POST', POOLS, { subnetpool: { name: 'pool', prefixes: ['10.0.0.0/8'], ...attributes } });
  const made = async (attributes: object = {}, token = member): Promise<string> => {
    const answer = await create(attributes, token);
    expect(answer.body).toHaveProperty('subnetpool');
    return answer.body.subnetpool.id;
  };

  it('answers as Neutron does', async () => {
    const answer = await create({
      prefixes: ['192.168.1.0/24', '192.168.0.0/24', '10.0.0.0/8'],
      default_prefixlen: 26,
    });
    expect([answer.status, answer.body]).toEqual([
      201,
      {
        subnetpool: {
          id: expect.stringMatching(uuidPattern),
          name: 'pool',
          tenant_id: 'demo',
          project_id: 'demo',
          prefixes: ['10.0.0.0/8', '192.168.0.0/23'],
          ip_version: 4,
          min_prefixlen: '8',
          max_prefixlen: '32',
          default_prefixlen: '26',
          default_quota: null,
          shared: false,
          is_default: false,
          address_scope_id: null,
          description: '',
          tags: [],
          created_at: '2014-09-12T08:00:00Z',
          updated_at: '2014-09-12T08:00:00Z',
          revision_number: 0,
        },
      },
    ]);
    const six = await create({ prefixes: ['2001:db8::/32'] });
    expect(six.body.subnetpool).toMatchObject({ min_prefixlen: '64', max_prefixlen: '128', default_prefixlen: '64' });
  });

  it.each([
    [{ prefixes: [] }, 'EmptySubnetPoolPrefixList', 'Empty subnet pool prefix list.'],
    [
      { prefixes: ['10.0.0.0/8', 'fd00::/48'] },
      'PrefixVersionMismatch',
      'Cannot mix IPv4 and IPv6 prefixes in a subnet pool.',
    ],
    [{ prefixes: ['x'] }, 'HTTPBadRequest', "Invalid input for prefixes. Reason: 'x' is not a valid IP subnet."],
    [{ name: undefined }, 'HTTPBadRequest', "Failed to parse request. Required attribute 'name' not specified"],
    [
      { min_prefixlen: 20, max_prefixlen: 16 },
      'IllegalSubnetPoolPrefixBounds',
      'Illegal prefix bounds: min_prefixlen=20, max_prefixlen=16.',
    ],
    [
      { max_prefixlen: 33 },
      'IllegalSubnetPoolPrefixBounds',
      'Illegal prefix bounds: max_prefixlen=33, ip_version_max=32.',
    ],
    [
      { min_prefixlen: 20, default_prefixlen: 16 },
      'IllegalSubnetPoolPrefixBounds',
      'Illegal prefix bounds: default_prefixlen=16, min_prefixlen=20.',
    ],
    [
      { max_prefixlen: 24, default_prefixlen: 26 },
      'IllegalSubnetPoolPrefixBounds',
      'Illegal prefix bounds: default_prefixlen=26, max_prefixlen=24.',
    ],
  ])('refuses %j', async (attributes, type, message) => {
    const answer = await create(attributes);
    expect([answer.status, answer.body.NeutronError]).toMatchObject([400, { type, message }]);
  });

  it('is the own project’s unless an administrator shares it', async () => {
    const own = await made();
    expect((await bed.request(stranger, 'GET', `${POOLS}/${own}`)).body.NeutronError).toMatchObject({
      type: 'SubnetPoolNotFound',
      message: `Subnet pool ${own} could not be found.`,
    });
    expect((await create({ shared: true })).status).toBe(403);
    expect((await create({ is_default: true })).status).toBe(403);
    const shared = await made({ shared: true }, admin);
    expect((await bed.ok(stranger, 'GET', POOLS)).subnetpools.map(({ id }: { id: string }) => id)).toEqual([shared]);
    expect((await bed.request(stranger, 'PUT', `${POOLS}/${shared}`, { subnetpool: { name: 'x' } })).status).toBe(403);
    expect((await bed.request(stranger, 'PUT', `${POOLS}/${shared}/add_prefixes`, { prefixes: [] })).status).toBe(403);
    expect((await bed.request(stranger, 'DELETE', `${POOLS}/${own}`)).status).toBe(404);
    await bed.ok(admin, 'DELETE', `${POOLS}/${shared}`);
  });

  it('changes, and only grows', async () => {
    const id = await made({ prefixes: ['10.1.0.0/16'] });
    const update = (subnetpool: object) => bed.request(member, 'PUT', `${POOLS}/${id}`, { subnetpool });
    const changed = await update({ name: 'new', default_quota: 7, min_prefixlen: 20, default_prefixlen: 24 });
    expect([changed.status, changed.body.subnetpool]).toMatchObject([
      200,
      { name: 'new', default_quota: 7, min_prefixlen: '20', default_prefixlen: '24', revision_number: 1 },
    ]);
    expect((await update({ prefixes: ['10.0.0.0/15'] })).body.subnetpool.prefixes).toEqual(['10.0.0.0/15']);
    const shrunk = await update({ prefixes: ['10.0.0.0/16'] });
    expect([shrunk.status, shrunk.body.NeutronError.message]).toEqual([
      400,
      'Illegal update to prefixes: Existing prefixes must be a subset of the new prefixes.',
    ]);
    expect((await update({ shared: true })).status).toBe(400);
    expect((await update({ max_prefixlen: 8 })).body.NeutronError.type).toBe('IllegalSubnetPoolPrefixBounds');
    const prefixes = async (verb: string, ...list: string[]) =>
      (await bed.request(member, 'PUT', `${POOLS}/${id}/${verb}_prefixes`, { prefixes: list })).body;
    expect(await prefixes('add', '10.2.0.0/15', '10.0.0.0/24')).toEqual({ prefixes: ['10.0.0.0/14'] });
    expect(await prefixes('remove', '10.0.0.0/15', '192.168.0.0/16')).toEqual({ prefixes: ['10.2.0.0/15'] });
    expect(await prefixes('remove', '192.168.0.0/16')).toEqual({ prefixes: ['10.2.0.0/15'] });
    expect((await prefixes('add', 'x')).NeutronError.type).toBe('HTTPBadRequest');
  });

  it('has tags and a quota', async () => {
    const id = await made();
    expect((await bed.request(member, 'PUT', `${POOLS}/${id}/tags/red`)).status).toBe(201);
    expect((await bed.ok(member, 'GET', `${POOLS}?tags=red`)).subnetpools).toHaveLength(1);
    expect((await bed.request(stranger, 'PUT', `${POOLS}/${id}/tags/red`)).status).toBe(404);
    await bed.ok(admin, 'PUT', '/v2.0/quotas/poor', { quota: { subnetpool: 1 } });
    await made({}, 'member:poor');
    const refused = await create({}, 'member:poor');
    expect([refused.status, refused.body.NeutronError.type]).toEqual([409, 'OverQuota']);
  });

  it('is the default of one IP version once', async () => {
    const id = await made({ is_default: true }, admin);
    const second = await create({ is_default: true }, admin);
    expect([second.status, second.body.NeutronError.message]).toEqual([
      400,
      'Invalid input for operation: A default subnetpool for this IP family has already been set. Only one default may exist per IP family.',
    ]);
    await made({ is_default: true, prefixes: ['fd00::/48'] }, admin);
    await bed.ok(admin, 'PUT', `${POOLS}/${id}`, { subnetpool: { is_default: false } });
    await made({ is_default: true }, admin);
    expect((await bed.ok(admin, 'GET', `${POOLS}?is_default=true&ip_version=4`)).subnetpools).toHaveLength(1);
  });

  describe('give subnets their addresses', () => {
    let networkId: string;
    beforeEach(async () => {
      networkId = (await bed.ok(member, 'POST', '/v2.0/networks', { network: {} })).network.id;
    });
    const subnet = (attributes: object, token = member) =>
      bed.request(token, 'POST', '/v2.0/subnets', { subnet: { network_id: networkId, ip_version: 4, ...attributes } });
    const taken = async (attributes: object): Promise<string> => {
      const answer = await subnet(attributes);
      expect(answer.body).toHaveProperty('subnet');
      return answer.body.subnet.cidr;
    };

    it('of the default length, of the asked one, or the named ones', async () => {
      const id = await made({ prefixes: ['10.4.0.0/16'], default_prefixlen: 24, min_prefixlen: 20, max_prefixlen: 28 });
      const first = await subnet({ subnetpool_id: id });
      expect(first.body.subnet).toMatchObject({
        cidr: '10.4.0.0/24',
        subnetpool_id: id,
        gateway_ip: '10.4.0.1',
        allocation_pools: [{ start: '10.4.0.2', end: '10.4.0.254' }],
      });
      expect(await taken({ subnetpool_id: id })).toBe('10.4.1.0/24');
      // The smallest block that is free and large enough.
      expect(await taken({ subnetpool_id: id, cidr: '10.4.3.0/24' })).toBe('10.4.3.0/24');
      expect(await taken({ subnetpool_id: id, prefixlen: 28 })).toBe('10.4.2.0/28');
      expect(await taken({ subnetpool_id: id, prefixlen: 22 })).toBe('10.4.4.0/22');
      expect((await bed.ok(member, 'GET', `/v2.0/subnets?subnetpool_id=${id}`)).subnets).toHaveLength(5);
      const inUse = await bed.request(member, 'DELETE', `${POOLS}/${id}`);
      expect([inUse.status, inUse.body.NeutronError.message]).toEqual([
        400,
        'Unable to delete subnet pool: Subnet pool has existing allocations.',
      ]);
      const removed = await bed.request(member, 'PUT', `${POOLS}/${id}/remove_prefixes`, { prefixes: ['10.4.0.0/25'] });
      expect(removed.body.NeutronError.message).toBe(
        'Illegal update to prefixes: One or more the prefixes to be removed is in use by a subnet.',
      );
      await bed.ok(member, 'DELETE', `/v2.0/subnets/${first.body.subnet.id}`);
      expect(await taken({ subnetpool_id: id })).toBe('10.4.0.0/24');
    });

    it.each([
      [{ prefixlen: 16 }, 400, 'MinPrefixSubnetAllocationError', /length 16, minimum allowed prefix is 20/],
      [{ prefixlen: 29 }, 400, 'MaxPrefixSubnetAllocationError', /length 29, maximum allowed prefix is 28/],
      [{ prefixlen: 24, cidr: '10.4.0.0/24' }, 400, 'BadRequest', /cidr and prefixlen must not be supplied together/],
      [{ cidr: '10.9.0.0/24' }, 409, 'SubnetAllocationError', /Cannot allocate requested subnet/],
      [{ prefixlen: 20 }, 409, 'SubnetAllocationError', /Insufficient prefix space to allocate subnet size \/20/],
      [{ ip_version: 6 }, 400, 'BadRequest', /Cannot allocate IPv6 subnet from IPv4 subnet pool/],
      [{ use_default_subnetpool: true }, 400, 'BadRequest', /cannot both be specified/],
      [
        { allocation_pools: [{ start: '10.4.0.2', end: '10.4.0.9' }] },
        400,
        'BadRequest',
        /allocation_pools allowed only for specific subnet requests/,
      ],
      [{ subnetpool_id: '7e4ba4a7-1ea7-4ac4-9a91-e3e5e8f4e0a1' }, 404, 'SubnetPoolNotFound', /could not be found/],
    ])('but not with %j', async (attributes, status, type, message) => {
      const bounds = { default_prefixlen: 24, min_prefixlen: 20, max_prefixlen: 28 };
      const id = await made({ prefixes: ['10.4.0.0/22'], ...bounds });
      const answer = await subnet({ subnetpool_id: id, ...attributes });
      expect([answer.status, answer.body.NeutronError.type]).toEqual([status, type]);
      expect(answer.body.NeutronError.message).toMatch(message);
      expect((await bed.ok(member, 'GET', `/v2.0/subnets?network_id=${networkId}`)).subnets).toEqual([]);
    });

    it('of one pool on one network, of the default pool when asked', async () => {
      const [one, two] = [await made({ prefixes: ['10.4.0.0/16'] }), await made({ prefixes: ['10.5.0.0/16'] })];
      expect(await taken({ subnetpool_id: one, prefixlen: 24 })).toBe('10.4.0.0/24');
      const refused = [await subnet({ subnetpool_id: two, prefixlen: 24 }), await subnet({ cidr: '10.7.0.0/24' })];
      expect(refused.map(({ body }) => body.NeutronError.type)).toEqual([
        'NetworkSubnetPoolAffinityError',
        'NetworkSubnetPoolAffinityError',
      ]);
      const six = (attributes: object) => subnet({ ip_version: 6, ...attributes });
      expect((await six({ use_default_subnetpool: true })).body.NeutronError.message).toMatch(/No default subnetpool/);
      const [pool] = (await bed.ok(admin, 'GET', `${POOLS}?is_default=true&ip_version=6`)).subnetpools;
      await bed.ok(admin, 'PUT', `${POOLS}/${pool.id}`, { subnetpool: { is_default: false } });
      await made({ is_default: true, shared: true, prefixes: ['fd07::/48'] }, admin);
      expect((await six({ use_default_subnetpool: true })).body.subnet.cidr).toBe('fd07::/64');
    });

    it('until a project has its share', async () => {
      const id = await made({ prefixes: ['10.4.0.0/16'], default_quota: 512, shared: true }, admin);
      await taken({ subnetpool_id: id, prefixlen: 24 });
      await taken({ subnetpool_id: id, prefixlen: 24 });
      const refused = await subnet({ subnetpool_id: id, prefixlen: 30 });
      expect([refused.status, refused.body.NeutronError.message]).toEqual([
        409,
        'Per-tenant subnet pool prefix quota exceeded.',
      ]);
      const { networkId: other } = await makeNetwork(bed, stranger, { cidr: 'fd01::/64', subnet: { ip_version: 6 } });
      const share = await subnet({ subnetpool_id: id, prefixlen: 24, network_id: other }, stranger);
      expect(share.body.subnet.cidr).toBe('10.4.2.0/24');
    });

    it('once each, however many ask at the same time', async () => {
      const id = await made({ prefixes: ['10.4.0.0/20'] });
      const answers = await Promise.all(Array.from({ length: 16 }, () => subnet({ subnetpool_id: id, prefixlen: 24 })));
      expect(new Set(answers.map(({ body }) => body.subnet.cidr)).size).toBe(16);
      expect((await subnet({ subnetpool_id: id, prefixlen: 28 })).body.NeutronError.type).toBe('SubnetAllocationError');
    });
  });

  it('lists ports by parts of their addresses', async () => {
    const { networkId, subnetId } = await makeNetwork(bed, 'member:parts', { cidr: '10.88.0.0/16' });
    for (const ip of ['10.88.1.5', '10.88.12.7'])
      await bed.ok('member:parts', 'POST', '/v2.0/ports', {
        port: { network_id: networkId, fixed_ips: [{ subnet_id: subnetId, ip_address: ip }] },
      });
    const found = async (filter: string, token = 'member:parts'): Promise<string[]> =>
      (await bed.ok(token, 'GET', `/v2.0/ports?${filter}`)).ports.map(
        (port: { fixed_ips: { ip_address: string }[] }) => port.fixed_ips[0]?.ip_address,
      );
    const part = (text: string): string => `fixed_ips=ip_address_substr%3D${text}`;
    expect((await found(part('88.1'))).sort()).toEqual(['10.88.1.5', '10.88.12.7']);
    expect(await found(part('88.12'))).toEqual(['10.88.12.7']);
    expect(await found(part('99'))).toEqual([]);
    expect(await found(part('88.1'), stranger)).toEqual([]);
    expect(await found(`${part('88.1')}&fixed_ips=ip_address%3D10.88.1.5`)).toEqual(['10.88.1.5']);
  });
});
