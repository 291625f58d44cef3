import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { as, glanceFixture, octets, type GlanceFixture } from '../testing/fixture.ts';

let glance: GlanceFixture;
let alice: ReturnType<typeof as>;
const ids: Record<string, string> = {};
beforeAll(async () => {
  glance = await glanceFixture();
  alice = as(glance.app, 'alice');
  for (const [name, extra] of Object.entries({
    a: { disk_format: 'raw', tags: ['x', 'y'], min_ram: 64 },
    b: { disk_format: 'raw', tags: ['x'], colour: 'red' },
    c: { disk_format: 'qcow2', colour: 'red', size: 'large' },
    d: { disk_format: 'iso', os_hidden: true },
    e: { disk_format: 'raw', protected: true },
  })) {
    const { size: _size, ...body } = extra as Record<string, unknown>;
    const made = await alice('POST', '/v2/images', { name, container_format: 'bare', ...body });
    ids[name] = made.json<{ id: string }>().id;
  }
  await alice('PUT', `/v2/images/${ids['a']}/file`, 'hello', octets);
});
afterAll(() => glance.close());

interface Page {
  readonly images: readonly { readonly name: string; readonly id: string }[];
  readonly first: string;
  readonly next?: string;
}
const get = async (query: string): Promise<Page> => (await alice('GET', `/v2/images${query}`)).json<Page>();
const names = (page: Page): string => page.images.map((image) => image.name).join('');

describe('a list of images v2', () => {
  it.each([
    ['', 'ecba'],
    ['?sort=name:asc', 'abce'],
    ['?sort_key=disk_format&sort_dir=asc&sort_key=name&sort_dir=desc', 'ceba'],
    ['?sort=disk_format:desc,name', 'ebac'],
    ['?disk_format=raw&sort=name:asc', 'abe'],
    ['?disk_format=in:qcow2,iso', 'c'],
    ['?os_hidden=true', 'd'],
    ['?tag=x&sort=name:asc', 'ab'],
    ['?tag=x&tag=y', 'a'],
    ['?colour=red&sort=name:asc', 'bc'],
    ['?colour=red&disk_format=raw', 'b'],
    ['?protected=true', 'e'],
    ['?min_ram=64', 'a'],
    ['?size_min=5&size_max=5', 'a'],
    ['?size_min=6', ''],
    ['?status=active', 'a'],
    ['?name=in:a,"b"&sort=name:asc', 'ab'],
    ['?created_at=gte:2014-01-01T00:00:00Z&sort=name:asc', 'abce'],
    ['?created_at=lt:2014-01-01T00:00:00Z', ''],
    ['?visibility=shared&sort=name:asc', 'abce'],
    ['?visibility=public', ''],
    ['?owner=bob', ''],
  ])('%s gives "%s"', async (query, expected) => {
    expect(names(await get(query))).toBe(expected);
  });

  it('is read page by page, each naming the next', async () => {
    const seen: string[] = [];
    let next: string | undefined = '/v2/images?limit=2&sort=size:asc,name:asc';
    for (let pages = 0; next !== undefined && pages < 9; pages++) {
      const page: Page = (await alice('GET', next)).json<Page>();
      expect(page.first).toBe('/v2/images?limit=2&sort=size%3Aasc%2Cname%3Aasc');
      seen.push(names(page));
      next = page.next;
    }
    // Null sizes come first; the last full page names one more that is empty.
    expect(seen).toEqual(['bc', 'ea', '']);
  });

  it.each([
    ['?visibility=bogus', 'Invalid visibility value: bogus'],
    ['?limit=x', 'limit param must be an integer'],
    ['?limit=-1', 'limit param must be positive'],
    ['?sort_key=colour', 'Invalid sort key: colour'],
    ['?sort_dir=up&sort_key=name', 'Invalid sort direction: up'],
    ['?sort=name:asc&sort_key=name', 'Old and new sorting syntax cannot be combined'],
    ['?marker=nope', 'No image found with ID nope'],
    ['?member_status=maybe', 'Invalid status: maybe'],
    ['?created_at=yesterday', "Bad 'created_at' query filter format"],
    ['?size_min=big', "Invalid value 'big' for 'size_min'"],
  ])('%s is a 400', async (query, words) => {
    const refused = await alice('GET', `/v2/images${query}`);
    expect([refused.statusCode, refused.body]).toEqual([400, expect.stringContaining(words)]);
  });

  it('does not take a marker that the caller cannot see', async () => {
    const refused = await as(glance.app, 'bob')('GET', `/v2/images?marker=${ids['a']}`);
    expect(refused.statusCode).toBe(400);
  });
});
