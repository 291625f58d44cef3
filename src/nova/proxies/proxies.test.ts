import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

let nova: NovaFixture;
beforeEach(async () => {
  nova = await novaFixture({ hosts: [] });
});
afterEach(() => nova.close());
const get = async (path: string, token = 'demo') => (await nova.request('GET', `/v2/demo${path}`, { token })).body;

describe('what Nova passes on for old clients', () => {
  it('are images', async () => {
    nova.images.add('second', { status: 'queued', min_ram: 64, os_type: 'linux' });
    expect((await get('/images')).images[0]).toEqual({
      id: nova.imageId,
      name: 'cirros',
      links: [
        { rel: 'self', href: `http://127.0.0.1:8774/v2/demo/images/${nova.imageId}` },
        { rel: 'bookmark', href: `http://127.0.0.1:8774/demo/images/${nova.imageId}` },
        {
          rel: 'alternate',
          type: 'application/vnd.openstack.image',
          href: `http://127.0.0.1:9292/images/${nova.imageId}`,
        },
      ],
    });
    expect((await get('/images/detail')).images).toMatchObject([
      { status: 'ACTIVE', progress: 100, minDisk: 0, minRam: 0, 'OS-EXT-IMG-SIZE:size': 1_000_000, metadata: {} },
      { status: 'SAVING', progress: 0, minRam: 64, metadata: { os_type: 'linux' } },
    ]);
    expect((await get('/images?status=SAVING')).images).toHaveLength(1);
    expect((await get('/images/nope')).itemNotFound.message).toBe('Image not found.');
  });

  it('are networks', async () => {
    const [{ id }] = (await get('/os-tenant-networks')).networks;
    expect((await get('/os-tenant-networks')).networks).toEqual([{ id, label: 'demo-net', cidr: null }]);
    expect((await get(`/os-networks/${id}`)).network).toMatchObject({
      id,
      label: 'demo-net',
      cidr: null,
      bridge: null,
    });
    expect((await nova.request('GET', '/v2/other/os-tenant-networks', { token: 'other' })).body.networks).toEqual([]);
  });

  it('are security groups and their rules', async () => {
    const [group] = (await get('/os-security-groups')).security_groups;
    expect(group).toMatchObject({ name: 'default', rules: [] });
    const add = (rule: object) =>
      nova.request('POST', '/v2/demo/os-security-group-rules', {
        body: { security_group_rule: { parent_group_id: group.id, ...rule } },
      });
    const icmp = await add({ ip_protocol: 'icmp', from_port: -1, to_port: -1, cidr: '0.0.0.0/0' });
    expect(icmp.body.security_group_rule).toEqual({
      id: expect.any(String),
      parent_group_id: group.id,
      ip_protocol: 'icmp',
      from_port: -1,
      to_port: -1,
      group: {},
      ip_range: { cidr: '0.0.0.0/0' },
    });
    await add({ ip_protocol: 'tcp', from_port: 22, to_port: 22, cidr: '0.0.0.0/0' });
    const member = await add({ group_id: group.id });
    expect(member.body.security_group_rule).toMatchObject({
      group: { name: 'default', tenant_id: 'demo' },
      ip_range: {},
    });
    expect((await get('/os-security-groups')).security_groups[0].rules).toMatchObject([
      { ip_protocol: 'icmp', from_port: -1 },
      { ip_protocol: 'tcp', from_port: 22, to_port: 22 },
      { ip_protocol: null, from_port: null },
    ]);
    for (const wrong of [
      { ip_protocol: 'nope', cidr: '0.0.0.0/0' },
      { ip_protocol: 'tcp', from_port: 5, to_port: 2, cidr: '0.0.0.0/0' },
      { ip_protocol: 'icmp', from_port: 300, to_port: 300, cidr: '0.0.0.0/0' },
      { ip_protocol: 'tcp', from_port: 1, to_port: 2, cidr: 'everywhere' },
    ])
      expect((await add(wrong)).status, JSON.stringify(wrong)).toBe(400);
    const made = await nova.request('POST', '/v2/demo/os-security-groups', {
      body: { security_group: { name: 'web', description: 'd' } },
    });
    expect(made.body.security_group).toMatchObject({ name: 'web', description: 'd', rules: [] });
    const url = `/v2/demo/os-security-groups/${made.body.security_group.id}`;
    expect((await nova.request('DELETE', url)).status).toBe(202);
    expect((await nova.request('GET', url)).status).toBe(404);
  });
});

