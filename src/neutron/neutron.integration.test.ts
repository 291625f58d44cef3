import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mariadbPrograms, startMariadb, type SqlServer } from '#test/fixtures/mariadb.ts';
import { postgresqlPrograms, startPostgresql } from '#test/fixtures/postgresql.ts';
import { canRun } from '#test/fixtures/programs.ts';
import { ipamContract } from './ipam/contract.ts';
import { firewallRpc, loadBalancerRpc, meteringRpc } from './rpc.ts';
import { admin, createTestbed, makeExternal, makeNetwork, member } from './testing/testbed.ts';

const engines = [
  { name: 'mariadb', programs: mariadbPrograms, start: startMariadb },
  { name: 'postgresql', programs: postgresqlPrograms, start: startPostgresql },
] as const;

for (const engine of engines) {
  describe.skipIf(!canRun(...engine.programs))(`neutron-server on ${engine.name}`, () => {
    let server: SqlServer;
    beforeAll(async () => {
      server = await engine.start();
    });
    afterAll(() => server.stop());

    ipamContract(`addresses on ${engine.name}`, () => server.createDatabase('neutron_ipam'));

    it('serves the whole of an ordinary life', async () => {
      const bed = await createTestbed({ databaseUrl: await server.createDatabase('neutron_life') });
      await bed.report({ agentType: 'DHCP agent', host: 'net1', startup: true });
      await bed.report({ agentType: 'L3 agent', host: 'net1', startup: true });
      await bed.report({
        agentType: 'Open vSwitch agent',
        host: 'net1',
        configurations: { tunnel_types: ['gre'], bridge_mappings: {} },
      });
      const { networkId: external } = await makeExternal(bed);
      const { networkId, subnetId } = await makeNetwork(bed, member);
      const { router } = await bed.ok(member, 'POST', '/v2.0/routers', {
        router: { external_gateway_info: { network_id: external } },
      });
      await bed.ok(member, 'PUT', `/v2.0/routers/${router.id}/add_router_interface`, { subnet_id: subnetId });
      const { port } = await bed.ok(admin, 'POST', '/v2.0/ports', {
        port: {
          network_id: networkId,
          tenant_id: 'demo',
          device_owner: 'compute:nova',
          device_id: 'vm1',
          'binding:host_id': 'net1',
        },
      });
      expect(port.fixed_ips[0].ip_address).toBe('10.77.0.2');
      await bed.settled();
      const { networks } = await bed.services.handlers.dhcpNetworks({ host: 'net1' }, {});
      expect(networks).toMatchObject([{ id: networkId, dhcpPort: { fixedIps: [{ ip: '10.77.0.3' }] } }]);
      const { floatingip } = await bed.ok(member, 'POST', '/v2.0/floatingips', {
        floatingip: { floating_network_id: external, port_id: port.id },
      });
      expect(floatingip).toMatchObject({ floating_ip_address: '172.16.200.152', router_id: router.id });
      const { routers } = await bed.services.handlers.routers({ host: 'net1' }, {});
      expect(routers[0]).toMatchObject({ id: router.id, floatingIps: [{ fixedIp: '10.77.0.2' }] });
      await bed.services.handlers.devicesUp({ host: 'net1', portIds: [port.id] }, {});
      const firewall = await bed.services.handlers.securityGroups({ host: 'net1', portIds: [port.id] }, {});
      expect(firewall.ports[0]?.dhcpServers).toEqual(['10.77.0.3']);
      await bed.ok(member, 'PUT', `/v2.0/ports/${port.id}/tags`, { tags: ['red', 'blue'] });
      const tagged = await bed.ok(member, 'GET', '/v2.0/ports?tags=red&sort_key=name&limit=5');
      expect(tagged.ports).toMatchObject([{ id: port.id, status: 'ACTIVE', tags: ['blue', 'red'] }]);
      const sorted = await bed.ok(admin, 'GET', '/v2.0/networks?sort_key=provider:segmentation_id&sort_dir=desc');
      expect(sorted.networks).toHaveLength(2);

      await bed.ok(admin, 'DELETE', `/v2.0/ports/${port.id}`);
      await bed.ok(member, 'DELETE', `/v2.0/floatingips/${floatingip.id}`);
      await bed.ok(member, 'PUT', `/v2.0/routers/${router.id}/remove_router_interface`, { subnet_id: subnetId });
      await bed.ok(member, 'DELETE', `/v2.0/routers/${router.id}`);
      await bed.ok(member, 'DELETE', `/v2.0/networks/${networkId}`);
      expect((await bed.ok(admin, 'GET', '/v2.0/ports')).ports).toEqual([]);
      await bed.close();
    });

    it('keeps load balancers and firewalls', async () => {
      const bed = await createTestbed({
        databaseUrl: await server.createDatabase('neutron_services'),
        config: { DEFAULT: { service_plugins: 'router,lbaas,firewall' } },
      });
      await bed.report({ agentType: 'Loadbalancer agent', host: 'net1', startup: true });
      await bed.report({ agentType: 'L3 agent', host: 'net1', startup: true });
      const make = async (path: string, singular: string, body: object) =>
        (await bed.ok(member, 'POST', `/v2.0/${path}`, { [singular]: body }))[singular];
      const { subnetId: subnet_id } = await makeNetwork(bed, member);
      const pool = await make('lb/pools', 'pool', { protocol: 'HTTP', lb_method: 'ROUND_ROBIN', subnet_id });
      const common = { pool_id: pool.id, protocol_port: 80 };
      const vip = await make('lb/vips', 'vip', { ...common, protocol: 'HTTP', subnet_id });
      const same = { member: { ...common, address: '10.77.0.9' } };
      const both = await Promise.all([1, 2].map(() => bed.request(member, 'POST', '/v2.0/lb/members', same)));
      expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
      const balancing = bed.bus.client(loadBalancerRpc);
      const { pools } = await balancing.call('pools', { host: 'net1' });
      const [{ id, generation } = { id: '', generation: 0 }] = pools;
      await balancing.cast('poolStates', { host: 'net1', pools: [{ poolId: id, generation, status: 'ACTIVE' }] });
      const shown = async () => (await bed.ok(member, 'GET', `/v2.0/lb/vips?address=${vip.address}`)).vips[0].status;
      await expect.poll(shown).toBe('ACTIVE');
      await bed.ok(member, 'DELETE', `/v2.0/lb/vips/${vip.id}`);
      await bed.ok(member, 'DELETE', `/v2.0/lb/pools/${pool.id}`);

      const rule = await make('fw/firewall_rules', 'firewall_rule', { protocol: 'tcp', action: 'allow' });
      const policy = await make('fw/firewall_policies', 'firewall_policy', { firewall_rules: [rule.id] });
      const firewall = await make('fw/firewalls', 'firewall', { firewall_policy_id: policy.id });
      const router = await make('routers', 'router', {});
      await bed.services.scheduler.scheduleRouters();
      const walls = bed.bus.client(firewallRpc);
      await walls.call('firewalls', { host: 'net1', projectIds: ['demo'] });
      const state = { routerId: router.id, generation: 1, applied: true };
      for (let twice = 0; twice < 2; twice++)
        await walls.cast('firewallStates', { host: 'net1', routers: [{ ...state, firewallId: firewall.id }] });
      const status = async () => (await bed.ok(member, 'GET', '/v2.0/fw/firewalls')).firewalls[0]?.status;
      await expect.poll(status).toBe('ACTIVE');
      await bed.ok(member, 'DELETE', `/v2.0/fw/firewalls/${firewall.id}`);
      await walls.cast('firewallStates', { host: 'net1', routers: [{ ...state, firewallId: null }] });
      await expect.poll(status).toBeUndefined();
      await bed.close();
    });

    it('takes subnets from pools, each once, and keeps meters', async () => {
      const bed = await createTestbed({
        databaseUrl: await server.createDatabase('neutron_pools'),
        config: { DEFAULT: { service_plugins: 'router,metering' } },
      });
      const poolBody = { subnetpool: { name: 'p', prefixes: ['10.4.0.0/21'], is_default: true } };
      const pools = await Promise.all([1, 2].map(() => bed.request(admin, 'POST', '/v2.0/subnetpools', poolBody)));
      expect(pools.map(({ status }) => status).sort()).toEqual([201, 400]);
      const { network } = await bed.ok(admin, 'POST', '/v2.0/networks', { network: {} });
      const subnet = { network_id: network.id, ip_version: 4, use_default_subnetpool: true, prefixlen: 24 };
      const subnets = await Promise.all(
        Array.from({ length: 9 }, () => bed.request(admin, 'POST', '/v2.0/subnets', { subnet })),
      );
      const cidrs = subnets.filter(({ status }) => status === 201).map(({ body }) => body.subnet.cidr);
      expect([cidrs.length, new Set(cidrs).size]).toEqual([8, 8]);
      expect(subnets.find(({ status }) => status !== 201)?.body.NeutronError.type).toBe('SubnetAllocationError');

      await bed.report({ agentType: 'L3 agent', host: 'net1', startup: true });
      const { router } = await bed.ok(member, 'POST', '/v2.0/routers', { router: {} });
      await bed.services.scheduler.scheduleRouters();
      const at = '/v2.0/metering/metering-label';
      const label = { name: 'l', tenant_id: 'demo' };
      const { id } = (await bed.ok(admin, 'POST', `${at}s`, { metering_label: label })).metering_label;
      const rule = { metering_label_id: id, direction: 'egress', remote_ip_prefix: '10.0.0.0/8' };
      const rules = await Promise.all(
        [1, 2].map(() => bed.request(admin, 'POST', `${at}-rules`, { metering_label_rule: rule })),
      );
      expect(rules.map(({ status }) => status).sort()).toEqual([201, 409]);
      const { routers } = await bed.bus.client(meteringRpc).call('meters', { host: 'net1' });
      expect(routers).toMatchObject([{ id: router.id, labels: [{ id, rules: [{ prefix: '10.0.0.0/8' }] }] }]);
      await bed.ok(admin, 'DELETE', `${at}s/${id}`);
      expect((await bed.ok(admin, 'GET', `${at}-rules`)).metering_label_rules).toEqual([]);
      await bed.close();
    });
  });
}
