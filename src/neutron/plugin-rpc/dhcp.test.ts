import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { admin, createTestbed, makeNetwork, member, type Testbed } from '../testing/testbed.ts';
import { dhcpDeviceId } from './dhcp.ts';

describe('what a DHCP agent asks', () => {
  let bed: Testbed;
  beforeEach(async () => {
    bed = await createTestbed();
  });
  afterEach(() => bed.close());
  const start = async (host = 'net1') => {
    await bed.report({
      agentType: 'Open vSwitch agent',
      host,
      configurations: { tunnel_types: ['gre'], bridge_mappings: {} },
    });
    await bed.report({ agentType: 'DHCP agent', host, startup: true });
  };
  const networks = async (host = 'net1') => (await bed.services.handlers.dhcpNetworks({ host }, {})).networks;
  const port = async (networkId: string) => {
    const made = await bed.ok(member, 'POST', '/v2.0/ports', { port: { network_id: networkId } });
    await bed.settled();
    await bed.settled();
    return made.port;
  };

  it('gets a network with the first port, which has the first address; its own port has the next', async () => {
    await start();
    const { networkId, subnetId } = await makeNetwork(bed, member, { subnet: { dns_nameservers: ['8.8.8.8'] } });
    await bed.settled();
    expect(await networks()).toEqual([]);
    const guest = await port(networkId);
    expect(bed.hints).toContainEqual(['networksChanged', { networkIds: expect.arrayContaining([networkId]) }]);
    expect(await networks()).toEqual([
      {
        id: networkId,
        projectId: 'demo',
        adminStateUp: true,
        mtu: 1454,
        segment: { networkType: 'gre', physicalNetwork: null, segmentationId: 1 },
        subnets: [
          {
            id: subnetId,
            ipVersion: 4,
            cidr: '10.77.0.0/24',
            gatewayIp: '10.77.0.1',
            enableDhcp: true,
            dnsNameservers: ['8.8.8.8'],
            hostRoutes: [],
            hasRouter: false,
          },
        ],
        dhcpPort: {
          id: expect.any(String),
          mac: expect.any(String),
          fixedIps: [{ subnetId, ip: '10.77.0.3', prefixLength: 24 }],
        },
        ports: [
          {
            id: guest.id,
            mac: guest.mac_address,
            fixedIps: [{ subnetId, ip: '10.77.0.2', prefixLength: 24 }],
            hostname: 'host-10-77-0-2',
            extraDhcpOpts: [],
          },
        ],
      },
    ]);
    const { ports } = await bed.ok(admin, 'GET', '/v2.0/ports?device_owner=network:dhcp');
    expect(ports).toMatchObject([
      {
        device_id: dhcpDeviceId('net1', networkId),
        tenant_id: 'demo',
        'binding:host_id': 'net1',
        'binding:vif_type': 'ovs',
        security_groups: [],
      },
    ]);
    expect((await bed.ok(admin, 'GET', `/v2.0/networks/${networkId}/dhcp-agents`)).agents).toMatchObject([
      { host: 'net1' },
    ]);
  });

  it('gets one port, however often it asks at once', async () => {
    await start();
    const { networkId } = await makeNetwork(bed, member);
    await port(networkId);
    await Promise.all([networks(), networks(), networks()]);
    expect((await bed.ok(admin, 'GET', '/v2.0/ports?device_owner=network:dhcp')).ports).toHaveLength(1);
    const again = await bed.counting(() => networks());
    expect(again.queries).toHaveLength(5);
  });

  it('follows the subnets: new ones get an address, without any it ends', async () => {
    await start();
    const { networkId, subnetId } = await makeNetwork(bed, member);
    await port(networkId);
    await networks();
    await bed.ok(member, 'POST', '/v2.0/subnets', {
      subnet: { network_id: networkId, ip_version: 4, cidr: '10.78.0.0/24' },
    });
    const [network] = await networks();
    expect(network?.dhcpPort.fixedIps.map(({ ip }) => ip)).toEqual(['10.77.0.3', '10.78.0.2']);
    for (const { id } of network?.subnets ?? [])
      await bed.ok(member, 'PUT', `/v2.0/subnets/${id}`, { subnet: { enable_dhcp: false } });
    expect((await bed.services.handlers.dhcpNetwork({ host: 'net1', networkId }, {})).network).toBeNull();
    expect((await bed.ok(admin, 'GET', '/v2.0/ports?device_owner=network:dhcp')).ports).toEqual([]);
    expect(network?.subnets.some(({ id }) => id === subnetId)).toBe(true);
  });

  it('sees the router at the gateway', async () => {
    await start();
    const { networkId, subnetId } = await makeNetwork(bed, member);
    await port(networkId);
    const { router } = await bed.ok(member, 'POST', '/v2.0/routers', { router: {} });
    await bed.ok(member, 'PUT', `/v2.0/routers/${router.id}/add_router_interface`, { subnet_id: subnetId });
    expect((await networks())[0]?.subnets[0]?.hasRouter).toBe(true);
  });

  it('takes what nobody serves when it starts late, and hands over with its address when it dies', async () => {
    const { networkId } = await makeNetwork(bed, member);
    await port(networkId);
    await start('net1');
    const [first] = await networks('net1');
    expect(first?.id).toBe(networkId);
    bed.clock.advance(80);
    await bed.services.scheduler.rescheduleFromDead();
    expect(await networks('net1')).toHaveLength(1);
    await start('net2');
    await bed.services.scheduler.rescheduleFromDead();
    expect(await networks('net1')).toEqual([]);
    const [heir] = await networks('net2');
    expect(heir?.dhcpPort).toEqual(first?.dhcpPort);
  });

  it('finds the server behind an address, by network and by router', async () => {
    const { networkId, subnetId } = await makeNetwork(bed, member);
    const vm = { network_id: networkId, device_owner: 'compute:nova', device_id: 'vm1' };
    const { port: guest } = await bed.ok(member, 'POST', '/v2.0/ports', { port: vm });
    const { router } = await bed.ok(member, 'POST', '/v2.0/routers', { router: {} });
    await bed.ok(member, 'PUT', `/v2.0/routers/${router.id}/add_router_interface`, { subnet_id: subnetId });
    const found = { port: { portId: guest.id, deviceId: 'vm1', projectId: 'demo' } };
    const ask = (where: object, fixedIp = '10.77.0.2') => bed.services.handlers.metadataPort({ fixedIp, ...where }, {});
    expect(await ask({ networkId })).toEqual(found);
    expect(await ask({ routerId: router.id })).toEqual(found);
    expect(await ask({ routerId: 'other' })).toEqual({ port: null });
    expect(await ask({ networkId }, '10.77.0.9')).toEqual({ port: null });
    expect(await ask({ networkId }, 'nonsense')).toEqual({ port: null });
  });
});

describe('tunnels', () => {
  it('tells every agent when an endpoint comes or moves', async () => {
    const bed = await createTestbed();
    const sync = (host: string, localIp: string) =>
      bed.services.handlers.tunnelSync({ host, tunnelType: 'gre', localIp }, {});
    await sync('a', '10.0.1.8');
    expect(await sync('b', '10.0.1.9')).toEqual({
      endpoints: [
        { host: 'a', ip: '10.0.1.8' },
        { host: 'b', ip: '10.0.1.9' },
      ],
    });
    await bed.settled();
    bed.hints.length = 0;
    await sync('b', '10.0.1.9');
    await bed.settled();
    expect(bed.hints).toEqual([]);
    expect((await sync('c', '10.0.1.9')).endpoints).toEqual([
      { host: 'a', ip: '10.0.1.8' },
      { host: 'c', ip: '10.0.1.9' },
    ]);
    await bed.settled();
    expect(bed.hints).toEqual([['tunnelEndpointsChanged', { tunnelType: 'gre' }]]);
    await bed.close();
  });
});
