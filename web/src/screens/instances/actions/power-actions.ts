import {
  IconBolt,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlayerTrackNext,
  IconRefresh,
  IconZzz,
  type TablerIcon,
} from '@tabler/icons-react';
import { act, simpleActions } from '#api/compute/server-actions.ts';
import type { Server } from '#api/compute/servers.ts';
import type { Action } from '#ui/action.tsx';
import { refuse } from '../refusal.ts';
import { inState, type ServerActionId } from '../states.ts';
import type { Tools, Words } from '../use-tools.ts';
import { confirm } from './confirm.tsx';

type Simple = keyof typeof simpleActions & ServerActionId;

/** An action that needs no more words than its name. */
export const simple = (
  { perform, admin }: Tools,
  id: Simple,
  icon: TablerIcon,
  words: Words,
  more: Partial<Action<Server>> = {},
): Action<Server> => ({
  id,
  label: words.verb,
  icon,
  ...more,
  refuse: (items) => refuse(items, id, admin),
  run: (items) => void perform(items, words, (server) => act(server.id, simpleActions[id])),
});

/** On, off and in between. */
export function powerActions(tools: Tools): readonly Action<Server>[] {
  const { t, admin } = tools;
  const unpause = inState('unpause');
  const resume = inState('resume');
  const hard: Words = { verb: t.rebootHard, doing: t.rebooting, done: t.rebooted };
  return [
    simple(tools, 'start', IconPlayerPlay, { verb: t.start, doing: t.starting, done: t.started }, { many: true }),
    simple(tools, 'stop', IconPlayerStop, { verb: t.stop, doing: t.stopping, done: t.stopped }, { many: true }),
    simple(
      tools,
      'rebootSoft',
      IconRefresh,
      { verb: t.rebootSoft, doing: t.rebooting, done: t.rebooted },
      { many: true },
    ),
    {
      id: 'rebootHard',
      label: t.rebootHard,
      icon: IconBolt,
      many: true,
      refuse: (items) => refuse(items, 'rebootHard', admin),
      run: (items) =>
        confirm(tools, items, hard, t.rebootHardConsequence, ({ id }) => act(id, simpleActions.rebootHard)),
    },
    simple(
      tools,
      'pause',
      IconPlayerPause,
      { verb: t.pause, doing: t.pausing, done: t.paused },
      { offer: (items) => !unpause(items) },
    ),
    simple(
      tools,
      'unpause',
      IconPlayerTrackNext,
      { verb: t.unpause, doing: t.unpausing, done: t.unpaused },
      { offer: unpause },
    ),
    simple(
      tools,
      'suspend',
      IconZzz,
      { verb: t.suspend, doing: t.suspending, done: t.suspended },
      { offer: (items) => !resume(items) },
    ),
    simple(tools, 'resume', IconPlayerPlay, { verb: t.resume, doing: t.resuming, done: t.resumed }, { offer: resume }),
  ];
}
