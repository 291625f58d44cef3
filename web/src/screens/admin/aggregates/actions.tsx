import { IconPencil, IconServer2, IconTags, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { aggregateWrites } from '#api/compute/aggregate-writes.ts';
import type { Aggregate } from '#api/compute/hosts.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { EditDialog } from './edit-dialog.tsx';
import { HostsDialog } from './hosts-dialog.tsx';
import { MetadataDialog } from './metadata-dialog.tsx';
import { aggregateTexts } from './texts.ts';

/** What can be done to host aggregates. */
export function useAggregateActions(guestsOn: (host: string) => number): readonly Action<Aggregate>[] {
  const t = useText(aggregateTexts);
  const open = useDialog();
  const queries = useQueryClient();
  return useMemo(
    () => [
      {
        id: 'hosts',
        label: t.manageHosts,
        icon: IconServer2,
        run: ([aggregate]) =>
          aggregate && open((close) => <HostsDialog aggregate={aggregate} guestsOn={guestsOn} close={close} />),
      },
      {
        id: 'edit',
        label: t.edit,
        icon: IconPencil,
        run: ([aggregate]) =>
          aggregate && open((close) => <EditDialog aggregate={aggregate} guestsOn={guestsOn} close={close} />),
      },
      {
        id: 'metadata',
        label: t.editMetadata,
        icon: IconTags,
        run: ([aggregate]) => aggregate && open((close) => <MetadataDialog aggregate={aggregate} close={close} />),
      },
      {
        id: 'delete',
        label: t.deleteVerb,
        icon: IconTrash,
        danger: true,
        many: true,
        refuse: (items) => {
          const full = items.find(({ hosts }) => hosts.length > 0);
          return full ? t.hasHosts(full.name) : null;
        },
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.deleteTitle}
              items={items}
              nameOf={({ name }) => name}
              consequence={t.deleteText}
              verb={t.deleteVerb}
              danger
              run={({ id }) => aggregateWrites.remove(id)}
              close={close}
              after={() => {
                for (const kind of ['aggregate', 'availability_zone'])
                  void queries.invalidateQueries({ queryKey: [kind] });
              }}
            />
          )),
      },
    ],
    [t, open, queries, guestsOn],
  );
}
