import { expect } from 'vitest';
import { crashAfter } from './crash.ts';
import { novaFixture, type NovaFixture } from './fixture.ts';

/** Everything outside the database obeys the dying process no longer. */
function obey(nova: NovaFixture, alive: () => Promise<void>): void {
  nova.network.beforeChange = alive;
  // The API, which makes images as the user, lives on.
  nova.images.beforeChange = (tenant) => (tenant === null ? alive() : undefined);
  for (const compute of nova.computes.values()) {
    const { before } = compute;
    compute.before = async (method, id) => {
      await alive();
      await before(method, id);
    };
  }
}

export interface Scene {
  readonly options?: Parameters<typeof novaFixture>[0];
  /** While nobody dies. @returns the server */
  readonly prepare: (nova: NovaFixture) => Promise<string>;
  readonly act: (nova: NovaFixture, id: string) => Promise<void>;
  readonly check: (nova: NovaFixture, id: string, moment: string) => Promise<void>;
}

/**
 * Runs `act` with the conductor killed after its n-th statement, for every n until one runs to its end. Dying between two effects
 * outside is dying at the statement before: each effect is followed by one.
 * @returns how many moments there were
 */
export async function atEveryStatement({ options, prepare, act, check }: Scene): Promise<number> {
  for (let after = 0; ; after++) {
    const nova = await novaFixture(options);
    // What a dead process has asked for never comes to anything; at the end nobody waits for it any more.
    let end: () => void = () => undefined;
    const ended = new Promise<never>((_, reject) => (end = () => reject(new Error('This process was killed'))));
    ended.catch(() => undefined);
    try {
      const id = await prepare(nova);
      const quiet = [...nova.computes.values()].map((compute) => [compute, compute.before] as const);
      const crash = crashAfter(nova.db, after);
      await nova.startConductor(crash.db);
      obey(nova, async () => {
        if (crash.dead) await ended;
      });
      await act(nova, id);
      const first = nova.runner;
      await first.resume().catch(() => undefined);
      // Whoever is dead does not become idle: enough that nothing more happens.
      await Promise.race([first.idle(), expect.poll(() => crash.dead, { timeout: 5000 }).toBe(true)]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      for (const [compute, before] of quiet) compute.before = before;
      nova.network.beforeChange = () => undefined;
      nova.images.beforeChange = () => undefined;
      await nova.startConductor();
      await nova.settled();
      await check(nova, id, `killed after statement ${after}`);
      if (!crash.dead) return after;
    } finally {
      end();
      await nova.close();
    }
  }
}

/** What is left of everything that operations make and must not leave. */
export async function leftovers(nova: NovaFixture) {
  const claims = await nova.db.query.selectFrom('allocations').selectAll().execute();
  const nodes = await nova.db.query.selectFrom('compute_nodes').select(['host', 'memory_mb_used']).execute();
  expect(nodes.reduce((sum, node) => sum + node.memory_mb_used, 0)).toBe(
    claims.reduce((sum, claim) => sum + claim.memory_mb, 0),
  );
  const open = await nova.db.query
    .selectFrom('operations')
    .select('id')
    .where('status', 'in', ['pending', 'running', 'undoing'])
    .execute();
  const computes = [...nova.computes.values()];
  return {
    claims: claims.map((claim) => [claim.server_id, claim.memory_mb] as const),
    open: open.length,
    guests: computes.flatMap((compute) => [...compute.guests.keys()]),
    asides: computes.flatMap((compute) => [...compute.asides.keys()]),
    copies: computes.flatMap((compute) => [...compute.copies.keys()]),
    unfilled: [...nova.images.images.values()].filter((image) => image.status !== 'active').map((image) => image.id),
    ports: nova.network.ports.size,
  };
}
