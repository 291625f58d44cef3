import { IconDatabasePlus, IconEdit, IconRocket, IconTool, IconTrash } from '@tabler/icons-react';
import { TextInput, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { deleteSnapshot, resetSnapshot, updateSnapshot } from '#api/volume/actions.ts';
import { snapshots, volumes, type Snapshot } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { CreateVolumeDialog } from '#screens/volumes/create-dialog.tsx';
import { nameOf } from '#screens/volumes/states.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { settled, work } from '#ui/work.ts';
import { snapshotTexts } from './texts.ts';

/** Everything that can be done to snapshots. */
export function useSnapshotActions(): readonly Action<Snapshot>[] {
  const t = useText(snapshotTexts);
  const ui = useText(uiTexts);
  const open = useDialog();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { isAdmin } = useSignedIn();
  const { data: someVolumes } = useList(volumes);
  return useMemo<readonly Action<Snapshot>[]>(() => {
    const one = (items: readonly Snapshot[]): Snapshot => items[0] as Snapshot;
    const ready = (items: readonly Snapshot[]): string | null =>
      one(items).status === 'available' ? null : t.notReady;
    const bootable = (snapshot: Snapshot): boolean =>
      someVolumes?.find(({ id }) => id === snapshot.volume_id)?.bootable === 'true';
    return [
      {
        id: 'create-volume',
        label: t.createVolume,
        icon: IconDatabasePlus,
        refuse: ready,
        run: (items) =>
          open((close) => <CreateVolumeDialog from={{ kind: 'snapshot', id: one(items).id }} close={close} />),
      },
      {
        id: 'launch',
        label: t.launch,
        icon: IconRocket,
        refuse: (items) => (bootable(one(items)) ? ready(items) : t.notBootable),
        run: (items) => void navigate({ to: `/launch?snapshot=${one(items).id}` }),
      },
      {
        id: 'edit',
        label: t.edit,
        icon: IconEdit,
        run: (items) => open((close) => <EditDialog snapshot={one(items)} close={close} />),
      },
      {
        id: 'reset',
        label: t.reset,
        icon: IconTool,
        refuse: (items) => (one(items).status === 'available' ? t.notStuck : isAdmin ? null : t.adminOnly),
        run: (items) =>
          void work({
            doing: t.reset,
            done: null,
            failed: nameOf(one(items)),
            run: () =>
              resetSnapshot(one(items).id, 'available').then(() =>
                queries.invalidateQueries({ queryKey: ['snapshot'] }),
              ),
          }),
      },
      {
        id: 'delete',
        label: ui.delete,
        icon: IconTrash,
        danger: true,
        many: true,
        refuse: (items) => {
          const busy = items.find(({ status }) => ['creating', 'deleting', 'backing-up', 'restoring'].includes(status));
          return busy ? t.busy(busy.status) : null;
        },
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={ui.delete}
              verb={ui.delete}
              danger
              items={items}
              nameOf={nameOf}
              consequence={t.deleteText}
              close={close}
              run={async (snapshot) => {
                await deleteSnapshot(snapshot.id);
                void queries.invalidateQueries({ queryKey: ['snapshot'] });
                const name = nameOf(snapshot);
                void work({
                  doing: t.deleting(name),
                  done: t.deleted(name),
                  failed: t.deleteFailed(name),
                  run: () =>
                    settled(queries, snapshots, snapshot.id, (item) =>
                      item === null
                        ? 'done'
                        : item.status === 'error_deleting'
                          ? { failed: t.endedIn(item.status) }
                          : 'waiting',
                    ),
                });
              }}
            />
          )),
      },
    ];
  }, [t, ui, open, queries, navigate, isAdmin, someVolumes]);
}

function EditDialog({ snapshot, close }: { readonly snapshot: Snapshot; readonly close: () => void }) {
  const t = useText(snapshotTexts);
  const ui = useText(uiTexts);
  const queries = useQueryClient();
  const fields = useFields({ name: snapshot.name ?? '', description: snapshot.description ?? '' });
  return (
    <FormDialog
      title={`${t.edit}: ${nameOf(snapshot)}`}
      verb={ui.save}
      close={close}
      submit={() =>
        updateSnapshot(snapshot.id, fields.values).then(() => queries.invalidateQueries({ queryKey: ['snapshot'] }))
      }
    >
      <TextInput label={ui.name} maxLength={255} data-autofocus {...fields.text('name')} />
      <Textarea label={ui.description} maxLength={255} autosize {...fields.text('description')} />
    </FormDialog>
  );
}
