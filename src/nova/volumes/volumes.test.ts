import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

let nova: NovaFixture;
beforeEach(async () => {
  nova = await novaFixture();
});
afterEach(() => nova.close());

const absent = '70a599e0-31e7-49b7-b260-868f441e862b';

async function boot(over: object = {}, options: { version?: string; path?: string } = {}): Promise<string> {
  const answer = await nova.request('POST', options.path ?? '/v2.1/servers', {
    body: { server: { name: 'one', imageRef: nova.imageId, flavorRef: '1', ...over } },
    ...(options.version !== undefined && { version: options.version }),
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  await nova.settled();
  return answer.body.server.id as string;
}
const show = async (id: string, version = '2.1') =>
  (await nova.request('GET', `/v2.1/servers/${id}`, { version, token: 'demo/admin' })).body.server;
const url = (id: string, volume = ''): string =>
  `/v2.1/servers/${id}/os-volume_attachments${volume === '' ? '' : `/${volume}`}`;
const attach = (id: string, volumeId: string, more: object = {}, version = '2.1', token = 'demo') =>
  nova.request('POST', url(id), { body: { volumeAttachment: { volumeId, ...more } }, version, token });
const list = async (id: string, version = '2.1') =>
  (await nova.request('GET', url(id), { version })).body.volumeAttachments;
const guestVolumes = (id: string): string[] => [...nova.computes.get('compute1')!.volumes(id).keys()];
/** What exists of volumes beyond those that a test made. */
const leftovers = async () => ({
  ties: nova.volumes.ties.size,
  rows: (await nova.db.query.selectFrom('block_devices').select('id').execute()).length,
});

describe('attaching a volume', () => {
  it('answers with the next free device, and has it in the guest', async () => {
    const id = await boot();
    const volume = nova.volumes.add();
    const answer = await attach(id, volume.id, { device: null });
    expect([answer.status, answer.body]).toEqual([
      200,
      { volumeAttachment: { device: '/dev/vdb', id: volume.id, serverId: id, volumeId: volume.id } },
    ]);
    await nova.settled();
    expect([nova.volumes.status(volume.id), guestVolumes(id)]).toEqual(['in-use', [volume.id]]);
    expect((await show(id))['os-extended-volumes:volumes_attached']).toEqual([{ id: volume.id }]);
    expect((await show(id, '2.3'))['os-extended-volumes:volumes_attached']).toEqual([
      { id: volume.id, delete_on_termination: false },
    ]);
    const detail = await nova.request('GET', '/v2.1/servers/detail');
    expect(detail.body.servers[0]['os-extended-volumes:volumes_attached']).toEqual([{ id: volume.id }]);
    const [disk] = nova.computes.get('compute1')!.volumes(id).values();
    expect(disk).toMatchObject({
      device: 'vdb',
      bus: 'virtio',
      connection: { type: 'iscsi', username: 'chapuser', password: 'chap-very-secret' },
    });
  });

  it('keeps no secret in the database, and none in the journal', async () => {
    const id = await boot();
    const volume = nova.volumes.add();
    await attach(id, volume.id);
    await nova.settled();
    for (const table of ['block_devices', 'operations', 'operation_steps', 'instances'] as const)
      expect(JSON.stringify(await nova.db.query.selectFrom(table).selectAll().execute())).not.toContain('chap');
  });

  it('shows more in later versions', async () => {
    const id = await boot();
    const volume = nova.volumes.add();
    const answer = await attach(id, volume.id, { tag: 'data', delete_on_termination: true }, '2.79');
    expect(answer.body.volumeAttachment).toEqual({
      device: '/dev/vdb',
      id: volume.id,
      serverId: id,
      volumeId: volume.id,
      tag: 'data',
      delete_on_termination: true,
    });
    await nova.settled();
    expect(await list(id, '2.70')).toEqual([
      { id: volume.id, serverId: id, volumeId: volume.id, device: '/dev/vdb', tag: 'data' },
    ]);
    const [tie] = nova.volumes.ties.keys();
    expect((await nova.request('GET', url(id, volume.id), { version: '2.89' })).body.volumeAttachment).toEqual({
      serverId: id,
      volumeId: volume.id,
      device: '/dev/vdb',
      tag: 'data',
      delete_on_termination: true,
      attachment_id: tie,
      bdm_uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    await nova.request('DELETE', `/v2.1/servers/${id}`);
    await nova.settled();
    expect([nova.volumes.volumes.size, await leftovers()]).toEqual([0, { ties: 0, rows: 0 }]);
  });

  it('takes the device that is asked for, and the lowest free one otherwise', async () => {
    const id = await boot();
    const [a, b, c] = [nova.volumes.add(), nova.volumes.add(), nova.volumes.add()];
    expect((await attach(id, a.id, { device: '/dev/vdd' })).body.volumeAttachment.device).toBe('/dev/vdd');
    expect((await attach(id, b.id)).body.volumeAttachment.device).toBe('/dev/vdb');
    const taken = await attach(id, c.id, { device: '/dev/vdd' });
    expect([taken.status, taken.body.conflictingRequest.message]).toEqual([
      409,
      'The supplied device path (/dev/vdd) is in use.',
    ]);
    await nova.settled();
    expect(await leftovers()).toEqual({ ties: 2, rows: 2 });
    expect((await nova.request('GET', `${url(id)}?limit=1&offset=1`)).body.volumeAttachments).toMatchObject([
      { id: b.id },
    ]);
  });

  it.each([
    ['a volume that is not there', {}, { volumeId: absent }, 404, `Volume ${absent} could not be found.`],
    ['another project’s', { tenant: 'other' }, {}, 404, /^Volume .* could not be found\.$/],
    ['one in use', { status: 'in-use' }, {}, 400, /status must be 'available'. Currently in 'in-use'$/],
    ['one for several', { multiattach: true }, {}, 400, /only supported starting with compute API version 2\.60\.$/],
    ['a tag too early', {}, { tag: 'x' }, 400, /'tag' was unexpected/],
    ['a device that cannot be', {}, { device: '/etc/passwd' }, 400, /does not match/],
    ['what is no UUID', {}, { volumeId: '32dec761' }, 400, /is not a 'uuid'/],
  ])('is refused for %s', async (_what, over, more, status, message) => {
    const id = await boot();
    const volume = nova.volumes.add(over);
    const answer = await attach(id, volume.id, more);
    const [fault] = Object.values(answer.body as Record<string, { message: string }>);
    expect([answer.status, fault?.message]).toEqual([
      status,
      message instanceof RegExp ? expect.stringMatching(message) : message,
    ]);
    expect(await leftovers()).toEqual({ ties: 0, rows: 0 });
  });

  it('is refused for a volume that it has, and for another’s server', async () => {
    const id = await boot();
    const volume = nova.volumes.add({ multiattach: true });
    await attach(id, volume.id, {}, '2.60');
    await nova.settled();
    const twice = await attach(id, volume.id, {}, '2.60');
    expect([twice.status, twice.body.badRequest.message]).toEqual([
      400,
      `Invalid volume: volume ${volume.id} already attached`,
    ]);
    expect((await attach(id, nova.volumes.add({ tenant: 'other' }).id, {}, '2.1', 'other')).status).toBe(404);
  });

  it('says at once when Cinder gives the volume to somebody else, and leaves nothing', async () => {
    const id = await boot();
    const volume = nova.volumes.add();
    // Between our look and the reservation another server gets it.
    nova.volumes.beforeChange = () => {
      nova.volumes.beforeChange = () => undefined;
      nova.volumes.volumes.set(volume.id, { ...volume, status: 'attaching' });
    };
    const answer = await attach(id, volume.id);
    expect([answer.status, answer.body.badRequest.message]).toEqual([
      400,
      expect.stringContaining('the current status is attaching'),
    ]);
    await nova.settled();
    expect(await leftovers()).toEqual({ ties: 0, rows: 0 });
  });

  it('is undone when the host cannot reach the volume', async () => {
    const id = await boot();
    const volume = nova.volumes.add();
    nova.computes.get('compute1')!.before = (method) => {
      if (method === 'attachVolume') throw new Error('Authentication failure(513)');
    };
    expect((await attach(id, volume.id)).status).toBe(200);
    await nova.settled();
    expect([nova.volumes.status(volume.id), guestVolumes(id)]).toEqual(['available', []]);
    expect(await leftovers()).toEqual({ ties: 0, rows: 0 });
    const actions = await nova.request('GET', `/v2.1/servers/${id}/os-instance-actions`);
    expect(actions.body.instanceActions[0]).toMatchObject({ action: 'attach_volume', message: 'Error' });
  });

  it('serves a volume of several servers to each of them', async () => {
    const [a, b] = [await boot(), await boot()];
    const volume = nova.volumes.add({ multiattach: true });
    for (const id of [a, b]) expect((await attach(id, volume.id, {}, '2.60')).status).toBe(200);
    await nova.settled();
    expect([guestVolumes(a), guestVolumes(b)]).toEqual([[volume.id], [volume.id]]);
    expect(nova.computes.get('compute1')!.volumes(a).get(volume.id)?.shared).toBe(true);
    await nova.request('DELETE', url(a, volume.id));
    await nova.settled();
    expect([nova.volumes.status(volume.id), guestVolumes(a), guestVolumes(b)]).toEqual(['in-use', [], [volume.id]]);
  });
});

describe('detaching a volume', () => {
  it('frees it, and its device', async () => {
    const id = await boot();
    const volume = nova.volumes.add();
    await attach(id, volume.id);
    await nova.settled();
    const answer = await nova.request('DELETE', url(id, volume.id));
    expect([answer.status, answer.body]).toEqual([202, '']);
    await nova.settled();
    expect([nova.volumes.status(volume.id), guestVolumes(id), await list(id)]).toEqual(['available', [], []]);
    const gone = await nova.request('GET', url(id, volume.id));
    expect([gone.status, gone.body.itemNotFound.message]).toEqual([
      404,
      `Instance ${id} is not attached to volume ${volume.id}`,
    ]);
    expect((await nova.request('DELETE', url(id, volume.id))).status).toBe(404);
    expect((await nova.request('DELETE', url(id, absent))).body.itemNotFound.message).toBe(
      `Volume ${absent} could not be found.`,
    );
  });

  it('leaves it attached when the guest does not let go', async () => {
    const id = await boot();
    const volume = nova.volumes.add();
    await attach(id, volume.id);
    await nova.settled();
    nova.computes.get('compute1')!.before = (method) => {
      if (method === 'detachVolume') throw new Error('The guest did not release the disk within 20 s.');
    };
    expect((await nova.request('DELETE', url(id, volume.id))).status).toBe(202);
    await nova.settled();
    expect([nova.volumes.status(volume.id), guestVolumes(id)]).toEqual(['in-use', [volume.id]]);
    nova.computes.get('compute1')!.before = () => undefined;
    await nova.request('DELETE', url(id, volume.id));
    await nova.settled();
    expect(await leftovers()).toEqual({ ties: 0, rows: 0 });
  });

  it('is refused while it is being detached, and for the root disk', async () => {
    const volume = nova.volumes.add({ bootable: 'true' });
    const id = await boot({
      imageRef: '',
      block_device_mapping_v2: [{ source_type: 'volume', uuid: volume.id, boot_index: 0 }],
    });
    const root = await nova.request('DELETE', url(id, volume.id));
    expect([root.status, root.body.badRequest.message]).toEqual([400, 'Cannot detach a root device volume']);
    const old = await nova.request('DELETE', `/v2/demo/servers/${id}/os-volume_attachments/${volume.id}`);
    expect([old.status, old.body.forbidden.message]).toEqual([403, 'Cannot detach a root device volume']);
    const other = nova.volumes.add();
    await attach(id, other.id);
    await nova.settled();
    nova.volumes.volumes.set(other.id, { ...other, status: 'detaching' });
    expect((await nova.request('DELETE', url(id, other.id))).status).toBe(400);
  });
});

describe('changing an attachment', () => {
  it('puts another volume in its place for administrators', async () => {
    const id = await boot();
    const [from, to] = [nova.volumes.add(), nova.volumes.add({ size: 2 })];
    await attach(id, from.id);
    await nova.settled();
    const body = { volumeAttachment: { volumeId: to.id } };
    expect((await nova.request('PUT', url(id, from.id), { body })).status).toBe(403);
    expect((await nova.request('PUT', url(id, from.id), { body, token: 'demo/admin' })).status).toBe(202);
    await nova.settled();
    expect([guestVolumes(id), await list(id)]).toEqual([
      [to.id],
      [{ id: to.id, serverId: id, volumeId: to.id, device: '/dev/vdb' }],
    ]);
    expect([nova.volumes.status(from.id), nova.volumes.status(to.id)]).toEqual(['available', 'in-use']);
    const small = nova.volumes.add({ size: 1 });
    const answer = await nova.request('PUT', url(id, to.id), {
      body: { volumeAttachment: { volumeId: small.id } },
      token: 'demo/admin',
    });
    expect([answer.status, answer.body.badRequest.message]).toEqual([
      400,
      'Invalid volume: New volume must be the same size or larger.',
    ]);
  });

  it('changes whether the volume ends with the server, from 2.85 on', async () => {
    const id = await boot();
    const volume = nova.volumes.add();
    await attach(id, volume.id);
    await nova.settled();
    const put = (more: object, version = '2.85') =>
      nova.request('PUT', url(id, volume.id), {
        body: { volumeAttachment: { volumeId: volume.id, ...more } },
        version,
      });
    expect((await put({ delete_on_termination: true }, '2.84')).status).toBe(400);
    expect((await put({ delete_on_termination: true })).status).toBe(202);
    expect((await list(id, '2.79'))[0].delete_on_termination).toBe(true);
    expect((await put({ device: '/dev/vdz' })).status).toBe(400);
  });
});

describe('a server with volumes', () => {
  it('gets them again, newly connected, when it is started or rebooted', async () => {
    const id = await boot();
    const volume = nova.volumes.add();
    await attach(id, volume.id);
    await nova.settled();
    const compute = nova.computes.get('compute1')!;
    for (const body of [{ 'os-stop': null }, { 'os-start': null }, { reboot: { type: 'HARD' } }]) {
      await nova.request('POST', `/v2.1/servers/${id}/action`, { body });
      await nova.settled();
    }
    expect(compute.calls.filter((call) => /keepVolumes|powerOn|reboot/.test(call))).toEqual([
      `keepVolumes ${id}`,
      `powerOn ${id}`,
      `keepVolumes ${id}`,
      `reboot ${id}`,
    ]);
    expect(guestVolumes(id)).toEqual([volume.id]);
  });

  it('starts with what its host knows when Cinder is away', async () => {
    const id = await boot();
    await attach(id, nova.volumes.add().id);
    await nova.settled();
    nova.volumes.away = Object.assign(new Error('away'), { status: 503 }) as never;
    await nova.request('POST', `/v2.1/servers/${id}/action`, { body: { reboot: { type: 'HARD' } } });
    await nova.settled();
    nova.volumes.away = null;
    expect((await show(id)).status).toBe('ACTIVE');
  });

  it('lets go of them when it is deleted', async () => {
    const id = await boot();
    const volume = nova.volumes.add();
    await attach(id, volume.id);
    await nova.settled();
    await nova.request('DELETE', `/v2.1/servers/${id}`);
    await nova.settled();
    expect([nova.volumes.status(volume.id), await leftovers()]).toEqual(['available', { ties: 0, rows: 0 }]);
  });

  it('is told that one has grown', async () => {
    const id = await boot();
    const volume = nova.volumes.add();
    await attach(id, volume.id);
    await nova.settled();
    nova.volumes.volumes.set(volume.id, { ...volume, status: 'in-use', size: 3 });
    const answer = await nova.request('POST', '/v2.1/os-server-external-events', {
      token: 'service/admin',
      version: '2.51',
      body: { events: [{ name: 'volume-extended', server_uuid: id, tag: volume.id }] },
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    await nova.settled();
    expect(nova.computes.get('compute1')!.calls).toContain(`growVolume ${id}`);
  });
});

describe('a new server', () => {
  const disksOf = (id: string) =>
    nova.computes
      .get('compute1')!
      .guests.get(id)!
      .request.guest.disks.map((disk) => `${disk.device} ${disk.kind}`);

  it('boots from a volume, without an image', async () => {
    const volume = nova.volumes.add({
      bootable: 'true',
      size: 2,
      volume_image_metadata: { image_id: nova.imageId, image_name: 'cirros', hw_disk_bus: 'virtio', min_disk: '1' },
    });
    const id = await boot({
      imageRef: '',
      block_device_mapping_v2: [
        { source_type: 'volume', destination_type: 'volume', uuid: volume.id, boot_index: '0', volume_size: '' },
      ],
    });
    const shown = await show(id, '2.3');
    expect([shown.status, shown.image, shown['OS-EXT-SRV-ATTR:root_device_name']]).toEqual(['ACTIVE', '', '/dev/vda']);
    expect([disksOf(id), nova.volumes.status(volume.id)]).toEqual([['vda volume'], 'in-use']);
    const claims = await nova.db.query.selectFrom('allocations').select('disk_gb').execute();
    expect(claims).toEqual([{ disk_gb: 0 }]);
  });

  it('has volumes made for it of images, snapshots and nothing, and they end with it as asked', async () => {
    const source = nova.volumes.add();
    const snapshot = await nova.volumes.client('demo').snapshots.create({ volume_id: source.id });
    const id = await boot(
      {
        imageRef: '',
        networks: 'none',
        block_device_mapping_v2: [
          {
            source_type: 'image',
            destination_type: 'volume',
            uuid: nova.imageId,
            boot_index: 0,
            volume_size: 2,
            delete_on_termination: true,
            volume_type: 'fast',
          },
          { source_type: 'snapshot', uuid: snapshot.id, delete_on_termination: true },
          { source_type: 'blank', destination_type: 'volume', volume_size: 3, device_name: '/dev/vdf' },
        ],
      },
      { version: '2.67' },
    );
    expect(disksOf(id)).toEqual(['vda volume', 'vdb volume', 'vdf volume']);
    const made = [...nova.volumes.volumes.values()].slice(1);
    expect(made.map(({ size, volume_type, snapshot_id, status }) => [size, volume_type, snapshot_id, status])).toEqual([
      [2, 'fast', null, 'in-use'],
      [1, null, snapshot.id, 'in-use'],
      [3, null, null, 'in-use'],
    ]);
    expect(made.every((volume) => volume['os-vol-tenant-attr:tenant_id'] === 'demo')).toBe(true);
    await nova.request('DELETE', `/v2.1/servers/${id}`);
    await nova.settled();
    const left = [...nova.volumes.volumes.values()].map((volume) => [volume.size, volume.status]);
    expect([left, await leftovers()]).toEqual([
      [
        [1, 'available'],
        [3, 'available'],
      ],
      { ties: 0, rows: 0 },
    ]);
  });

  it('has the local disks that it asks for, within its flavor', async () => {
    await nova.request('POST', '/v2.1/flavors', {
      token: 'demo/admin',
      body: {
        flavor: { id: '42', name: 'm1.eph', ram: 64, vcpus: 1, disk: 1, 'OS-FLV-EXT-DATA:ephemeral': 4, swap: 64 },
      },
    });
    const image = { source_type: 'image', destination_type: 'local', uuid: nova.imageId, boot_index: 0 };
    const local = { source_type: 'blank', destination_type: 'local', delete_on_termination: true };
    const id = await boot({
      flavorRef: '42',
      block_device_mapping_v2: [
        image,
        { ...local, volume_size: 1 },
        { ...local, volume_size: 32, guest_format: 'swap' },
      ],
    });
    const { disks } = nova.computes.get('compute1')!.guests.get(id)!.request.guest;
    expect(disks).toMatchObject([
      { kind: 'image', device: 'vda' },
      { kind: 'blank', device: 'vdb', sizeMb: 1024, file: 'disk.eph0', label: 'ephemeral0' },
      { kind: 'blank', device: 'vdc', sizeMb: 32, format: 'swap' },
    ]);
    const plain = await boot({ flavorRef: '42' });
    expect(disksOf(plain)).toEqual(['vda image', 'vdb blank', 'vdc blank']);
  });

  it('takes Icehouse’s form, at its own address too', async () => {
    const volume = nova.volumes.add({ bootable: 'true' });
    const answer = await nova.request('POST', '/v2/demo/os-volumes_boot', {
      body: {
        server: {
          name: 'bfv',
          imageRef: '',
          flavorRef: '1',
          block_device_mapping: [{ device_name: 'vda', volume_id: volume.id, delete_on_termination: '0' }],
          min_count: 1,
          max_count: 1,
        },
      },
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    await nova.settled();
    expect(disksOf(answer.body.server.id)).toEqual(['vda volume']);
    const data = nova.volumes.add();
    const second = await boot({ block_device_mapping: [{ device_name: '/dev/vdc', volume_id: data.id }] });
    expect(disksOf(second)).toEqual(['vda image', 'vdc volume']);
  });

  it('boots as an image of a volume-backed server says', async () => {
    const volume = nova.volumes.add();
    const snapshot = await nova.volumes.client('demo').snapshots.create({ volume_id: volume.id });
    const { id: imageRef } = nova.images.add('saved', {
      size: 0,
      bdm_v2: 'True',
      root_device_name: '/dev/vda',
      block_device_mapping: JSON.stringify([
        {
          source_type: 'snapshot',
          destination_type: 'volume',
          snapshot_id: snapshot.id,
          boot_index: 0,
          device_name: '/dev/vda',
          delete_on_termination: true,
          volume_size: 1,
        },
      ]),
    });
    const id = await boot({ imageRef });
    expect([disksOf(id), (await show(id)).image]).toEqual([['vda volume'], '']);
    expect([...nova.volumes.volumes.values()].map((one) => one.snapshot_id)).toEqual([null, snapshot.id]);
  });

  it('that boots from a volume is saved as snapshots and an image of them, from which another boots', async () => {
    const volume = nova.volumes.add({ bootable: 'true', volume_image_metadata: { hw_disk_bus: 'scsi' } });
    const data = nova.volumes.add();
    const id = await boot({ imageRef: '', block_device_mapping_v2: [volumeV2({ uuid: volume.id })] });
    await attach(id, data.id);
    await nova.settled();
    const answer = await nova.request('POST', `/v2.1/servers/${id}/action`, {
      version: '2.45',
      body: { createImage: { name: 'saved', metadata: { a: 'b' } } },
    });
    expect([answer.status, answer.body]).toEqual([202, { image_id: expect.any(String) }]);
    const image = nova.images.images.get(answer.body.image_id as string);
    expect(image).toMatchObject({
      name: 'saved',
      status: 'active',
      size: 0,
      bdm_v2: 'True',
      hw_disk_bus: 'scsi',
      a: 'b',
    });
    const snapshots = [...nova.volumes.snapshots.values()];
    expect(snapshots.map((one) => [one.volume_id, one.name])).toEqual([
      [volume.id, 'snapshot for saved'],
      [data.id, 'snapshot for saved'],
    ]);
    expect(JSON.parse(String(image?.['block_device_mapping']))).toMatchObject([
      { source_type: 'snapshot', snapshot_id: snapshots[0]?.id, boot_index: 0, device_name: '/dev/sda' },
      { source_type: 'snapshot', snapshot_id: snapshots[1]?.id, boot_index: null, device_name: '/dev/sdb' },
    ]);
    expect(disksOf(await boot({ imageRef: image!.id }))).toEqual(['sda volume', 'sdb volume']);
  });

  const volumeV2 = (more: object) => ({ source_type: 'volume', destination_type: 'volume', boot_index: 0, ...more });
  it.each([
    [{ imageRef: '' }, 'Missing imageRef attribute'],
    [
      { imageRef: '', block_device_mapping_v2: [volumeV2({ uuid: absent })] },
      `Block Device Mapping is Invalid: failed to get volume ${absent}.`,
    ],
    [
      { imageRef: '', block_device_mapping_v2: [volumeV2({ uuid: 'VOLUME' })] },
      /^Block Device [0-9a-f-]{36} is not bootable\.$/,
    ],
    [
      { imageRef: '', block_device_mapping_v2: [volumeV2({ uuid: 'VOLUME', boot_index: 1 })] },
      'Block Device Mapping is Invalid: Boot sequence for the instance and image/block device mapping combination is not valid.',
    ],
    [
      { block_device_mapping_v2: [volumeV2({ uuid: 'VOLUME', boot_index: -1 })] },
      /^Block Device Mapping is Invalid: Boot sequence/,
    ],
    [
      { imageRef: '', block_device_mapping_v2: [{ source_type: 'snapshot', uuid: absent, boot_index: 0 }] },
      `Block Device Mapping is Invalid: failed to get snapshot ${absent}.`,
    ],
    [
      { imageRef: '', block_device_mapping_v2: [{ source_type: 'blank', destination_type: 'volume', boot_index: 0 }] },
      "Block Device Mapping is Invalid: Blank volumes (source: 'blank', dest: 'volume') need to have non-zero size",
    ],
    [
      {
        imageRef: '',
        block_device_mapping_v2: [
          {
            source_type: 'image',
            destination_type: 'volume',
            uuid: '84e34943-40ac-47ef-959e-000000000001',
            boot_index: 0,
          },
        ],
      },
      "Block Device Mapping is Invalid: Images with destination_type 'volume' need to have a non-zero size specified",
    ],
    [
      { block_device_mapping_v2: [{ source_type: 'volume', boot_index: 0 }] },
      'Block Device Mapping is Invalid: Missing device UUID.',
    ],
    [
      { block_device_mapping_v2: [{ source_type: 'blank', uuid: absent }] },
      'Block Device Mapping is Invalid: Invalid device UUID.',
    ],
    [
      { block_device_mapping_v2: [{ source_type: 'image', uuid: absent, boot_index: 1 }] },
      'Block Device Mapping is Invalid: Mapping image to local is not supported.',
    ],
    [
      { block_device_mapping: [{ device_name: 'vdb' }] },
      'Block Device Mapping is Invalid: Unrecognized legacy format.',
    ],
    [
      { block_device_mapping: [{ volume_id: absent }], block_device_mapping_v2: [volumeV2({ uuid: absent })] },
      'Using different block_device_mapping syntaxes is not allowed in the same request.',
    ],
    [
      { min_count: 2, imageRef: '', block_device_mapping_v2: [volumeV2({ uuid: 'VOLUME' })] },
      'Cannot attach one or more volumes to multiple instances',
    ],
    [
      { block_device_mapping_v2: [{ ...volumeV2({ uuid: 'VOLUME' }), volume_type: 'fast' }] },
      /'volume_type' was unexpected/,
    ],
    [
      { block_device_mapping: [{ virtual_name: 'swap', volume_size: 64, device_name: 'vdc' }] },
      'Swap drive requested is larger than instance type allows.',
    ],
    [
      { block_device_mapping: [{ virtual_name: 'ephemeral0', volume_size: 1, device_name: 'vdb' }] },
      /^Ephemeral disks requested are larger than the instance type allows\./,
    ],
  ])('is refused with 400 for %j', async (over, message) => {
    const volume = nova.volumes.add();
    const body = JSON.parse(
      JSON.stringify({ server: { name: 'x', imageRef: nova.imageId, flavorRef: '1', ...over } }).replaceAll(
        'VOLUME',
        volume.id,
      ),
    ) as object;
    const answer = await nova.request('POST', '/v2.1/servers', { body });
    expect([answer.status, answer.body.badRequest?.message]).toEqual([
      400,
      message instanceof RegExp ? expect.stringMatching(message) : message,
    ]);
    expect((await nova.request('GET', '/v2.1/servers')).body.servers).toEqual([]);
  });

  it('ends in ERROR when its volume cannot be made, and leaves none', async () => {
    nova.volumes.statusOfNew = 'error';
    const id = await boot({
      imageRef: '',
      block_device_mapping_v2: [
        { source_type: 'image', destination_type: 'volume', uuid: nova.imageId, boot_index: 0, volume_size: 1 },
      ],
    });
    const shown = await show(id);
    expect([shown.status, shown.fault.message]).toEqual([
      'ERROR',
      expect.stringMatching(
        /^Volume .* did not finish being created even after we waited .* And its status is error\.$/,
      ),
    ]);
    expect([nova.volumes.volumes.size, await leftovers()]).toEqual([0, { ties: 0, rows: 0 }]);
  });

  it('follows its volumes to another host', async () => {
    await nova.addHost('compute2');
    const volume = nova.volumes.add({ bootable: 'true' });
    let failed: string | undefined;
    for (const compute of nova.computes.values())
      compute.before = (method) => {
        if (method !== 'spawn' || (failed !== undefined && failed !== compute.host)) return;
        failed = compute.host;
        throw new Error('This host cannot reach the storage');
      };
    const id = await boot({ imageRef: '', block_device_mapping_v2: [volumeV2({ uuid: volume.id })] });
    const shown = await show(id);
    expect([shown.status, shown['OS-EXT-SRV-ATTR:host']]).toEqual([
      'ACTIVE',
      failed === 'compute1' ? 'compute2' : 'compute1',
    ]);
    expect([...nova.volumes.ties.values()]).toMatchObject([
      { status: 'attached', connectedTo: shown['OS-EXT-SRV-ATTR:host'] },
    ]);
  });
});

describe('Icehouse’s volumes in Nova', () => {
  it('are Cinder’s, in its words', async () => {
    const made = await nova.request('POST', '/v2/demo/os-volumes', {
      body: { volume: { size: 3, display_name: 'demoVolume', metadata: { a: 'b' } } },
    });
    expect(made.status, JSON.stringify(made.body)).toBe(200);
    const { id } = made.body.volume;
    expect([made.status, made.headers['location']]).toEqual([200, `http://127.0.0.1:8774/v2/demo/os-volumes/${id}`]);
    expect(made.body.volume).toEqual({
      id,
      status: 'available',
      size: 3,
      availabilityZone: 'nova',
      createdAt: expect.any(String),
      attachments: [{}],
      displayName: 'demoVolume',
      displayDescription: null,
      volumeType: null,
      snapshotId: null,
      metadata: { a: 'b' },
    });
    expect((await nova.request('GET', '/v2/demo/os-volumes/detail')).body.volumes).toHaveLength(1);
    expect((await nova.request('GET', '/v2.1/os-volumes', { version: '2.36' })).status).toBe(404);
    expect((await nova.request('GET', '/v2.1/os-volumes', { token: 'other' })).body.volumes).toEqual([]);
    const snapshot = await nova.request('POST', '/v2/demo/os-snapshots', {
      body: { snapshot: { volume_id: id, display_name: 's1', force: 'True' } },
    });
    expect(snapshot.body.snapshot).toMatchObject({ volumeId: id, displayName: 's1', size: 3 });
    const one = `/v2/demo/os-snapshots/${snapshot.body.snapshot.id}`;
    expect((await nova.request('GET', one)).body.snapshot.displayName).toBe('s1');
    expect((await nova.request('GET', '/v2/demo/os-snapshots')).body.snapshots).toHaveLength(1);
    expect((await nova.request('DELETE', one)).status).toBe(202);
    expect((await nova.request('GET', one)).status).toBe(404);
    expect((await nova.request('DELETE', `/v2/demo/os-volumes/${id}`)).status).toBe(202);
    expect((await nova.request('GET', `/v2/demo/os-volumes/${id}`)).body.itemNotFound.message).toBe(
      `Volume ${id} could not be found.`,
    );
  });
});

describe('snapshots by the hypervisor', () => {
  it('are refused, with the reason', async () => {
    const body = {
      snapshot: { volume_id: absent, create_info: { snapshot_id: 's', type: 'qcow2', new_file: 'f' } },
    };
    const path = '/v2.1/os-assisted-volume-snapshots';
    expect((await nova.request('POST', path, { body })).status).toBe(403);
    const answer = await nova.request('POST', path, { body, token: 'demo/admin' });
    expect([answer.status, answer.body.itemNotFound.message]).toEqual([
      404,
      `No volume Block Device Mapping with id ${absent}.`,
    ]);
  });
});
