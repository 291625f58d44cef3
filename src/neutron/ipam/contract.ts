/** What holds for addresses on every engine: run against SQLite beside the code, against the servers in the integration test. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestbed, makeNetwork, member, type Testbed } from '../testing/testbed.ts';
import { textKey } from './address.ts';

/** @param url of an empty database */
export function ipamContract(name: string, url: () => Promise<string>): void {
  describe(name, () => {
    let bed: Testbed;
    beforeAll(async () => {
      bed = await createTestbed({ databaseUrl: await url() });
    });
    afterAll(() => bed.close());

    const port = (networkId: string, more: object = {}) =>
      bed.request(member, 'POST', '/v2.0/ports', { port: { network_id: networkId, ...more } });
    const addressOf = (answer: { body: { port: { fixed_ips: readonly { ip_address: string }[] } } }): string =>
      answer.body.port.fixed_ips[0]?.ip_address ?? '';
    const free = async (subnetId: string) =>
      (
        await bed.services.store.query
          .selectFrom('ipavailabilityranges')
          .select(['first_ip', 'last_ip'])
          .where('subnet_id', '=', subnetId)
          .orderBy('first_ip')
          .execute()
      ).map((range) => [range.first_ip, range.last_ip]);

    it('gives the lowest free address, and keeps few ranges', async () => {
      const { networkId, subnetId } = await makeNetwork(bed, member, { cidr: '10.1.0.0/16' });
      const whole = await free(subnetId);
      const ports = [];
      for (let i = 0; i < 4; i++) ports.push((await port(networkId)).body.port);
      expect(ports.map((one) => one.fixed_ips[0].ip_address)).toEqual(['10.1.0.2', '10.1.0.3', '10.1.0.4', '10.1.0.5']);
      for (const index of [1, 3]) await bed.ok(member, 'DELETE', `/v2.0/ports/${ports[index].id}`);
      expect(await free(subnetId)).toHaveLength(2);
      expect(addressOf(await port(networkId))).toBe('10.1.0.3');
      expect(addressOf(await port(networkId))).toBe('10.1.0.5');
      expect(addressOf(await port(networkId, { fixed_ips: [{ ip_address: '10.1.0.9' }] }))).toBe('10.1.0.9');
      expect(await free(subnetId)).toEqual([
        [textKey('10.1.0.6'), textKey('10.1.0.8')],
        [textKey('10.1.0.10'), textKey('10.1.255.254')],
      ]);
      const { ports: all } = await bed.ok(member, 'GET', `/v2.0/ports?network_id=${networkId}`);
      for (const one of all) await bed.ok(member, 'DELETE', `/v2.0/ports/${one.id}`);
      expect(await free(subnetId)).toEqual(whole);
    });

    it('never gives an address twice, and gives every one, to concurrent askers', async () => {
      const { networkId, subnetId } = await makeNetwork(bed, member, { cidr: '10.2.0.0/26' });
      const answers = await Promise.all(Array.from({ length: 70 }, () => port(networkId)));
      const given = answers.filter((answer) => answer.status === 201);
      expect(new Set(given.map(addressOf)).size).toBe(given.length);
      // 61: a /26 without network, broadcast and gateway
      expect(given).toHaveLength(61);
      for (const answer of answers.filter((one) => one.status !== 201))
        expect([answer.status, answer.body.NeutronError]).toEqual([
          409,
          {
            type: 'IpAddressGenerationFailure',
            message: `No more IP addresses available on network ${networkId}.`,
            detail: '',
          },
        ]);
      expect(await free(subnetId)).toEqual([]);
    });

    it('gives one of concurrent askers for the same address the address', async () => {
      const { networkId } = await makeNetwork(bed, member, { cidr: '10.3.0.0/24' });
      const fixed_ips = [{ ip_address: '10.3.0.50' }];
      const answers = await Promise.all(Array.from({ length: 8 }, () => port(networkId, { fixed_ips })));
      expect(answers.map((answer) => answer.status).sort()).toEqual([201, ...Array<number>(7).fill(409)]);
    });

    it('takes and frees at the same time without losing any', async () => {
      const { networkId, subnetId } = await makeNetwork(bed, member, { cidr: '10.4.0.0/28' });
      const before = await free(subnetId);
      const comeAndGo = async (): Promise<void> => {
        for (let i = 0; i < 5; i++) {
          const made = await port(networkId);
          expect(made.status).toBe(201);
          await bed.ok(member, 'DELETE', `/v2.0/ports/${made.body.port.id}`);
        }
      };
      await Promise.all(Array.from({ length: 6 }, comeAndGo));
      expect(await free(subnetId)).toEqual(before);
    });

    it('counts quotas right for concurrent askers', async () => {
      const { networkId } = await makeNetwork(bed, 'member:few', { cidr: '10.5.0.0/24' });
      await bed.ok('admin:a', 'PUT', '/v2.0/quotas/few', { quota: { port: 5 } });
      const answers = await Promise.all(
        Array.from({ length: 12 }, () =>
          bed.request('member:few', 'POST', '/v2.0/ports', { port: { network_id: networkId } }),
        ),
      );
      expect(answers.filter((answer) => answer.status === 201)).toHaveLength(5);
      expect(answers.find((answer) => answer.status !== 201)?.body.NeutronError).toEqual({
        type: 'OverQuota',
        message: "Quota exceeded for resources: ['port'].",
        detail: '',
      });
      const { quota } = await bed.ok('member:few', 'GET', '/v2.0/quotas/few/details');
      expect(quota.port).toEqual({ limit: 5, used: 5, reserved: 0 });
    });

    it('gives concurrent networks different segments, and makes one default group', async () => {
      const made = await Promise.all(
        Array.from({ length: 20 }, () => bed.ok('admin:many', 'POST', '/v2.0/networks', { network: {} })),
      );
      expect(new Set(made.map(({ network }) => network['provider:segmentation_id'])).size).toBe(20);
      await Promise.all(
        made.slice(0, 8).map(({ network }) =>
          bed.ok('admin:many', 'POST', '/v2.0/subnets', {
            subnet: { network_id: network.id, ip_version: 4, cidr: '10.6.0.0/24' },
          }),
        ),
      );
      const ports = await Promise.all(
        made
          .slice(0, 8)
          .map(({ network }) => bed.ok('admin:many', 'POST', '/v2.0/ports', { port: { network_id: network.id } })),
      );
      expect(new Set(ports.map((one) => one.port.security_groups[0])).size).toBe(1);
      const same = await Promise.all(
        Array.from({ length: 6 }, () =>
          bed.request('admin:many', 'POST', '/v2.0/subnets', {
            subnet: { network_id: made[9].network.id, ip_version: 4, cidr: '10.7.0.0/24' },
          }),
        ),
      );
      expect(same.map((answer) => answer.status).sort()).toEqual([201, ...Array<number>(5).fill(400)]);
    });

    it('gives addresses of both versions, and self-made ones by the MAC address', async () => {
      const { networkId } = await makeNetwork(bed, member, { cidr: '10.8.0.0/24' });
      const six = (cidr: string, more: object = {}) =>
        bed.ok(member, 'POST', '/v2.0/subnets', { subnet: { network_id: networkId, ip_version: 6, cidr, ...more } });
      await six('2001:db8:1::/64');
      await six('2001:db8:2::/64', { ipv6_address_mode: 'slaac', ipv6_ra_mode: 'slaac' });
      const made = await port(networkId, { mac_address: 'fa:16:3e:00:00:01' });
      expect(made.body.port.fixed_ips.map((ip: { ip_address: string }) => ip.ip_address)).toEqual([
        '10.8.0.2',
        '2001:db8:1::2',
        '2001:db8:2:0:f816:3eff:fe00:1',
      ]);
      await six('2001:db8:3::/64', { ipv6_address_mode: 'slaac', ipv6_ra_mode: 'slaac' });
      const { port: later } = await bed.ok(member, 'GET', `/v2.0/ports/${made.body.port.id}`);
      expect(later.fixed_ips.at(-1).ip_address).toBe('2001:db8:3:0:f816:3eff:fe00:1');
    });
  });
}
