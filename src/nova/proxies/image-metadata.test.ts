import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

let nova: NovaFixture;
let url: string;
beforeEach(async () => {
  nova = await novaFixture({ hosts: [], conf: { quota_metadata_items: 3 } });
  const { id } = nova.images.add('mine', { owner: 'demo', os_type: 'linux' });
  url = `/v2.1/images/${id}/metadata`;
});
afterEach(() => nova.close());

describe("an image's metadata", () => {
  it('is set, replaced and removed, all at once or by key', async () => {
    const set = await nova.request('POST', url, { body: { metadata: { a: '1' } } });
    expect(set.body).toEqual({ metadata: { os_type: 'linux', a: '1' } });
    const replaced = await nova.request('PUT', url, { body: { metadata: { a: '2', b: '3' } } });
    expect(replaced.body).toEqual({ metadata: { a: '2', b: '3' } });
    const one = await nova.request('PUT', `${url}/b`, { body: { meta: { b: '4' } } });
    expect(one.body).toEqual({ meta: { b: '4' } });
    expect((await nova.request('DELETE', `${url}/a`)).status).toBe(204);
    expect((await nova.request('GET', url)).body).toEqual({ metadata: { b: '4' } });
  });

  it('is refused where it makes no sense', async () => {
    expect((await nova.request('PUT', `${url}/b`, { body: { meta: { c: '4' } } })).body.badRequest.message).toBe(
      'Request body and URI mismatch',
    );
    expect((await nova.request('DELETE', `${url}/nope`)).body.itemNotFound.message).toBe('Invalid metadata key');
    const many = await nova.request('POST', url, { body: { metadata: { a: '1', b: '2', c: '3' } } });
    expect([many.status, many.body.forbidden.message]).toEqual([403, 'Image metadata limit exceeded']);
    expect((await nova.request('POST', url, { token: 'other', body: { metadata: { a: '1' } } })).status).toBe(403);
    expect((await nova.request('POST', url, { body: { metadata: {} }, version: '2.39' })).status).toBe(404);
  });
});
