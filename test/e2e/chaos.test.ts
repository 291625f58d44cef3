import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RestClient } from '#clients/rest.ts';
import { restOfAccount } from '../fixtures/account.ts';
import { cloudAt, eventually, type Cloud } from '../fixtures/cloud.ts';
import { inGuest, makeFloatingIp, makeKey } from '../fixtures/guest.ts';
import { randomOf, shuffled } from '../fixtures/random.ts';

const state = inject('cloudState');
/** Six, or as many as you like: `IGLOO_CHAOS=100 npm run test:e2e -- chaos` */
const rounds = Number(process.env['IGLOO_CHAOS'] ?? 6);

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

/** The same again: `IGLOO_CHAOS_SEED=… npm run test:e2e -- chaos` */
const seed = Number(process.env['IGLOO_CHAOS_SEED'] ?? Date.now() % 1_000_000);
const deedRounds = Number(process.env['IGLOO_CHAOS_DEEDS'] ?? 6);

interface Thing {
  id: string;
  name: string;
  status: string;
}
interface VolumeRow extends Thing {
  size: number;
  attachments: { server_id: string }[];
}
interface ServerRow extends Thing {
  'OS-EXT-STS:task_state': string | null;
  'os-extended-volumes:volumes_attached': { id: string }[];
  flavor: { id: string };
  fault?: { message: string };
}
interface Scene {
  servers: ServerRow[];
  volumes: VolumeRow[];
  snapshots: Thing[];
  images: Thing[];
}

/** Something that is begun, and killed in the middle. */
interface Deed {
  readonly name: string;
  /** About how long it takes with its request, in milliseconds: within them it is killed. */
  readonly takesMs: number;
  /** What must be there before. What it gives is handed on. */
  readonly prepare?: () => Promise<string>;
  readonly act: (id: string) => Promise<unknown>;
  /** What must be true at the end, once the API had said yes to it. */
  readonly done?: (scene: Scene, id: string) => void;
}

