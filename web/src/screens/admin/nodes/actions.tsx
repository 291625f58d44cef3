import {
  IconAmbulance,
  IconArrowsExchange,
  IconHeartbeat,
  IconPlayerPause,
  IconPlayerPlay,
  IconSkull,
} from '@tabler/icons-react';
import { useMemo } from 'react';
import { servers } from '#api/compute/servers.ts';
import { useList } from '#api/resource.ts';
import { forceDown } from '#api/services.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Action } from '#ui/action.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { work } from '#ui/work.ts';
import { DisableDialog } from '../services/disable-dialog.tsx';
import type { AnyService } from '../services/every-service.ts';
import { switchService } from '../services/switch-service.ts';
import { useRereadServices } from '../services/use-reread.ts';
import { ForceDownDialog } from './force-down-dialog.tsx';
import { MoveAllDialog } from './move-dialog.tsx';
import type { Node } from './node.ts';
import { nodeTexts } from './texts.ts';

/** What can be done to hosts that run guests. */
export function useNodeActions(): readonly Action<Node>[] {
  const t = useText(nodeTexts);
  const open = useDialog();
  const reread = useRereadServices();
  const { data: guests } = useList(servers, { all: true });
  return useMemo(() => {
    /** Refuses for hosts without nova-compute, else asks `why`. */
    const refuse =
      (why: (compute: AnyService, node: Node) => string | null) =>
      (nodes: readonly Node[]): string | null => {
        for (const node of nodes) {
          const words = node.compute ? why(node.compute, node) : t.refuseNoCompute;
          if (words !== null) return nodes.length === 1 ? words : `${node.id}: ${words}`;
        }
        return null;
      };
    const computes = (nodes: readonly Node[]): readonly AnyService[] => nodes.flatMap(({ compute }) => compute ?? []);
    const moveAll = (node: Node | undefined, evacuating: boolean): void => {
      const own = (guests ?? []).filter((one) => one['OS-EXT-SRV-ATTR:host'] === node?.id);
      if (node) open((close) => <MoveAllDialog node={node} guests={own} evacuating={evacuating} close={close} />);
    };
    return [
      {
        id: 'enable',
        label: t.enable,
        icon: IconPlayerPlay,
        many: true,
        refuse: refuse(({ enabled }) => (enabled ? t.refuseEnabled : null)),
        run: (nodes) => {
          const names = nodes.map(({ id }) => id).join(', ');
          void work({
            doing: t.enabling(names),
            done: t.enabled(names),
            failed: t.notEnabled(names),
            run: () => Promise.all(computes(nodes).map((one) => switchService(one, true))).then(reread),
          });
        },
      },
      {
        id: 'disable',
        label: t.disable,
        icon: IconPlayerPause,
        many: true,
        refuse: refuse(({ enabled }) => (enabled ? null : t.refuseDisabled)),
        run: (nodes) => open((close) => <DisableDialog items={computes(nodes)} close={close} after={reread} />),
      },
      {
        id: 'moveAway',
        label: t.moveAway,
        icon: IconArrowsExchange,
        refuse: refuse(({ up }, node) => (node.guests.length === 0 ? t.refuseNoGuests : up ? null : t.refuseDead)),
        run: ([node]) => moveAll(node, false),
      },
      {
        id: 'evacuate',
        label: t.evacuate,
        icon: IconAmbulance,
        refuse: refuse(({ up }, node) => (node.guests.length === 0 ? t.refuseNoGuests : up ? t.refuseAlive : null)),
        run: ([node]) => moveAll(node, true),
      },
      {
        id: 'undoForceDown',
        label: t.undoForceDown,
        icon: IconHeartbeat,
        refuse: refuse(({ forcedDown }) => (forcedDown ? null : t.refuseNotForced)),
        run: ([node]) =>
          node?.compute &&
          void work({
            doing: t.takingBack(node.id),
            done: t.tookBack(node.id),
            failed: t.notTookBack(node.id),
            run: () => forceDown(node.compute?.ownId ?? '', false).then(reread),
          }),
      },
      {
        id: 'forceDown',
        label: t.forceDown,
        icon: IconSkull,
        danger: true,
        refuse: refuse(({ forcedDown }) => (forcedDown ? t.refuseForced : null)),
        run: ([node]) => {
          const compute = node?.compute;
          if (compute) open((close) => <ForceDownDialog compute={compute} close={close} after={reread} />);
        },
      },
    ];
  }, [t, open, reread, guests]);
}
