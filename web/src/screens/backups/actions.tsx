import { IconRestore, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { deleteBackup } from '#api/volume/actions.ts';
import { backups, type Backup } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { nameOf } from '#screens/volumes/states.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { uiTexts } from '#ui/texts.ts';
import { settled, work } from '#ui/work.ts';
import { RestoreDialog } from './restore-dialog.tsx';
import { backupTexts } from './texts.ts';

/** Everything that can be done to backups. */
export function useBackupActions(): readonly Action<Backup>[] {
  const t = useText(backupTexts);
  const ui = useText(uiTexts);
  const open = useDialog();
  const queries = useQueryClient();
  return useMemo<readonly Action<Backup>[]>(
    () => [
      {
        id: 'restore',
        label: t.restore,
        icon: IconRestore,
        refuse: ([backup]) => (backup?.status === 'available' ? null : t.notReady),
        run: ([backup]) => backup && open((close) => <RestoreDialog backup={backup} close={close} />),
      },
      {
        id: 'delete',
        label: ui.delete,
        icon: IconTrash,
        danger: true,
        many: true,
        refuse: (items) => {
          const busy = items.find(({ status }) => status !== 'available' && !status.startsWith('error'));
          if (busy) return t.busy(busy.status);
          return items.some((one) => one.has_dependent_backups) ? t.dependents : null;
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
              run={async (backup) => {
                await deleteBackup(backup.id);
                void queries.invalidateQueries({ queryKey: ['backup'] });
                const name = nameOf(backup);
                void work({
                  doing: t.deleting(name),
                  done: t.deleted(name),
                  failed: t.deleteFailed(name),
                  run: () =>
                    settled(queries, backups, backup.id, (item) =>
                      item === null
                        ? 'done'
                        : item.status.startsWith('error')
                          ? { failed: t.endedIn(item.status) }
                          : 'waiting',
                    ),
                });
              }}
            />
          )),
      },
    ],
    [t, ui, open, queries],
  );
}
