import { conflict } from '#common/api/errors.ts';
import type { PowerState } from '../virt/driver.ts';

/** What a server is, apart from what is being done to it. */
export type VmState =
  | 'building'
  | 'active'
  | 'paused'
  | 'suspended'
  | 'stopped'
  | 'rescued'
  | 'resized'
  | 'shelved'
  | 'shelved_offloaded'
  | 'soft-delete'
  | 'error'
  | 'deleted';

/** What is being done to it now. */
export type TaskState =
  | 'scheduling'
  | 'networking'
  | 'block_device_mapping'
  | 'spawning'
  | 'powering-on'
  | 'powering-off'
  | 'rebooting'
  | 'rebooting_hard'
  | 'pausing'
  | 'unpausing'
  | 'suspending'
  | 'resuming'
  | 'rescuing'
  | 'unrescuing'
  | 'resize_prep'
  | 'resize_migrating'
  | 'resize_migrated'
  | 'resize_finish'
  | 'resize_reverting'
  | 'resize_confirming'
  | 'migrating'
  | 'rebuilding'
  | 'rebuild_block_device_mapping'
  | 'rebuild_spawning'
  | 'image_snapshot'
  | 'image_snapshot_pending'
  | 'image_pending_upload'
  | 'image_uploading'
  | 'image_backup'
  | 'shelving'
  | 'shelving_image_pending_upload'
  | 'shelving_image_uploading'
  | 'shelving_offloading'
  | 'unshelving'
  | 'updating_password'
  | 'soft-deleting'
  | 'restoring'
  | 'deleting';

interface Rule {
  /** As the API names the action in a refusal. */
  readonly name: string;
  readonly vm: readonly VmState[] | 'any';
  readonly task: readonly (TaskState | null)[] | 'any';
  /** What the server's task state becomes; null leaves it. */
  readonly becomes: TaskState | null;
  /** Also where the server is locked. */
  readonly ignoresLock?: true;
  /** Also where it has no host. */
  readonly anywhere?: true;
}

const idle: readonly null[] = [null];
const settled: readonly VmState[] = ['active', 'paused', 'stopped'];
const steady: readonly VmState[] = ['active', 'stopped', 'paused', 'suspended'];

