import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

let nova: NovaFixture;
beforeEach(async () => {
  nova = await novaFixture({ conf: { quota_instances: 10, quota_cores: 20, quota_ram: 51_200 } });
});
afterEach(() => nova.close());

const body = (over: object = {}) => ({ server: { name: 's', imageRef: nova.imageId, flavorRef: '1', ...over } });
const admin = { token: 'demo/admin' };

describe('quotas', () => {
  it('hold when thirty requests come at once, and nothing drifts', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => nova.request('POST', '/v2.1/servers', { body: body() })),
    );
    const statuses = answers.map((answer) => answer.status);
    expect(statuses.filter((status) => status === 202)).toHaveLength(10);
    expect(statuses.filter((status) => status === 403)).toHaveLength(20);
    expect(answers.find((answer) => answer.status === 403)?.body).toEqual({
      forbidden: {
        code: 403,
        message: 'Quota exceeded for instances: Requested 1, but already used 10 of 10 instances',
      },
    });
    await nova.settled();
    const detail = await nova.request('GET', '/v2.1/os-quota-sets/demo/detail');
    expect(detail.body.quota_set).toMatchObject({
      id: 'demo',
      instances: { limit: 10, in_use: 10, reserved: 0 },
      cores: { limit: 20, in_use: 10, reserved: 0 },
      ram: { limit: 51_200, in_use: 5120, reserved: 0 },
    });
    const { servers } = (await nova.request('GET', '/v2.1/servers')).body;
    for (const { id } of servers) await nova.request('DELETE', `/v2.1/servers/${id}`);
    await nova.settled();
    expect((await nova.request('GET', '/v2.1/limits')).body.limits.absolute).toMatchObject({
      totalInstancesUsed: 0,
      totalCoresUsed: 0,
      totalRAMUsed: 0,
      maxTotalInstances: 10,
      maxTotalFloatingIps: -1,
    });
  });

  it('answer 413 with Retry-After in the old API, and name every resource that is short', async () => {
    await nova.request('PUT', '/v2.1/os-quota-sets/demo', {
      ...admin,
      body: { quota_set: { instances: 0, ram: 100 } },
    });
    const answer = await nova.request('POST', '/v2/demo/servers', { body: body() });
    expect([answer.status, answer.headers['retry-after']]).toEqual([413, '0']);
    expect(answer.body.overLimit.message).toBe(
      'Quota exceeded for instances, ram: Requested 1, 512, but already used 0, 0 of 0, 100 instances, ram',
    );
  });

  it('give as many of several servers as there is room for', async () => {
    const answer = await nova.request('POST', '/v2.1/servers', { body: body({ min_count: 1, max_count: 50 }) });
    expect(answer.status).toBe(202);
    await nova.settled();
    expect((await nova.request('GET', '/v2.1/servers')).body.servers).toHaveLength(10);
  });

  it('are changed, defaulted and dropped by administrators only', async () => {
    const put = (quota_set: object, token = 'demo/admin') =>
      nova.request('PUT', '/v2.1/os-quota-sets/demo', { token, body: { quota_set } });
    expect((await put({ instances: 5 }, 'demo')).status).toBe(403);
    expect((await put({ instances: 5 })).body.quota_set.instances).toBe(5);
    await nova.request('POST', '/v2.1/servers', { body: body({ min_count: 2 }) });
    expect((await put({ instances: 1 })).body.badRequest.message).toBe(
      'Quota limit 1 for instances must be greater than or equal to already used and reserved 2.',
    );
    expect((await put({ instances: 1, force: true })).status).toBe(200);
    expect((await nova.request('GET', '/v2.1/os-quota-sets/demo/defaults')).body.quota_set.instances).toBe(10);
    expect((await nova.request('GET', '/v2.1/os-quota-sets/other')).status).toBe(403);
    expect((await nova.request('DELETE', '/v2.1/os-quota-sets/demo', admin)).status).toBe(202);
    expect((await nova.request('GET', '/v2.1/os-quota-sets/demo')).body.quota_set.instances).toBe(10);
    await nova.request('PUT', '/v2.1/os-quota-class-sets/default', {
      ...admin,
      body: { quota_class_set: { cores: 7 } },
    });
    expect((await nova.request('GET', '/v2.1/os-quota-sets/demo')).body.quota_set.cores).toBe(7);
    await nova.settled();
  });

  it('show what each version shows', async () => {
    const keys = async (version: string) =>
      Object.keys((await nova.request('GET', '/v2.1/os-quota-sets/demo', { version })).body.quota_set).sort();
    expect(await keys('2.93')).toEqual(
      [
        'cores',
        'id',
        'instances',
        'key_pairs',
        'metadata_items',
        'ram',
        'server_group_members',
        'server_groups',
      ].sort(),
    );
    expect(await keys('2.1')).toHaveLength(15);
  });

  it('limit metadata', async () => {
    const metadata = Object.fromEntries(Array.from({ length: 129 }, (_all, index) => [`k${index}`, 'v']));
    expect((await nova.request('POST', '/v2.1/servers', { body: body({ metadata }) })).body.forbidden.message).toBe(
      'Maximum number of metadata items exceeds 128',
    );
  });

  describe('of a user', () => {
    const url = (prefix: string, rest = '') => `${prefix}/os-quota-sets/demo${rest}?user_id=user-of-demo`;
    const put = (prefix: string, quota_set: object, rest = '') =>
      nova.request('PUT', url(prefix, rest), { ...admin, body: { quota_set } });

    it('hold beside the project, are shown, and are dropped alone', async () => {
      expect((await put('/v2.1', { instances: 2 })).body.quota_set).toMatchObject({ instances: 2, cores: 20 });
      expect((await nova.request('GET', '/v2.1/os-quota-sets/demo')).body.quota_set.instances).toBe(10);
      expect((await nova.request('GET', url('/v2.1'))).body.quota_set.instances).toBe(2);
      const answer = await nova.request('POST', '/v2.1/servers', { body: body({ min_count: 3 }) });
      expect(answer.body.forbidden.message).toBe(
        'Quota exceeded for instances: Requested 3, but already used 0 of 2 instances',
      );
      expect((await nova.request('POST', '/v2.1/servers', { body: body({ min_count: 2 }) })).status).toBe(202);
      const detail = await nova.request('GET', url('/v2.1', '/detail'));
      expect(detail.body.quota_set.instances).toEqual({ limit: 2, in_use: 2, reserved: 0 });
      // A colleague has what the project has left.
      await nova.request('PUT', '/v2.1/os-quota-sets/demo?user_id=colleague', {
        ...admin,
        body: { quota_set: { instances: 5 } },
      });
      expect((await nova.request('DELETE', url('/v2.1'), admin)).status).toBe(202);
      expect((await nova.request('GET', url('/v2.1'))).body.quota_set.instances).toBe(10);
      expect((await nova.request('GET', '/v2.1/os-quota-sets/demo?user_id=colleague')).body.quota_set.instances).toBe(
        5,
      );
      expect((await nova.request('DELETE', '/v2.1/os-quota-sets/demo', admin)).status).toBe(202);
      expect((await nova.request('GET', '/v2.1/os-quota-sets/demo?user_id=colleague')).body.quota_set.instances).toBe(
        10,
      );
      await nova.settled();
    });

    it('are no more than the project has left to give, and the project keeps what they were given', async () => {
      await nova.request('PUT', '/v2.1/os-quota-sets/demo?user_id=a', { ...admin, body: { quota_set: { cores: 15 } } });
      expect((await put('/v2.1', { cores: 6 })).body.badRequest.message).toBe(
        'Quota limit 6 for cores must be less than or equal to 5.',
      );
      expect((await put('/v2/demo', { cores: 6 })).body.badRequest.message).toBe('Quota limit must be less than 5.');
      expect((await put('/v2.1', { cores: -1 })).status).toBe(400);
      expect((await put('/v2.1', { cores: 5 })).status).toBe(200);
      const lower = await nova.request('PUT', '/v2.1/os-quota-sets/demo', {
        ...admin,
        body: { quota_set: { cores: 19 } },
      });
      expect(lower.body.badRequest.message).toBe(
        'Quota limit 19 for cores must be greater than or equal to already used and reserved 20.',
      );
    });
  });

  it.each([
    ['/v2/demo', { nonsense: 1 }, 'Bad key(s) nonsense in quota_set'],
    ['/v2/demo', { cores: 'many' }, "Quota 'many' for cores should be integer."],
    ['/v2/demo', { cores: -2 }, 'Quota limit must be -1 or greater.'],
    [
      '/v2.1',
      { nonsense: 1 },
      "Invalid input for field/attribute quota_set. Value: {'nonsense': 1}. Additional properties are not allowed ('nonsense' was unexpected)",
    ],
  ])('%s refuses %j', async (prefix, quota_set, message) => {
    const answer = await nova.request('PUT', `${prefix}/os-quota-sets/demo`, { ...admin, body: { quota_set } });
    expect([answer.status, answer.body.badRequest.message]).toEqual([400, message]);
  });

  it('take what their version shows, and no more', async () => {
    const put = async (version: string, quota_set: object) =>
      (await nova.request('PUT', '/v2.1/os-quota-sets/demo', { ...admin, version, body: { quota_set } })).status;
    expect([await put('2.35', { floating_ips: 5 }), await put('2.36', { floating_ips: 5 })]).toEqual([200, 400]);
    expect([await put('2.56', { injected_files: 5 }), await put('2.57', { injected_files: 5 })]).toEqual([200, 400]);
    const classKeys = async (version: string) =>
      Object.keys(
        (await nova.request('GET', '/v2.1/os-quota-class-sets/default', { ...admin, version })).body.quota_class_set,
      );
    expect(await classKeys('2.1')).not.toContain('server_groups');
    expect(await classKeys('2.50')).not.toContain('floating_ips');
    expect(await classKeys('2.57')).not.toContain('injected_files');
  });

  it('limit nothing with the driver that is none', async () => {
    const free = await novaFixture({ conf: { quota_instances: 1, quota_driver: 'nova.quota.NoopQuotaDriver' } });
    const answer = await free.request('GET', '/v2/demo/os-quota-sets/demo');
    expect(answer.body.quota_set).toMatchObject({ instances: -1, cores: -1, floating_ips: -1 });
    await free.close();
  });
});
