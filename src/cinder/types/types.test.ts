import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cinderFixture, type CinderFixture } from '../testing/fixture.ts';

let cinder: CinderFixture;
beforeEach(async () => {
  cinder = await cinderFixture();
});
afterEach(() => cinder.close());

const admin = 'demo/admin';
const uuid = '99999999-9999-4999-8999-999999999999';
const ask = (method: string, url: string, body?: object, token = admin, version = '3.70') =>
  cinder.request(method, url, { body, token, version });
const make = async (over: object = {}) =>
  (await ask('POST', '/types', { volume_type: { name: 'fast', ...over } })).body.volume_type;

describe('volume types', () => {
  it('are made, shown, changed and deleted by administrators', async () => {
    expect((await ask('POST', '/types', { volume_type: { name: 'x' } }, 'demo')).status).toBe(403);
    const type = await make({ description: 'd', extra_specs: { volume_backend_name: 'lvm' } });
    expect(type).toEqual({
      id: expect.any(String),
      name: 'fast',
      description: 'd',
      is_public: true,
      extra_specs: { volume_backend_name: 'lvm' },
      'os-volume-type-access:is_public': true,
    });
    expect((await ask('GET', `/types/${type.id}`)).body.volume_type).toEqual({ ...type, qos_specs_id: null });
    expect((await ask('POST', '/types', { volume_type: { name: 'fast' } })).status).toBe(409);
    expect((await ask('POST', '/types', { volume_type: { name: '' } })).status).toBe(400);
    expect((await ask('GET', '/types')).body.volume_types.map((one: { name: string }) => one.name)).toEqual([
      'fast',
      '__DEFAULT__',
    ]);
    expect((await ask('GET', '/types/default')).body.volume_type).toEqual({
      id: expect.any(String),
      name: '__DEFAULT__',
      description: 'Default Volume Type',
      is_public: true,
      extra_specs: {},
      qos_specs_id: null,
    });
    const seen = (await ask('GET', `/types/${type.id}`, undefined, 'demo')).body.volume_type;
    expect(seen.extra_specs).toEqual({});
    expect(seen).not.toHaveProperty('qos_specs_id');
    const changed = await ask('PUT', `/types/${type.id}`, { volume_type: { name: 'faster', is_public: false } });
    expect(changed.body.volume_type).toMatchObject({ name: 'faster', is_public: false });
    expect((await ask('PUT', `/types/${type.id}`, { volume_type: {} })).status).toBe(400);
    expect((await ask('PUT', `/types/${type.id}`, { volume_type: { name: ' ' } })).status).toBe(400);
    const { id } = await cinder.volume({ volume_type: 'faster' }, admin);
    expect((await ask('DELETE', `/types/${type.id}`)).body.badRequest.message).toBe(
      'Target volume type is still in use.',
    );
    await ask('DELETE', `/volumes/${id}`);
    await cinder.settled();
    expect((await ask('DELETE', `/types/${type.id}`)).status).toBe(202);
    expect((await ask('DELETE', `/types/${type.id}`)).status).toBe(404);
    const standard = (await ask('GET', '/types/default')).body.volume_type.id;
    expect((await ask('DELETE', `/types/${standard}`)).status).toBe(400);
  });

  it('may be private', async () => {
    const type = await make({ 'os-volume-type-access:is_public': false });
    expect((await ask('GET', `/types/${type.id}`, undefined, 'demo')).status).toBe(404);
    const refused = await ask('POST', '/volumes', { volume: { size: 1, volume_type: type.id } }, 'demo');
    expect(refused.status).toBe(404);
    const act = (name: string, project: string) => ask('POST', `/types/${type.id}/action`, { [name]: { project } });
    expect((await act('addProjectAccess', 'demo')).status).toBe(202);
    expect((await act('addProjectAccess', 'demo')).status).toBe(409);
    expect((await ask('GET', `/types/${type.id}`, undefined, 'demo')).status).toBe(200);
    expect((await ask('GET', '/types', undefined, 'demo')).body.volume_types).toHaveLength(2);
    expect((await ask('GET', '/types', undefined, 'other')).body.volume_types).toHaveLength(1);
    expect((await ask('GET', '/types?is_public=false')).body.volume_types).toHaveLength(1);
    expect((await ask('GET', '/types?is_public=None')).body.volume_types).toHaveLength(2);
    expect((await ask('GET', `/types/${type.id}/os-volume-type-access`)).body).toEqual({
      volume_type_access: [{ volume_type_id: type.id, project_id: 'demo' }],
    });
    expect((await act('removeProjectAccess', 'demo')).status).toBe(202);
    expect((await act('removeProjectAccess', 'demo')).status).toBe(404);
  });

  it('carry extra specs', async () => {
    const { id } = await make({ extra_specs: { spec1: 'val1' } });
    const url = `/types/${id}/extra_specs`;
    expect((await ask('GET', url)).body).toEqual({ extra_specs: { spec1: 'val1' } });
    expect((await ask('POST', url, { extra_specs: { b: '2' } })).body).toEqual({ extra_specs: { b: '2' } });
    expect((await ask('PUT', `${url}/b`, { b: '3' })).body).toEqual({ b: '3' });
    expect((await ask('GET', `${url}/b`)).body).toEqual({ b: '3' });
    for (const [method, path, body] of [
      ['PUT', `${url}/spec1`, undefined],
      ['PUT', `${url}/other`, { spec1: 'v' }],
      ['PUT', `${url}/spec1`, { spec1: 'v', b: 'w' }],
      ['POST', url, { extra_specs: null }],
      ['POST', url, { extra_specs: ['invalid'] }],
    ] as const)
      expect((await ask(method, path, body)).status).toBe(400);
    expect((await ask('GET', `${url}/nosuch`)).status).toBe(404);
    expect((await ask('DELETE', `${url}/b`)).status).toBe(202);
    expect((await ask('DELETE', `${url}/b`)).status).toBe(404);
    for (const method of ['GET', 'DELETE', 'PUT'])
      expect(
        (await ask(method, `/types/${uuid}/extra_specs/a`, method === 'PUT' ? { a: 'b' } : undefined)).status,
      ).toBe(404);
    await cinder.volume({ volume_type: 'fast' });
    expect((await ask('POST', url, { extra_specs: { c: '1' } })).status).toBe(400);
    expect((await ask('GET', `/types?extra_specs={'spec1':'val1'}`)).body.volume_types).toHaveLength(1);
  });

  it('carry encryption', async () => {
    const { id } = await make();
    const url = `/types/${id}/encryption`;
    expect((await ask('GET', url)).body).toEqual({});
    const encryption = {
      provider: 'luks',
      key_size: 256,
      cipher: 'aes-xts-plain64',
      control_location: 'front-end',
    };
    const made = await ask('POST', url, { encryption });
    expect(made.body.encryption).toMatchObject({ ...encryption, volume_type_id: id });
    expect((await ask('POST', url, { encryption })).status).toBe(400);
    const change = { encryption: { key_size: 128 } };
    expect((await ask('PUT', `${url}/${made.body.encryption.encryption_id}`, change)).body).toEqual(change);
    expect((await ask('GET', url)).body).toMatchObject({ key_size: 128, provider: 'luks' });
    expect((await ask('GET', `${url}/provider`)).body).toEqual({ provider: 'luks' });
    const refused = await ask('POST', '/volumes', { volume: { size: 1, volume_type: 'fast' } });
    expect(refused.body.badRequest.message).toContain('no key manager');
    expect((await ask('DELETE', `${url}/provider`)).status).toBe(202);
    expect((await ask('GET', url)).body).toEqual({});
    expect((await ask('POST', `/types/${uuid}/encryption`, { encryption })).status).toBe(404);
  });

  it('may be a project’s default', async () => {
    const type = await make();
    const body = { default_type: { volume_type: 'fast' } };
    expect((await ask('PUT', '/default-types/demo', body, 'demo')).status).toBe(403);
    expect((await ask('PUT', '/default-types/demo', body)).body).toEqual({
      default_type: { project_id: 'demo', volume_type_id: type.id },
    });
    expect((await cinder.volume())['volume_type']).toBe('fast');
    expect((await cinder.volume({}, 'other'))['volume_type']).toBe('__DEFAULT__');
    expect((await ask('GET', '/default-types')).body.default_types).toHaveLength(1);
    expect((await ask('GET', '/v3/default-types/demo')).status).toBe(200);
    expect((await ask('DELETE', '/default-types/demo')).status).toBe(204);
    expect((await ask('GET', '/default-types/demo')).status).toBe(404);
  });
});

