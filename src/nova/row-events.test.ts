import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toldDatabase } from '#common/bus/testing/told.ts';
import { systemClock } from '#common/clock.ts';
import { deleteFlavor, addAccess, insertFlavor, loadFlavors, setDescription } from './flavors/rows.ts';
import { addHost, deleteAggregate, insertAggregate, listAggregates, removeHost } from './hosts/aggregates-rows.ts';
import { changeService, findService, listServices, seeService } from './hosts/services-rows.ts';
import { deleteKeypair, insertKeypair } from './keypairs/rows.ts';
import { novaMigrations } from './migrations/index.ts';
import { deleteProjectLimits, setProjectLimits } from './quotas/rows.ts';
import { novaRowEvents } from './row-events.ts';
import { findServer, insertServers, updateServer, updateUnlessDeleting } from './servers/rows.ts';
import type { NovaTables } from './tables.ts';

const now = '2026-01-01T00:00:00.000000';
const server = {
  ...{ id: 'i1', project_id: 'demo', user_id: 'u', reservation_id: 'r', launch_index: 0, display_name: 'vm' },
  ...{ description: null, hostname: 'vm', vm_state: 'building', task_state: 'scheduling', power_state: 'nostate' },
  ...{ progress: 0, host: null, node: null, availability_zone: null, forced_host: null, flavor_id: '1', flavor: '{}' },
  ...{ vcpus: 1, memory_mb: 1, disk_gb: 1, image_id: null, image: null, root_device_name: null, key_name: null },
  ...{
    key_data: null,
    user_data: 'c2VjcmV0',
    config_drive: 0,
    access_ip_v4: null,
    access_ip_v6: null,
    disk_config: 'AUTO',
  },
  ...{ locked_by: null, locked_reason: null, metadata: '{}', tags: '[]', security_groups: '[]', network_info: '[]' },
  ...{
    requested_networks: '{}',
    network_stale: 0,
    personality: '[]',
    scheduler_hints: '{}',
    trusted_certificates: null,
  },
  ...{
    admin_password: 'hush',
    guest_password: null,
    failed_hosts: '[]',
    fault: null,
    created_at: now,
    updated_at: now,
  },
  ...{ launched_at: null, terminated_at: null, deleted: 0, deleted_at: null },
};

