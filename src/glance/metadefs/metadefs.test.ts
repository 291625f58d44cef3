import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { as, glanceFixture, type GlanceFixture } from '../testing/fixture.ts';

let glance: GlanceFixture;
let admin: ReturnType<typeof as>;
let alice: ReturnType<typeof as>;
beforeAll(async () => {
  glance = await glanceFixture();
  admin = as(glance.app, 'admin');
  alice = as(glance.app, 'alice');
});
afterAll(() => glance.close());

const root = '/v2/metadefs/namespaces';
const title = { title: 'Bus', type: 'string' };
const make = (namespace: string, more: object = {}) =>
  admin('POST', root, { namespace, visibility: 'public', ...more });

describe('metadefs namespaces', () => {
  it('come with what is in them, prefixed for a type of resources', async () => {
    const made = await make('N::Full', {
      display_name: 'Full',
      description: 'd',
      properties: { bus: title },
      objects: [{ name: 'o', required: ['bus'], properties: { bus: title } }],
      tags: [{ name: 't' }],
      resource_type_associations: [{ name: 'OS::Nova::Flavor', prefix: 'hw:' }, { name: 'Own::Type' }],
    });
    expect(made.statusCode).toBe(201);
    expect(made.headers['location']).toBe('/v2/metadefs/namespaces/N%3A%3AFull');
    const shown = (await alice('GET', `${root}/N::Full`)).json();
    expect(shown).toMatchObject({
      namespace: 'N::Full',
      protected: false,
      owner: 'admin',
      properties: { bus: title },
      objects: [{ name: 'o', required: ['bus'], self: `${root}/N::Full/objects/o` }],
      tags: [{ name: 't' }],
      self: `${root}/N::Full`,
      schema: '/v2/schemas/metadefs/namespace',
    });
    expect(shown.resource_type_associations.map((one: { name: string }) => one.name)).toEqual([
      'OS::Nova::Flavor',
      'Own::Type',
    ]);
    const prefixed = (await alice('GET', `${root}/N::Full?resource_type=OS::Nova::Flavor`)).json();
    expect(prefixed).toMatchObject({
      properties: { 'hw:bus': title },
      objects: [{ required: ['hw:bus'], properties: { 'hw:bus': title } }],
    });
    const types = (await alice('GET', '/v2/metadefs/resource_types')).json().resource_types;
    expect(types.map((one: { name: string }) => one.name)).toEqual(
      expect.arrayContaining(['OS::Glance::Image', 'Own::Type']),
    );
    expect((await admin('DELETE', `${root}/N::Full`)).statusCode).toBe(204);
    expect((await admin('GET', `${root}/N::Full`)).statusCode).toBe(404);
    expect((await make('N::Full')).json()).not.toHaveProperty('properties');
    await admin('DELETE', `${root}/N::Full`);
  });

  it('are listed in pages, by visibility and by type', async () => {
    for (const name of ['a', 'b', 'c'])
      await make(name, {
        visibility: name === 'b' ? 'private' : 'public',
        resource_type_associations: name === 'c' ? [{ name: 'OS::Cinder::Volume', prefix: 'x_' }] : [],
      });
    const names = async (who: typeof admin, query = '') =>
      (await who('GET', `${root}${query}`)).json().namespaces.map((one: { namespace: string }) => one.namespace);
    expect(await names(admin)).toEqual(['c', 'b', 'a']);
    expect(await names(alice)).toEqual(['c', 'a']);
    expect(await names(admin, '?visibility=private')).toEqual(['b']);
    expect(await names(admin, '?resource_types=OS::Cinder::Volume,Other')).toEqual(['c']);
    expect(await names(admin, '?sort_key=namespace&sort_dir=asc')).toEqual(['a', 'b', 'c']);
    const page = (await admin('GET', `${root}?limit=2&sort_key=namespace&sort_dir=asc`)).json();
    expect(page.first).toBe(`${root}?limit=2&sort_key=namespace&sort_dir=asc`);
    const next = (await admin('GET', page.next)).json();
    expect(next.namespaces).toMatchObject([
      { namespace: 'c', resource_type_associations: [{ name: 'OS::Cinder::Volume', prefix: 'x_' }] },
    ]);
    expect(next).not.toHaveProperty('next');
    expect((await admin('GET', `${root}?marker=nope`)).statusCode).toBe(404);
    expect((await alice('GET', `${root}?marker=b`)).statusCode).toBe(404);
    for (const bad of ['visibility=x', 'sort_key=owner', 'sort_dir=up', 'limit=x'])
      expect((await admin('GET', `${root}?${bad}`)).statusCode, bad).toBe(400);
    for (const name of ['a', 'b', 'c']) await admin('DELETE', `${root}/${name}`);
  });

  it('are changed and deleted by administrators only, and not while protected', async () => {
    await make('p', { protected: true, tags: [{ name: 't' }], resource_type_associations: [{ name: 'R' }] });
    expect((await alice('POST', root, { namespace: 'q' })).statusCode).toBe(403);
    expect((await alice('DELETE', `${root}/p`)).statusCode).toBe(403);
    for (const path of ['p', 'p/tags', 'p/tags/t', 'p/objects', 'p/properties', 'p/resource_types/R'])
      expect((await admin('DELETE', `${root}/${path}`)).statusCode, path).toBe(403);
    expect((await make('p')).body).toContain('The metadata definition namespace=p already exists.');
    await make('other');
    expect((await admin('PUT', `${root}/p`, { namespace: 'other' })).statusCode).toBe(409);
    const changed = await admin('PUT', `${root}/p`, { namespace: 'renamed', display_name: 'R' });
    expect(changed.json()).toMatchObject({ namespace: 'renamed', visibility: 'private', protected: false });
    expect((await alice('GET', `${root}/renamed`)).body).toContain('namespace=renamed was not found');
    for (const name of ['renamed', 'other']) expect((await admin('DELETE', `${root}/${name}`)).statusCode).toBe(204);
  });

  it.each([
    [{}, 400, "'namespace' is a required property"],
    [{ namespace: 'x'.repeat(81) }, 400, 'is too long'],
    [{ namespace: 'x', visibility: 'shared' }, 400, "is not one of ['public', 'private']"],
    [{ namespace: 'x', colour: 'red' }, 400, 'Additional properties are not allowed'],
    [{ namespace: 'x', properties: { p: {} } }, 400, "'title' is a required property"],
    [{ namespace: 'x', self: '/x' }, 403, "Attribute 'self' is read-only."],
    [{ namespace: 'x', tags: [{ name: 'a' }, { name: 'a' }] }, 409, 'A metadata tag with name=a already exists'],
  ])('refuse %j', async (body, status, words) => {
    const refused = await admin('POST', root, body);
    expect([refused.statusCode, refused.body]).toEqual([status, expect.stringContaining(words)]);
    expect((await admin('GET', `${root}/x`)).statusCode).toBe(404);
  });
});