describe('external events', () => {
  it('are counted one by one', async () => {
    await nova.addHost('compute1');
    const made = await nova.request('POST', '/v2.1/servers', {
      body: { server: { name: 's', imageRef: nova.imageId, flavorRef: '1' } },
    });
    const { id } = made.body.server;
    await nova.settled();
    const [port] = nova.network.portsOf(id);
    const send = (events: object[], token = 'service/admin') =>
      nova.request('POST', '/v2.1/os-server-external-events', { token, body: { events } });
    const unknown = '70a599e0-31e7-49b7-b260-868f441e862b';
    const mixed = await send([
      { server_uuid: id, name: 'network-vif-plugged', tag: port!.id, status: 'completed' },
      { server_uuid: unknown, name: 'network-changed' },
    ]);
    expect([mixed.status, mixed.body.events.map((event: { code: number }) => event.code)]).toEqual([207, [200, 404]]);
    expect((await send([{ server_uuid: unknown, name: 'network-changed' }])).body.itemNotFound.message).toBe(
      'No instances found for any event',
    );
    expect((await send([{ server_uuid: id, name: 'nonsense' }])).status).toBe(400);
    expect((await send([{ server_uuid: id, name: 'network-changed' }], 'demo')).status).toBe(403);
    nova.network.ports.set(port!.id, {
      ...port!,
      fixed_ips: [{ ...port!.fixed_ips[0]!, ip_address: '192.168.27.99' }],
    });
    expect((await send([{ server_uuid: id, name: 'network-changed' }])).status).toBe(200);
    await expect
      .poll(async () => (await nova.request('GET', `/v2.1/servers/${id}`)).body.server.addresses['demo-net'][0].addr)
      .toBe('192.168.27.99');
  });

  it('end the wait of a boot', async () => {
    await nova.addHost('compute1');
    nova.network.vifType = 'ovs';
    nova.network.portStatus = 'DOWN';
    const made = await nova.request('POST', '/v2.1/servers', {
      body: { server: { name: 's', imageRef: nova.imageId, flavorRef: '1' } },
    });
    const { id } = made.body.server;
    const [port] = await expect
      .poll(() => nova.network.portsOf(id))
      .toHaveLength(1)
      .then(() => nova.network.portsOf(id));
    await nova.request('POST', '/v2.1/os-server-external-events', {
      token: 'service/admin',
      body: { events: [{ server_uuid: id, name: 'network-vif-plugged', tag: port!.id }] },
    });
    await nova.settled();
    expect((await nova.request('GET', `/v2.1/servers/${id}`)).body.server.status).toBe('ACTIVE');
    const guest = nova.computes.get('compute1')!.guests.get(id);
    expect(guest?.request.guest.interfaces[0]?.vif).toEqual({ type: 'ovs', bridge: 'br-int', hybrid: true });
  });

  it('that never come fail the boot, and say what is missing', async () => {
    await nova.close();
    nova = await novaFixture({ conf: { vif_plugging_timeout: 1 } });
    nova.network.vifType = 'ovs';
    nova.network.portStatus = 'DOWN';
    const made = await nova.request('POST', '/v2.1/servers', {
      body: { server: { name: 's', imageRef: nova.imageId, flavorRef: '1' } },
    });
    await nova.settled();
    const { server } = (await nova.request('GET', `/v2.1/servers/${made.body.server.id}`)).body;
    expect(server.status).toBe('ERROR');
    expect(server.fault.message).toMatch(
      /^Virtual Interface creation failed: Neutron has not reported port .* within 1 s/,
    );
    expect([nova.network.ports.size, nova.computes.get('compute1')!.guests.size]).toEqual([0, 0]);
  });
});
