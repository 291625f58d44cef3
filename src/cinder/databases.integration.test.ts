/** Cinder over real databases: what differs between them must not show. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mariadbPrograms, startMariadb, type SqlServer } from '#test/fixtures/mariadb.ts';
import { postgresqlPrograms, startPostgresql } from '#test/fixtures/postgresql.ts';
import { canRun } from '#test/fixtures/programs.ts';
import { systemClock } from '#common/clock.ts';
import { cinderMigrations } from './migrations/index.ts';
import { cinderFixture, type CinderFixture } from './testing/fixture.ts';

const engines = [
  { name: 'mariadb', programs: mariadbPrograms, start: startMariadb },
  { name: 'postgresql', programs: postgresqlPrograms, start: startPostgresql },
] as const;

for (const engine of engines) {
  describe.skipIf(!canRun(...engine.programs))(`cinder on ${engine.name}`, () => {
    let server: SqlServer;
    let cinder: CinderFixture;
    const ask = (method: string, url: string, body?: object, token = 'demo') =>
      cinder.request(method, url, { body, token, version: '3.70' });

    beforeAll(async () => {
      server = await engine.start();
      cinder = await cinderFixture({ url: await server.createDatabase('cinder') });
    });
    afterAll(async () => {
      await cinder.close();
      await server.stop();
    });

    it('migrates once', async () => {
      expect(await cinder.db.migrate(cinderMigrations(cinder.db.dialect, systemClock))).toEqual([]);
    });

    it('holds quotas when many requests come at once', async () => {
      await ask('PUT', '/os-quota-sets/crowd', { quota_set: { volumes: 3 } }, 'crowd/admin');
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => ask('POST', '/volumes', { volume: { size: 1 } }, 'crowd')),
      );
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(3);
      expect(answers.filter(({ status }) => status === 413)).toHaveLength(7);
      const { quota_set: set } = (await ask('GET', '/os-quota-sets/crowd?usage=true', undefined, 'crowd')).body;
      expect(set.gigabytes).toEqual({ limit: 1000, in_use: 3, reserved: 0 });
    });

    it('finds, sorts and pages', async () => {
      const made: string[] = [];
      for (const [name, meta] of [
        ['Alpha', { k: "it's 100%" }],
        [null, {}],
        ['beta', { k: 'x_y' }],
      ] as const)
        made.push((await cinder.volume({ name, metadata: meta })).id);
      const ids = async (query: string) =>
        (await ask('GET', `/volumes?${query}`)).body.volumes.map((one: { id: string }) => one.id);
      expect(await ids('')).toEqual([made[2], made[1], made[0]]);
      expect(await ids('sort=name:asc&limit=1')).toEqual([made[1]]);
      expect(await ids(`sort=name:desc&marker=${made[0]}`)).not.toContain(made[0]);
      expect(await ids('name~=ALPH')).toEqual([made[0]]);
      expect(await ids(`metadata=${encodeURIComponent('{"k": "it\'s 100%"}')}`)).toEqual([made[0]]);
      expect(await ids(`metadata=${encodeURIComponent('{"k": "xzy"}')}`)).toEqual([]);
      expect((await ask('GET', '/volumes/summary')).body['volume-summary'].total_count).toBe(3);
    });

    it('ties, snapshots, groups and hands over', async () => {
      const { id } = await cinder.volume({}, 'giver');
      const nova = cinder.client('service/admin');
      const attachment = await nova.attachments.create({
        volumeId: id,
        serverId: '11111111-1111-4111-8111-111111111111',
      });
      await nova.attachments.complete(attachment.id);
      expect((await nova.show(id)).status).toBe('in-use');
      await nova.attachments.delete(attachment.id);
      const snapshot = await nova.snapshots.create({ volume_id: id });
      await cinder.settled();
      expect((await ask('GET', '/snapshots?availability_zone=nova', undefined, 'giver')).body.snapshots).toHaveLength(
        1,
      );
      const { transfer } = (await ask('POST', '/volume-transfers', { transfer: { volume_id: id } }, 'giver')).body;
      const accept = { accept: { auth_key: transfer.auth_key } };
      expect((await ask('POST', `/volume-transfers/${transfer.id}/accept`, accept, 'taker')).status).toBe(202);
      expect((await ask('GET', `/snapshots/${snapshot.id}`, undefined, 'taker')).status).toBe(200);
      const type = (await ask('POST', '/types', { volume_type: { name: 't' } }, 'demo/admin')).body.volume_type;
      const group = await ask('POST', '/groups', {
        group: { group_type: 'default_cgsnapshot_type', volume_types: [type.id] },
      });
      expect(group.status).toBe(202);
      expect((await ask('POST', '/types', { volume_type: { name: 't' } }, 'demo/admin')).status).toBe(409);
      expect((await ask('GET', '/os-hosts/stor1@lvm', undefined, 'demo/admin')).status).toBe(200);
    });
  });
}
