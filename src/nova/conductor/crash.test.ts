import { describe, expect, it } from 'vitest';
import { crashAfter } from '../testing/crash.ts';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

/** Everything outside the database obeys the dying process no longer. */
function obey(nova: NovaFixture, alive: () => Promise<void>): void {
  nova.network.beforeChange = alive;
  for (const compute of nova.computes.values()) compute.before = alive;
}

async function leftovers(nova: NovaFixture) {
  const claims = await nova.db.query.selectFrom('allocations').selectAll().execute();
  const nodes = await nova.db.query.selectFrom('compute_nodes').select(['host', 'memory_mb_used']).execute();
  const open = await nova.db.query
    .selectFrom('operations')
    .select('id')
    .where('status', 'in', ['pending', 'running', 'undoing'])
    .execute();
  const guests = [...nova.computes.values()].flatMap((compute) => [...compute.guests.keys()]);
  expect(nodes.reduce((sum, node) => sum + node.memory_mb_used, 0)).toBe(
    claims.reduce((sum, claim) => sum + claim.memory_mb, 0),
  );
  return { claims: claims.length, open: open.length, guests, ports: [...nova.network.ports.values()] };
}

const server = (nova: NovaFixture) => ({
  server: { name: 'one', imageRef: nova.imageId, flavorRef: '1', networks: [{ uuid: nova.demoNet.id }] },
});

/** Runs `scenario` with the conductor killed after its n-th statement, for every n until one runs to its end. */
async function atEveryStatement(
  prepare: (nova: NovaFixture) => Promise<string | undefined>,
  scenario: (nova: NovaFixture, prepared: string | undefined) => Promise<string>,
  check: (nova: NovaFixture, id: string, moment: string) => Promise<void>,
): Promise<number> {
  for (let after = 0; ; after++) {
    const nova = await novaFixture({ hosts: ['compute1', 'compute2'] });
    try {
      const prepared = await prepare(nova);
      const crash = crashAfter(nova.db, after);
      await nova.startConductor(crash.db);
      obey(nova, crash.alive);
      const id = await scenario(nova, prepared);
      const first = nova.runner;
      await first.resume().catch(() => undefined);
      // Whoever is dead does not become idle: enough that nothing more happens.
      await Promise.race([first.idle(), expect.poll(() => crash.dead, { timeout: 5000 }).toBe(true)]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      obey(nova, async () => undefined);
      await nova.startConductor();
      await nova.settled();
      await check(nova, id, `killed after statement ${after}`);
      if (!crash.dead) return after;
    } finally {
      await nova.close();
    }
  }
}

describe('a conductor that is killed at any statement', () => {
  it('boots the server all the same after its restart, exactly once', { timeout: 120_000 }, async () => {
    const moments = await atEveryStatement(
      async () => undefined,
      async (nova) => (await nova.request('POST', '/v2.1/servers', { body: server(nova) })).body.server.id as string,
      async (nova, id, moment) => {
        const shown = (await nova.request('GET', `/v2.1/servers/${id}`, { token: 'demo/admin' })).body.server;
        const left = await leftovers(nova);
        expect([shown.status, shown['OS-EXT-STS:task_state']], moment).toEqual(['ACTIVE', null]);
        expect([left.claims, left.open, left.guests, left.ports.length], moment).toEqual([1, 0, [id], 1]);
        expect(nova.computes.get(shown['OS-EXT-SRV-ATTR:host'])?.guests.has(id), moment).toBe(true);
        expect(left.ports[0]?.['binding:host_id'], moment).toBe(shown['OS-EXT-SRV-ATTR:host']);
      },
    );
    expect(moments).toBeGreaterThan(20);
  });

  it('unwinds a boot that cannot succeed, and leaves nothing', { timeout: 120_000 }, async () => {
    await atEveryStatement(
      async () => undefined,
      async (nova) => {
        for (const compute of nova.computes.values()) {
          const { before } = compute;
          compute.before = async (method, id) => {
            await before(method, id);
            if (method === 'spawn')
              throw Object.assign(new Error('The image is no image'), { name: 'ImageUnacceptable' });
          };
        }
        return (await nova.request('POST', '/v2.1/servers', { body: server(nova) })).body.server.id as string;
      },
      async (nova, id, moment) => {
        const shown = (await nova.request('GET', `/v2.1/servers/${id}`)).body.server;
        // The second conductor meets hosts that work again: either end is a right one, but nothing between.
        expect(['ERROR', 'ACTIVE'], moment).toContain(shown.status);
        const left = await leftovers(nova);
        const lives = shown.status === 'ACTIVE' ? 1 : 0;
        expect([left.claims, left.open, left.guests.length, left.ports.length], moment).toEqual([
          lives,
          0,
          lives,
          lives,
        ]);
        if (lives === 0) expect(shown.fault.message, moment).toBe('The image is no image');
      },
    );
  });

  it('ends every delete in deleted', { timeout: 120_000 }, async () => {
    const moments = await atEveryStatement(
      async (nova) => {
        const made = await nova.request('POST', '/v2.1/servers', { body: server(nova) });
        await nova.settled();
        return made.body.server.id as string;
      },
      async (nova, id) => {
        expect((await nova.request('DELETE', `/v2.1/servers/${id}`)).status).toBe(204);
        return id as string;
      },
      async (nova, id, moment) => {
        expect((await nova.request('GET', `/v2.1/servers/${id}`)).status, moment).toBe(404);
        const left = await leftovers(nova);
        expect([left.claims, left.open, left.guests, left.ports], moment).toEqual([0, 0, [], []]);
      },
    );
    expect(moments).toBeGreaterThan(8);
  });

  it('deletes what was being built', { timeout: 120_000 }, async () => {
    await atEveryStatement(
      async () => undefined,
      async (nova) => {
        const { id } = (await nova.request('POST', '/v2.1/servers', { body: server(nova) })).body.server;
        await nova.request('DELETE', `/v2.1/servers/${id}`);
        return id as string;
      },
      async (nova, id, moment) => {
        expect((await nova.request('GET', `/v2.1/servers/${id}`)).status, moment).toBe(404);
        const left = await leftovers(nova);
        expect([left.claims, left.open, left.guests, left.ports], moment).toEqual([0, 0, [], []]);
      },
    );
  });
});
