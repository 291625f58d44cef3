import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cinderFixture, type CinderFixture } from '#cinder/testing/fixture.ts';
import { novaFixture, type NovaFixture } from '#nova/testing/fixture.ts';

// Nova's API and conductor over Cinder's API, as one calls the other; hosts and back ends are simulated.
describe('Nova with Cinder', () => {
  let cinder: CinderFixture;
  let nova: NovaFixture;
  let working: NodeJS.Timeout;

  beforeEach(async () => {
    cinder = await cinderFixture();
    nova = await novaFixture({ cinder: (token) => cinder.client(token) });
    cinder.images.images.set(nova.imageId, nova.images.images.get(nova.imageId)!);
    // Cinder's daemons work when they are told: here they always are.
    const work = (): void => {
      working = setTimeout(() => void cinder.settled().finally(work), 10);
    };
    work();
  });
  afterEach(async () => {
    clearTimeout(working);
    await nova.close();
    await cinder.close();
  });

  const volume = async (id: string) =>
    (await cinder.request('GET', `/volumes/${id}`, { version: '3.50' })).body.volume as {
      status: string;
      attachments: { server_id: string; device: string; attachment_id: string }[];
    };
  const attachments = async () => (await cinder.request('GET', '/attachments', { version: '3.27' })).body.attachments;
  const boot = async (over: object = {}): Promise<string> => {
    const body = { server: { name: 'one', imageRef: nova.imageId, flavorRef: '1', ...over } };
    const answer = await nova.request('POST', '/v2.1/servers', { body });
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    await nova.settled();
    return answer.body.server.id as string;
  };
  const status = async (id: string) => (await nova.request('GET', `/v2.1/servers/${id}`)).body.server;
  const url = (id: string, of = ''): string => `/v2.1/servers/${id}/os-volume_attachments${of && `/${of}`}`;

  it('attaches, detaches, and attaches again', async () => {
    const [id, { id: volumeId }] = [await boot(), await cinder.volume()];
    for (let round = 1; round <= 2; round++) {
      const answer = await nova.request('POST', url(id), { body: { volumeAttachment: { volumeId } } });
      expect([answer.status, answer.body.volumeAttachment?.device], JSON.stringify(answer.body)).toEqual([
        200,
        '/dev/vdb',
      ]);
      await nova.settled();
      expect(await volume(volumeId)).toMatchObject({
        status: 'in-use',
        attachments: [{ server_id: id, device: '/dev/vdb' }],
      });
      expect(nova.computes.get('compute1')!.volumes(id).get(volumeId)?.connection).toMatchObject({
        type: 'iscsi',
        username: 'user',
        password: 'secret',
      });
      const twice = await nova.request('POST', url(await boot()), { body: { volumeAttachment: { volumeId } } });
      expect(twice.status).toBe(400);
      expect((await nova.request('DELETE', url(id, volumeId))).status).toBe(202);
      await nova.settled();
      expect([(await volume(volumeId)).status, await attachments()]).toEqual(['available', []]);
    }
  });

  it('keeps a volume in use that the guest does not let go', async () => {
    const [id, { id: volumeId }] = [await boot(), await cinder.volume()];
    await nova.request('POST', url(id), { body: { volumeAttachment: { volumeId } } });
    await nova.settled();
    nova.computes.get('compute1')!.before = (method) => {
      if (method === 'detachVolume') throw new Error('The guest did not release the disk');
    };
    expect((await nova.request('DELETE', url(id, volumeId))).status).toBe(202);
    await nova.settled();
    expect((await volume(volumeId)).status).toBe('in-use');
  });

  it('has volumes made for a server in its project, and ends them with it', async () => {
    const source = await cinder.volume();
    const snapshot = await cinder.snapshot(source.id);
    const id = await boot({
      imageRef: '',
      block_device_mapping_v2: [
        {
          source_type: 'image',
          destination_type: 'volume',
          uuid: nova.imageId,
          boot_index: 0,
          volume_size: 1,
          delete_on_termination: true,
        },
        { source_type: 'snapshot', uuid: snapshot.id, delete_on_termination: true },
        { source_type: 'blank', destination_type: 'volume', volume_size: 2 },
      ],
    });
    const shown = await status(id);
    expect(shown.status, JSON.stringify(shown.fault)).toBe('ACTIVE');
    const all = (await cinder.request('GET', '/volumes/detail', { version: '3.50' })).body.volumes as {
      id: string;
      status: string;
      size: number;
    }[];
    expect(all.map((one) => [one.size, one.status]).sort()).toEqual([
      [1, 'available'],
      [1, 'in-use'],
      [1, 'in-use'],
      [2, 'in-use'],
    ]);
    await nova.request('DELETE', `/v2.1/servers/${id}`);
    await nova.settled();
    await expect
      .poll(async () => (await cinder.request('GET', '/volumes/detail', { version: '3.50' })).body.volumes.length)
      .toBe(2);
    expect(await attachments()).toEqual([]);
  });

  it('boots from a volume, moves it to a host that can reach it, and swaps another', async () => {
    await nova.addHost('compute2');
    let failed: string | undefined;
    for (const compute of nova.computes.values())
      compute.before = (method) => {
        if (method !== 'spawn' || (failed !== undefined && failed !== compute.host)) return;
        failed = compute.host;
        throw new Error('This host cannot reach the storage');
      };
    const root = await cinder.volume({ imageRef: nova.imageId });
    const id = await boot({
      imageRef: '',
      block_device_mapping_v2: [{ source_type: 'volume', destination_type: 'volume', uuid: root.id, boot_index: 0 }],
    });
    const shown = await status(id);
    expect(shown.status, JSON.stringify(shown.fault)).toBe('ACTIVE');
    expect((await volume(root.id)).attachments).toHaveLength(1);
    const [from, to] = [await cinder.volume(), await cinder.volume({ size: 2 })];
    await nova.request('POST', url(id), { body: { volumeAttachment: { volumeId: from.id } } });
    await nova.settled();
    const body = { volumeAttachment: { volumeId: to.id } };
    const answer = await nova.request('PUT', url(id, from.id), { body, token: 'demo/admin' });
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    await nova.settled();
    expect([(await volume(from.id)).status, (await volume(to.id)).status]).toEqual(['available', 'in-use']);
  });
});
