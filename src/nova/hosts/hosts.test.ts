import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#common/clock.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { lastPeriod } from './audit-period.ts';
import { auditUsage } from './usage-audit.ts';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

let nova: NovaFixture;
beforeEach(async () => {
  nova = await novaFixture({ hosts: ['c1', 'c2'] });
});
afterEach(() => nova.close());
const admin = { token: 'demo/admin' };

describe('services', () => {
  it('are listed, disabled with a reason and enabled, in both ways', async () => {
    const { body } = await nova.request('GET', '/v2.1/os-services?host=c1', admin);
    expect(body.services).toEqual([
      {
        binary: 'nova-compute',
        host: 'c1',
        id: 1,
        zone: 'nova',
        status: 'enabled',
        state: 'up',
        updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/),
        disabled_reason: null,
      },
    ]);
    const put = (action: string, payload: object, version = '2.1') =>
      nova.request('PUT', `/v2.1/os-services/${action}`, { ...admin, body: payload, version });
    const target = { host: 'c1', binary: 'nova-compute' };
    expect((await put('disable-log-reason', { ...target, disabled_reason: 'repairs' })).body.service).toEqual({
      ...target,
      status: 'disabled',
      disabled_reason: 'repairs',
    });
    expect((await put('disable', { ...target, host: 'nope' })).status).toBe(404);
    expect((await put('enable', target)).body.service.status).toBe('enabled');
    expect((await put('force-down', { ...target, forced_down: true }, '2.11')).body.service.forced_down).toBe(true);
    const listed = await nova.request('GET', '/v2.1/os-services?binary=nova-compute', { ...admin, version: '2.53' });
    const [first] = listed.body.services;
    expect([first.state, first.forced_down, first.id.length]).toEqual(['down', true, 36]);
    const changed = await put(
      String(first.id),
      { status: 'disabled', disabled_reason: 'x', forced_down: false },
      '2.53',
    );
    expect(changed.body.service).toMatchObject({ status: 'disabled', disabled_reason: 'x', state: 'up' });
    expect((await put(String(first.id), { status: 'enabled', disabled_reason: 'x' }, '2.53')).status).toBe(400);
    expect((await nova.request('DELETE', `/v2.1/os-services/${first.id}`, { ...admin, version: '2.53' })).status).toBe(
      204,
    );
  });

  it('of hosts with servers are not forgotten', async () => {
    await nova.request('POST', '/v2.1/servers', {
      body: { server: { name: 's', imageRef: nova.imageId, flavorRef: '1', networks: [] } },
    });
    await nova.settled();
    const { servers } = (await nova.request('GET', '/v2.1/servers/detail', admin)).body;
    const host = servers[0]['OS-EXT-SRV-ATTR:host'] as string;
    const [service] = (await nova.request('GET', `/v2.1/os-services?host=${host}`, admin)).body.services;
    expect((await nova.request('DELETE', `/v2.1/os-services/${service.id}`, admin)).status).toBe(409);
  });
});

