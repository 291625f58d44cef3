import { describe, expect, it } from 'vitest';
import type { Hypervisor } from '#api/compute/hosts.ts';
import type { AnyService } from '../services/every-service.ts';
import { fill, hostOf, lifeOf, nodesOf } from './node.ts';

const daemon = (binary: string, host: string, up = true): AnyService => ({
  id: `${binary}/${host}`,
  owner: 'compute',
  ownId: '1',
  binary,
  host,
  zone: null,
  up,
  enabled: true,
  reason: null,
  heard: null,
  forcedDown: false,
});

const hypervisor = (host: string, given: Partial<Hypervisor> = {}): Hypervisor => ({
  id: host,
  hypervisor_hostname: host,
  hypervisor_type: 'QEMU',
  hypervisor_version: 7_002_000,
  host_ip: '10.0.0.1',
  state: 'up',
  status: 'enabled',
  service: { id: '1', host, disabled_reason: null },
  vcpus: 8,
  vcpus_used: 2,
  memory_mb: 16_000,
  memory_mb_used: 1024,
  local_gb: 100,
  local_gb_used: 10,
  running_vms: 1,
  disk_available_least: null,
  cpu_info: null,
  ...given,
});

describe('hosts of all services', () => {
  it('are merged by name, back ends of storage too, and sorted as people count', () => {
    const nodes = nodesOf(
      [daemon('nova-compute', 'node-10'), daemon('cinder-volume', 'node-2@lvm'), daemon('nova-compute', 'node-2')],
      [hypervisor('node-2')],
    );
    expect(nodes.map(({ id, roles }) => [id, roles])).toEqual([
      ['node-2', ['compute', 'storage']],
      ['node-10', ['compute']],
    ]);
    expect(hostOf('node-2@lvm#gold')).toBe('node-2');
  });

  it('have roles by what runs there; an L2 agent alone makes no network node', () => {
    const roles = (...names: string[]): readonly string[] =>
      nodesOf(
        names.map((name) => daemon(name, 'x')),
        [],
      )[0]?.roles ?? [];
    expect(roles('nova-compute', 'neutron-openvswitch-agent')).toEqual(['compute']);
    expect(roles('neutron-l3-agent', 'neutron-openvswitch-agent')).toEqual(['network']);
    expect(roles('nova-scheduler', 'cinder-scheduler')).toEqual(['control']);
    expect(roles('cinder-backup', 'nova-conductor')).toEqual(['control', 'storage']);
  });

  it('are as alive as their daemons', () => {
    const life = (...up: boolean[]): string | undefined =>
      nodesOf(
        up.map((one, at) => daemon(`nova-${at}`, 'x', one)),
        [],
      ).map(lifeOf)[0];
    expect([life(true, true), life(true, false), life(false, false)]).toEqual(['alive', 'some', 'dead']);
  });

  it('have the capacity that Nova counts with, or what the hypervisor has', () => {
    const counted = { total: 8, reserved: 0, allocation_ratio: 16, limit: 128, used: 64 };
    const [node] = nodesOf(
      [],
      [hypervisor('a', { capacity: { vcpus: counted, memory_mb: counted, disk_gb: counted } })],
    );
    expect(node?.capacity?.vcpus).toEqual({ total: 8, reserved: 0, ratio: 16, limit: 128, used: 64 });
    expect(nodesOf([], [hypervisor('a')])[0]?.capacity?.memory).toEqual({
      total: 16_000,
      reserved: 0,
      ratio: 1,
      limit: 16_000,
      used: 1024,
    });
    expect(nodesOf([daemon('nova-scheduler', 'b')], [])[0]?.capacity).toBeNull();
  });

  it('name their guests', () => {
    const servers = [
      { uuid: '2', name: 'web-10' },
      { uuid: '1', name: 'web-2' },
    ];
    expect(nodesOf([], [hypervisor('a', { servers })])[0]?.guests.map(({ name }) => name)).toEqual(['web-2', 'web-10']);
  });
});

it('a gauge is full at its limit, and empty where nothing may be claimed', () => {
  const gauge = { total: 1, reserved: 0, ratio: 1 };
  expect(fill({ ...gauge, limit: 8, used: 2 })).toBe(0.25);
  expect(fill({ ...gauge, limit: 8, used: 12 })).toBe(1);
  expect([fill({ ...gauge, limit: 0, used: 0 }), fill({ ...gauge, limit: -5, used: 1 })]).toEqual([0, 1]);
});
