import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mariadbPrograms, startMariadb, type SqlServer } from '#test/fixtures/mariadb.ts';
import { postgresqlPrograms, startPostgresql } from '#test/fixtures/postgresql.ts';
import { canRun } from '#test/fixtures/programs.ts';
import { isoMicros, systemClock } from '#common/clock.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { insertCertificate, revokeCertificates, revokedOf } from './cert/rows.ts';
import { numbersOf } from './ec2/rows.ts';
import { auditUsage } from './hosts/usage-audit.ts';
import { archiveServers } from './manage/rows.ts';
import { novaFixture, type NovaFixture } from './testing/fixture.ts';

const engines = [
  { name: 'mariadb', programs: mariadbPrograms, start: startMariadb },
  { name: 'postgresql', programs: postgresqlPrograms, start: startPostgresql },
] as const;

// What unit tests show on SQLite, once through on the servers: tables, transactions, locks, filters.
for (const engine of engines) {
  describe.skipIf(!canRun(...engine.programs))(`Nova on ${engine.name}`, () => {
    let database: SqlServer;
    let nova: NovaFixture;
    const admin = { token: 'demo/admin' };
    const server = (over: object = {}) => ({
      body: { server: { name: 's', imageRef: nova.imageId, flavorRef: '1', ...over } },
    });

    beforeAll(async () => {
      database = await engine.start();
      nova = await novaFixture({
        url: await database.createDatabase('nova'),
        hosts: ['c1', 'c2'],
        conf: { quota_instances: 12 },
      });
    });
    afterAll(async () => {
      await nova.close();
      await database.stop();
    });

    it('boots, lists and deletes servers', async () => {
      const made = await nova.request('POST', '/v2.1/servers', {
        ...server({ metadata: { a: "it's 100%" }, tags: ['x'], networks: [{ uuid: nova.demoNet.id }] }),
        version: '2.52',
      });
      expect(made.status, JSON.stringify(made.body)).toBe(202);
      await nova.settled();
      const query =
        'status=ACTIVE&name=S&tags=x&metadata=%7B%22a%22%3A%22it%27s+100%25%22%7D&ip=192.168.27&limit=1&sort_key=host&sort_key=display_name';
      const found = await nova.request('GET', `/v2.1/servers/detail?${query}`, { version: '2.52' });
      expect(found.body.servers, JSON.stringify(found.body)).toMatchObject([
        { status: 'ACTIVE', metadata: { a: "it's 100%" } },
      ]);
      const [{ id }] = found.body.servers;
      expect((await nova.request('DELETE', `/v2.1/servers/${id}`)).status).toBe(204);
      await nova.settled();
      expect((await nova.request('GET', '/v2.1/servers')).body.servers).toEqual([]);
      const [node] = await nova.db.query.selectFrom('compute_nodes').select('memory_mb_used').execute();
      expect(node?.memory_mb_used).toBe(0);
    });

    it('holds quotas and claims when many ask at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 30 }, () => nova.request('POST', '/v2.1/servers', server())),
      );
      const statuses = answers.map((answer) => answer.status).sort();
      expect(statuses).toEqual([...Array.from({ length: 12 }, () => 202), ...Array.from({ length: 18 }, () => 403)]);
      await nova.settled();
      const list = (await nova.request('GET', '/v2.1/servers/detail')).body.servers as { status: string }[];
      expect(list.map((one) => one.status)).toEqual(Array.from({ length: 12 }, () => 'ACTIVE'));
      const nodes = await nova.db.query.selectFrom('compute_nodes').select('memory_mb_used').execute();
      expect(nodes.reduce((sum, node) => sum + node.memory_mb_used, 0)).toBe(12 * 512);
      const first = await nova.request('GET', '/v2.1/servers?limit=5');
      const rest = await nova.request('GET', first.body.servers_links[0].href.replace('http://127.0.0.1:8774', ''));
      expect(rest.body.servers).toHaveLength(5);
    });

    it('keeps flavors, keys, aggregates and groups', async () => {
      const flavor = { name: 'f', id: 'f', ram: 1, vcpus: 1, disk: 0, rxtx_factor: 1.5 };
      const made = await nova.request('POST', '/v2.1/flavors', { ...admin, body: { flavor } });
      expect([made.status, made.body.flavor.rxtx_factor]).toEqual([200, 1.5]);
      expect((await nova.request('POST', '/v2.1/flavors', { ...admin, body: { flavor } })).status).toBe(409);
      await nova.request('POST', '/v2.1/flavors/f/os-extra_specs', { ...admin, body: { extra_specs: { k: 'v' } } });
      expect((await nova.request('GET', '/v2.1/flavors/f/os-extra_specs')).body).toEqual({ extra_specs: { k: 'v' } });
      const keypair = {
        name: 'k',
        public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMuqjpaFIHETs8m6oSc5DsHFj0AaRyzXsuG/Ysw/RHAo',
      };
      expect((await nova.request('POST', '/v2.1/os-keypairs', { body: { keypair } })).status).toBe(200);
      expect((await nova.request('POST', '/v2.1/os-keypairs', { body: { keypair } })).status).toBe(409);
      const aggregate = { name: 'a', availability_zone: 'z' };
      expect((await nova.request('POST', '/v2.1/os-aggregates', { ...admin, body: { aggregate } })).status).toBe(200);
      expect((await nova.request('POST', '/v2.1/os-aggregates', { ...admin, body: { aggregate } })).status).toBe(409);
      const server_group = { name: 'g', policies: ['affinity'] };
      expect((await nova.request('POST', '/v2.1/os-server-groups', { body: { server_group } })).status).toBe(200);
      const usage = await nova.request(
        'GET',
        '/v2.1/os-simple-tenant-usage?detailed=1&start=2014-01-01&end=2099-01-01',
        admin,
      );
      expect(usage.body.tenant_usages[0].server_usages.length).toBe(13);
    });

    it("keeps users' limits, agents, audits, certificates, numbers of the EC2 API, and archives", async () => {
      const limits = { ...admin, body: { quota_set: { cores: 3 } } };
      expect((await nova.request('PUT', '/v2.1/os-quota-sets/p?user_id=u', limits)).body.quota_set.cores).toBe(3);
      expect((await nova.request('PUT', '/v2.1/os-quota-sets/p?user_id=v', limits)).status).toBe(200);
      const lower = await nova.request('PUT', '/v2.1/os-quota-sets/p', { ...admin, body: { quota_set: { cores: 5 } } });
      expect(lower.body.badRequest.message).toContain('already used and reserved 6');
      expect((await nova.request('DELETE', '/v2.1/os-quota-sets/p', admin)).status).toBe(202);
      const agent = { hypervisor: 'xen', os: 'l', architecture: 'x', version: '1', url: 'http://a/', md5hash: 'a' };
      for (const status of [200, 409])
        expect((await nova.request('POST', '/v2/demo/os-agents', { ...admin, body: { agent } })).status).toBe(status);
      const log = silentLogger;
      const audit = { db: nova.db, clock: systemClock, log, period: 'hour', notify: async () => undefined };
      await Promise.all([auditUsage(audit), auditUsage(audit)]);
      expect(
        (await nova.request('GET', '/v2.1/os-instance_usage_audit_log', admin)).body.instance_usage_audit_logs,
      ).toMatchObject({ num_hosts: 2 });
      const ids = ['ffffffff-0000-4000-8000-000000000001', 'ffffffff-0000-4000-8000-000000000002'];
      const [one, two] = await Promise.all([
        numbersOf(nova.db.query, 'image', ids),
        numbersOf(nova.db.query, 'image', ids.toReversed()),
      ]);
      expect([...one].sort()).toEqual([...two].sort());
      expect([...one.values()].sort((a, b) => a - b)).toEqual([1, 4_294_967_295]);
      await insertCertificate(
        nova.db.query,
        { authority: 'root', serial: '4a', userId: 'u', projectId: 'p', subject: '/CN=x' },
        isoMicros(systemClock.now()),
      );
      const revoked = await nova.db.transaction((trx) =>
        revokeCertificates(trx, { userId: 'u' }, '2014-09-12T08:00:00'),
      );
      expect([revoked.revoked, (await revokedOf(nova.db.query, 'root')).length]).toEqual([1, 1]);
      expect(await nova.db.transaction((trx) => archiveServers(trx, 100))).toBeGreaterThan(0);
    });
  });
}