describe('hypervisors', () => {
  it('show what they have and what is used', async () => {
    await nova.request('POST', '/v2.1/servers', {
      body: { server: { name: 's', imageRef: nova.imageId, flavorRef: '2', networks: [], min_count: 2 } },
    });
    await nova.settled();
    const statistics = await nova.request('GET', '/v2.1/os-hypervisors/statistics', admin);
    expect(statistics.body.hypervisor_statistics).toMatchObject({
      count: 2,
      vcpus: 200,
      vcpus_used: 2,
      memory_mb: 1_600_000,
      memory_mb_used: 4096 + 2 * 512,
      local_gb_used: 40,
      running_vms: 2,
    });
    const detail = await nova.request('GET', '/v2.1/os-hypervisors/detail', admin);
    expect(detail.body.hypervisors[0]).toMatchObject({
      id: 1,
      hypervisor_hostname: 'c1',
      state: 'up',
      status: 'enabled',
      hypervisor_type: 'fake',
      cpu_info: '{"arch":"x86_64"}',
      service: { id: 1, host: 'c1', disabled_reason: null },
    });
    const latest = await nova.request('GET', '/v2.1/os-hypervisors/detail?with_servers=true&limit=1', {
      ...admin,
      version: '2.93',
    });
    expect(latest.body.hypervisors).toHaveLength(1);
    expect(latest.body.hypervisors[0]).not.toHaveProperty('vcpus');
    expect(latest.body.hypervisors[0].servers[0].name).toMatch(/^instance-0000000\d$/);
    expect(latest.body.hypervisors_links).toHaveLength(1);
    expect(
      (await nova.request('GET', '/v2.1/os-hypervisors/c2/servers', admin)).body.hypervisors[0].servers,
    ).toHaveLength(1);
    const capacious = await nova.request('GET', '/v2.1/os-hypervisors/detail?with_capacity=true', {
      ...admin,
      version: '2.90',
    });
    const { vcpus, memory_mb: memory } = capacious.body.hypervisors[0].capacity;
    expect(vcpus.limit).toBe(vcpus.total * vcpus.allocation_ratio);
    expect(memory.limit).toBe(Math.floor((memory.total - memory.reserved) * memory.allocation_ratio));
    expect(capacious.body.hypervisors[0].zone).toBe('nova');
    const found = await nova.request('GET', '/v2.1/os-hypervisors/1?with_capacity=true', admin);
    expect(found.body.hypervisor.capacity).toEqual(capacious.body.hypervisors[0].capacity);
    expect((await nova.request('GET', '/v2.1/os-hypervisors/9', admin)).status).toBe(404);
    expect((await nova.request('GET', '/v2.1/os-hypervisors')).status).toBe(403);
    expect((await nova.request('GET', '/v2/demo/os-hosts?service=compute', admin)).body.hosts).toEqual([
      { host_name: 'c1', service: 'compute', zone: 'nova' },
      { host_name: 'c2', service: 'compute', zone: 'nova' },
    ]);
    const { host } = (await nova.request('GET', '/v2/demo/os-hosts/c1', admin)).body;
    expect(host.map((one: { resource: { project: string; memory_mb: number } }) => one.resource.memory_mb)).toEqual([
      800_000, 2048, 2048,
    ]);
  });
});

describe('aggregates', () => {
  it('make zones, and servers go where they are asked to', async () => {
    const made = await nova.request('POST', '/v2.1/os-aggregates', {
      ...admin,
      body: { aggregate: { name: 'a', availability_zone: 'z1' } },
    });
    expect(made.body.aggregate).toMatchObject({ id: 1, name: 'a', availability_zone: 'z1', deleted: false });
    const act = (body: object, id = 1) => nova.request('POST', `/v2.1/os-aggregates/${id}/action`, { ...admin, body });
    expect((await act({ add_host: { host: 'c2' } })).body.aggregate.hosts).toEqual(['c2']);
    expect((await act({ add_host: { host: 'c2' } })).body.conflictingRequest.message).toBe(
      'Aggregate 1 already has host c2.',
    );
    expect((await act({ add_host: { host: 'c9' } })).body.itemNotFound.message).toBe(
      'Compute host c9 could not be found.',
    );
    const zones = await nova.request('GET', '/v2.1/os-availability-zone');
    expect(zones.body.availabilityZoneInfo).toEqual([
      { zoneName: 'nova', zoneState: { available: true }, hosts: null },
      { zoneName: 'z1', zoneState: { available: true }, hosts: null },
    ]);
    const detail = await nova.request('GET', '/v2.1/os-availability-zone/detail', admin);
    expect(detail.body.availabilityZoneInfo[1].hosts.c2['nova-compute']).toMatchObject({
      available: true,
      active: true,
    });

    const server = await nova.request('POST', '/v2.1/servers', {
      body: { server: { name: 's', imageRef: nova.imageId, flavorRef: '1', availability_zone: 'z1' } },
    });
    await nova.settled();
    const shown = await nova.request('GET', `/v2.1/servers/${server.body.server.id}`, admin);
    expect([shown.body.server['OS-EXT-AZ:availability_zone'], shown.body.server['OS-EXT-SRV-ATTR:host']]).toEqual([
      'z1',
      'c2',
    ]);

    await nova.request('POST', '/v2.1/os-aggregates', {
      ...admin,
      body: { aggregate: { name: 'b', availability_zone: 'z2' } },
    });
    expect((await act({ add_host: { host: 'c2' } }, 2)).status).toBe(409);
    expect((await act({ remove_host: { host: 'c2' } })).status).toBe(409);
    expect((await act({ set_metadata: { metadata: { ssd: 'true', availability_zone: 'z3' } } })).status).toBe(400);
    expect((await act({ set_metadata: { metadata: { ssd: 'true' } } })).body.aggregate.metadata).toEqual({
      availability_zone: 'z1',
      ssd: 'true',
    });
    expect((await nova.request('DELETE', '/v2.1/os-aggregates/1', admin)).status).toBe(400);
    expect(
      (await nova.request('PUT', '/v2.1/os-aggregates/2', { ...admin, body: { aggregate: { name: 'a' } } })).status,
    ).toBe(409);
    expect((await nova.request('DELETE', '/v2.1/os-aggregates/2', admin)).status).toBe(200);
    expect((await nova.request('GET', '/v2.1/os-aggregates/2', admin)).body.itemNotFound.message).toBe(
      'Aggregate 2 could not be found.',
    );
  });
});

