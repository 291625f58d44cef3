import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connector } from '#clients/volume.ts';
import { cinderFixture, type CinderFixture } from '../testing/fixture.ts';

let cinder: CinderFixture;
beforeEach(async () => {
  cinder = await cinderFixture();
});
afterEach(() => cinder.close());

const server = '11111111-1111-4111-8111-111111111111';
const other = '22222222-2222-4222-8222-222222222222';
const connector: Connector = {
  initiator: 'iqn.1994-05.com.redhat:compute1',
  ip: '127.0.0.1',
  host: 'compute1',
  multipath: false,
  platform: 'x86_64',
  os_type: 'linux',
  mountpoint: '/dev/vdb',
};

describe('the client that other services use', () => {
  it('attaches and detaches', async () => {
    const { id } = await cinder.volume();
    const nova = cinder.client('service/admin');
    const made = await nova.attachments.create({ volumeId: id, serverId: server });
    expect(made).toMatchObject({ status: 'reserved', volume_id: id, instance: server, connection_info: {} });
    expect((await nova.show(id)).status).toBe('reserved');
    await expect(nova.attachments.create({ volumeId: id, serverId: other })).rejects.toMatchObject({
      status: 400,
      message: `Invalid volume: Volume ${id} status must be available or downloading to reserve, but the current status is reserved.`,
    });
    const first = await nova.attachments.connect(made.id, connector);
    expect(first.connection_info).toMatchObject({
      driver_volume_type: 'iscsi',
      data: { target_lun: 1, auth_password: 'secret', access_mode: 'rw' },
    });
    expect((await nova.attachments.connect(made.id, connector)).connection_info.data).toEqual(
      first.connection_info.data,
    );
    expect(await nova.attachments.show(made.id)).toMatchObject({ status: 'attaching' });
    expect((await nova.show(id)).status).toBe('attaching');
    await nova.attachments.complete(made.id);
    await nova.attachments.complete(made.id);
    expect(await nova.show(id)).toMatchObject({
      status: 'in-use',
      attachments: [{ attachment_id: made.id, server_id: server, device: '/dev/vdb', volume_id: id }],
    });
    expect(JSON.stringify(await nova.attachments.show(made.id))).not.toContain('secret');
    expect(await nova.attachments.list({ instance_id: server })).toMatchObject([{ id: made.id, status: 'attached' }]);
    expect(await nova.attachments.list({ volume_id: other })).toEqual([]);
    await nova.attachments.delete(made.id);
    await nova.attachments.delete(made.id);
    expect(await nova.show(id)).toMatchObject({ status: 'available', attachments: [] });
    expect(cinder.daemons.connected).toEqual([]);
    expect(cinder.notifications).toEqual(['volume.attach.end', 'volume.detach.end']);
  });

  it('makes, lists and deletes volumes and snapshots', async () => {
    const nova = cinder.client('service/admin');
    const volume = await nova.create({ size: 2, name: 'root', project_id: 'demo', user_id: 'u' });
    await cinder.settled();
    expect(await nova.show(volume.id)).toMatchObject({ 'os-vol-tenant-attr:tenant_id': 'demo', size: 2 });
    const mine = cinder.client('demo');
    expect((await mine.list({ name: 'root' })).map((one) => one.id)).toEqual([volume.id]);
    expect((await mine.types()).map((one) => one.name)).toEqual(['__DEFAULT__']);
    const snapshot = await nova.snapshots.create({ volume_id: volume.id, name: 's', force: true });
    await cinder.settled();
    expect((await mine.snapshots.list()).map((one) => one.id)).toEqual([snapshot.id]);
    await mine.action(volume.id, 'os-extend', { new_size: 3 });
    await cinder.settled();
    await nova.snapshots.delete(snapshot.id);
    await cinder.settled();
    await expect(mine.snapshots.show(snapshot.id)).rejects.toMatchObject({ status: 404 });
    await nova.delete(volume.id);
    await cinder.settled();
    await expect(nova.show(volume.id)).rejects.toMatchObject({ status: 404 });
  });
});

describe('attachments', () => {
  const ask = (method: string, url: string, body?: object, version = '3.70', token = 'demo') =>
    cinder.request(method, url, { body, version, token });

  it('are there from 3.27 on, completed from 3.44 on', async () => {
    const { id } = await cinder.volume();
    const body = { attachment: { volume_uuid: id, instance_uuid: server } };
    expect((await ask('POST', '/attachments', body, '3.26')).status).toBe(404);
    const { attachment } = (await ask('POST', '/attachments', body, '3.27')).body;
    const complete = (version: string) =>
      ask('POST', `/attachments/${attachment.id}/action`, { 'os-complete': {} }, version);
    expect((await complete('3.43')).status).toBe(404);
    expect((await complete('3.44')).status).toBe(204);
    expect((await ask('GET', '/attachments')).body).toEqual({
      attachments: [{ id: attachment.id, status: 'attached', instance: server, volume_id: id }],
    });
    expect((await ask('GET', `/attachments/${attachment.id}`, undefined, '3.70', 'other')).status).toBe(404);
    expect((await ask('DELETE', `/attachments/${attachment.id}`, undefined, '3.70', 'other')).status).toBe(404);
    expect((await ask('GET', '/attachments', undefined, '3.70', 'other')).body.attachments).toEqual([]);
  });

  it('are not left behind when the export fails', async () => {
    const { id } = await cinder.volume();
    const { volumeDaemon } = cinder.services.kit;
    const original = volumeDaemon.call.bind(volumeDaemon);
    Object.assign(volumeDaemon, { call: () => Promise.reject(new Error('tgtd is gone')) });
    const body = { attachment: { volume_uuid: id, instance_uuid: server, connector } };
    expect((await ask('POST', '/attachments', body)).status).toBe(500);
    Object.assign(volumeDaemon, { call: original });
    expect((await ask('GET', `/volumes/${id}`)).body.volume.status).toBe('available');
    expect((await ask('GET', '/attachments')).body.attachments).toEqual([]);
  });

  it('may be several where the type allows it', async () => {
    const type = { volume_type: { name: 'shared', extra_specs: { multiattach: '<is> True' } } };
    await ask('POST', '/types', type, '3.70', 'demo/admin');
    const volume = await cinder.volume({ volume_type: 'shared' });
    expect(volume['multiattach']).toBe(true);
    const ids: string[] = [];
    for (const instance of [server, other]) {
      const body = { attachment: { volume_uuid: volume.id, instance_uuid: instance, connector, mode: 'rw' } };
      const made = await ask('POST', '/attachments', body);
      expect(made.status).toBe(200);
      ids.push(made.body.attachment.id);
      await ask('POST', `/attachments/${made.body.attachment.id}/action`, { 'os-complete': {} });
    }
    const left = await ask('DELETE', `/attachments/${ids[0]}`);
    expect(left.body.attachments).toMatchObject([{ id: ids[1] }]);
    expect((await ask('GET', `/volumes/${volume.id}`)).body.volume.status).toBe('in-use');
    await ask('DELETE', `/attachments/${ids[1]}`);
    expect((await ask('GET', `/volumes/${volume.id}`)).body.volume.status).toBe('available');
  });
});
