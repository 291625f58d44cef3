import { IconAmbulance, IconArrowsExchange, IconBolt, IconTruck } from '@tabler/icons-react';
import type { Server } from '#api/compute/servers.ts';
import type { Action } from '#ui/action.tsx';
import { MoveDialog, type Move } from '../dialogs/move.tsx';
import { ResetStateDialog } from '../dialogs/reset-state.tsx';
import { refuse } from '../refusal.ts';
import type { Tools } from '../use-tools.ts';

/** What only administrators do: moves between hosts, and putting the records right. */
export function adminActions(tools: Tools): readonly Action<Server>[] {
  const { t, dialog } = tools;
  const move = (kind: Move, label: string, icon: Action<Server>['icon']): Action<Server> => ({
    id: kind,
    label,
    icon,
    many: true,
    refuse: (items) => refuse(items, kind, true),
    run: (items) => dialog((close) => <MoveDialog kind={kind} servers={items} tools={tools} close={close} />),
  });
  return [
    { ...move('liveMigrate', t.liveMigrate, IconArrowsExchange), heading: t.administer },
    move('migrate', t.migrate, IconTruck),
    move('evacuate', t.evacuate, IconAmbulance),
    {
      id: 'resetState',
      label: t.resetState,
      icon: IconBolt,
      many: true,
      run: (items) => dialog((close) => <ResetStateDialog servers={items} tools={tools} close={close} />),
    },
  ];
}
