import type { Server } from '#api/compute/servers.ts';

/** Why an action cannot be done to a server now. The words are in `refusal.ts`. */
export type Refusal =
  | { readonly why: 'locked' }
  | { readonly why: 'busy'; readonly task: string }
  | { readonly why: 'state'; readonly status: string }
  | { readonly why: 'never-ran' }
  | { readonly why: 'volume-backed' }
  | { readonly why: 'no-volumes' }
  | { readonly why: 'no-ports' }
  | { readonly why: 'no-floating' }
  | { readonly why: 'not-locked' }
  | { readonly why: 'is-locked' }
  | { readonly why: 'host-up'; readonly host: string };

interface Rule {
  /** vm_states in which it can be done. */
  readonly vm: readonly string[] | 'any';
  /** Task states in which it can be done besides none. */
  readonly during?: readonly string[] | 'any';
  readonly ignoresLock?: true;
  /** Also where it has never run. */
  readonly unborn?: true;
  readonly also?: (server: Server) => Refusal | null;
}

const steady = ['active', 'stopped', 'paused', 'suspended'];
const ofVolume = (server: Server): Refusal | null => (server.image === '' ? { why: 'volume-backed' } : null);
const hasVolumes = (server: Server): Refusal | null =>
  server['os-extended-volumes:volumes_attached'].length === 0 ? { why: 'no-volumes' } : null;
const hasAddresses = ({ addresses }: Server): Refusal | null =>
  Object.keys(addresses).length === 0 ? { why: 'no-ports' } : null;
const hasFloating = ({ addresses }: Server): Refusal | null =>
  Object.values(addresses)
    .flat()
    .some((one) => one['OS-EXT-IPS:type'] === 'floating')
    ? null
    : { why: 'no-floating' };

/**
 * Which action Nova takes when: its own table, told beforehand so that nobody runs into a refusal. Nova has the last word:
 * what changed meanwhile it refuses itself.
 */
const rules = {
  start: { vm: ['stopped'] },
  stop: { vm: ['active', 'error'] },
  rebootSoft: { vm: ['active'] },
  rebootHard: {
    vm: [...steady, 'error'],
    during: ['rebooting', 'rebooting_hard', 'pausing', 'unpausing', 'suspending', 'resuming'],
  },
  pause: { vm: ['active'] },
  unpause: { vm: ['paused'] },
  suspend: { vm: ['active'] },
  resume: { vm: ['suspended'] },
  rescue: { vm: ['active', 'stopped', 'error'], also: ofVolume },
  unrescue: { vm: ['rescued'] },
  resize: { vm: ['active', 'stopped'] },
  migrate: { vm: ['active', 'stopped'] },
  confirmResize: { vm: ['resized'] },
  revertResize: { vm: ['resized'] },
  liveMigrate: { vm: ['active', 'paused'] },
  evacuate: {
    vm: ['active', 'stopped', 'error'],
    during: 'any',
    ignoresLock: true,
    // Whose host is told and known to be up.
    also: (server) =>
      server.host_status === 'UP' ? { why: 'host-up', host: server['OS-EXT-SRV-ATTR:host'] ?? '' } : null,
  },
  rebuild: { vm: ['active', 'stopped', 'error'] },
  createImage: { vm: steady, ignoresLock: true },
  createBackup: { vm: steady, ignoresLock: true, also: ofVolume },
  shelve: { vm: steady },
  shelveOffload: { vm: ['shelved'] },
  unshelve: { vm: ['shelved', 'shelved_offloaded'] },
  changePassword: { vm: ['active'] },
  restore: { vm: ['soft-delete'] },
  forceDelete: { vm: ['soft-delete'], during: 'any' },
  delete: {
    vm: ['building', ...steady, 'rescued', 'resized', 'shelved', 'shelved_offloaded', 'error'],
    during: 'any',
    unborn: true,
  },
  attachInterface: { vm: ['active', 'paused', 'stopped'] },
  detachInterface: { vm: ['active', 'paused', 'stopped'], also: hasAddresses },
  attachVolume: { vm: ['active', 'paused', 'stopped', 'resized', 'soft-delete', 'shelved', 'shelved_offloaded'] },
  detachVolume: { vm: [...steady, 'resized', 'soft-delete', 'shelved', 'shelved_offloaded'], also: hasVolumes },
  metadata: { vm: steady, during: 'any' },
  rename: { vm: 'any', during: 'any', unborn: true, ignoresLock: true },
  tags: { vm: 'any', during: 'any', unborn: true },
  securityGroups: { vm: 'any', during: 'any', ignoresLock: true, unborn: true, also: hasAddresses },
  associate: { vm: 'any', during: 'any', ignoresLock: true, unborn: true, also: hasAddresses },
  disassociate: { vm: 'any', during: 'any', ignoresLock: true, unborn: true, also: hasFloating },
  lock: {
    ...{ vm: 'any', during: 'any', ignoresLock: true, unborn: true },
    also: ({ locked }) => (locked ? { why: 'is-locked' } : null),
  },
  unlock: {
    ...{ vm: 'any', during: 'any', ignoresLock: true, unborn: true },
    also: ({ locked }) => (locked ? null : { why: 'not-locked' }),
  },
  resetState: { vm: 'any', during: 'any', ignoresLock: true, unborn: true },
} as const satisfies Readonly<Record<string, Rule>>;

export type ServerActionId = keyof typeof rules;

/**
 * Whether an action can be done to a server as it is now.
 * @param overridesLock whether the caller may act on locked servers (administrators)
 */
export function refusalOf(server: Server, action: ServerActionId, overridesLock: boolean): Refusal | null {
  const { vm, during = [], ignoresLock, unborn, also }: Rule = rules[action];
  const state = server['OS-EXT-STS:vm_state'];
  const task = server['OS-EXT-STS:task_state'];
  if (vm !== 'any' && !vm.includes(state)) return { why: 'state', status: server.status };
  if (task && during !== 'any' && !during.includes(task)) return { why: 'busy', task };
  if (server['OS-SRV-USG:launched_at'] === null && unborn !== true) return { why: 'never-ran' };
  if (server.locked && ignoresLock !== true && !overridesLock) return { why: 'locked' };
  return also?.(server) ?? null;
}

/** Whether servers are in the state that an action is for: what is nothing to others is not even offered to them. */
export const inState =
  (action: ServerActionId) =>
  (servers: readonly Server[]): boolean => {
    const { vm }: Rule = rules[action];
    return servers.some((server) => vm === 'any' || vm.includes(server['OS-EXT-STS:vm_state']));
  };
