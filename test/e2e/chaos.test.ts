import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { cloudAt, eventually, type Cloud } from '../fixtures/cloud.ts';

const state = inject('cloudState');
/** CI looks at some; `IGLOO_CHAOS=20 npm run test:e2e -- chaos` at as many as you like. */
const rounds = Number(process.env['IGLOO_CHAOS'] ?? 3);

interface Listed {
  ID: string;
  Name: string;
  Status: string;
}

describe.skipIf(state === null)('kill -9 of the whole control plane', () => {
  let cloud: Cloud;
  const servers = (): Promise<Listed[]> => cloud.json<Listed[]>('demo', 'server', 'list');
  const settled = (): Promise<Listed[]> =>
    eventually(
      'every server is in a final state',
      async () => {
        const list = await servers();
        return list.every((one) => one.Status === 'ACTIVE' || one.Status === 'ERROR') && list;
      },
      180_000,
    );

  beforeAll(() => {
    cloud = cloudAt(state as string);
  });
  afterAll(async () => {
    const left = await servers();
    if (left.length > 0) await cloud.openstack('demo', 'server', 'delete', '--wait', ...left.map((one) => one.ID));
  });

  it.each(Array.from({ length: rounds }, (_, round) => round + 1))(
    'in the middle of boots and deletes leaves nothing half done (round %i)',
    async (round) => {
      const before = await servers();
      // Outcomes do not matter here: the client loses its server when the control plane dies.
      const work = [
        cloud.openstack(
          'demo',
          'server',
          'create',
          '--image',
          'cirros',
          '--flavor',
          'm1.tiny',
          '--network',
          'demo-net',
          `chaos-${round}`,
        ),
        ...before.slice(0, 1).map((one) => cloud.openstack('demo', 'server', 'delete', one.ID)),
      ].map((one) => one.catch(() => ''));
      const delay = 1_500 + Math.random() * 2_500;
      await new Promise((resolve) => setTimeout(resolve, delay));
      process.kill(await cloud.pid(), 'SIGKILL');
      await Promise.all(work);
      await cloud.up();
      const list = await settled();
      for (const one of list.filter((server) => server.Status === 'ERROR')) {
        const shown = await cloud.json<{ fault?: { message: string } }>('demo', 'server', 'show', one.ID);
        expect(shown.fault?.message, `${one.Name} is in ERROR and says why`).toBeTruthy();
      }
      await eventually('no leaks', async () => (await cloud.igloo('doctor', '--leaks')).status === 0, 60_000);
      expect(list.length).toBeLessThanOrEqual(before.length + 1);
    },
  );
});
