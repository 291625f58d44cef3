import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useMemo } from 'react';
import { appTexts } from '#app/texts.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Action } from '#ui/action.tsx';
import { Ago } from '#ui/ago.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { work } from '#ui/work.ts';
import { adminTexts } from '../texts.ts';
import { DisableDialog } from './disable-dialog.tsx';
import type { AnyService } from './every-service.ts';
import { isFixed } from './switch-command.ts';
import { serviceName, switchService } from './switch-service.ts';
import { serviceTexts } from './texts.ts';
import { useEveryService } from './use-every-service.ts';
import { useRereadServices } from './use-reread.ts';

/** Every daemon of every service: alive or not, in use or not. */
export function Screen() {
  const app = useText(appTexts);
  const query = useEveryService();
  const columns = useServiceColumns();
  const actions = useServiceActions();
  return (
    <Page title={app.services}>
      <ResourceTable label={app.services} query={query} columns={columns} actions={actions} nameOf={serviceName} />
    </Page>
  );
}

function useServiceColumns(): readonly Column<AnyService>[] {
  const t = useText(adminTexts);
  const own = useText(serviceTexts);
  const ui = useText(uiTexts);
  return useMemo(() => {
    const owners = { compute: t.computeServices, network: t.networkAgents, volume: t.volumeServices };
    return [
      { id: 'binary', title: t.service, value: ({ binary }) => binary, width: 'minmax(11rem, 1.5fr)' },
      { id: 'owner', title: t.kind, value: ({ owner }) => owners[owner] },
      { id: 'host', title: t.host, value: ({ host }) => host, width: 'minmax(8rem, 1.5fr)' },
      { id: 'zone', title: t.zone, value: ({ zone }) => zone },
      {
        id: 'state',
        title: t.state,
        value: ({ up }) => (up ? 'up' : 'down'),
        cell: ({ up, forcedDown }) => (
          <span title={forcedDown ? own.forcedDown : undefined}>
            <Status status={up ? 'ALIVE' : 'DEAD'} tone={up ? 'good' : 'bad'} />
          </span>
        ),
      },
      {
        id: 'enabled',
        title: ui.status,
        value: ({ enabled, reason }) => (enabled ? 'enabled' : `disabled ${reason ?? ''}`),
        cell: ({ enabled, reason }) => (
          <span title={reason ?? undefined}>
            <Status status={enabled ? 'ENABLED' : 'DISABLED'} /> {reason}
          </span>
        ),
        width: 'minmax(6rem, 1.5fr)',
      },
      {
        id: 'heard',
        title: t.lastHeard,
        value: ({ heard }) => heard,
        cell: ({ heard }) => <Ago time={heard} />,
        width: 'minmax(7rem, 1fr)',
      },
    ];
  }, [t, own, ui]);
}

function useServiceActions(): readonly Action<AnyService>[] {
  const t = useText(adminTexts);
  const own = useText(serviceTexts);
  const open = useDialog();
  const reread = useRereadServices();
  return useMemo(() => {
    const named = (items: readonly AnyService[]): string =>
      items[0] && items.length === 1 ? serviceName(items[0]) : own.some(items.length);
    return [
      {
        id: 'enable',
        label: t.enable,
        icon: IconPlayerPlay,
        many: true,
        refuse: (items) =>
          items.some(isFixed) ? t.notSwitchable : items.some(({ enabled }) => enabled) ? t.alreadyEnabled : null,
        run: (items) =>
          void work({
            doing: own.enabling(named(items)),
            done: own.enabled(named(items)),
            failed: own.notEnabled(named(items)),
            run: () => Promise.all(items.map((one) => switchService(one, true))).then(reread),
          }),
      },
      {
        id: 'disable',
        label: t.disable,
        icon: IconPlayerPause,
        many: true,
        refuse: (items) =>
          items.some(isFixed) ? t.notSwitchable : items.some(({ enabled }) => !enabled) ? t.alreadyDisabled : null,
        run: (items) => open((close) => <DisableDialog items={items} close={close} after={reread} />),
      },
    ];
  }, [t, own, open, reread]);
}
