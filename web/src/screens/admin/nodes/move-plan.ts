import type { Server } from '#api/compute/servers.ts';
import { refusalOf, type Refusal } from '../../instances/states.ts';

/** How a guest leaves its host. */
export type Way = 'live' | 'cold' | 'rebuilt';
export type Plan =
  { readonly server: Server; readonly way: Way } | { readonly server: Server; readonly stays: Refusal };

/** Which way each guest of a host that works can leave it: running ones live, those that are off cold. */
export const awayPlan = (guests: readonly Server[]): readonly Plan[] =>
  guests.map((server) => {
    const live = refusalOf(server, 'liveMigrate', true);
    if (!live) return { server, way: 'live' };
    return server['OS-EXT-STS:vm_state'] === 'stopped' && !refusalOf(server, 'migrate', true)
      ? { server, way: 'cold' }
      : { server, stays: live };
  });

/**
 * Which guests of a dead host can be built again elsewhere. That the host is dead is settled by then: what the list of
 * servers still says of it does not count.
 */
export const evacuationPlan = (guests: readonly Server[]): readonly Plan[] =>
  guests.map((server) => {
    const stays = refusalOf({ ...server, host_status: 'DOWN' }, 'evacuate', true);
    return stays ? { server, stays } : { server, way: 'rebuilt' };
  });

export const movable = (plan: Plan): plan is Extract<Plan, { way: Way }> => 'way' in plan;

/** The action that begins it. @param host null: the scheduler chooses */
export function moveBody(way: Way, host: string | null): Readonly<Record<string, unknown>> {
  if (way === 'live') return { 'os-migrateLive': { host, block_migration: 'auto' } };
  if (way === 'cold') return { migrate: host === null ? null : { host } };
  return { evacuate: host === null ? {} : { host } };
}

/** The same by the openstack client. */
export const moveCommand = (way: Way): readonly string[] =>
  way === 'rebuilt'
    ? ['openstack', 'server', 'evacuate']
    : ['openstack', 'server', 'migrate', ...(way === 'live' ? ['--live-migration'] : [])];
