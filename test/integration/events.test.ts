import { request, type ClientRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CloudEvent } from '#events/event.ts';
import { eventually, makeCloud, type Cloud } from '../fixtures/cloud.ts';

const OFFSET = 22_000;
const stream = `http://127.0.0.1:${8790 + OFFSET}/v1/events/stream`;

/** What a client of the stream has heard so far. */
interface Hearing {
  readonly events: CloudEvent[];
  text: string;
  close(): void;
}

describe('the event stream of a cloud', () => {
  let cloud: Cloud;
  const tokens: Record<string, string> = {};
  const open: Hearing[] = [];

  const hear = (account: string, query = '', lastId?: string): Promise<Hearing> =>
    new Promise((resolve, reject) => {
      const headers = { 'x-auth-token': tokens[account] as string, ...(lastId && { 'last-event-id': lastId }) };
      const asked: ClientRequest = request(stream + query, { headers }, (answer) => {
        const hearing: Hearing = { events: [], text: '', close: () => answer.destroy() };
        let rest = '';
        answer.setEncoding('utf8');
        answer.on('data', (text: string) => {
          hearing.text += text;
          const blocks = (rest + text).split('\n\n');
          rest = blocks.pop() ?? '';
          for (const block of blocks) {
            const data = /^event: cloud\ndata: (.*)$/m.exec(block)?.[1];
            if (data !== undefined) hearing.events.push(JSON.parse(data) as CloudEvent);
          }
        });
        answer.on('error', () => undefined);
        open.push(hearing);
        resolve(hearing);
      });
      asked.on('error', reject);
      asked.end();
    });
  const heard = (hearing: Hearing, what: string, fits: (event: CloudEvent) => boolean): Promise<CloudEvent> =>
    eventually(what, async () => hearing.events.find(fits), 20_000);
  const one = (hearing: Hearing, type: string, name?: string, state?: string): Promise<CloudEvent> =>
    heard(
      hearing,
      `${type} of ${name ?? 'anything'} ${state ?? ''}`,
      (event) =>
        event.type === type &&
        (name === undefined || event.resource?.name === name) &&
        (state === undefined || event.state === state),
    );

  beforeAll(async () => {
    cloud = await makeCloud(['--virt', 'fake', '--network', 'fake', '--port-offset', String(OFFSET)]);
    await cloud.up();
    for (const account of ['admin', 'demo'] as const)
      tokens[account] = (await cloud.json<{ id: string }>(account, 'token', 'issue')).id;
  }, 60_000);
  afterAll(async () => {
    for (const hearing of open) hearing.close();
    await cloud.igloo('destroy', '--yes');
  });

  it('is in the catalogue', async () => {
    const { endpoints } = await cloud.json<{ endpoints: string }>('admin', 'catalog', 'show', 'event');
    expect(JSON.stringify(endpoints)).toContain(`http://127.0.0.1:${8790 + OFFSET}/v1`);
  });

  it('tells of servers, volumes, ports, images and users to whom it concerns', async () => {
    const [demo, admin, all] = await Promise.all([hear('demo'), hear('admin'), hear('admin', '?all_projects=1')]);
    const net = ['--image', 'cirros', '--flavor', 'm1.tiny', '--network', 'demo-net'];
    await cloud.openstack('demo', 'server', 'create', ...net, 'told');
    expect(await one(demo, 'compute.instance.update', 'told', 'BUILD')).toMatchObject({
      payload: null,
      publisher: null,
    });
    const active = await one(demo, 'compute.instance.update', 'told', 'ACTIVE');
    const whole = await heard(all, 'the same', ({ id }) => id === active.id);
    expect(whole.payload).toMatchObject({ old_state: 'building', state: 'active', power_state: 'running' });
    expect(whole.publisher).toMatch(/^compute\./);
    await one(demo, 'port.create.end');

    await cloud.manual('demo', 'cinder', 'create', '--display-name', 'disk', '1');
    const { resource } = await one(demo, 'volume.update', 'disk', 'available');
    await cloud.manual('demo', 'nova', 'volume-attach', 'told', resource?.id ?? '', 'auto');
    await one(demo, 'volume.update', 'disk', 'in-use');
    await one(demo, 'volume.attach.end', 'disk');
    await one(demo, 'compute.instance.volume.attach', 'told');

    await cloud.manual('demo', 'nova', 'keypair-add', 'key');
    await one(demo, 'keypair.create.end', 'key');
    await cloud.manual('demo', 'neutron', 'floatingip-create', 'ext-net');
    await one(demo, 'floatingip.create.end');
    await cloud.manual('demo', 'nova', 'meta', 'told', 'set', 'a=b');
    await heard(all, 'metadata', ({ payload }) => JSON.stringify(payload?.['metadata']) === '{"a":"b"}');

    await cloud.openstack('admin', 'user', 'create', 'new-user', '--password', 'secret-of-new');
    await one(all, 'identity.user.created', 'new-user');
    await cloud.openstack('admin', 'role', 'add', '--user', 'new-user', '--project', 'demo', 'member');
    await one(all, 'identity.role_assignment.created');
    await cloud.openstack('admin', 'image', 'set', '--property', 'os=x', 'cirros');
    expect(await one(demo, 'image.update', 'cirros', 'active')).toMatchObject({ project_id: null, payload: null });
    await cloud.openstack('admin', 'flavor', 'create', '--ram', '64', '--vcpus', '1', '--disk', '1', 'm1.told');
    expect(await one(demo, 'flavor.create', 'm1.told')).toMatchObject({ payload: null });
    await cloud.openstack('admin', 'aggregate', 'create', 'agg');
    await one(all, 'aggregate.create.end', 'agg');
    await cloud.openstack('admin', 'quota', 'set', '--instances', '20', 'demo');
    await one(demo, 'quota.update');

    await cloud.openstack('demo', 'server', 'delete', 'told');
    await one(demo, 'compute.instance.delete.end', 'told', 'DELETED');
    await one(demo, 'port.delete.end');

    const demoProject = active.project_id;
    expect(demo.events.every(({ project_id: id }) => id === demoProject || id === null)).toBe(true);
    expect(demo.events.some(({ type }) => /^(identity|service|aggregate)\./.test(type))).toBe(false);
    expect(admin.events.some(({ project_id: id }) => id === demoProject)).toBe(false);
    for (const text of [demo.text, all.text]) {
      expect(text).not.toContain('secret-of-new');
      expect(text).not.toContain('PRIVATE KEY');
    }
    expect(demo.text).not.toContain('event: gap');
  }, 120_000);

  it('goes on where a client was, and tells of a gap after a restart', async () => {
    const first = await hear('demo', '?resource=keypair');
    await cloud.manual('demo', 'nova', 'keypair-add', 'one');
    const { id } = await one(first, 'keypair.create.end', 'one');
    first.close();
    await cloud.manual('demo', 'nova', 'keypair-add', 'two');
    const second = await hear('demo', '?resource=keypair', id);
    await one(second, 'keypair.create.end', 'two');
    expect(second.events.map(({ resource }) => resource?.name)).toEqual(['two']);
    await cloud.igloo('down');
    await cloud.up();
    const third = await hear('demo', '?resource=keypair', id);
    await eventually('a gap', async () => third.text.includes('event: gap'), 10_000);
  }, 60_000);

  it('is refused without a token, and for all projects to those who are no administrators', async () => {
    expect((await fetch(stream)).status).toBe(401);
    const headers = { 'x-auth-token': tokens['demo'] as string };
    expect((await fetch(`${stream}?all_projects=1`, { headers })).status).toBe(403);
  });
});
