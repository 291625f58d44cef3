import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, startTestCloud, type Answer, type TestCloud } from '../testing/cloud.ts';

let cloud: TestCloud;
let serviceId: string;
beforeAll(async () => {
  cloud = await startTestCloud();
  serviceId = cloud.ids.services['nova'] as string;
});
afterAll(() => cloud.close());

const call = (method: string, path: string, body?: unknown, token = adminToken): Promise<Answer> =>
  cloud.call(method, `/v3${path}`, body, { token });
const registered = (more: object = {}) => ({
  service_id: serviceId,
  region_id: 'RegionOne',
  resource_name: 'cores',
  default_limit: 10,
  ...more,
});

describe('limits', () => {
  it('are registered, then set for projects and domains', async () => {
    const made = await call('POST', '/registered_limits', {
      registered_limits: [registered(), registered({ resource_name: 'ram', region_id: null, description: 'MiB' })],
    });
    expect(made.status).toBe(201);
    const [cores, ram] = made.body.registered_limits as { id: string }[];
    expect(cores).toEqual({
      ...registered(),
      id: cores?.id,
      description: null,
      links: { self: `http://controller:5000/v3/registered_limits/${cores?.id}` },
    });
    expect((await call('GET', '/registered_limits?resource_name=ram')).body.registered_limits).toHaveLength(1);
    expect((await call('POST', '/registered_limits', { registered_limits: [registered()] })).status).toBe(409);
    const changed = await call('PATCH', `/registered_limits/${ram?.id}`, { registered_limit: { default_limit: 7 } });
    expect(changed.body.registered_limit.default_limit).toBe(7);

    const wanted = { service_id: serviceId, region_id: 'RegionOne', resource_name: 'cores', resource_limit: 5 };
    const project = cloud.ids.projects['demo'] as string;
    const set = await call('POST', '/limits', {
      limits: [
        { ...wanted, project_id: project },
        { ...wanted, domain_id: 'default' },
      ],
    });
    const [own, domain] = set.body.limits as { id: string }[];
    expect([set.status, own]).toEqual([
      201,
      {
        ...wanted,
        id: own?.id,
        project_id: project,
        domain_id: null,
        description: null,
        links: { self: `http://controller:5000/v3/limits/${own?.id}` },
      },
    ]);
    expect((await call('POST', '/limits', { limits: [{ ...wanted, project_id: project }] })).status).toBe(409);
    const token = await cloud.token('demo');
    expect((await call('GET', '/limits', undefined, token)).body.limits).toMatchObject([{ id: own?.id }]);
    expect((await call('GET', `/limits/${own?.id}`, undefined, token)).status).toBe(200);
    expect((await call('GET', `/limits/${domain?.id}`, undefined, token)).status).toBe(403);
    expect((await call('GET', '/limits?domain_id=default')).body.limits).toHaveLength(1);
    const more = await call('PATCH', `/limits/${own?.id}`, { limit: { resource_limit: 6 } });
    expect(more.body.limit.resource_limit).toBe(6);

    expect((await call('DELETE', `/registered_limits/${cores?.id}`)).status).toBe(403);
    const moved = { registered_limit: { resource_name: 'other' } };
    expect((await call('PATCH', `/registered_limits/${cores?.id}`, moved)).status).toBe(403);
    for (const limit of [own, domain]) expect((await call('DELETE', `/limits/${limit?.id}`)).status).toBe(204);
    expect((await call('GET', `/limits/${own?.id}`)).status).toBe(404);
    expect((await call('DELETE', `/registered_limits/${cores?.id}`)).status).toBe(204);
    expect((await call('GET', `/registered_limits/${cores?.id}`)).status).toBe(404);
  });

  it('say of what model they are', async () => {
    expect((await call('GET', '/limits/model')).body.model.name).toBe('flat');
  });

  it.each([
    ['/registered_limits', { registered_limits: [] }, 400],
    ['/registered_limits', { registered_limits: [{ service_id: 'nope', resource_name: 'x', default_limit: 1 }] }, 400],
    ['/limits', { limits: [{ service_id: 'a', resource_name: 'x', resource_limit: 1 }] }, 400],
    ['/limits', { limits: [{ service_id: 'a', resource_name: 'x', resource_limit: 1, project_id: 'nope' }] }, 404],
    ['/limits', { limits: [{ service_id: 'a', resource_name: 'x', resource_limit: 1, domain_id: 'default' }] }, 403],
  ])('POST %s %j: %i', async (path, body, status) => {
    expect((await call('POST', path, body)).status).toBe(status);
  });
});

describe('policies', () => {
  it('are kept for whoever asks', async () => {
    const made = await call('POST', '/policies', {
      policy: { type: 'application/json', blob: { rule: 'x' }, colour: 'red' },
    });
    const { id } = made.body.policy as { id: string };
    const policy = {
      id,
      type: 'application/json',
      blob: { rule: 'x' },
      colour: 'red',
      links: { self: `http://controller:5000/v3/policies/${id}` },
    };
    expect([made.status, made.body]).toEqual([201, { policy }]);
    expect((await call('GET', '/policies?type=application/json')).body.policies).toEqual([policy]);
    const changed = await call('PATCH', `/policies/${id}`, { policy: { type: 'text/plain', blob: 'b' } });
    expect(changed.body.policy).toEqual({ ...policy, type: 'text/plain', blob: 'b' });
    expect((await call('DELETE', `/policies/${id}`)).status).toBe(204);
    expect((await call('GET', `/policies/${id}`)).body.error.message).toBe(`Could not find policy: ${id}.`);
    expect((await call('POST', '/policies', { policy: { blob: 'b' } })).status).toBe(400);
  });
});
