import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

let nova: NovaFixture;
beforeEach(async () => {
  nova = await novaFixture({ hosts: ['alpha', 'beta'] });
});
afterEach(() => nova.close());

async function boot(name: string, over: Record<string, unknown> = {}, token = 'demo'): Promise<string> {
  const answer = await nova.request('POST', '/v2.1/servers', {
    token,
    body: { server: { name, imageRef: nova.imageId, flavorRef: '1', networks: 'none', ...over } },
    version: '2.37',
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  return answer.body.server.id as string;
}
const get = (path: string, token = 'demo') =>
  nova.request('GET', path.startsWith('/') ? path : `/v2.1/${path}`, { token });
const operations = async (query = '', token = 'demo') => {
  const answer = await get(`os-operations${query}`, token);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.operations as Record<string, unknown>[];
};
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string;

describe('operations', () => {
  it('are shown with their steps', async () => {
    const id = await boot('one');
    await nova.settled();
    const [op] = await operations();
    expect(op).toEqual({
      id: expect.any(String) as string,
      kind: 'server.create',
      action: 'create',
      resource_id: id,
      resource_type: 'server',
      resource_name: 'one',
      project_id: 'demo',
      user_id: 'user-of-demo',
      request_id: expect.stringMatching(/^req-/) as string,
      status: 'succeeded',
      step: null,
      progress: { done: 6, total: 6 },
      started_at: time,
      finished_at: time,
      failure: null,
    });
    const { operation } = (await get(`/v2/demo/os-operations/${op?.['id'] as string}`)).body;
    expect(operation).toEqual({ ...op, steps: expect.any(Array) as unknown[] });
    expect(operation.steps[0]).toEqual({
      name: 'scheduler_select_host',
      status: 'succeeded',
      started_at: time,
      finished_at: time,
      message: null,
    });
  });

  it('say which step runs, and how many there are', async () => {
    const reached = Promise.withResolvers<undefined>();
    const go = Promise.withResolvers<undefined>();
    for (const compute of nova.computes.values())
      compute.before = async (method) => {
        if (method !== 'spawn') return;
        reached.resolve(undefined);
        await go.promise;
      };
    await boot('slow');
    await reached.promise;
    expect(await operations('?status=active')).toMatchObject([
      { status: 'running', step: 'compute_spawn', progress: { done: 3, total: 6 }, finished_at: null },
    ]);
    go.resolve(undefined);
    await nova.settled();
    expect(await operations('?status=active')).toEqual([]);
    expect(await operations('?status=succeeded')).toHaveLength(1);
  });

  it('tell why there was no host: to administrators by name, to tenants by number', async () => {
    const huge = await nova.request('POST', '/v2.1/flavors', {
      token: 'demo/admin',
      body: { flavor: { name: 'huge', ram: 9_000_000, vcpus: 1, disk: 1 } },
    });
    const id = await boot('big', { flavorRef: huge.body.flavor.id as string });
    await nova.settled();
    const [op] = (await operations()) as { id: string; failure: { step: string; details: { reason: string }[] } }[];
    const { fault } = (await get(`servers/${id}`)).body.server;
    expect(op).toMatchObject({
      status: 'failed',
      failure: {
        step: 'scheduler_select_host',
        code: 500,
        message: fault.message,
        details: [
          { host: 'host 1', passed: false, filter: 'RamFilter' },
          { host: 'host 2', passed: false, filter: 'RamFilter' },
        ],
      },
    });
    expect(op?.failure.details[0]?.reason).toMatch(/^needs 9000000 MB, \d+ MB of \d+ MB are free$/);
    expect(JSON.stringify((await get(`os-operations/${op?.id}`)).body)).not.toMatch(/alpha|beta/);
    const [named] = await operations('?all_projects=1', 'other/admin');
    expect(named).toMatchObject({ failure: { details: [{ host: 'alpha' }, { host: 'beta' }] } });
  });

  it("are a project's own, and everybody's for administrators who ask", async () => {
    await boot('one');
    await nova.settled();
    const [op] = await operations();
    const path = `os-operations/${op?.['id'] as string}`;
    expect(await operations('', 'other')).toEqual([]);
    expect(await operations('', 'other/admin')).toEqual([]);
    expect(await operations('?all_projects=1', 'other/admin')).toHaveLength(1);
    expect((await get('os-operations?all_projects=1')).status).toBe(403);
    expect((await get(path, 'other')).status).toBe(404);
    expect((await get(path, 'other/admin')).status).toBe(200);
    // A stranger learns nothing from a marker either.
    expect((await get(`os-operations?marker=${op?.['id'] as string}`, 'other')).status).toBe(400);
  });

  it('are filtered, and come in pages, newest first', async () => {
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) ids.push(await boot(name));
    await nova.settled();
    await nova.request('DELETE', `/v2.1/servers/${ids[0]}`);
    await nova.settled();
    const names = async (query: string) => (await operations(query)).map((op) => [op['kind'], op['resource_name']]);
    expect(await names(`?resource_id=${ids[0]}`)).toEqual([
      ['server.delete', 'a'],
      ['server.create', 'a'],
    ]);
    expect(await names('?kind=server.create')).toEqual([
      ['server.create', 'c'],
      ['server.create', 'b'],
      ['server.create', 'a'],
    ]);
    expect(await names('?since=2999-01-01T00:00:00Z')).toEqual([]);
    expect(await names('?since=2014-01-01T00:00')).toHaveLength(4);
    const seen: string[] = [];
    for (let url: string | undefined = '/v2.1/os-operations?limit=2&kind=server.create'; url !== undefined;) {
      const { body } = await get(url);
      seen.push(...(body.operations as { resource_name: string }[]).map((op) => op.resource_name));
      url = (body.operations_links as { href: string }[] | undefined)?.[0]?.href.replace(/^http:\/\/[^/]+/, '');
    }
    expect(seen).toEqual(['c', 'b', 'a']);
    expect(await operations('?limit=0')).toEqual([]);
  });

  it('refuse what cannot be meant', async () => {
    for (const query of [
      'status=nice',
      'since=yesterday',
      'limit=-1',
      'limit=x',
      'marker=nobody',
      'all_projects=maybe',
    ])
      expect((await get(`os-operations?${query}`)).status, query).toBe(400);
    expect((await get('os-operations/nobody')).status).toBe(404);
  });
});
