import { TextInput } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { appTexts } from '#app/texts.ts';
import { computeServices } from '#api/compute/hosts.ts';
import { agents } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { switchAgent, switchComputeService, switchVolumeService } from '#api/services.ts';
import { volumeServices } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Action } from '#ui/action.tsx';
import { Ago } from '#ui/ago.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { work } from '#ui/work.ts';
import { adminTexts } from '../texts.ts';
import { everyService, type AnyService } from './every-service.ts';

const nameOf = ({ binary, host }: AnyService): string => `${binary} · ${host}`;

function set({ owner, ownId, binary, host }: AnyService, enabled: boolean, reason: string): Promise<void> {
  if (owner === 'compute') return switchComputeService(ownId, enabled, reason);
  if (owner === 'network') return switchAgent(ownId, enabled);
  return switchVolumeService(binary, host, enabled, reason);
}

/** Every daemon of every service: alive or not, in use or not. */
export function Screen() {
  const t = useText(adminTexts);
  const ui = useText(uiTexts);
  const app = useText(appTexts);
  const open = useDialog();
  const queries = useQueryClient();
  const compute = useList(computeServices);
  const network = useList(agents);
  const volume = useList(volumeServices);
  const loading = compute.isPending && network.isPending && volume.isPending;
  const data = useMemo(
    () => (loading ? undefined : everyService(compute.data ?? [], network.data ?? [], volume.data ?? [])),
    [loading, compute.data, network.data, volume.data],
  );
  const columns = useMemo<readonly Column<AnyService>[]>(() => {
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
        cell: ({ up }) => <Status status={up ? 'ALIVE' : 'DEAD'} tone={up ? 'good' : 'bad'} />,
      },
      {
        id: 'enabled',
        title: ui.status,
        value: ({ enabled, reason }) => (enabled ? 'enabled' : `disabled ${reason ?? ''}`),
        cell: ({ enabled, reason }) => (
          <span title={reason ?? ''}>
            <Status status={enabled ? 'ENABLED' : 'DISABLED'} /> {reason}
          </span>
        ),
      },
      { id: 'heard', title: t.lastHeard, value: ({ heard }) => heard, cell: ({ heard }) => <Ago time={heard} /> },
    ];
  }, [t, ui]);
  const actions = useMemo<readonly Action<AnyService>[]>(() => {
    const reread = (): Promise<void> =>
      Promise.all(
        ['compute_service', 'agent', 'volume_service'].map((kind) => queries.invalidateQueries({ queryKey: [kind] })),
      ).then(() => undefined);
    // Nova lets only nova-compute be switched.
    const fixed = ({ owner, binary }: AnyService): boolean => owner === 'compute' && binary !== 'nova-compute';
    return [
      {
        id: 'enable',
        label: t.enable,
        icon: IconPlayerPlay,
        many: true,
        refuse: (items) =>
          items.some(fixed) ? t.notSwitchable : items.some(({ enabled }) => enabled) ? t.alreadyEnabled : null,
        run: (items) =>
          void work({
            doing: `${t.enable}…`,
            done: null,
            failed: t.enable,
            run: () => Promise.all(items.map((one) => set(one, true, ''))).then(reread),
          }),
      },
      {
        id: 'disable',
        label: t.disable,
        icon: IconPlayerPause,
        many: true,
        refuse: (items) =>
          items.some(fixed) ? t.notSwitchable : items.some(({ enabled }) => !enabled) ? t.alreadyDisabled : null,
        run: (items) => open((close) => <DisableDialog items={items} close={close} after={reread} />),
      },
    ];
  }, [t, open, queries]);
  return (
    <Page title={app.services}>
      <ResourceTable
        label={app.services}
        query={{ data, error: compute.error ?? network.error ?? volume.error }}
        columns={columns}
        actions={actions}
        nameOf={nameOf}
      />
    </Page>
  );
}

function DisableDialog({
  items,
  close,
  after,
}: {
  readonly items: readonly AnyService[];
  readonly close: () => void;
  readonly after: () => Promise<void>;
}) {
  const t = useText(adminTexts);
  const [reason, setReason] = useState('');
  return (
    <FormDialog
      title={`${t.disable}: ${items.map(nameOf).join(', ')}`}
      verb={t.disable}
      close={close}
      submit={async () => {
        for (const one of items) await set(one, false, reason);
        await after();
      }}
    >
      {t.disableText}
      {items.some(({ owner }) => owner !== 'network') && (
        <TextInput
          label={t.reason}
          value={reason}
          maxLength={255}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
      )}
    </FormDialog>
  );
}