describe('what Nova tells of its rows', () => {
  let nova: Awaited<ReturnType<typeof toldDatabase<NovaTables>>>;
  beforeEach(async () => {
    nova = await toldDatabase<NovaTables>(novaMigrations('sqlite', systemClock), novaRowEvents);
  });
  afterEach(() => nova.close());

  it('is every state of a server, with the one before, and no secret', async () => {
    await insertServers(nova.db.query, [server]);
    const [made] = await nova.told();
    expect(made).toEqual([
      'compute.instance.update',
      'demo',
      expect.objectContaining({ instance_id: 'i1', state: 'building', old_state: null, status: 'BUILD', changed: [] }),
    ]);
    expect(JSON.stringify(made)).not.toMatch(/hush|c2VjcmV0/);
    await updateUnlessDeleting(nova.db.query, 'i1', { task_state: 'spawning', host: 'h1', updated_at: now });
    await updateServer(nova.db.query, 'i1', { vm_state: 'active', task_state: null, updated_at: now });
    expect((await nova.told()).map(([, , payload]) => payload)).toMatchObject([
      { old_task_state: 'scheduling', new_task_state: 'spawning', host: 'h1', changed: ['task_state', 'host'] },
      {
        old_state: 'building',
        state: 'active',
        new_task_state: null,
        status: 'ACTIVE',
        changed: ['state', 'task_state'],
      },
    ]);
  });

  it('is a name, metadata and addresses, but not that somebody looked', async () => {
    await insertServers(nova.db.query, [server]);
    await nova.told();
    await findServer(nova.db.query, 'i1');
    await updateServer(nova.db.query, 'i1', { network_stale: 1 });
    expect(await nova.told()).toEqual([]);
    const port = {
      label: 'net',
      mac: 'fa:16:3e:00:00:01',
      addresses: [{ address: '10.0.0.1', version: 4, floating: [] }],
    };
    await updateServer(nova.db.query, 'i1', {
      display_name: 'new',
      metadata: '{"a":"b"}',
      network_info: JSON.stringify([port]),
      updated_at: now,
    });
    expect((await nova.told())[0]?.[2]).toMatchObject({
      old_display_name: 'vm',
      display_name: 'new',
      metadata: { a: 'b' },
      fixed_ips: [{ address: '10.0.0.1', version: 4, label: 'net', vif_mac: 'fa:16:3e:00:00:01' }],
    });
  });

  it('is key pairs, flavors and who may use them', async () => {
    const key = { userId: 'u', name: 'k', type: 'ssh', publicKey: 'x', fingerprint: 'y', createdAt: now } as const;
    await insertKeypair(nova.db.query, key);
    await deleteKeypair(nova.db.query, 'u', 'k');
    expect(await nova.told()).toEqual([
      ['keypair.create.end', undefined, { user_id: 'u', key_name: 'k' }],
      ['keypair.delete.end', undefined, { user_id: 'u', key_name: 'k' }],
    ]);
    const sizes = { memoryMb: 1, vcpus: 1, rootGb: 1, ephemeralGb: 0, swapMb: 0, rxtxFactor: 1 };
    await nova.db.transaction((trx) =>
      insertFlavor(trx, { id: 'f', name: 'm1', ...sizes, isPublic: false, description: null, createdAt: now }),
    );
    const num = (await loadFlavors(nova.db.query)).flavors.find(({ id }) => id === 'f')?.num as number;
    await nova.db.transaction((trx) => addAccess(trx, num, 'demo'));
    await nova.db.transaction((trx) => setDescription(trx, num, 'words'));
    await nova.db.transaction((trx) => deleteFlavor(trx, num));
    const payload = { flavor_id: 'f', name: 'm1', is_public: false };
    expect(await nova.told()).toEqual([
      ['flavor.create', undefined, payload],
      ['flavor.update', 'demo', payload],
      ['flavor.update', undefined, payload],
      ['flavor.delete', undefined, payload],
    ]);
  });

  it('is aggregates and their hosts', async () => {
    await nova.db.transaction((trx) => insertAggregate(trx, { id: 'x', name: 'a', metadata: {}, now }));
    const [{ num } = { num: 0 }] = await listAggregates(nova.db.query);
    await nova.db.transaction((trx) => addHost(trx, num, 'h1'));
    await nova.db.transaction((trx) => removeHost(trx, num, 'h1'));
    await nova.db.transaction((trx) => deleteAggregate(trx, num));
    expect(await nova.told()).toEqual([
      ['aggregate.create.end', undefined, { aggregate_id: num, name: 'a' }],
      ['aggregate.addhost.end', undefined, { aggregate_id: num, name: 'a', host: 'h1' }],
      ['aggregate.removehost.end', undefined, { aggregate_id: num, name: 'a', host: 'h1' }],
      ['aggregate.delete.end', undefined, { aggregate_id: num, name: 'a' }],
    ]);
  });

  it('is a daemon that appears and one that is switched off, not its heartbeats', async () => {
    const see = () => seeService(nova.db.query, { id: 's', binary: 'nova-compute', host: 'h1', topic: 'compute', now });
    await see();
    await see();
    expect((await nova.told()).map(([type]) => type)).toEqual(['service.create']);
    const [service] = await listServices(nova.db.query);
    await changeService(nova.db.query, service?.num as number, { disabled: true, disabledReason: 'work' }, now);
    expect((await nova.told())[0]).toMatchObject([
      'service.update',
      undefined,
      { service_id: 's', binary: 'nova-compute', host: 'h1', disabled: true, disabled_reason: 'work', state: 'up' },
    ]);
    expect((await findService(nova.db.query, 's'))?.disabled).toBe(true);
  });

  it('is a project’s quota, once however many limits change', async () => {
    await nova.db.transaction((trx) => setProjectLimits(trx, 'demo', { instances: 5, cores: 7 }));
    await nova.db.transaction((trx) => setProjectLimits(trx, 'demo', { instances: 6, cores: 8 }));
    await nova.db.transaction((trx) => deleteProjectLimits(trx, 'demo'));
    const update = ['quota.update', 'demo', { project_id: 'demo', service: 'compute' }];
    expect(await nova.told()).toEqual([update, update, update]);
  });
});
