import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RestClient } from '#clients/rest.ts';
import { restOfAccount } from '../fixtures/account.ts';
import { cloudAt, eventually, type Cloud } from '../fixtures/cloud.ts';

const state = inject('cloudState');
/** Twenty, or as many as you like: `IGLOO_CHAOS=20 npm run test:e2e -- chaos` */
const rounds = Number(process.env['IGLOO_CHAOS'] ?? 20);

interface Server {
  id: string;
  name: string;
  status: string;
  fault?: { message: string };
}

describe.skipIf(state === null)('kill -9 of the whole control plane', () => {
  let cloud: Cloud;
  let imageRef: string;
  let network: string;
  const compute = (): Promise<RestClient> => restOfAccount(cloud.stateDir, 'demo', 'compute');
  const servers = async (): Promise<Server[]> =>
    (await (await compute()).json<{ servers: Server[] }>('GET', '/servers/detail')).servers;
  const settled = (): Promise<Server[]> =>
    eventually(
      'every server is in a final state',
      async () => {
        const list = await servers();
        return list.every((one) => one.status === 'ACTIVE' || one.status === 'ERROR') && list;
      },
      180_000,
    );

  beforeAll(async () => {
    cloud = cloudAt(state as string);
    const images = await restOfAccount(cloud.stateDir, 'demo', 'image');
    imageRef = (await images.json<{ images: Server[] }>('GET', '/v2/images?name=cirros')).images[0]?.id as string;
    const networks = await restOfAccount(cloud.stateDir, 'demo', 'network');
    const found = await networks.json<{ networks: Server[] }>('GET', '/v2.0/networks?name=demo-net');
    network = found.networks[0]?.id as string;
  });
  afterAll(async () => {
    const rest = await compute();
    for (const one of await servers()) await rest.json('DELETE', `/servers/${one.id}`);
    await eventually('all are gone', async () => (await servers()).length === 0);
  });

  it.each(Array.from({ length: rounds }, (_, round) => round + 1))(
    'in the middle of a boot and a delete leaves nothing half done (round %i)',
    async (round) => {
      const rest = await compute();
      const before = await servers();
      const doomed = before.slice(0, Math.max(0, before.length - 1));
      await rest.json('POST', '/servers', {
        server: { name: `chaos-${round}`, flavorRef: '1', imageRef, networks: [{ uuid: network }] },
      });
      for (const one of doomed) await rest.json('DELETE', `/servers/${one.id}`);
      // A boot takes some 400 ms from here, a delete some 200.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 700));
      process.kill(await cloud.pid(), 'SIGKILL');
      await cloud.up();
      await eventually('what was being deleted is gone', async () => {
        const left = (await servers()).map((one) => one.id);
        return doomed.every((one) => !left.includes(one.id));
      });
      const list = await settled();
      expect(list.map((one) => one.name)).toContain(`chaos-${round}`);
      for (const one of list)
        if (one.status === 'ERROR') expect(one.fault?.message, `${one.name} is in ERROR and says why`).toBeTruthy();
      await eventually('no leaks', async () => (await cloud.igloo('doctor', '--leaks')).status === 0, 60_000);
    },
  );
});