describe('hosts in the old way', () => {
  it('are switched, and have no power of their own', async () => {
    const put = (prefix: string, name: string, body: object) =>
      nova.request('PUT', `${prefix}/os-hosts/${name}`, { ...admin, body });
    expect((await put('/v2/demo', 'c1', { status: 'disable' })).body).toEqual({ host: 'c1', status: 'disabled' });
    const [service] = (await nova.request('GET', '/v2/demo/os-services?host=c1', admin)).body.services;
    expect(service.status).toBe('disabled');
    expect((await put('/v2.1', 'c1', { status: 'Enable' })).body).toEqual({ host: 'c1', status: 'enabled' });
    expect((await put('/v2/demo', 'c1', { status: 'maybe' })).body.badRequest.message).toBe("Invalid status: 'maybe'");
    expect((await put('/v2/demo', 'c1', { color: 'enable' })).body.badRequest.message).toBe(
      "Invalid update setting: 'color'",
    );
    expect((await put('/v2/demo', 'c1', { maintenance_mode: 'enable' })).status).toBe(501);
    expect((await put('/v2.1', 'c9', { status: 'enable' })).body.itemNotFound.message).toBe(
      'Compute host c9 could not be found.',
    );
    const reboot = (prefix: string, name: string) => nova.request('GET', `${prefix}/os-hosts/${name}/reboot`, admin);
    expect((await reboot('/v2/demo', 'c1')).body.notImplemented.message).toBe(
      'Virt driver does not implement host power management.',
    );
    expect((await reboot('/v2.1', 'c1')).body.notImplemented.message).toBe(
      'The requested functionality is not supported.',
    );
    expect((await reboot('/v2.1', 'c9')).status).toBe(404);
    expect((await nova.request('GET', '/v2.1/os-hosts/c1/startup', { ...admin, version: '2.43' })).status).toBe(404);
  });
});

describe('usage audits', () => {
  it('say who has told of the last period, and tell once', async () => {
    const before = await nova.request('GET', '/v2.1/os-instance_usage_audit_log', admin);
    expect(before.body.instance_usage_audit_logs).toMatchObject({
      num_hosts: 2,
      num_hosts_not_run: 2,
      hosts_not_run: ['c1', 'c2'],
      overall_status: '0 of 2 hosts done. 0 errors.',
      log: {},
    });
    const told: string[] = [];
    const audit = () =>
      auditUsage({
        db: nova.db,
        clock: systemClock,
        log: silentLogger,
        period: 'month',
        notify: async (event) => void told.push(event),
      });
    await Promise.all([audit(), audit()]);
    const after = await nova.request('GET', '/v2/demo/os-instance_usage_audit_log', admin);
    expect(after.body.instance_usage_audit_logs).toMatchObject({
      num_hosts_done: 2,
      overall_status: 'ALL hosts done. 0 errors.',
      log: { c1: { state: 'DONE', instances: 0, errors: 0 } },
    });
    const show = (time: string) => nova.request('GET', `/v2.1/os-instance_usage_audit_log/${time}`, admin);
    expect((await show('2014-09-12%2008:00:00')).body.instance_usage_audit_log).toMatchObject({
      period_beginning: '2014-08-01 00:00:00',
      period_ending: '2014-09-01 00:00:00',
    });
    expect((await show('whenever')).body.badRequest.message).toBe('Invalid timestamp for date whenever');
    expect(told).toEqual([]);
  });

  it.each([
    ['hour', '2014-09-12T07:00:00', '2014-09-12T08:00:00'],
    ['day@3', '2014-09-11T03:00:00', '2014-09-12T03:00:00'],
    ['day@9', '2014-09-10T09:00:00', '2014-09-11T09:00:00'],
    ['month', '2014-08-01T00:00:00', '2014-09-01T00:00:00'],
    ['year@10', '2012-10-01T00:00:00', '2013-10-01T00:00:00'],
  ])('end with the last %s', (setting, begin, end) => {
    const period = lastPeriod(setting, new Date('2014-09-12T08:30:00Z'));
    expect([period.begin.toISOString().slice(0, 19), period.end.toISOString().slice(0, 19)]).toEqual([begin, end]);
    expect(() => lastPeriod('week', new Date())).toThrow('instance_usage_audit_period = week');
  });
});

