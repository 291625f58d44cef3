import type { ServerSummary } from '../servers/model.ts';
import type { Xml } from './xml.ts';

/** Nova's states in EC2's words; those that EC2 lacks keep a word of their own. */
const names: Readonly<Record<string, string>> = {
  building: 'pending',
  active: 'running',
  deleted: 'terminated',
  'soft-delete': 'terminated',
  stopped: 'stopped',
  shelved: 'stopped',
  shelved_offloaded: 'stopped',
  paused: 'pause',
  suspended: 'suspend',
  rescued: 'rescue',
  resized: 'resize',
};
const codes: Readonly<Record<string, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
  resize: 16,
  rescue: 16,
  pause: 80,
  suspend: 80,
};

/** `{code: 16, name: 'running'}` */
export function stateOf({ vmState, taskState }: Pick<ServerSummary, 'vmState' | 'taskState'>): {
  readonly code: number;
  readonly name: string;
} & Record<string, Xml> {
  const settled = names[vmState] ?? vmState;
  const name = vmState !== 'deleted' && taskState === 'deleting' ? 'shutting-down' : settled;
  return { code: codes[name] ?? 0, name };
}
