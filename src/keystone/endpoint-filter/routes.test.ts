import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, startTestCloud, type Answer, type TestCloud } from '../testing/cloud.ts';

let cloud: TestCloud;
let project: string;
beforeAll(async () => {
  cloud = await startTestCloud();
  project = cloud.ids.projects['demo'] as string;
});
afterAll(() => cloud.close());

const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
  cloud.call(method, `/v3${path}`, body, { token: adminToken });
const filter = (method: string, path: string, body?: unknown): Promise<Answer> =>
  call(method, `/OS-EP-FILTER${path}`, body);
/** The URLs that demo's catalogue has. */
const catalog = async (): Promise<string[]> => {
  const answer = await cloud.call('GET', '/v3/auth/catalog', undefined, { token: await cloud.token('demo') });
  const services = answer.body.catalog as { type: string; endpoints: { interface: string }[] }[];
  return services.flatMap(({ type, endpoints }) => endpoints.map((one) => `${type} ${one.interface}`)).sort();
};
const everything = ['compute admin', 'compute public', 'identity admin', 'identity internal', 'identity public'];

describe('OS-EP-FILTER', () => {
  it('gives a project endpoints of its own, one by one', async () => {
    expect(await catalog()).toEqual(everything);
    const [endpoint] = (await call('GET', `/endpoints?service_id=${cloud.ids.services['nova']}&interface=public`)).body
      .endpoints as { id: string }[];
    const path = `/projects/${project}/endpoints/${endpoint?.id}`;
    expect((await filter('HEAD', path)).status).toBe(404);
    expect((await filter('PUT', path)).status).toBe(204);
    expect((await filter('GET', path)).status).toBe(204);
    expect(await catalog()).toEqual(['compute public']);
    expect((await filter('GET', `/projects/${project}/endpoints`)).body.endpoints).toMatchObject([
      { id: endpoint?.id },
    ]);
    expect((await filter('GET', `/endpoints/${endpoint?.id}/projects`)).body.projects).toMatchObject([{ id: project }]);
    expect((await filter('DELETE', path)).status).toBe(204);
    expect((await filter('DELETE', path)).status).toBe(404);
    expect((await filter('PUT', `/projects/${project}/endpoints/nope`)).status).toBe(404);
    expect(await catalog()).toEqual(everything);
  });

  it('gives them in groups', async () => {
    const wanted = { name: 'identity', description: 'd', filters: { service_id: cloud.ids.services['keystone'] } };
    const made = await filter('POST', '/endpoint_groups', { endpoint_group: wanted });
    const { id } = made.body.endpoint_group as { id: string };
    expect([made.status, made.body.endpoint_group]).toEqual([
      201,
      { ...wanted, id, links: { self: `http://controller:5000/v3/OS-EP-FILTER/endpoint_groups/${id}` } },
    ]);
    expect((await filter('GET', '/endpoint_groups?name=identity')).body.endpoint_groups).toHaveLength(1);
    expect((await filter('GET', '/endpoint_groups?name=none')).body.endpoint_groups).toHaveLength(0);
    expect((await filter('GET', `/endpoint_groups/${id}/endpoints`)).body.endpoints).toHaveLength(3);
    const given = `/endpoint_groups/${id}/projects/${project}`;
    expect((await filter('GET', given)).status).toBe(404);
    expect((await filter('PUT', given)).status).toBe(204);
    expect((await filter('GET', given)).body.project.id).toBe(project);
    expect((await filter('HEAD', given)).status).toBe(200);
    expect(await catalog()).toEqual(everything.filter((one) => one.startsWith('identity')));
    expect((await filter('GET', `/projects/${project}/endpoint_groups`)).body.endpoint_groups).toHaveLength(1);
    expect((await filter('GET', `/endpoint_groups/${id}/projects`)).body.projects).toHaveLength(1);
    const narrowed = { filters: { ...wanted.filters, interface: 'public' } };
    await filter('PATCH', `/endpoint_groups/${id}`, { endpoint_group: narrowed });
    expect(await catalog()).toEqual(['identity public']);
    expect((await filter('DELETE', `/endpoint_groups/${id}`)).status).toBe(204);
    expect((await filter('HEAD', `/endpoint_groups/${id}`)).status).toBe(404);
    expect(await catalog()).toEqual(everything);
  });

  it.each([{ filters: {} }, { filters: { colour: 'red' } }, { filters: { interface: 'side' } }, {}])(
    'refuses %j',
    async (wanted) => {
      const answer = await filter('POST', '/endpoint_groups', { endpoint_group: { name: 'x', ...wanted } });
      expect(answer.status).toBe(400);
    },
  );

  it('may leave a project without endpoints of its own with none', async () => {
    const strict = await startTestCloud({ endpoint_filter: { return_all_endpoints_if_no_filter: false } });
    const token = await strict.token('demo');
    expect((await strict.call('GET', '/v3/auth/catalog', undefined, { token })).body.catalog).toEqual([]);
    await strict.close();
  });
});
