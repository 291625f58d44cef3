import { describe, expect, it } from 'vitest';
import { eventsFixture } from './testing/fixture.ts';

const idsOf = ({ body }: { readonly body: Record<string, unknown> }): string[] =>
  (body['events'] as readonly { resource: { id: string } | null; type: string }[]).map(
    ({ resource, type }) => resource?.id ?? type,
  );

describe('GET /v1/events', () => {
  it('lists what is the caller’s, newest first, without payload and publisher', async () => {
    const events = eventsFixture();
    events.server('a');
    events.server('b', 'other');
    events.server('c');
    const answer = await events.get('/v1/events');
    expect(idsOf(answer)).toEqual(['c', 'a']);
    expect((answer.body['events'] as readonly unknown[])[0]).toEqual({
      id: `${Date.parse('2026-01-01T00:00:00Z')}-3`,
      type: 'compute.instance.update',
      time: '2026-01-01T00:00:00.000Z',
      priority: 'INFO',
      publisher: null,
      project_id: 'demo',
      request_id: 'req-1',
      resource: { kind: 'server', id: 'c', name: 'vm c' },
      state: 'ACTIVE',
      payload: null,
    });
  });

  it('gives administrators their project’s, or everything with what is in it', async () => {
    const events = eventsFixture();
    events.server('a');
    events.server('b', 'other');
    events.say('service.update', { service_id: 's', binary: 'nova-compute' });
    expect(idsOf(await events.get('/v1/events', 'other/admin'))).toEqual(['b']);
    const all = await events.get('/v1/events?all_projects=1', 'other/admin');
    expect(idsOf(all)).toEqual(['s', 'b', 'a']);
    expect((all.body['events'] as readonly unknown[])[2]).toMatchObject({
      publisher: 'compute.h1',
      payload: { instance_id: 'a' },
    });
  });

  it('refuses everything to those who may not have it', async () => {
    const events = eventsFixture();
    expect(await events.get('/v1/events?all_projects=1')).toMatchObject({ status: 403 });
    expect(await events.get('/v1/events/stream?all_projects=true')).toMatchObject({ status: 403 });
    expect(await events.get('/v1/events?all_projects=0')).toMatchObject({ status: 200 });
    expect(await events.get('/v1/events?all_projects=maybe')).toMatchObject({ status: 400 });
    for (const path of ['/v1/events', '/v1/events/stream'])
      expect(await events.get(path, '')).toMatchObject({ status: 401, body: { error: { code: 401 } } });
  });

  it('hints at what stands in everybody’s lists, and tells a key pair only to its user', async () => {
    const events = eventsFixture();
    events.say('flavor.create', { flavor_id: 'f', name: 'm1.new', is_public: true });
    events.say('image.update', { id: 'pub', name: 'cirros', visibility: 'public', status: 'active' }, 'other');
    events.say('image.update', { id: 'priv', visibility: 'private' }, 'other');
    events.say('keypair.create.end', { user_id: 'demo-user', key_name: 'k' });
    const answer = await events.get('/v1/events');
    expect(idsOf(answer)).toEqual(['k', 'pub', 'f']);
    expect((answer.body['events'] as readonly unknown[])[1]).toMatchObject({
      project_id: null,
      request_id: null,
      payload: null,
    });
    expect(idsOf(await events.get('/v1/events', 'demo//somebody'))).toEqual(['pub', 'f']);
  });

  it('filters by kind, type and thing, and gives pages', async () => {
    const events = eventsFixture();
    for (const id of ['a', 'b', 'c']) events.server(id);
    events.say('port.update.end', { port: { id: 'p', tenant_id: 'demo' } }, 'demo');
    events.say('volume.update', { volume_id: 'v' }, 'demo');
    expect(idsOf(await events.get('/v1/events?resource=port,volume'))).toEqual(['v', 'p']);
    expect(idsOf(await events.get('/v1/events?type=compute.'))).toEqual(['c', 'b', 'a']);
    expect(idsOf(await events.get('/v1/events?resource_id=b'))).toEqual(['b']);
    const page = await events.get('/v1/events?limit=2');
    expect(idsOf(page)).toEqual(['v', 'p']);
    const last = (page.body['events'] as readonly { id: string }[]).at(-1)?.id;
    expect(idsOf(await events.get(`/v1/events?limit=2&before=${last}`))).toEqual(['c', 'b']);
    expect(idsOf(await events.get('/v1/events?limit=0'))).toEqual([]);
    expect((await events.get('/v1/events?limit=-1')).status).toBe(400);
    expect((await events.get('/v1/events?limit=many')).status).toBe(400);
  });
});

describe('the event service', () => {
  it('says its versions to anybody, and its faults in JSON', async () => {
    const events = eventsFixture();
    expect((await events.get('/', '')).body).toMatchObject({ versions: [{ id: 'v1.0', status: 'CURRENT' }] });
    expect((await events.get('/v1', '')).status).toBe(200);
    expect(await events.get('/v2/nothing')).toMatchObject({
      status: 404,
      body: { error: { code: 404, title: 'Not Found', message: expect.stringContaining('/v2/nothing') } },
    });
  });

  it('has a policy for every route but the version documents', () => {
    const { app } = eventsFixture();
    expect(app.mounted.map(({ route }) => [route.id, route.policy])).toEqual([
      ['versions.list', null],
      ['versions.show', null],
      ['events.stream', 'events:stream'],
      ['events.list', 'events:list'],
    ]);
  });
});
