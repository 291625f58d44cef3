import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

let nova: NovaFixture;
beforeEach(async () => {
  nova = await novaFixture({ hosts: [] });
});
afterEach(() => nova.close());
const admin = { token: 'demo/admin' };
const make = (flavor: object, options: object = {}) =>
  nova.request('POST', '/v2.1/flavors', { ...admin, body: { flavor }, ...options });

describe('flavors', () => {
  it('are the five of the manual at first', async () => {
    const { body } = await nova.request('GET', '/v2/demo/flavors/detail');
    expect(
      body.flavors.map((one: Record<string, unknown>) => [
        one['id'],
        one['name'],
        one['ram'],
        one['disk'],
        one['vcpus'],
      ]),
    ).toEqual([
      ['1', 'm1.tiny', 512, 1, 1],
      ['2', 'm1.small', 2048, 20, 1],
      ['3', 'm1.medium', 4096, 40, 2],
      ['4', 'm1.large', 8192, 80, 4],
      ['5', 'm1.xlarge', 16_384, 160, 8],
    ]);
    expect(body.flavors[0]).toMatchObject({
      swap: '',
      'OS-FLV-EXT-DATA:ephemeral': 0,
      'OS-FLV-DISABLED:disabled': false,
      'os-flavor-access:is_public': true,
      rxtx_factor: 1,
    });
    const raw = await nova.app.fastify.inject({ url: '/v2.1/flavors/1', headers: { 'x-auth-token': 'demo' } });
    expect(raw.body).toContain('"rxtx_factor":1.0,');
    const latest = await nova.request('GET', '/v2.1/flavors/1', { version: '2.93' });
    expect(latest.body.flavor).toMatchObject({ swap: 0, description: null, extra_specs: {} });
  });

  it('are made as the manual does, once each', async () => {
    const asked = { name: 'm1.cirros', id: '6', ram: 256, vcpus: 1, disk: 1, 'os-flavor-access:is_public': true };
    const made = await nova.request('POST', '/v2/demo/flavors', { ...admin, body: { flavor: asked } });
    expect([made.status, made.body.flavor.id, made.body.flavor.ram]).toEqual([200, '6', 256]);
    expect((await make(asked)).body.conflictingRequest.message).toBe('Flavor with name m1.cirros already exists.');
    expect((await make({ ...asked, name: 'x' })).body.conflictingRequest.message).toBe(
      'Flavor with ID 6 already exists.',
    );
    expect((await make({ ...asked, ram: 0 })).status).toBe(400);
    expect((await make({ ...asked, name: 'y', id: null }, { token: 'demo' })).status).toBe(403);
    const automatic = await make({ ...asked, name: 'y', id: null, ram: '512' });
    expect(automatic.body.flavor.id).toMatch(/^[0-9a-f-]{36}$/);
    expect((await nova.request('DELETE', '/v2.1/flavors/6', admin)).status).toBe(202);
    expect((await nova.request('GET', '/v2.1/flavors/6')).body).toEqual({
      itemNotFound: { code: 404, message: 'Flavor 6 could not be found.' },
    });
  });

  it('that are private are for their projects only', async () => {
    await make({ name: 'secret', id: 's', ram: 1, vcpus: 1, disk: 0, 'os-flavor-access:is_public': false });
    expect((await nova.request('GET', '/v2.1/flavors/s')).status).toBe(404);
    const act = (body: object) => nova.request('POST', '/v2.1/flavors/s/action', { ...admin, body });
    expect((await act({ addTenantAccess: { tenant: 'demo' } })).body).toEqual({
      flavor_access: [{ flavor_id: 's', tenant_id: 'demo' }],
    });
    expect((await act({ addTenantAccess: { tenant: 'demo' } })).status).toBe(409);
    expect((await nova.request('GET', '/v2.1/flavors/s')).status).toBe(200);
    expect((await nova.request('GET', '/v2.1/flavors/s', { token: 'other' })).status).toBe(404);
    const ids = async (query: string, token = 'demo/admin') =>
      (await nova.request('GET', `/v2.1/flavors${query}`, { token })).body.flavors.map((one: { id: string }) => one.id);
    expect(await ids('?is_public=false')).toEqual(['s']);
    expect(await ids('?is_public=None')).toEqual(['1', '2', '3', '4', '5', 's']);
    expect(await ids('', 'other')).toEqual(['1', '2', '3', '4', '5']);
    expect((await act({ removeTenantAccess: { tenant: 'demo' } })).body).toEqual({ flavor_access: [] });
    expect((await act({ removeTenantAccess: { tenant: 'demo' } })).status).toBe(404);
    expect((await nova.request('GET', '/v2.1/flavors/1/os-flavor-access', admin)).status).toBe(404);
  });

  it('have extra specs', async () => {
    const url = '/v2.1/flavors/1/os-extra_specs';
    const set = await nova.request('POST', url, { ...admin, body: { extra_specs: { 'hw:a': 'x', b: 2 } } });
    expect(set.body).toEqual({ extra_specs: { 'hw:a': 'x', b: '2' } });
    expect((await nova.request('GET', `${url}/b`)).body).toEqual({ b: '2' });
    expect((await nova.request('PUT', `${url}/b`, { ...admin, body: { b: '3' } })).body).toEqual({ b: '3' });
    expect((await nova.request('PUT', `${url}/b`, { ...admin, body: { c: '3' } })).status).toBe(400);
    expect((await nova.request('DELETE', `${url}/b`, admin)).status).toBe(200);
    expect((await nova.request('GET', `${url}/b`)).body.itemNotFound.message).toBe(
      'Flavor 1 has no extra specs with key b.',
    );
    expect((await nova.request('GET', url)).body).toEqual({ extra_specs: { 'hw:a': 'x' } });
  });

  it('are listed in pages, by size and in order', async () => {
    const ids = async (query: string) =>
      (await nova.request('GET', `/v2.1/flavors?${query}`)).body.flavors?.map((one: { id: string }) => one.id);
    expect(await ids('minRam=4096&minDisk=80')).toEqual(['4', '5']);
    expect(await ids('sort_key=memory_mb&sort_dir=desc&limit=2')).toEqual(['5', '4']);
    expect(await ids('marker=3')).toEqual(['4', '5']);
    for (const query of ['marker=x', 'minRam=x', 'sort_key=x', 'limit=-1'])
      expect((await nova.request('GET', `/v2.1/flavors?${query}`)).status).toBe(400);
  });

  it('keep their description from 2.55 on', async () => {
    const made = await make({ name: 'd', id: 'd', ram: 1, vcpus: 1, disk: 0, description: 'one' }, { version: '2.55' });
    expect(made.body.flavor.description).toBe('one');
    const changed = await nova.request('PUT', '/v2.1/flavors/d', {
      ...admin,
      version: '2.55',
      body: { flavor: { description: null } },
    });
    expect(changed.body.flavor.description).toBe(null);
    expect((await make({ name: 'e', ram: 1, vcpus: 1, disk: 0, description: 'x' })).status).toBe(400);
  });
});
