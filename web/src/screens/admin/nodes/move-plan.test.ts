import { describe, expect, it } from 'vitest';
import type { Server } from '#api/compute/servers.ts';
import { awayPlan, evacuationPlan, movable, moveBody } from './move-plan.ts';

const server = (state: string, given: Partial<Server> = {}): Server =>
  ({
    id: state,
    name: state,
    status: state.toUpperCase(),
    locked: false,
    'OS-EXT-STS:vm_state': state,
    'OS-EXT-STS:task_state': null,
    'OS-SRV-USG:launched_at': '2026-01-01T00:00:00Z',
    host_status: 'UP',
    ...given,
  }) as Server;

const ways = (plans: ReturnType<typeof awayPlan>): readonly string[] =>
  plans.map((one) => (movable(one) ? one.way : one.stays.why));

describe('how guests leave a host', () => {
  it('that works: running ones live, those that are off cold, others stay and say why', () => {
    const guests = [
      server('active'),
      server('paused'),
      server('stopped'),
      server('suspended'),
      server('active', { 'OS-EXT-STS:task_state': 'rebooting' }),
    ];
    expect(ways(awayPlan(guests))).toEqual(['live', 'live', 'cold', 'state', 'busy']);
  });

  it('that is dead: built again, whatever the list still says of the host', () => {
    expect(ways(evacuationPlan([server('active'), server('stopped'), server('building')]))).toEqual([
      'rebuilt',
      'rebuilt',
      'state',
    ]);
  });

  it('by the action that Nova takes, to a host or wherever there is room', () => {
    expect(moveBody('live', null)).toEqual({ 'os-migrateLive': { host: null, block_migration: 'auto' } });
    expect(moveBody('cold', null)).toEqual({ migrate: null });
    expect(moveBody('cold', 'b')).toEqual({ migrate: { host: 'b' } });
    expect(moveBody('rebuilt', null)).toEqual({ evacuate: {} });
    expect(moveBody('rebuilt', 'b')).toEqual({ evacuate: { host: 'b' } });
  });
});