describe('what is in a namespace', () => {
  beforeAll(() => make('in'));

  it.each([
    ['objects', { name: 'o', description: 'd' }, { name: 'p', properties: { bus: title } }, 'o', 'p'],
    ['properties', { name: 'o', ...title }, { name: 'p', ...title, enum: ['x'] }, 'o', 'p'],
  ])('%s are defined, changed and deleted', async (kind, first, second, name, renamed) => {
    const url = `${root}/in/${kind}`;
    expect((await alice('POST', url, first)).statusCode).toBe(403);
    expect((await admin('POST', url, first)).statusCode).toBe(201);
    expect((await admin('POST', url, first)).statusCode).toBe(409);
    expect((await admin('POST', url, { ...first, name: 'taken' })).statusCode).toBe(201);
    expect((await alice('GET', `${url}/${name}`)).json()).toMatchObject(first);
    expect((await admin('PUT', `${url}/${name}`, { ...second, name: 'taken' })).statusCode).toBe(409);
    expect((await admin('PUT', `${url}/${name}`, second)).json()).toMatchObject(second);
    expect((await admin('GET', `${url}/${name}`)).statusCode).toBe(404);
    expect((await admin('DELETE', `${url}/${name}`)).statusCode).toBe(404);
    expect((await admin('DELETE', `${url}/${renamed}`)).statusCode).toBe(204);
    expect((await admin('POST', url, { ...first, name: 7 })).statusCode).toBe(400);
    expect((await admin('DELETE', url)).statusCode).toBe(204);
    expect(Object.keys((await alice('GET', url)).json()[kind])).toEqual([]);
  });

  it('objects are listed in pages', async () => {
    for (const name of ['a', 'b', 'c']) await admin('POST', `${root}/in/objects`, { name });
    const page = (await alice('GET', `${root}/in/objects?limit=2&sort_key=name&sort_dir=asc`)).json();
    expect(page.objects.map((one: { name: string }) => one.name)).toEqual(['a', 'b']);
    expect(page.objects[0]).toMatchObject({ required: [], properties: {}, schema: '/v2/schemas/metadefs/object' });
    expect((await alice('GET', page.next)).json().objects).toMatchObject([{ name: 'c' }]);
    expect((await alice('GET', `${root}/in/objects?marker=z`)).statusCode).toBe(404);
  });

  it('properties have a prefix on resources of a type', async () => {
    await admin('POST', `${root}/in/resource_types`, { name: 'OS::Glance::Image', prefix: 'hw_' });
    await admin('POST', `${root}/in/properties`, { name: 'bus', ...title });
    const of = (path: string) => alice('GET', `${root}/in/properties${path}`);
    expect((await of('?resource_type=OS::Glance::Image')).json().properties).toEqual({ hw_bus: title });
    expect((await of('/hw_bus?resource_type=OS::Glance::Image')).json()).toEqual({ name: 'hw_bus', ...title });
    expect((await of('/bus?resource_type=OS::Glance::Image')).statusCode).toBe(400);
    expect((await of('/bus?resource_type=Nope')).statusCode).toBe(404);
  });

  it('tags are replaced, added to, renamed and deleted', async () => {
    const url = `${root}/in/tags`;
    const tags = async () => (await alice('GET', `${url}?sort_key=name&sort_dir=asc`)).json().tags;
    const post = (names: string[], headers = {}) =>
      admin('POST', url, { tags: names.map((name) => ({ name })) }, headers);
    expect((await post(['a', 'b'])).json()).toEqual({ tags: [{ name: 'a' }, { name: 'b' }] });
    expect((await post(['c'])).statusCode).toBe(201);
    expect((await post(['d'], { 'x-openstack-append': 'True' })).statusCode).toBe(201);
    expect((await post(['d'], { 'x-openstack-append': 'True' })).statusCode).toBe(409);
    expect(await tags()).toEqual([{ name: 'c' }, { name: 'd' }]);
    expect((await admin('POST', `${url}/e`)).json()).toMatchObject({ name: 'e' });
    expect((await admin('POST', `${url}/e`)).statusCode).toBe(409);
    expect((await admin('PUT', `${url}/e`, { name: 'f' })).json()).toMatchObject({ name: 'f' });
    expect((await alice('GET', `${url}/e`)).statusCode).toBe(404);
    expect((await admin('DELETE', `${url}/f`)).statusCode).toBe(204);
    expect((await admin('DELETE', url)).statusCode).toBe(204);
    expect(await tags()).toEqual([]);
    expect((await admin('POST', url, {})).statusCode).toBe(400);
  });

  it('types of resources are associated once', async () => {
    const url = `${root}/in/resource_types`;
    const body = { name: 'X::Y', prefix: 'p_', properties_target: 'image' };
    expect((await admin('POST', url, body)).json()).toMatchObject(body);
    expect((await admin('POST', url, body)).statusCode).toBe(409);
    expect((await alice('POST', url, body)).statusCode).toBe(403);
    expect((await alice('GET', url)).json().resource_type_associations).toContainEqual(expect.objectContaining(body));
    expect((await admin('DELETE', `${url}/X::Y`)).statusCode).toBe(204);
    expect((await admin('DELETE', `${url}/X::Y`)).statusCode).toBe(404);
  });

  it.each(['namespace', 'object', 'property', 'tag', 'resource_type', 'namespaces', 'tags'])(
    'has a schema of %s',
    async (name) => {
      const { statusCode, body } = await alice('GET', `/v2/schemas/metadefs/${name}`);
      expect([statusCode, body]).toEqual([200, expect.stringContaining('"properties"')]);
    },
  );
});
