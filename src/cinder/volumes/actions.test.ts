import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cinderFixture, type CinderFixture } from '../testing/fixture.ts';

let cinder: CinderFixture;
let id: string;
beforeEach(async () => {
  cinder = await cinderFixture({ conf: { enable_force_upload: true } });
  ({ id } = await cinder.volume({ name: 'v' }));
});
afterEach(() => cinder.close());

const admin = 'demo/admin';
const server = '11111111-1111-4111-8111-111111111111';
const act = (body: object, { token = 'demo', version = '3.70', volume = id } = {}) =>
  cinder.request('POST', `/volumes/${volume}/action`, { body, token, version });
const show = async (volume = id, token = 'demo') =>
  (await cinder.request('GET', `/volumes/${volume}`, { token, version: '3.70' })).body.volume;
const refusal = async (body: object, options = {}) => (await act(body, options)).body.badRequest?.message;

describe('volume actions', () => {
  it('are refused when they do not exist', async () => {
    expect((await act({ 'os-nosuch': null })).body).toEqual({
      badRequest: {
        code: 400,
        message: 'There is no such action: os-nosuch. Verify the request body and Content-Type header and try again.',
      },
    });
    expect((await act({ revert: { snapshot_id: server } }, { version: '3.39' })).status).toBe(400);
    expect((await act({ 'os-reserve': null }, { volume: server })).status).toBe(404);
  });

  it('reserve, attach and detach as clients before 3.27 do', async () => {
    expect((await act({ 'os-detach': {} })).status).toBe(202);
    expect((await act({ 'os-reserve': null })).status).toBe(202);
    expect((await show()).status).toBe('attaching');
    expect(await refusal({ 'os-reserve': null })).toContain("Volume status must be 'available' to reserve");
    expect((await act({ 'os-unreserve': null })).status).toBe(202);
    expect((await show()).status).toBe('available');

    await act({ 'os-reserve': null });
    const connector = { connector: { initiator: 'iqn.x', ip: '127.0.0.1', host: 'compute1' } };
    const connected = await act({ 'os-initialize_connection': connector });
    expect([connected.status, connected.body.connection_info.driver_volume_type]).toEqual([200, 'iscsi']);
    expect((await act({ 'os-attach': { instance_uuid: server, mountpoint: '/dev/vdb' } })).status).toBe(202);
    const attached = await show();
    expect(attached).toMatchObject({
      status: 'in-use',
      metadata: { attached_mode: 'rw' },
      attachments: [{ id, volume_id: id, server_id: server, device: '/dev/vdb', host_name: null }],
    });
    expect(await refusal({ 'os-attach': { instance_uuid: admin.padEnd(36, '0'), mountpoint: 'x' } })).toBeDefined();
    expect((await cinder.request('DELETE', `/volumes/${id}`)).status).toBe(400);

    expect((await act({ 'os-begin_detaching': null })).status).toBe(202);
    expect((await show()).status).toBe('detaching');
    expect((await act({ 'os-roll_detaching': null })).status).toBe(202);
    expect((await show()).status).toBe('in-use');
    await act({ 'os-begin_detaching': null });
    expect((await act({ 'os-terminate_connection': connector })).status).toBe(202);
    expect(cinder.daemons.connected).toEqual([]);
    const attachmentId = attached.attachments[0].attachment_id;
    expect((await act({ 'os-detach': { attachment_id: attachmentId } })).status).toBe(202);
    expect(await show()).toMatchObject({ status: 'available', attachments: [], metadata: {} });
    expect(await refusal({ 'os-begin_detaching': null })).toContain("Volume status must be 'in-use'");
  });

  it('let administrators end attachments by force', async () => {
    await act({ 'os-attach': { instance_uuid: server, mountpoint: '/dev/vdb' } });
    const [{ attachment_id: attachmentId }] = (await show()).attachments;
    await act({ 'os-reset_status': { status: 'error' } }, { token: admin });
    const body = { 'os-force_detach': { attachment_id: attachmentId, connector: null } };
    expect((await act(body)).status).toBe(403);
    expect((await act(body, { token: admin })).status).toBe(202);
    expect(await show()).toMatchObject({ status: 'available', attachments: [] });
  });

  it('extend', async () => {
    expect(await refusal({ 'os-extend': { new_size: 1 } })).toBe(
      'Invalid input received: New size for extend must be greater than current size. (current: 1, extended: 1).',
    );
    for (const size of [null, 'x', '']) expect((await act({ 'os-extend': { new_size: size } })).status).toBe(400);
    expect((await act({ 'os-extend': { new_size: 2000 } })).status).toBe(413);
    expect((await act({ 'os-extend': { new_size: 4 } })).status).toBe(202);
    await cinder.settled();
    expect(await show()).toMatchObject({ size: 4, status: 'available' });
    await act({ 'os-attach': { instance_uuid: server, mountpoint: '/dev/vdb' } });
    expect(await refusal({ 'os-extend': { new_size: 5 } }, { version: '3.41' })).toContain('currently in-use');
    expect((await act({ 'os-extend': { new_size: 5 } })).status).toBe(202);
    await cinder.settled();
    expect(await show()).toMatchObject({ size: 5, status: 'in-use' });
  });

  it('count what is promised to a volume that grows', async () => {
    await cinder.request('PUT', '/os-quota-sets/demo', { token: admin, body: { quota_set: { gigabytes: 5 } } });
    const { id: second } = await cinder.volume();
    const [first, other] = await Promise.all([
      act({ 'os-extend': { new_size: 4 } }),
      act({ 'os-extend': { new_size: 4 } }, { volume: second }),
    ]);
    expect([first.status, other.status].sort()).toEqual([202, 413]);
  });

  it('upload to an image', async () => {
    const body = {
      'os-volume_upload_image': { image_name: 'i', disk_format: 'qcow2', container_format: 'bare', force: true },
    };
    const answer = await act(body);
    expect(answer.status).toBe(202);
    const uploaded = answer.body['os-volume_upload_image'];
    expect(uploaded).toMatchObject({
      id,
      status: 'uploading',
      size: 1,
      image_name: 'i',
      disk_format: 'qcow2',
      container_format: 'bare',
      visibility: 'private',
      protected: false,
      volume_type: { name: '__DEFAULT__' },
    });
    expect(cinder.images.images.get(uploaded.image_id)).toMatchObject({ status: 'queued', name: 'i', min_disk: 1 });
    expect((await act(body)).status).toBe(400);
    expect(cinder.images.images.size).toBe(1);
    await cinder.settled();
    expect((await show()).status).toBe('available');
    const publicly = { 'os-volume_upload_image': { image_name: 'i', visibility: 'public' } };
    expect((await act(publicly)).status).toBe(403);
    expect((await act({ 'os-volume_upload_image': {} })).status).toBe(400);
  });

  it('make it read-only, bootable, and keep what its image was told', async () => {
    expect((await act({ 'os-update_readonly_flag': { readonly: true } })).status).toBe(202);
    expect((await show()).metadata).toEqual({ readonly: 'True' });
    expect((await act({ 'os-attach': { instance_uuid: server, mountpoint: 'x' } })).status).toBe(400);
    await act({ 'os-update_readonly_flag': { readonly: 'false' } });
    expect((await show()).metadata).toEqual({ readonly: 'False' });
    expect((await act({ 'os-set_bootable': { bootable: true } })).status).toBe(200);
    expect((await show()).bootable).toBe('true');
    expect((await act({ 'os-set_image_metadata': { metadata: { a: '1', b: '2' } } })).body).toEqual({
      metadata: { a: '1', b: '2' },
    });
    expect((await act({ 'os-unset_image_metadata': { key: 'a' } })).status).toBe(200);
    expect((await act({ 'os-unset_image_metadata': { key: 'a' } })).status).toBe(400);
    expect((await act({ 'os-show_image_metadata': null })).body).toEqual({ metadata: { b: '2' } });
    expect((await show()).volume_image_metadata).toEqual({ b: '2' });
  });

  it('change the type', async () => {
    const make = async (name: string) =>
      (await cinder.request('POST', '/types', { token: admin, body: { volume_type: { name } } })).body.volume_type;
    const type = await make('fast');
    expect(await refusal({ 'os-retype': { new_type: 'nosuch' } })).toContain('not found');
    expect(await refusal({ 'os-retype': { new_type: '__DEFAULT__' } })).toContain('same as original');
    expect((await act({ 'os-retype': { new_type: type.id, migration_policy: 'never' } })).status).toBe(202);
    expect((await show()).status).toBe('retyping');
    await cinder.settled();
    expect(await show()).toMatchObject({ status: 'available', volume_type: 'fast' });
    await make('full');
    const limit = { token: admin, body: { quota_set: { volumes_full: 0 } } };
    await cinder.request('PUT', '/os-quota-sets/demo', limit);
    expect((await act({ 'os-retype': { new_type: 'full' } })).status).toBe(413);
  });

  it('move it to another back end', async () => {
    const move = (host: string) => act({ 'os-migrate_volume': { host } }, { token: admin });
    expect((await act({ 'os-migrate_volume': { host: 'stor2@lvm' } })).status).toBe(403);
    expect((await move('nosuch')).status).toBe(400);
    expect((await move('stor1@lvm#lvm')).status).toBe(400);
    expect((await move('stor2@lvm#lvm')).status).toBe(202);
    await cinder.settled();
    expect(await show(id, admin)).toMatchObject({
      'os-vol-host-attr:host': 'stor2@lvm#lvm',
      'os-vol-mig-status-attr:migstat': 'success',
    });
  });

  it('complete the swap of a server from one volume to another', async () => {
    await act({ 'os-attach': { instance_uuid: server, mountpoint: '/dev/vdb' } });
    const fresh = await cinder.volume();
    const body = { 'os-migrate_volume_completion': { new_volume: fresh.id, error: false } };
    expect((await act(body, { token: admin })).body).toEqual({ save_volume_id: fresh.id });
    expect((await show()).status).toBe('available');
    expect(await show(fresh.id)).toMatchObject({ status: 'in-use', attachments: [{ server_id: server }] });
  });

  it('revert to the newest snapshot only', async () => {
    const old = await cinder.snapshot(id);
    const newest = await cinder.snapshot(id);
    expect(await refusal({ revert: { snapshot_id: old.id } })).toContain('not the latest one');
    expect((await act({ revert: { snapshot_id: newest.id } })).status).toBe(202);
    expect((await show()).status).toBe('reverting');
    await cinder.settled();
    expect((await show()).status).toBe('available');
  });

  it('unmanage, and manage again', async () => {
    expect((await act({ 'os-unmanage': null }, { token: admin })).status).toBe(202);
    await cinder.settled();
    expect((await cinder.request('GET', `/volumes/${id}`)).status).toBe(404);
    const body = { volume: { host: 'stor1@lvm#lvm', ref: { 'source-name': `volume-${id}` }, name: 'back' } };
    expect((await cinder.request('POST', '/os-volume-manage', { body })).status).toBe(403);
    const managed = await cinder.request('POST', '/os-volume-manage', { token: admin, body });
    expect([managed.status, managed.body.volume.status]).toEqual([202, 'managing']);
    await cinder.settled();
    expect(await show(managed.body.volume.id)).toMatchObject({ status: 'available', size: 2 });
  });
});