describe('hosts of an aggregate', () => {
  it('fetch images ahead', async () => {
    await nova.request('POST', '/v2.1/os-aggregates', { ...admin, body: { aggregate: { name: 'a' } } });
    await nova.request('POST', '/v2.1/os-aggregates/1/action', { ...admin, body: { add_host: { host: 'c1' } } });
    const cache = (ids: string[], id = 1) =>
      nova.request('POST', `/v2.1/os-aggregates/${id}/images`, {
        ...admin,
        version: '2.81',
        body: { cache: ids.map((one) => ({ id: one })) },
      });
    expect((await cache([nova.imageId])).status).toBe(202);
    await expect.poll(() => nova.computes.get('c1')?.calls).toEqual([`cacheImage ${nova.imageId}`]);
    expect((await cache([nova.imageId, nova.imageId])).body.badRequest.message).toBe('Duplicate images in request');
    expect((await cache([nova.imageId], 7)).status).toBe(404);
    expect(nova.computes.get('c2')?.calls).toEqual([]);
  });

  it('say how long they have been up', async () => {
    const old = await nova.request('GET', '/v2/demo/os-hypervisors/1/uptime', admin);
    expect(old.body.hypervisor).toMatchObject({
      id: 1,
      hypervisor_hostname: 'c1',
      uptime: expect.stringContaining(' up '),
    });
    const { body } = await nova.request('GET', '/v2.1/os-hypervisors/detail', { ...admin, version: '2.88' });
    expect(body.hypervisors[0].uptime).toContain('load average');
  });
});

describe('server groups', () => {
  it('are made, shown with their members, and deleted', async () => {
    const made = await nova.request('POST', '/v2.1/os-server-groups', {
      body: { server_group: { name: 'g', policies: ['anti-affinity'] } },
    });
    const { id } = made.body.server_group;
    expect(made.body.server_group).toEqual({ id, name: 'g', policies: ['anti-affinity'], metadata: {}, members: [] });
    const answer = await nova.request('POST', '/v2.1/servers', {
      body: {
        server: { name: 's', imageRef: nova.imageId, flavorRef: '1', min_count: 3 },
        'os:scheduler_hints': { group: id },
      },
    });
    expect(answer.status).toBe(202);
    await nova.settled();
    const { servers } = (await nova.request('GET', '/v2.1/servers/detail', admin)).body;
    expect(servers.map((one: { status: string }) => one.status).sort()).toEqual(['ACTIVE', 'ACTIVE', 'ERROR']);
    const shown = await nova.request('GET', `/v2.1/os-server-groups/${id}`, { version: '2.64' });
    expect(shown.body.server_group).toMatchObject({ policy: 'anti-affinity', rules: {}, project_id: 'demo' });
    expect(shown.body.server_group.members).toHaveLength(3);
    expect((await nova.request('GET', `/v2.1/os-server-groups/${id}`, { token: 'other' })).status).toBe(404);
    expect((await nova.request('GET', '/v2.1/os-server-groups?all_projects', { token: 'other' })).status).toBe(403);
    expect((await nova.request('DELETE', `/v2.1/os-server-groups/${id}`)).status).toBe(204);
    expect(
      (await nova.request('POST', '/v2.1/os-server-groups', { body: { server_group: { name: 'g', policies: ['x'] } } }))
        .status,
    ).toBe(400);
  });
});
