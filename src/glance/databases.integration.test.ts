/** Glance over real databases: what differs between them must not show. */
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mariadbPrograms, startMariadb, type SqlServer } from '#test/fixtures/mariadb.ts';
import { postgresqlPrograms, startPostgresql } from '#test/fixtures/postgresql.ts';
import { canRun } from '#test/fixtures/programs.ts';
import { usageOf } from './images/rows.ts';
import { glanceMigrations } from './migrations/index.ts';
import { as, contextOf, glanceFixture, octets, type GlanceFixture } from './testing/fixture.ts';

const engines = [
  { name: 'mariadb', programs: mariadbPrograms, start: startMariadb },
  { name: 'postgresql', programs: postgresqlPrograms, start: startPostgresql },
] as const;

for (const engine of engines) {
  describe.skipIf(!canRun(...engine.programs))(`glance on ${engine.name}`, () => {
    let server: SqlServer;
    let glance: GlanceFixture;
    let alice: ReturnType<typeof as>;
    let bob: ReturnType<typeof as>;
    beforeAll(async () => {
      server = await engine.start();
      glance = await glanceFixture({ database: await server.createDatabase('glance'), storageQuota: 100 });
      [alice, bob] = [as(glance.app, 'alice'), as(glance.app, 'bob')];
    });
    afterAll(async () => {
      await glance.close();
      await server.stop();
    });
    const make = async (body: object): Promise<string> =>
      (await alice('POST', '/v2/images', { disk_format: 'raw', container_format: 'bare', ...body })).json<{
        id: string;
      }>().id;

    it('migrates again without a change', async () => {
      expect(await glance.db.migrate(glanceMigrations)).toEqual([]);
    });

    it('makes, fills, changes and deletes an image', async () => {
      const id = await make({ name: 'a \u4e2d', tags: ['x'], colour: 'red', protected: true });
      expect((await alice('POST', '/v2/images', { id })).statusCode).toBe(409);
      expect((await alice('PUT', `/v2/images/${id}/file`, 'hello', octets)).statusCode).toBe(204);
      const patch = [{ op: 'replace', path: '/protected', value: false }];
      const type = { 'content-type': 'application/openstack-images-v2.1-json-patch' };
      expect((await alice('PATCH', `/v2/images/${id}`, JSON.stringify(patch), type)).json()).toMatchObject({
        name: 'a \u4e2d',
        size: 5,
        virtual_size: 5,
        tags: ['x'],
        colour: 'red',
        protected: false,
      });
      expect((await alice('DELETE', `/v2/images/${id}`)).statusCode).toBe(204);
      expect(await usageOf(glance.db.query, 'alice')).toBe(0);
    });

    it('keeps metadata definitions, all of a namespace or nothing', async () => {
      const admin = as(glance.app, 'admin');
      const root = '/v2/metadefs/namespaces';
      const body = { namespace: 'N', tags: [{ name: 'a' }], resource_type_associations: [{ name: 'Own' }] };
      expect((await admin('POST', root, body)).statusCode).toBe(201);
      expect((await admin('POST', root, body)).statusCode).toBe(409);
      expect((await admin('POST', `${root}/N/resource_types`, { name: 'Own' })).statusCode).toBe(409);
      const append = { 'x-openstack-append': 'true' };
      expect((await admin('POST', `${root}/N/tags`, { tags: [{ name: 'b' }, { name: 'a' }] }, append)).statusCode).toBe(
        409,
      );
      expect((await admin('GET', `${root}/N`)).json()).toMatchObject({ tags: [{ name: 'a' }] });
      expect((await admin('GET', `${root}?resource_types=Own`)).json().namespaces).toHaveLength(1);
      expect((await admin('DELETE', `${root}/N`)).statusCode).toBe(204);
    });

    it('imports what was staged, and lists the task', async () => {
      const id = await make({ name: 'staged' });
      expect((await alice('PUT', `/v2/images/${id}/stage`, 'hello', octets)).statusCode).toBe(204);
      const method = { name: 'glance-direct' };
      expect((await alice('POST', `/v2/images/${id}/import`, { method })).statusCode).toBe(202);
      await glance.operations.idle();
      expect((await alice('GET', `/v2/images/${id}`)).json()).toMatchObject({ status: 'active', size: 5 });
      const { tasks } = (await as(glance.app, 'admin')('GET', '/v2/tasks?sort_key=expires_at')).json();
      expect(tasks).toMatchObject([{ image_id: id, status: 'success' }]);
      expect((await alice('DELETE', `/v2/images/${id}`)).statusCode).toBe(204);
    });

    it('pages through a list sorted by a column that may be null', async () => {
      for (const name of ['p1', 'p2', 'p3']) await make({ name, kind: 'paged' });
      await alice('POST', '/v2/images', { kind: 'paged' });
      const seen: (string | null)[] = [];
      let next: string | undefined = '/v2/images?kind=paged&limit=3&sort=name:desc';
      for (let pages = 0; next !== undefined && pages < 5; pages++) {
        const page: { images: { name: string | null }[]; next?: string } = (await alice('GET', next)).json();
        seen.push(...page.images.map(({ name }) => name));
        next = page.next;
      }
      expect(seen).toEqual(['p3', 'p2', 'p1', null]);
    });

    it('shares', async () => {
      const id = await make({ name: 'shared' });
      expect((await alice('POST', `/v2/images/${id}/members`, { member: 'bob' })).statusCode).toBe(200);
      expect((await alice('POST', `/v2/images/${id}/members`, { member: 'bob' })).statusCode).toBe(409);
      expect((await bob('PUT', `/v2/images/${id}/members/bob`, { status: 'accepted' })).statusCode).toBe(200);
      expect((await bob('GET', '/v2/images?visibility=shared')).json<{ images: object[] }>().images).toHaveLength(1);
    });

    it('counts against the quota exactly, however many uploads run at once', async () => {
      const ids = await Promise.all(Array.from({ length: 8 }, (_, index) => make({ name: `q${index}` })));
      const upload = { afterFailure: 'queued', signal: new AbortController().signal } as const;
      const ctx = contextOf('alice', 'req-1');
      const sent = await Promise.allSettled(
        ids.map((id) => glance.data.upload(ctx, id, Readable.from([Buffer.alloc(30)]), upload)),
      );
      expect(sent.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
      expect(await usageOf(glance.db.query, 'alice')).toBe(90);
    });

    it('lets one of two uploads of an image win', async () => {
      const id = await make({ name: 'race' });
      await alice(
        'DELETE',
        `/v2/images/${(await alice('GET', '/v2/images?status=active')).json<{ images: { id: string }[] }>().images[0]?.id}`,
      );
      const sent = await Promise.all([1, 2, 3].map(() => alice('PUT', `/v2/images/${id}/file`, 'x', octets)));
      expect(sent.map(({ statusCode }) => statusCode).toSorted()).toEqual([204, 409, 409]);
    });
  });
}
