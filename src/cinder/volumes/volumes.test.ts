import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cinderFixture, type CinderFixture } from '../testing/fixture.ts';

let cinder: CinderFixture;
beforeEach(async () => {
  cinder = await cinderFixture();
});
afterEach(() => cinder.close());

const admin = { token: 'demo/admin' };
const uuid = '99999999-9999-4999-8999-999999999999';

describe('volumes', () => {
  it('are made, shown, changed and deleted with the bodies of the reference', async () => {
    const created = await cinder.request('POST', '/volumes', { body: { volume: { size: 1, name: 'ref-v' } } });
    expect(created.status).toBe(202);
    const { id } = created.body.volume;
    const links = [
      { rel: 'self', href: `http://127.0.0.1:8776/v3/demo/volumes/${id}` },
      { rel: 'bookmark', href: `http://127.0.0.1:8776/demo/volumes/${id}` },
    ];
    const common = {
      id,
      size: 1,
      availability_zone: 'nova',
      name: 'ref-v',
      description: null,
      volume_type: '__DEFAULT__',
      snapshot_id: null,
      source_volid: null,
      metadata: {},
      links,
      user_id: 'user-of-demo',
      bootable: 'false',
      encrypted: false,
      replication_status: null,
      consistencygroup_id: null,
      multiattach: false,
      attachments: [],
      migration_status: null,
    };
    expect(created.body.volume).toEqual({
      ...common,
      status: 'creating',
      created_at: expect.any(String),
      updated_at: null,
    });
    await cinder.settled();
    const shown = await cinder.request('GET', `/volumes/${id}`, { ...admin, version: '3.70' });
    expect(shown.body.volume).toEqual({
      ...common,
      status: 'available',
      created_at: expect.any(String),
      updated_at: expect.any(String),
      group_id: null,
      provider_id: null,
      shared_targets: false,
      service_uuid: expect.any(String),
      cluster_name: null,
      volume_type_id: expect.any(String),
      consumes_quota: true,
      'os-vol-tenant-attr:tenant_id': 'demo',
      'os-vol-mig-status-attr:migstat': null,
      'os-vol-mig-status-attr:name_id': null,
      'os-vol-host-attr:host': 'stor1@lvm#lvm',
    });
    const mine = await cinder.request('GET', `/volumes/${id}`);
    expect(Object.keys(mine.body.volume).filter((key) => key.includes(':'))).toEqual(['os-vol-tenant-attr:tenant_id']);
    expect(mine.headers).toMatchObject({ 'openstack-api-version': 'volume 3.0', vary: 'OpenStack-API-Version' });

    const changed = await cinder.request('PUT', `/volumes/${id}`, {
      body: { volume: { name: 'new', description: 'd', metadata: { a: 'b' } } },
    });
    expect(changed.body.volume).toMatchObject({ name: 'new', description: 'd', metadata: { a: 'b' } });
    const nothing = { body: { volume: {} }, version: '3.53' };
    expect((await cinder.request('PUT', `/volumes/${id}`, nothing)).status).toBe(400);

    expect((await cinder.request('DELETE', `/volumes/${id}`)).status).toBe(202);
    await cinder.settled();
    expect((await cinder.request('GET', `/volumes/${id}`)).body).toEqual({
      itemNotFound: { code: 404, message: `Volume ${id} could not be found.` },
    });
  });

  it('refuse sizes that are none', async () => {
    const create = (volume: object) => cinder.request('POST', '/volumes', { body: { volume } });
    const message = async (volume: object) => (await create(volume)).body.badRequest.message as string;
    expect(await message({ size: 0 })).toBe(
      'Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1',
    );
    expect(await message({ size: 'x' })).toBe(
      "Invalid input for field/attribute size. Value: x. 'x' does not match '^[0-9]+$'",
    );
    for (const size of ['', '0', '-1', -1, 1.5, null, true]) expect((await create({ size })).status).toBe(400);
    expect((await create({})).status).toBe(400);
    expect((await cinder.request('POST', '/volumes', { body: {} })).status).toBe(400);
    expect((await create({ size: '2' })).body.volume.size).toBe(2);
    const over = await create({ size: 100_000 });
    expect([over.status, over.headers['retry-after']]).toEqual([413, '0']);
    expect(over.body).toEqual({
      overLimit: {
        code: 413,
        message:
          'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 100000G, quota is 1000G and 2G has been consumed.',
        retryAfter: '0',
      },
    });
  });

  it('begin as copies of snapshots, volumes and images', async () => {
    const { id: imageId } = cinder.images.add('cirros', { min_disk: 2, os_distro: 'cirros' });
    const create = (volume: object) => cinder.request('POST', '/volumes', { body: { volume } });
    expect((await create({ size: 1, imageRef: imageId })).body.badRequest.message).toBe(
      'Invalid input received: Volume size 1GB cannot be smaller than the image minDisk size 2GB.',
    );
    expect((await create({ size: 2, imageRef: uuid })).body.badRequest.message).toBe(
      'Invalid image identifier or unable to access requested image.',
    );
    const image = await cinder.volume({ size: 2, imageRef: 'cirros' });
    expect(image).toMatchObject({
      bootable: 'true',
      volume_image_metadata: { image_id: imageId, image_name: 'cirros', os_distro: 'cirros', disk_format: 'qcow2' },
    });
    cinder.images.add('off', { status: 'deactivated' });
    expect((await create({ size: 2, imageRef: 'off' })).status).toBe(400);

    const snapshot = await cinder.snapshot(image.id);
    const copy = await cinder.volume({ size: undefined, snapshot_id: snapshot.id });
    expect(copy).toMatchObject({ size: 2, snapshot_id: snapshot.id, bootable: 'true' });
    expect(copy['volume_image_metadata']).toMatchObject({ os_distro: 'cirros' });
    expect((await create({ size: 1, snapshot_id: snapshot.id })).body.badRequest.message).toContain(
      'cannot be smaller than the snapshot size 2GB',
    );
    const clone = await cinder.volume({ size: 3, source_volid: image.id });
    expect(clone).toMatchObject({ size: 3, source_volid: image.id });
    expect((await create({ size: 1, source_volid: image.id })).status).toBe(400);
    for (const source of [{ snapshot_id: uuid }, { source_volid: uuid }, { volume_type: uuid }])
      expect((await create({ size: 2, ...source })).status).toBe(404);
    expect((await create({ size: 2, source_volid: image.id, snapshot_id: snapshot.id })).status).toBe(400);
    expect((await create({ size: 1, availability_zone: 'mars' })).body.badRequest.message).toBe(
      "Invalid input received: Availability zone 'mars' is invalid.",
    );
  });

  it('belong to their project', async () => {
    const { id } = await cinder.volume();
    const other = { token: 'other' };
    for (const [method, url, body] of [
      ['GET', `/volumes/${id}`],
      ['PUT', `/volumes/${id}`, { volume: { name: 'x' } }],
      ['DELETE', `/volumes/${id}`],
      ['GET', `/volumes/${id}/metadata`],
      ['POST', `/volumes/${id}/metadata`, { metadata: {} }],
      ['GET', `/volumes/${id}/encryption`],
      ['POST', `/volumes/${id}/action`, { 'os-extend': { new_size: 2 } }],
      ['POST', `/volumes/${id}/action`, { 'os-attach': { instance_uuid: uuid, mountpoint: '/dev/vdb' } }],
      ['POST', '/snapshots', { snapshot: { volume_id: id } }],
      ['POST', '/backups', { backup: { volume_id: id } }],
      ['POST', '/os-volume-transfer', { transfer: { volume_id: id } }],
      ['POST', '/attachments', { attachment: { volume_uuid: id, instance_uuid: uuid } }],
      ['POST', '/volumes', { volume: { size: 1, source_volid: id } }],
    ] as const)
      expect([method, url, (await cinder.request(method, url, { ...other, body, version: '3.70' })).status]).toEqual([
        method,
        url,
        404,
      ]);
    expect((await cinder.request('GET', '/volumes', other)).body.volumes).toEqual([]);
    expect((await cinder.request('GET', '/volumes?all_tenants=1', other)).body.volumes).toEqual([]);
    const everywhere = await cinder.request('GET', '/volumes?all_tenants=1', { token: 'other/admin' });
    expect(everywhere.body.volumes).toHaveLength(1);
    expect((await cinder.request('GET', `/v3/demo/volumes/${id}`, other)).status).toBe(400);
    expect((await cinder.request('GET', `/v3/volumes/${id}`)).status).toBe(200);
    expect((await cinder.request('GET', `/volumes/${id}`, { token: null })).status).toBe(401);
  });

  it('are made for others by administrators only', async () => {
    const body = { volume: { size: 1, project_id: 'demo', user_id: 'somebody' } };
    expect((await cinder.request('POST', '/v3/volumes', { token: 'other', body })).status).toBe(403);
    const { volume } = (await cinder.request('POST', '/v3/volumes', { token: 'service/admin', body })).body;
    expect((await cinder.request('GET', `/volumes/${volume.id}`)).body.volume).toMatchObject({
      user_id: 'somebody',
      'os-vol-tenant-attr:tenant_id': 'demo',
    });
  });

  it('are listed by page, order and filter', async () => {
    for (const [name, size] of [
      ['a', 1],
      ['b', 3],
      ['c', 2],
    ] as const)
      await cinder.volume({ name, size, metadata: { of: name } });
    const names = async (query: string, version = '3.70') => {
      const answer = await cinder.request('GET', `/volumes/detail?${query}`, { version });
      return answer.body.volumes?.map((one: { name: string }) => one.name) ?? answer.body.badRequest.message;
    };
    expect(await names('')).toEqual(['c', 'b', 'a']);
    expect(await names('sort=size:asc')).toEqual(['a', 'c', 'b']);
    expect(await names('sort_key=name&sort_dir=asc')).toEqual(['a', 'b', 'c']);
    expect(await names("metadata={'of':'b'}")).toEqual(['b']);
    expect(await names(`metadata=${encodeURIComponent('{"of": "c"}')}`)).toEqual(['c']);
    expect(await names('name~=B')).toEqual(['b']);
    expect(await names('status=available&size=3')).toEqual(['b']);
    expect(await names('bootable=true')).toEqual([]);
    expect(await names('status=nosuch')).toEqual([]);
    expect(await names('availability_zone=nova&limit=1&offset=1')).toEqual(['b']);
    expect(await names('limit=0')).toEqual([]);
    expect(await names('limit=-1')).toBe('limit must be >= 0');
    expect(await names('limit=x')).toBe('limit must be an integer.');
    expect(await names('sort=nosuch')).toContain('Sort key supplied is invalid');
    expect(await names('sort=name:up')).toContain('Unknown sort direction');
    expect(await names('nosuch=1')).toBe('Invalid filters nosuch are found in query options.');
    expect(await names('nosuch=1', '3.0')).toEqual(['c', 'b', 'a']);
    expect(await names('created_at=gt:2000-01-01')).toEqual(['c', 'b', 'a']);
    expect(await names('created_at=lt:2000-01-01')).toEqual([]);
    expect((await cinder.request('GET', `/volumes?marker=${uuid}`)).status).toBe(404);

    const seen: string[] = [];
    let url = '/v3/demo/volumes?limit=2&sort=name:asc';
    for (let pages = 0; url !== ''; pages++) {
      expect(pages).toBeLessThan(3);
      const { body } = await cinder.request('GET', url);
      seen.push(...body.volumes.map((one: { name: string }) => one.name));
      url = body.volumes_links?.[0].href.replace('http://127.0.0.1:8776', '') ?? '';
    }
    expect(seen).toEqual(['a', 'b', 'c']);
    const counted = await cinder.request('GET', '/volumes?limit=1&with_count=true', { version: '3.45' });
    expect([counted.body.count, counted.body.volumes.length]).toEqual([3, 1]);
    expect((await cinder.request('GET', '/volumes/summary', { version: '3.36' })).body).toEqual({
      'volume-summary': { total_size: 6, total_count: 3, metadata: { of: ['a', 'b', 'c'] } },
    });
  });

  it('are listed with a fixed number of queries', async () => {
    for (let i = 0; i < 4; i++) await cinder.volume();
    let queries = 0;
    const { query } = cinder.db;
    const executor = query.getExecutor();
    const original = executor.executeQuery.bind(executor);
    executor.executeQuery = (...args) => {
      queries++;
      return original(...args);
    };
    await cinder.request('GET', '/volumes/detail');
    expect(queries).toBeLessThanOrEqual(4);
    executor.executeQuery = original;
  });

  it('do not go while something hangs on them', async () => {
    const { id } = await cinder.volume();
    const { id: snapshotId } = await cinder.snapshot(id);
    const refusal =
      'Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer.';
    const remove = (query = '') => cinder.request('DELETE', `/volumes/${id}${query}`);
    expect((await remove()).body.badRequest.message).toBe(refusal);
    const body = { attachment: { volume_uuid: id, instance_uuid: uuid } };
    const { attachment } = (await cinder.request('POST', '/attachments', { body, version: '3.70' })).body;
    expect((await remove('?cascade=true')).body.badRequest.message).toBe(refusal);
    await cinder.request('DELETE', `/attachments/${attachment.id}`, { version: '3.70' });
    expect((await remove('?cascade=true')).status).toBe(202);
    await cinder.settled();
    expect((await cinder.request('GET', `/volumes/${id}`)).status).toBe(404);
    expect((await cinder.request('GET', `/snapshots/${snapshotId}`)).status).toBe(404);
  });

  it('are deleted by force by administrators', async () => {
    for (const status of ['creating', 'attaching', 'error', 'maintenance']) {
      const { id } = await cinder.volume();
      const act = (token: string, body: object) => cinder.request('POST', `/volumes/${id}/action`, { token, body });
      expect((await act('demo', { 'os-reset_status': { status } })).status).toBe(403);
      expect((await act('demo/admin', { 'os-reset_status': { status } })).status).toBe(202);
      expect((await act('demo', { 'os-force_delete': {} })).status).toBe(403);
      expect((await act('demo/admin', { 'os-force_delete': {} })).status).toBe(202);
      await cinder.settled();
      expect((await cinder.request('GET', `/volumes/${id}`)).status).toBe(404);
    }
  });

  it('carry metadata', async () => {
    const { id } = await cinder.volume({ metadata: { a: '1' } });
    const url = `/volumes/${id}/metadata`;
    const ask = (method: string, path: string, body?: object, version = '3.0', headers = {}) =>
      cinder.request(method, path, { body, version, headers });
    expect((await ask('GET', url)).body).toEqual({ metadata: { a: '1' } });
    expect((await ask('POST', url, { metadata: { b: '2' } })).body).toEqual({ metadata: { a: '1', b: '2' } });
    expect((await ask('GET', `${url}/b`)).body).toEqual({ meta: { b: '2' } });
    expect((await ask('PUT', `${url}/b`, { meta: { b: '3' } })).body).toEqual({ meta: { b: '3' } });
    expect((await ask('PUT', `${url}/b`, { meta: { c: '3' } })).status).toBe(400);
    expect((await ask('DELETE', `${url}/a`)).status).toBe(200);
    expect((await ask('DELETE', `${url}/a`)).status).toBe(404);
    const tagged = await ask('GET', url, undefined, '3.15');
    await ask('POST', url, { metadata: { z: '1' } });
    const stale = { 'if-match': String(tagged.headers['etag']) };
    expect((await ask('PUT', url, { metadata: {} }, '3.15', stale)).status).toBe(412);
    expect((await ask('PUT', url, { metadata: { x: 'y' } })).body).toEqual({ metadata: { x: 'y' } });
    expect((await ask('PUT', url, { metadata: { x: 'y'.repeat(256) } })).status).toBe(400);
    expect((await ask('PUT', url, { metadata: null as never })).status).toBe(400);
  });

  it('look as Icehouse has them in v1 and v2', async () => {
    const made = await cinder.request('POST', '/v1/demo/volumes', {
      body: { volume: { size: 3, display_name: 'demoVolume' } },
    });
    expect(made.status).toBe(200);
    const { id } = made.body.volume;
    expect(made.body.volume).toEqual({
      attachments: [],
      availability_zone: 'nova',
      bootable: 'false',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/),
      display_description: null,
      display_name: 'demoVolume',
      encrypted: false,
      id,
      metadata: {},
      size: 3,
      snapshot_id: null,
      source_volid: null,
      status: 'creating',
      volume_type: 'None',
    });
    await cinder.settled();
    const attach = { 'os-attach': { instance_uuid: uuid, mountpoint: '/dev/vdb' } };
    expect((await cinder.request('POST', `/v1/demo/volumes/${id}/action`, { body: attach })).status).toBe(202);
    const { volumes } = (await cinder.request('GET', '/v1/demo/volumes/detail', admin)).body;
    expect(volumes[0]).toMatchObject({
      status: 'in-use',
      'os-vol-host-attr:host': 'stor1@lvm',
      attachments: [{ id, volume_id: id, server_id: uuid, device: '/dev/vdb', host_name: null }],
    });
    const two = (await cinder.request('GET', `/v2/demo/volumes/${id}`)).body.volume;
    expect(two).toMatchObject({ name: 'demoVolume', volume_type: null });
    expect((await cinder.request('GET', '/v2/demo/attachments')).status).toBe(404);
    expect((await cinder.request('GET', '/v2/demo/volumes')).body.volumes[0]).toEqual({
      id,
      name: 'demoVolume',
      links: expect.any(Array),
    });
  });
});
