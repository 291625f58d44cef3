import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { as, glanceFixture, type GlanceFixture } from '../testing/fixture.ts';

let glance: GlanceFixture;
let alice: ReturnType<typeof as>;
let bob: ReturnType<typeof as>;
beforeAll(async () => {
  glance = await glanceFixture();
  [alice, bob] = [as(glance.app, 'alice'), as(glance.app, 'bob')];
});
afterAll(() => glance.close());

const make = async (body: object = {}): Promise<string> =>
  (await alice('POST', '/v2/images', body)).json<{ id: string }>().id;
const listed = async (query = ''): Promise<string[]> =>
  (await bob('GET', `/v2/images${query}`)).json<{ images: { id: string }[] }>().images.map(({ id }) => id);

describe('members of an image', () => {
  it('see it at once, and list it when they accepted', async () => {
    const id = await make();
    const added = await alice('POST', `/v2/images/${id}/members`, { member: 'bob' });
    expect(added.json()).toMatchObject({
      image_id: id,
      member_id: 'bob',
      status: 'pending',
      schema: '/v2/schemas/member',
    });
    expect((await bob('GET', `/v2/images/${id}`)).statusCode).toBe(200);
    expect(await listed()).not.toContain(id);
    expect(await listed('?visibility=shared&member_status=pending')).toContain(id);
    const accepted = await bob('PUT', `/v2/images/${id}/members/bob`, { status: 'accepted' });
    expect(accepted.json()).toMatchObject({ status: 'accepted' });
    expect(await listed()).toContain(id);
    expect((await bob('GET', `/v2/images/${id}/members`)).json<{ members: object[] }>().members).toHaveLength(1);
    expect((await alice('DELETE', `/v2/images/${id}/members/bob`)).statusCode).toBe(204);
    expect((await bob('GET', `/v2/images/${id}`)).statusCode).toBe(404);
  });

  it('may not share further, nor change the image', async () => {
    const id = await make();
    await alice('POST', `/v2/images/${id}/members`, { member: 'bob' });
    expect((await bob('POST', `/v2/images/${id}/members`, { member: 'carol' })).statusCode).toBe(403);
    expect((await bob('DELETE', `/v2/images/${id}/members/bob`)).statusCode).toBe(403);
    expect((await bob('DELETE', `/v2/images/${id}`)).statusCode).toBe(403);
  });

  it('answer for themselves', async () => {
    const id = await make();
    await alice('POST', `/v2/images/${id}/members`, { member: 'bob' });
    expect((await alice('PUT', `/v2/images/${id}/members/bob`, { status: 'accepted' })).statusCode).toBe(403);
    expect((await bob('PUT', `/v2/images/${id}/members/bob`, { status: 'perhaps' })).statusCode).toBe(400);
    expect((await bob('PUT', `/v2/images/${id}/members/bob`, {})).statusCode).toBe(400);
    expect((await bob('GET', `/v2/images/${id}/members/alice`)).statusCode).toBe(404);
  });

  it('are there once, and only of shared images', async () => {
    const id = await make();
    await alice('POST', `/v2/images/${id}/members`, { member: 'bob' });
    expect((await alice('POST', `/v2/images/${id}/members`, { member: 'bob' })).statusCode).toBe(409);
    expect((await alice('POST', `/v2/images/${id}/members`, {})).statusCode).toBe(400);
    const hidden = await make({ visibility: 'private' });
    const refused = await alice('POST', `/v2/images/${hidden}/members`, { member: 'bob' });
    expect([refused.statusCode, refused.body]).toEqual([
      403,
      expect.stringContaining('Only shared images have members'),
    ]);
    expect((await alice('GET', `/v2/images/${hidden}/members`)).json()).toMatchObject({ members: [] });
  });
});