describe('QoS specs', () => {
  it('are made, changed, associated and deleted', async () => {
    const made = await ask('POST', '/qos-specs', { qos_specs: { name: 'q', consumer: 'both', iops: '100' } });
    const { id } = made.body.qos_specs;
    expect(made.body).toEqual({
      qos_specs: { id, name: 'q', consumer: 'both', specs: { iops: '100' } },
      links: expect.any(Array),
    });
    expect((await ask('POST', '/qos-specs', { qos_specs: { name: 'q' } })).status).toBe(409);
    expect((await ask('POST', '/qos-specs', { qos_specs: { name: 'z', consumer: 'x' } })).status).toBe(400);
    expect((await ask('GET', '/qos-specs', undefined, 'demo')).status).toBe(403);
    expect((await ask('PUT', `/qos-specs/${id}`, { qos_specs: { bps: '1' } })).body).toEqual({
      qos_specs: { bps: '1' },
    });
    expect((await ask('PUT', `/qos-specs/${id}/delete_keys`, { keys: ['nosuch'] })).status).toBe(400);
    expect((await ask('PUT', `/qos-specs/${id}/delete_keys`, { keys: ['iops'] })).status).toBe(202);
    expect((await ask('GET', `/qos-specs/${id}`)).body.qos_specs.specs).toEqual({ bps: '1' });
    const type = await make();
    expect((await ask('GET', `/qos-specs/${id}/associate?vol_type_id=${type.id}`)).status).toBe(202);
    expect((await ask('GET', `/qos-specs/${id}/associations`)).body).toEqual({
      qos_associations: [{ association_type: 'volume_type', name: 'fast', id: type.id }],
    });
    expect((await ask('GET', `/types/${type.id}`)).body.volume_type.qos_specs_id).toBe(id);
    expect((await ask('DELETE', `/qos-specs/${id}`)).status).toBe(400);
    expect((await ask('GET', `/qos-specs/${id}/disassociate?vol_type_id=${type.id}`)).status).toBe(202);
    await ask('GET', `/qos-specs/${id}/associate?vol_type_id=${type.id}`);
    expect((await ask('GET', `/qos-specs/${id}/disassociate_all`)).status).toBe(202);
    expect((await ask('DELETE', `/qos-specs/${id}`)).status).toBe(202);
    expect((await ask('GET', `/qos-specs/${id}`)).status).toBe(404);
    expect((await ask('GET', '/qos-specs')).body).toEqual({ qos_specs: [] });
  });
});