describe.skipIf(state === null)(`kill -9 in the middle of what is done to servers and volumes (seed ${seed})`, () => {
  const random = randomOf(seed);
  let cloud: Cloud;
  let imageRef: string;
  let network: string;
  let anvil: string;
  let key: string;
  let ip: string;
  const clients = new Map<string, Promise<RestClient>>();
  const at = (type: string): Promise<RestClient> => {
    const client = clients.get(type) ?? restOfAccount(cloud.stateDir, 'demo', type);
    clients.set(type, client);
    return client;
  };
  const adminCompute = (): Promise<RestClient> => restOfAccount(cloud.stateDir, 'admin', 'compute');
  const ask = async <T>(type: string, method: string, path: string, body?: unknown): Promise<T> =>
    (await at(type)).json<T>(method, path, body);

  const scene = async (): Promise<Scene> => ({
    ...(await ask<Pick<Scene, 'servers'>>('compute', 'GET', '/servers/detail')),
    ...(await ask<Pick<Scene, 'volumes'>>('volumev3', 'GET', '/volumes/detail')),
    ...(await ask<Pick<Scene, 'snapshots'>>('volumev3', 'GET', '/snapshots/detail')),
    ...(await ask<Pick<Scene, 'images'>>('image', 'GET', '/v2/images')),
  });
  const final = {
    servers: ['ACTIVE', 'VERIFY_RESIZE', 'ERROR'],
    volumes: ['available', 'in-use', 'error'],
    snapshots: ['available', 'error'],
    images: ['active', 'killed'],
  };
  const settled = async (): Promise<Scene> => {
    let unsettled: string[] = [];
    return eventually(
      'all is in a final state',
      async () => {
        const now = await scene();
        unsettled = Object.entries(final).flatMap(([what, states]) =>
          now[what as keyof Scene]
            .filter((one) => !states.includes(one.status) || (one as ServerRow)['OS-EXT-STS:task_state'])
            .map((one) => `${what} ${one.id} ${one.name} ${one.status}`),
        );
        return unsettled.length === 0 && now;
      },
      100_000,
    ).catch((cause: unknown) => {
      throw new Error(`Not in a final state: ${unsettled.join(', ')}`, { cause });
    });
  };
  const volumeNow = async (id: string): Promise<VolumeRow> =>
    (await ask<{ volume: VolumeRow }>('volumev3', 'GET', `/volumes/${id}`)).volume;
  const makeVolume = async (more: object = {}): Promise<string> =>
    (await ask<{ volume: Thing }>('volumev3', 'POST', '/volumes', { volume: { size: 1, name: 'chaos', ...more } }))
      .volume.id;
  const freshVolume = async (): Promise<string> => {
    const id = await makeVolume();
    await eventually('a volume', async () => (await volumeNow(id)).status === 'available');
    return id;
  };
  const makeSnapshot = async (volume: string): Promise<string> =>
    (
      await ask<{ snapshot: Thing }>('volumev3', 'POST', '/snapshots', {
        snapshot: { volume_id: volume, name: 'chaos' },
      })
    ).snapshot.id;
  const action = (id: string, body: unknown): Promise<unknown> => ask('compute', 'POST', `/servers/${id}/action`, body);
  const server = async (id: string): Promise<ServerRow> =>
    (await ask<{ server: ServerRow }>('compute', 'GET', `/servers/${id}`)).server;
  const becomes = (id: string, status: string): Promise<ServerRow> =>
    eventually(`server ${id} is ${status}`, async () => {
      const now = await server(id);
      return now.status === status && now['OS-EXT-STS:task_state'] === null && now;
    });
  const attach = (volumeId: string): Promise<unknown> =>
    ask('compute', 'POST', `/servers/${anvil}/os-volume_attachments`, { volumeAttachment: { volumeId } });
  const attached = async (): Promise<string> => {
    const id = await freshVolume();
    await attach(id);
    await eventually('it is attached', async () => (await volumeNow(id)).status === 'in-use');
    return id;
  };
  const resize = async (): Promise<string> => {
    const flavorRef = (await server(anvil)).flavor.id === '1' ? 'chaos' : '1';
    await action(anvil, { resize: { flavorRef } });
    return flavorRef;
  };
  const idOf = (list: readonly Thing[], id: string): Thing | undefined => list.find((one) => one.id === id);

  const ofServers: readonly Deed[] = [
    { name: 'resize', takesMs: 3000, act: resize },
    {
      name: 'resize-confirm',
      takesMs: 80,
      async prepare() {
        const flavor = await resize();
        await becomes(anvil, 'VERIFY_RESIZE');
        return flavor;
      },
      act: () => action(anvil, { confirmResize: null }),
      done: ({ servers }, flavor) => {
        const one = servers.find(({ id }) => id === anvil);
        expect([one?.status, one?.flavor.id]).toEqual(['ACTIVE', flavor]);
      },
    },
    { name: 'volume-attach', takesMs: 150, prepare: freshVolume, act: attach },
    {
      name: 'volume-detach',
      takesMs: 400,
      prepare: attached,
      act: (id) => ask('compute', 'DELETE', `/servers/${anvil}/os-volume_attachments/${id}`),
    },
    {
      name: 'image-create',
      takesMs: 400,
      act: () => action(anvil, { createImage: { name: 'chaos' } }),
    },
    {
      name: 'boot from a volume',
      takesMs: 2500,
      act: () =>
        ask('compute', 'POST', '/servers', {
          server: {
            ...{ name: 'chaos-volume', flavorRef: '1', networks: [{ uuid: network }] },
            block_device_mapping_v2: [
              {
                ...{ boot_index: 0, uuid: imageRef, source_type: 'image', destination_type: 'volume' },
                ...{ volume_size: 1, delete_on_termination: true },
              },
            ],
          },
        }),
      done: ({ servers }) => expect(servers.map((one) => one.name)).toContain('chaos-volume'),
    },
  ];
  const ofVolumes: readonly Deed[] = [
    { name: 'volume create', takesMs: 60, act: () => makeVolume() },
    { name: 'volume create from an image', takesMs: 300, act: () => makeVolume({ imageRef }) },
    {
      name: 'volume delete',
      takesMs: 60,
      prepare: freshVolume,
      act: (id) => ask('volumev3', 'DELETE', `/volumes/${id}`),
      done: ({ volumes }, id) => expect(idOf(volumes, id)).toBeUndefined(),
    },
    {
      name: 'volume extend',
      takesMs: 60,
      prepare: freshVolume,
      act: (id) => ask('volumev3', 'POST', `/volumes/${id}/action`, { 'os-extend': { new_size: 2 } }),
      done: ({ volumes }, id) => expect(idOf(volumes, id)).toMatchObject({ status: 'available', size: 2 }),
    },
    {
      name: 'volume snapshot',
      takesMs: 60,
      prepare: freshVolume,
      act: makeSnapshot,
    },
    {
      name: 'volume snapshot delete',
      takesMs: 50,
      async prepare() {
        const id = await makeSnapshot(await freshVolume());
        await eventually('a snapshot', async () => idOf((await scene()).snapshots, id)?.status === 'available');
        return id;
      },
      act: (id) => ask('volumev3', 'DELETE', `/snapshots/${id}`),
      done: ({ snapshots }, id) => expect(idOf(snapshots, id)).toBeUndefined(),
    },
  ];

  /** A volume is in use if and only if its server says so too. */
  const expectAgreement = ({ servers, volumes }: Scene): void => {
    const bySide = (pairs: readonly (readonly [string, string])[]): string[] =>
      pairs.map((one) => one.join(' in ')).sort();
    expect(
      bySide(volumes.flatMap((one) => one.attachments.map(({ server_id }) => [one.id, server_id] as const))),
    ).toEqual(
      bySide(
        servers.flatMap((one) => one['os-extended-volumes:volumes_attached'].map(({ id }) => [id, one.id] as const)),
      ),
    );
    for (const one of volumes)
      expect([one.id, one.status]).toEqual([one.id, one.attachments[0] ? 'in-use' : one.status]);
    for (const one of volumes.filter(({ status }) => status === 'in-use')) expect(one.attachments.length).toBe(1);
  };

  /** The guest has its own disk, and the volumes that the API speaks of. */
  const expectDisks = async ({ servers }: Scene): Promise<void> => {
    const volumes = servers.find(({ id }) => id === anvil)?.['os-extended-volumes:volumes_attached'] ?? [];
    let seen = '';
    await eventually(`the guest has ${1 + volumes.length} disks`, async () => {
      seen = await inGuest(key, ip, 'ls /sys/block | grep -c vd');
      return seen === String(1 + volumes.length);
    }).catch((cause: unknown) => {
      throw new Error(`The guest has ${seen} disks, and the API says that ${volumes.length} are volumes`, { cause });
    });
  };

  /** Back to a server without volumes, and nothing else: whatever was killed can be deleted. */
  const clearUp = async (now: Scene): Promise<void> => {
    if (now.servers.find(({ id }) => id === anvil)?.status === 'VERIFY_RESIZE') {
      await action(anvil, { confirmResize: null });
      await becomes(anvil, 'ACTIVE');
    }
    for (const { id } of now.servers.filter((one) => one.id !== anvil))
      await ask('compute', 'DELETE', `/servers/${id}`);
    for (const { id } of now.servers.find((one) => one.id === anvil)?.['os-extended-volumes:volumes_attached'] ?? [])
      await ask('compute', 'DELETE', `/servers/${anvil}/os-volume_attachments/${id}`);
    for (const { id } of now.images.filter((one) => one.id !== imageRef))
      await ask('image', 'DELETE', `/v2/images/${id}`);
    for (const { id } of now.snapshots) await ask('volumev3', 'DELETE', `/snapshots/${id}`);
    await eventually('servers and snapshots are gone, volumes are free', async () => {
      const { servers, snapshots, volumes } = await scene();
      const free = volumes.every(({ status }) => status === 'available' || status === 'error');
      return servers.length === 1 && snapshots.length === 0 && free;
    });
    for (const { id } of (await scene()).volumes) await ask('volumev3', 'DELETE', `/volumes/${id}`);
    await eventually('volumes are gone', async () => (await scene()).volumes.length === 0);
  };

  beforeAll(async () => {
    process.stdout.write(`IGLOO_CHAOS_SEED=${seed}\n`);
    cloud = cloudAt(state as string);
    imageRef = (await ask<{ images: Thing[] }>('image', 'GET', '/v2/images?name=cirros')).images[0]?.id as string;
    const { networks } = await ask<{ networks: Thing[] }>('network', 'GET', '/v2.0/networks?name=demo-net');
    network = networks[0]?.id as string;
    await (
      await adminCompute()
    ).json('POST', '/flavors', { flavor: { id: 'chaos', name: 'chaos', ram: 256, disk: 1, vcpus: 1 } });
    key = await makeKey(cloud, 'demo', 'chaos');
    await cloud.openstack('demo', 'security', 'group', 'create', 'chaos');
    await cloud.openstack(
      'demo',
      'security',
      'group',
      'rule',
      'create',
      '--protocol',
      'tcp',
      '--dst-port',
      '22',
      'chaos',
    );
    const made = await ask<{ server: Thing }>('compute', 'POST', '/servers', {
      server: {
        ...{ name: 'anvil', flavorRef: '1', imageRef, networks: [{ uuid: network }], key_name: 'chaos' },
        security_groups: [{ name: 'chaos' }],
      },
    });
    anvil = made.server.id;
    await becomes(anvil, 'ACTIVE');
    ip = await makeFloatingIp(cloud, 'demo', 'anvil');
    await inGuest(key, ip, 'true');
  }, 300_000);

  afterAll(async () => {
    await settled().then(clearUp, () => undefined);
    await ask('compute', 'DELETE', `/servers/${anvil}`);
    await eventually('the server is gone', async () => (await scene()).servers.length === 0);
    await (await adminCompute()).json('DELETE', '/flavors/chaos');
    await cloud.openstack('demo', 'floating', 'ip', 'delete', ip);
    await cloud.openstack('demo', 'keypair', 'delete', 'chaos');
    await cloud.openstack('demo', 'security', 'group', 'delete', 'chaos');
  }, 300_000);

  const decks = [ofServers, ofVolumes].map((deeds) =>
    Array.from({ length: Math.ceil(deedRounds / deeds.length) }, () => shuffled(deeds, random)).flat(),
  ) as [Deed[], Deed[]];
  const pairs = Array.from({ length: deedRounds }, (_, i) => [decks[0][i] as Deed, decks[1][i] as Deed] as const);

  it.each(pairs.map((deeds) => ({ deeds, title: deeds.map(({ name }) => name).join(' and ') })))(
    '$title: finished or undone',
    async ({ deeds: [ofServer, ofVolume] }) => {
      const began = [];
      for (const deed of [ofServer, ofVolume])
        began.push({ deed, id: (await deed.prepare?.()) ?? '', accepted: false });
      const pid = await cloud.pid();
      const dieAt = random() * ofServer.takesMs;
      const late = Math.max(0, dieAt - random() * ofVolume.takesMs);
      const acts = began.map(async (one, i) => {
        await new Promise((resolve) => setTimeout(resolve, i * late));
        await one.deed.act(one.id).then(
          () => (one.accepted = true),
          () => undefined, // killed before it could answer
        );
      });
      await new Promise((resolve) => setTimeout(resolve, dieAt));
      process.kill(pid, 'SIGKILL');
      await Promise.all(acts);
      clients.clear(); // their connections are broken
      await cloud.up();
      const now = await settled();
      expectAgreement(now);
      for (const one of now.servers) expect(one.fault?.message, `${one.name} is ${one.status}`).toBeUndefined();
      for (const { deed, id, accepted } of began) if (accepted) deed.done?.(now, id);
      if (ofServer.name.startsWith('volume-')) await expectDisks(now);
      await clearUp(now);
      await eventually('no leaks', async () => (await cloud.igloo('doctor', '--leaks')).status === 0, 60_000);
    },
  );

  it('leave the guest with its own disk only', async () => expectDisks(await scene()));
});
