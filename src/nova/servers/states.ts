import { conflict } from '#common/api/errors.ts';
import type { PowerState } from '../virt/driver.ts';

/** What a server is, apart from what is being done to it. */
export type VmState = 'building' | 'active' | 'paused' | 'stopped' | 'error' | 'deleted';

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
  | 'deleting';

interface Rule {
  /** As the API names the action in a refusal. */
  readonly name: string;
  readonly vm: readonly VmState[];
  readonly task: readonly (TaskState | null)[];
  /** What the server's task state becomes; null leaves it. */
  readonly becomes: TaskState | null;
}

const idle: readonly null[] = [null];
const settled: readonly VmState[] = ['active', 'paused', 'stopped'];

/** Which action is allowed when: the one table that API and conductor go by (Nova's `check_instance_state`). */
export const actions = {
  start: { name: 'start', vm: ['stopped'], task: idle, becomes: 'powering-on' },
  stop: { name: 'stop', vm: ['active', 'error'], task: idle, becomes: 'powering-off' },
  rebootSoft: { name: 'reboot', vm: ['active'], task: idle, becomes: 'rebooting' },
  rebootHard: {
    name: 'reboot',
    vm: ['active', 'stopped', 'paused', 'error'],
    task: [null, 'rebooting', 'rebooting_hard', 'pausing', 'unpausing'],
    becomes: 'rebooting_hard',
  },
  pause: { name: 'pause', vm: ['active'], task: idle, becomes: 'pausing' },
  unpause: { name: 'unpause', vm: ['paused'], task: idle, becomes: 'unpausing' },
  attachInterface: { name: 'attach_interface', vm: settled, task: idle, becomes: null },
  detachInterface: { name: 'detach_interface', vm: settled, task: idle, becomes: null },
  updateMetadata: { name: 'update metadata', vm: settled, task: idle, becomes: null },
  deleteMetadata: { name: 'delete metadata', vm: settled, task: idle, becomes: null },
  delete: {
    name: 'delete',
    vm: ['building', 'active', 'paused', 'stopped', 'error'],
    task: [
      null,
      'scheduling',
      'networking',
      'block_device_mapping',
      'spawning',
      'powering-on',
      'powering-off',
      'rebooting',
      'rebooting_hard',
      'pausing',
      'unpausing',
      'deleting',
    ],
    becomes: 'deleting',
  },
} as const satisfies Record<string, Rule>;

export type ActionKey = keyof typeof actions;

export interface StateOfServer {
  readonly id: string;
  readonly vmState: VmState;
  readonly taskState: TaskState | null;
}

/** @throws ApiError 409 naming the state that forbids the action */
export function checkState(server: StateOfServer, key: ActionKey): void {
  const rule: Rule = actions[key];
  const refuse = (what: string): never => {
    throw conflict(`Cannot '${rule.name}' instance ${server.id} while it is in ${what}`);
  };
  if (!rule.vm.includes(server.vmState)) refuse(`vm_state ${server.vmState}`);
  if (!rule.task.includes(server.taskState)) refuse(`task_state ${server.taskState}`);
}

/** Status that a vm_state shows, and the task states that show another one. */
const statuses: Readonly<
  Record<VmState, { readonly default: string; readonly during: Partial<Record<TaskState, string>> }>
> = {
  building: { default: 'BUILD', during: {} },
  active: { default: 'ACTIVE', during: { rebooting: 'REBOOT', rebooting_hard: 'HARD_REBOOT' } },
  paused: { default: 'PAUSED', during: { rebooting_hard: 'HARD_REBOOT' } },
  stopped: { default: 'SHUTOFF', during: { rebooting_hard: 'HARD_REBOOT' } },
  error: { default: 'ERROR', during: { rebooting_hard: 'HARD_REBOOT' } },
  deleted: { default: 'DELETED', during: {} },
};

/** `ACTIVE`, `REBOOT` … */
export const statusOf = ({ vmState, taskState }: Omit<StateOfServer, 'id'>): string => {
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
