import { afterEach, beforeEach, expect, it } from 'vitest';
import { isoMicros, systemClock } from '#common/clock.ts';
import { insertOperation, setOperationStatus } from '#common/operations/rows.ts';
import { cinderFixture, type CinderFixture } from '../testing/fixture.ts';

let cinder: CinderFixture;
beforeEach(async () => {
  cinder = await cinderFixture();
});
afterEach(() => cinder.close());

const operations = async (query = '', token = 'demo') => {
  const project = token.split('/')[0];
  const answer = await cinder.request('GET', `/v3/${project}/os-operations${query}`, { token });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.operations as Record<string, unknown>[];
};

it("shows the journal of a project's volumes in the same form as Nova, to nobody else", async () => {
  const { id } = await cinder.volume({ name: 'data' });
  await cinder.settled();
  const [op] = await operations(`?resource_id=${id}`);
  expect(Object.keys(op ?? {})).toEqual([
    ...['id', 'kind', 'action', 'resource_id', 'resource_type', 'resource_name', 'project_id', 'user_id'],
    ...['request_id', 'status', 'step', 'progress', 'started_at', 'finished_at', 'failure'],
  ]);
  expect(op).toMatchObject({ resource_id: id, resource_type: 'volume', resource_name: 'data', project_id: 'demo' });
  const one = `/os-operations/${op?.['id'] as string}`;
  expect((await cinder.request('GET', `/v3/demo${one}`)).body.operation).toMatchObject({
    id: op?.['id'],
    steps: [{ name: 'all', status: 'succeeded' }],
  });
  expect(await operations('', 'other')).toEqual([]);
  expect((await cinder.request('GET', `/v3/other${one}`, { token: 'other' })).status).toBe(404);
  expect(await operations('?all_projects=1', 'other/admin')).not.toEqual([]);
  expect((await cinder.request('GET', '/v3/demo/os-operations?all_projects=1')).status).toBe(403);
  expect((await cinder.request('GET', `/v1/demo${one}`)).body.operation).toMatchObject({ id: op?.['id'] });
});

it('tells tenants no more of the back ends than their messages do', async () => {
  const add = async (id: string, failure: { code: number; message: string; details?: unknown }): Promise<void> => {
    const now = isoMicros(systemClock.now());
    await insertOperation(cinder.db.query, {
      ...{ id, kind: 'volume.create', action: 'create_volume', owner: 'cinder-scheduler@c', input: {}, now },
      ...{ resourceId: 'v', requestId: 'req-1', projectId: 'demo', userId: 'u' },
    });
    await setOperationStatus(cinder.db.query, id, 'failed', { step: 'choose', ...failure }, now);
  };
  const details = [
    { host: 'stor1@lvm#pool', filter: 'CapacityFilter', reason: '9 GiB are wanted, and 2 GiB are left' },
    { host: 'stor2@nfs', filter: 'BackendFilter', reason: 'it is disabled: sold' },
  ];
  await add('op1', { code: 500, message: 'No valid host was found. stor1@lvm#pool: …', details });
  await add('op2', { code: 500, message: 'lvcreate failed on stor1' });
  await add('op3', { code: 400, message: 'The image is larger than the volume' });
  const failures = async (token?: string) =>
    (await operations('', token)).map((op) => op['failure'] as { message: string; details: unknown });
  expect(await failures()).toEqual([
    { step: 'choose', code: 400, message: 'The image is larger than the volume', details: null },
    {
      ...{ step: 'choose', code: 500, details: null },
      message: 'The volume back end could not do it. Administrators see why.',
    },
    {
      ...{ step: 'choose', code: 500, message: 'No valid host was found: no back end can take the volume.' },
      details: [
        { host: 'back end 1', passed: false, filter: 'CapacityFilter', reason: '9 GiB are wanted, and 2 GiB are left' },
        { host: 'back end 2', passed: false, filter: 'BackendFilter', reason: 'is not in service' },
      ],
    },
  ]);
  const [, broken, refused] = await failures('demo/admin');
  expect(broken?.message).toBe('lvcreate failed on stor1');
  expect(refused?.details).toMatchObject([
    { host: 'stor1@lvm#pool' },
    { host: 'stor2@nfs', reason: 'it is disabled: sold' },
  ]);
});