/** Which action is allowed when: the one table that API and conductor go by (Nova's `check_instance_state`). */
export const actions = {
  start: { name: 'start', vm: ['stopped'], task: idle, becomes: 'powering-on' },
  stop: { name: 'stop', vm: ['active', 'error'], task: idle, becomes: 'powering-off' },
  rebootSoft: { name: 'reboot', vm: ['active'], task: idle, becomes: 'rebooting' },
  rebootHard: {
    name: 'reboot',
    vm: ['active', 'stopped', 'paused', 'suspended', 'error'],
    task: [null, 'rebooting', 'rebooting_hard', 'pausing', 'unpausing', 'suspending', 'resuming'],
    becomes: 'rebooting_hard',
  },
  pause: { name: 'pause', vm: ['active'], task: idle, becomes: 'pausing' },
  unpause: { name: 'unpause', vm: ['paused'], task: idle, becomes: 'unpausing' },
  suspend: { name: 'suspend', vm: ['active'], task: idle, becomes: 'suspending' },
  resume: { name: 'resume', vm: ['suspended'], task: idle, becomes: 'resuming' },
  rescue: { name: 'rescue', vm: ['active', 'stopped', 'error'], task: idle, becomes: 'rescuing' },
  unrescue: { name: 'unrescue', vm: ['rescued'], task: idle, becomes: 'unrescuing' },
  resize: { name: 'resize', vm: ['active', 'stopped'], task: idle, becomes: 'resize_prep' },
  migrate: { name: 'migrate', vm: ['active', 'stopped'], task: idle, becomes: 'resize_prep' },
  confirmResize: { name: 'confirmResize', vm: ['resized'], task: idle, becomes: 'resize_confirming' },
  revertResize: { name: 'revertResize', vm: ['resized'], task: idle, becomes: 'resize_reverting' },
  liveMigrate: { name: 'os-migrateLive', vm: ['active', 'paused'], task: idle, becomes: 'migrating' },
  forceComplete: { name: 'force_complete', vm: ['active'], task: ['migrating'], becomes: null },
  abortMigration: { name: 'abort live migration', vm: 'any', task: ['migrating'], becomes: null },
  evacuate: {
    name: 'evacuate',
    vm: ['active', 'stopped', 'error'],
    task: 'any',
    becomes: 'rebuilding',
    ignoresLock: true,
  },
  rebuild: { name: 'rebuild', vm: ['active', 'stopped', 'error'], task: idle, becomes: 'rebuilding' },
  createImage: {
    name: 'createImage',
    vm: steady,
    task: idle,
    becomes: 'image_snapshot_pending',
    ignoresLock: true,
  },
  createBackup: { name: 'createBackup', vm: steady, task: idle, becomes: 'image_backup', ignoresLock: true },
  shelve: { name: 'shelve', vm: steady, task: idle, becomes: 'shelving' },
  shelveOffload: { name: 'shelveOffload', vm: ['shelved'], task: idle, becomes: 'shelving_offloading' },
  unshelve: {
    name: 'unshelve',
    vm: ['shelved', 'shelved_offloaded'],
    task: idle,
    becomes: 'unshelving',
    anywhere: true,
  },
  changePassword: { name: 'changePassword', vm: ['active'], task: idle, becomes: 'updating_password' },
  triggerCrashDump: {
    name: 'trigger_crash_dump',
    vm: ['active', 'paused', 'rescued', 'resized', 'error'],
    task: idle,
    becomes: null,
  },
  softDelete: { name: 'delete', vm: 'any', task: 'any', becomes: 'soft-deleting' },
  restore: { name: 'restore', vm: ['soft-delete'], task: idle, becomes: 'restoring', anywhere: true },
  attachInterface: { name: 'attach_interface', vm: settled, task: idle, becomes: null },
  detachInterface: { name: 'detach_interface', vm: settled, task: idle, becomes: null },
  attachVolume: {
    name: 'attach_volume',
    vm: ['active', 'paused', 'stopped', 'resized', 'soft-delete', 'shelved', 'shelved_offloaded'],
    task: idle,
    becomes: null,
    anywhere: true,
  },
  detachVolume: {
    name: 'detach_volume',
    vm: ['active', 'paused', 'suspended', 'stopped', 'resized', 'soft-delete', 'shelved', 'shelved_offloaded'],
    task: idle,
    becomes: null,
    anywhere: true,
  },
  swapVolume: { name: 'swap_volume', vm: ['active', 'paused', 'resized'], task: idle, becomes: null },
  updateMetadata: { name: 'update metadata', vm: steady, task: 'any', becomes: null, anywhere: true },
  deleteMetadata: { name: 'delete metadata', vm: steady, task: 'any', becomes: null, anywhere: true },
} as const satisfies Record<string, Rule>;

export type ActionKey = keyof typeof actions;

export interface StateOfServer {
  readonly id: string;
  readonly vmState: VmState;
  readonly taskState: TaskState | null;
  /** Null: it has never run. */
  readonly launchedAt: string | null;
  readonly host: string | null;
}

/** @throws ApiError 409 naming the state that forbids the action */
export function checkState(server: StateOfServer, key: ActionKey): void {
  const rule: Rule = actions[key];
  const refuse = (what: string): never => {
    throw conflict(`Cannot '${rule.name}' instance ${server.id} while it is in ${what}`);
  };
  if (rule.vm !== 'any' && !rule.vm.includes(server.vmState)) refuse(`vm_state ${server.vmState}`);
  if (rule.task !== 'any' && !rule.task.includes(server.taskState)) refuse(`task_state ${server.taskState}`);
  if (server.launchedAt === null) throw conflict(`Instance ${server.id} is in an invalid state for '${rule.name}'`);
  if (server.host === null && !rule.anywhere) throw conflict(`Instance ${server.id} is not ready`);
}

