import {
  IconArrowBack,
  IconArrowsMaximize,
  IconCamera,
  IconDatabaseExport,
  IconEdit,
  IconGift,
  IconGiftOff,
  IconPhotoUp,
  IconPlayerEject,
  IconPlugConnected,
  IconPower,
  IconReplace,
  IconRocket,
  IconTool,
  IconTrash,
  IconTrashX,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useSignedIn } from '#api/session.ts';
import { cancelTransfer, deleteVolume, volumeAction } from '#api/volume/actions.ts';
import { volumes, type Volume } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { uiTexts } from '#ui/texts.ts';
import { settled, work } from '#ui/work.ts';
import { AttachDialog } from './attach-dialog.tsx';
import { BackupDialog, SnapshotDialog } from './copy-dialogs.tsx';
import { DetachDialog } from './detach-dialog.tsx';
import { EditDialog, ExtendDialog, RetypeDialog, UploadDialog } from './change-dialogs.tsx';
import { RepairDialog } from './repair-dialog.tsx';
import { isPassing, looksStuck, nameOf } from './states.ts';
import { volumeTexts } from './texts.ts';
import { OfferDialog } from './transfer-dialogs.tsx';

/** Everything that can be done to volumes, for lists and pages. */
export function useVolumeActions(): readonly Action<Volume>[] {
  const t = useText(volumeTexts);
  const ui = useText(uiTexts);
  const open = useDialog();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { isAdmin } = useSignedIn();
  return useMemo<readonly Action<Volume>[]>(() => {
    const one = (items: readonly Volume[]): Volume => items[0] as Volume;
    const available = (items: readonly Volume[]): string | null =>
      items.every(({ status }) => status === 'available') ? null : t.onlyAvailable;
    const quiet = (items: readonly Volume[]): string | null => {
      const busy = items.find(({ status }) => status !== 'available' && status !== 'in-use');
      return busy ? t.busy(busy.status) : null;
    };
    const reread = (): void => void queries.invalidateQueries({ queryKey: ['volume'] });
    const remove = (items: readonly Volume[], force: boolean): void =>
      open((close) => (
        <ConfirmDialog
          title={force ? t.forceDelete : ui.delete}
          verb={force ? t.forceDelete : ui.delete}
          danger
          items={items}
          nameOf={nameOf}
          consequence={force ? t.forceText : t.deleteText}
          {...(!force && { option: { label: t.deleteSnapshots, initial: false } })}
          run={async (volume, cascade) => {
            if (force) await volumeAction(volume.id, { 'os-force_delete': {} });
            else await deleteVolume(volume.id, cascade);
            reread();
            const name = nameOf(volume);
            void work({
              doing: t.deleting(name),
              done: t.deleted(name),
              failed: t.deleteFailed(name),
              run: () =>
                settled(queries, volumes, volume.id, (item) =>
                  item === null
                    ? 'done'
                    : item.status === 'error_deleting'
                      ? { failed: t.endedIn(item.status) }
                      : 'waiting',
                ),
            });
          }}
          close={close}
        />
      ));
    return [
      {
        id: 'attach',
        label: t.attach,
        icon: IconPlugConnected,
        refuse: ([volume]) =>
          volume && (volume.status === 'available' || (volume.multiattach && volume.status === 'in-use'))
            ? null
            : t.onlyAvailable,
        run: (items) => open((close) => <AttachDialog volume={one(items)} close={close} />),
      },
      {
        id: 'detach',
        label: t.detach,
        icon: IconPlayerEject,
        many: true,
        refuse: (items) =>
          items.every(({ status, attachments }) => status === 'in-use' && attachments.length > 0) ? null : t.onlyInUse,
        run: (items) => open((close) => <DetachDialog items={items} close={close} />),
      },
      {
        id: 'extend',
        label: t.extend,
        icon: IconArrowsMaximize,
        refuse: quiet,
        run: (items) => open((close) => <ExtendDialog volume={one(items)} close={close} />),
      },
      {
        id: 'snapshot',
        label: t.snapshot,
        icon: IconCamera,
        refuse: quiet,
        run: (items) => open((close) => <SnapshotDialog volume={one(items)} close={close} />),
      },
      {
        id: 'backup',
        label: t.backup,
        icon: IconDatabaseExport,
        refuse: quiet,
        run: (items) => open((close) => <BackupDialog volume={one(items)} close={close} />),
      },
      {
        id: 'edit',
        label: t.edit,
        icon: IconEdit,
        run: (items) => open((close) => <EditDialog volume={one(items)} close={close} />),
      },
      {
        id: 'launch',
        label: t.launch,
        icon: IconRocket,
        refuse: (items) => (one(items).bootable === 'true' ? available(items) : t.notBootable),
        run: (items) => void navigate({ to: `/launch?volume=${one(items).id}` }),
      },
      {
        id: 'upload',
        label: t.upload,
        icon: IconPhotoUp,
        refuse: quiet,
        run: (items) => open((close) => <UploadDialog volume={one(items)} close={close} />),
      },
      {
        id: 'retype',
        label: t.retype,
        icon: IconReplace,
        refuse: quiet,
        run: (items) => open((close) => <RetypeDialog volume={one(items)} close={close} />),
      },
      {
        id: 'bootable',
        label: t.setBootable,
        icon: IconPower,
        refuse: (items) => quiet(items),
        run: (items) => {
          const volume = one(items);
          const bootable = volume.bootable !== 'true';
          void work({
            doing: bootable ? t.setBootable : t.unsetBootable,
            done: null,
            failed: nameOf(volume),
            run: () => volumeAction(volume.id, { 'os-set_bootable': { bootable } }).then(reread),
          });
        },
      },
      {
        id: 'revert',
        label: t.revert,
        icon: IconArrowBack,
        danger: true,
        refuse: available,
        run: (items) => open((close) => <RevertDialog volume={one(items)} close={close} />),
      },
      {
        id: 'transfer',
        label: t.transfer,
        icon: IconGift,
        refuse: available,
        run: (items) => open((close) => <OfferDialog volume={one(items)} close={close} />),
      },
      {
        id: 'cancel-transfer',
        label: t.cancelTransfer,
        icon: IconGiftOff,
        refuse: ([volume]) => (volume?.status === 'awaiting-transfer' ? null : t.notOffered),
        run: (items) =>
          void work({
            doing: t.cancelTransfer,
            done: null,
            failed: t.cancelTransfer,
            run: () => cancelTransfer(one(items).id).then(reread),
          }),
      },
      {
        id: 'repair',
        label: t.repair,
        icon: IconTool,
        refuse: ([volume]) => (volume && (looksStuck(volume) || volume.attachments.length > 0) ? null : t.notStuck),
        run: (items) => open((close) => <RepairDialog volume={one(items)} close={close} />),
      },
      {
        id: 'delete',
        label: ui.delete,
        icon: IconTrash,
        danger: true,
        many: true,
        refuse: (items) => {
          const attached = items.find(({ attachments }) => attachments.length > 0);
          const busy = items.find(isPassing);
          return attached ? t.attachedNow : busy ? t.busy(busy.status) : null;
        },
        run: (items) => remove(items, false),
      },
      {
        id: 'force-delete',
        label: t.forceDelete,
        icon: IconTrashX,
        danger: true,
        refuse: (items) =>
          !isAdmin ? t.adminOnly : items.some(({ attachments }) => attachments.length > 0) ? t.attachedNow : null,
        run: (items) => remove(items, true),
      },
    ];
  }, [t, ui, open, queries, navigate, isAdmin]);
}

function RevertDialog({ volume, close }: { readonly volume: Volume; readonly close: () => void }) {
  const t = useText(volumeTexts);
  const queries = useQueryClient();
  return (
    <ConfirmDialog
      title={t.revert}
      verb={t.revert}
      danger
      items={[volume]}
      nameOf={nameOf}
      consequence={t.revertText}
      run={() => revert(volume)}
      close={close}
    />
  );
  async function revert(one: Volume): Promise<void> {
    const { lastSnapshotOf } = await import('./last-snapshot.ts');
    const snapshot = await lastSnapshotOf(one.id);
    if (snapshot === null) throw new Error(t.noSnapshots);
    await volumeAction(one.id, { revert: { snapshot_id: snapshot } });
    const name = nameOf(one);
    void work({
      doing: t.reverting(name),
      done: t.reverted(name),
      failed: t.revertFailed(name),
      run: () =>
        settled(queries, volumes, one.id, (item) =>
          item?.status === 'available'
            ? 'done'
            : item?.status.startsWith('error')
              ? { failed: t.endedIn(item.status) }
              : 'waiting',
        ),
    });
  }
}
