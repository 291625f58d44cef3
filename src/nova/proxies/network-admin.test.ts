import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

let nova: NovaFixture;
let id: string;
beforeEach(async () => {
  nova = await novaFixture({ hosts: ['c1'] });
  const made = await nova.request('POST', '/v2.1/servers', {
    body: { server: { name: 'web', imageRef: nova.imageId, flavorRef: '1' } },
  });
  id = made.body.server.id as string;
  await nova.settled();
});
afterEach(() => nova.close());
const admin = { token: 'demo/admin' };

describe("nova-network's resources in the old API", () => {
  it('find the server of a fixed address in Neutron', async () => {
    const [port] = nova.network.portsOf(id);
    const address = port?.fixed_ips[0]?.ip_address as string;
    const shown = await nova.request('GET', `/v2/demo/os-fixed-ips/${address}`, admin);
    expect(shown.body).toEqual({
      fixed_ip: { cidr: '192.168.27.0/24', hostname: 'web', host: 'c1', address },
    });
    const unknown = await nova.request('GET', '/v2/demo/os-fixed-ips/10.9.9.9', admin);
    expect([unknown.status, unknown.body.itemNotFound.message]).toEqual([
      404,
      'Fixed ip not found for address 10.9.9.9.',
    ]);
    expect((await nova.request('GET', '/v2/demo/os-fixed-ips/x', admin)).status).toBe(400);
    const act = (body: object) => nova.request('POST', `/v2/demo/os-fixed-ips/${address}/action`, { ...admin, body });
    expect([(await act({ reserve: null })).status, (await act({ melt: null })).status]).toEqual([501, 400]);
  });

  it('list all floating addresses, with their servers', async () => {
    const external = nova.network.addNetwork('public', 'admin', { external: true });
    const [port] = nova.network.portsOf(id);
    await nova.network.client('demo').floatingIps.create({ floating_network_id: external.id, port_id: port?.id });
    const all = await nova.request('GET', '/v2/demo/os-floating-ips-bulk', admin);
    expect(all.body.floating_ip_info).toEqual([
      {
        address: '172.16.200.152',
        fixed_ip: null,
        instance_uuid: id,
        interface: null,
        pool: 'public',
        project_id: 'demo',
      },
    ]);
    expect((await nova.request('GET', '/v2/demo/os-floating-ips-bulk/c1', admin)).body.floating_ip_info).toHaveLength(
      1,
    );
    expect((await nova.request('GET', '/v2/demo/os-floating-ips-bulk/c2', admin)).body.floating_ip_info).toEqual([]);
  });

  it("show a server's interfaces", async () => {
    const [port] = nova.network.portsOf(id);
    const { body } = await nova.request('GET', `/v2/demo/servers/${id}/os-virtual-interfaces`);
    expect(body.virtual_interfaces).toEqual([
      { id: port?.id, mac_address: port?.mac_address, 'OS-EXT-VIF-NET:net_id': nova.demoNet.id },
    ]);
  });

  it.each([
    ['POST', '/os-networks', 501],
    ['POST', '/os-networks/add', 501],
    ['DELETE', '/os-networks/1', 501],
    ['POST', '/os-floating-ips-bulk', 501],
    ['GET', '/os-floating-ip-dns', 501],
    ['GET', '/os-security-group-default-rules', 501],
    ['GET', '/os-cells', 501],
    ['POST', '/os-cloudpipe', 501],
    ['GET', '/os-cloudpipe', 200],
    ['GET', '/os-baremetal-nodes', 200],
    ['GET', '/os-baremetal-nodes/1', 404],
    ['POST', '/os-tenant-networks', 400],
  ])('%s %s answers %i with Neutron behind it', async (method, path, status) => {
    const answer = await nova.request(method, `/v2/demo${path}`, {
      ...admin,
      ...(method === 'POST' && { body: { x: 1 } }),
    });
    expect(answer.status).toBe(status);
  });

  it('say why a network cannot be dissociated, and that one is not made', async () => {
    const action = await nova.request('POST', '/v2/demo/os-networks/1/action', {
      ...admin,
      body: { disassociate: null },
    });
    expect(action.body.notImplemented.message).toBe(
      'Disassociate network is not implemented by the configured Network API',
    );
    const made = await nova.request('POST', '/v2/demo/os-tenant-networks', { body: { network: { label: 'x' } } });
    expect([made.status, made.body.serviceUnavailable.message]).toEqual([503, 'Create networks failed']);
  });

  it('have no XVP consoles, and no ping without the program', async () => {
    expect((await nova.request('GET', `/v2/demo/servers/${id}/consoles`)).body).toEqual({ consoles: [] });
    expect((await nova.request('POST', `/v2/demo/servers/${id}/consoles`)).status).toBe(501);
    expect((await nova.request('GET', `/v2/demo/servers/${id}/consoles/7`)).body.itemNotFound.message).toBe(
      'Console 7 could not be found.',
    );
    expect((await nova.request('GET', `/v2/demo/servers/${id}/consoles`, { token: 'other' })).status).toBe(400);
    expect((await nova.request('GET', '/v2/demo/os-fping')).body.serviceUnavailable.message).toBe(
      'fping utility is not found.',
    );
    expect((await nova.request('GET', '/v2/demo/os-fping?all_tenants=1')).status).toBe(403);
  });
});