/** Whether an action is kept from a locked server. */
export const heedsLock = (key: ActionKey): boolean => (actions[key] as Rule).ignoresLock !== true;

/** Status that a vm_state shows, and the task states that show another one. */
const rebuild = {
  rebuilding: 'REBUILD',
  rebuild_block_device_mapping: 'REBUILD',
  rebuild_spawning: 'REBUILD',
} as const;
const resize = {
  resize_prep: 'RESIZE',
  resize_migrating: 'RESIZE',
  resize_migrated: 'RESIZE',
  resize_finish: 'RESIZE',
} as const;
const hard = { rebooting_hard: 'HARD_REBOOT' } as const;
const statuses: Readonly<
  Record<VmState, { readonly default: string; readonly during: Partial<Record<TaskState, string>> }>
> = {
  building: { default: 'BUILD', during: {} },
  active: {
    default: 'ACTIVE',
    during: {
      rebooting: 'REBOOT',
      updating_password: 'PASSWORD',
      migrating: 'MIGRATING',
      ...hard,
      ...rebuild,
      ...resize,
    },
  },
  paused: { default: 'PAUSED', during: { migrating: 'MIGRATING', ...hard } },
  suspended: { default: 'SUSPENDED', during: hard },
  stopped: { default: 'SHUTOFF', during: { ...hard, ...rebuild, ...resize } },
  rescued: { default: 'RESCUE', during: {} },
  resized: { default: 'VERIFY_RESIZE', during: { resize_reverting: 'REVERT_RESIZE' } },
  shelved: { default: 'SHELVED', during: {} },
  shelved_offloaded: { default: 'SHELVED_OFFLOADED', during: {} },
  'soft-delete': { default: 'SOFT_DELETED', during: {} },
  error: { default: 'ERROR', during: { ...hard, ...rebuild } },
  deleted: { default: 'DELETED', during: {} },
};

/** `ACTIVE`, `REBOOT` … */
export const statusOf = ({ vmState, taskState }: Pick<StateOfServer, 'vmState' | 'taskState'>): string => {
  const { default: otherwise, during } = statuses[vmState];
  return (taskState && during[taskState]) ?? otherwise;
};

/** What a query for a status looks for. */
export interface StatusMatch {
  readonly vmState: VmState;
  /** Exactly these, or all but these. */
  readonly tasks: { readonly only: readonly TaskState[] } | { readonly except: readonly TaskState[] };
}

/** The states that show as `status` (any case); none for a status that does not exist. */
export function statesOfStatus(status: string): readonly StatusMatch[] {
  const wanted = status.toUpperCase();
  return (Object.entries(statuses) as [VmState, (typeof statuses)[VmState]][]).flatMap(([vmState, shown]) => {
    const special = Object.entries(shown.during) as [TaskState, string][];
    const only = special.filter(([, name]) => name === wanted).map(([task]) => task);
    return [
      ...(shown.default === wanted ? [{ vmState, tasks: { except: special.map(([task]) => task) } }] : []),
      ...(only.length > 0 ? [{ vmState, tasks: { only } }] : []),
    ];
  });
}

const powerNumbers: Readonly<Record<PowerState, number>> = {
  nostate: 0,
  running: 1,
  paused: 3,
  shutdown: 4,
  crashed: 6,
  suspended: 7,
};
/** As `OS-EXT-STS:power_state` has it. */
export const powerNumber = (power: PowerState): number => powerNumbers[power];

/** The vm_state that fits what the hypervisor says, for a server whose task has ended. */
export const vmStateOfPower = (power: PowerState | null): VmState => {
  if (power === 'running') return 'active';
  if (power === 'paused' || power === 'suspended') return 'paused';
  return 'stopped';
};
