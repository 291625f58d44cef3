import { describe, expect, it } from 'vitest';
import type { Server } from '#api/compute/servers.ts';
import { refusalOf, type ServerActionId } from './states.ts';

const server = (vm: string, over: Partial<Server> = {}): Server =>
  ({
    id: 's',
    name: 's',
    status: vm.toUpperCase(),
    image: { id: 'i' },
    addresses: { net: [{ addr: '10.0.0.3', version: 4, 'OS-EXT-IPS:type': 'fixed', 'OS-EXT-IPS-MAC:mac_addr': '' }] },
    locked: false,
    'OS-EXT-STS:vm_state': vm,
    'OS-EXT-STS:task_state': null,
    'OS-SRV-USG:launched_at': '2026-01-01T00:00:00',
    'os-extended-volumes:volumes_attached': [],
    ...over,
  }) as Server;

const possible = (one: Server, admin = false): ServerActionId[] =>
  (
    [
      ...['start', 'stop', 'rebootSoft', 'rebootHard', 'pause', 'unpause', 'suspend', 'resume', 'rescue', 'unrescue'],
      ...['resize', 'confirmResize', 'revertResize', 'rebuild', 'createImage', 'shelve', 'unshelve', 'delete'],
      ...['restore', 'forceDelete', 'lock', 'unlock'],
    ] as ServerActionId[]
  ).filter((action) => refusalOf(one, action, admin) === null);

describe('what can be done to a server', () => {
  it('follows its state', () => {
    expect(possible(server('active'))).toEqual([
      ...['stop', 'rebootSoft', 'rebootHard', 'pause', 'suspend', 'rescue', 'resize', 'rebuild', 'createImage'],
      ...['shelve', 'delete', 'lock'],
    ]);
    expect(possible(server('stopped'))).toEqual([
      ...['start', 'rebootHard', 'rescue', 'resize', 'rebuild', 'createImage', 'shelve', 'delete', 'lock'],
    ]);
    expect(possible(server('resized'))).toEqual(['confirmResize', 'revertResize', 'delete', 'lock']);
    expect(possible(server('rescued'))).toEqual(['unrescue', 'delete', 'lock']);
    expect(possible(server('shelved_offloaded'))).toEqual(['unshelve', 'delete', 'lock']);
    expect(possible(server('soft-delete'))).toEqual(['restore', 'forceDelete', 'lock']);
    expect(refusalOf(server('active'), 'start', false)).toEqual({ why: 'state', status: 'ACTIVE' });
  });

  it('waits for what is being done, but for what may come in between', () => {
    const rebooting = server('active', { 'OS-EXT-STS:task_state': 'rebooting' });
    expect(refusalOf(rebooting, 'stop', false)).toEqual({ why: 'busy', task: 'rebooting' });
    expect(refusalOf(rebooting, 'rebootHard', false)).toBeNull();
    expect(refusalOf(rebooting, 'delete', false)).toBeNull();
  });

  it('is kept from locked servers, except to administrators', () => {
    const locked = server('active', { locked: true });
    expect(refusalOf(locked, 'stop', false)).toEqual({ why: 'locked' });
    expect(refusalOf(locked, 'stop', true)).toBeNull();
    expect(refusalOf(locked, 'createImage', false)).toBeNull();
    expect(refusalOf(locked, 'unlock', false)).toBeNull();
    expect(refusalOf(locked, 'lock', false)).toEqual({ why: 'is-locked' });
  });

  it('is nothing but deleting for what has never run', () => {
    const failed = server('error', { 'OS-SRV-USG:launched_at': null });
    expect(refusalOf(failed, 'rebuild', false)).toEqual({ why: 'never-ran' });
    expect(refusalOf(failed, 'delete', false)).toBeNull();
  });

  it('knows what a server has', () => {
    expect(refusalOf(server('active', { image: '' }), 'rescue', false)).toEqual({ why: 'volume-backed' });
    expect(refusalOf(server('active'), 'detachVolume', false)).toEqual({ why: 'no-volumes' });
    expect(refusalOf(server('active'), 'disassociate', false)).toEqual({ why: 'no-floating' });
    expect(refusalOf(server('active', { addresses: {} }), 'associate', false)).toEqual({ why: 'no-ports' });
    const onHost = { 'OS-EXT-SRV-ATTR:host': 'h1', host_status: 'UP' };
    expect(refusalOf(server('active', onHost), 'evacuate', true)).toEqual({ why: 'host-up', host: 'h1' });
    expect(refusalOf(server('active', { ...onHost, host_status: 'DOWN' }), 'evacuate', true)).toBeNull();
  });
});
