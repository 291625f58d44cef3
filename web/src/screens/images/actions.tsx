import {
  IconCheck,
  IconCircleOff,
  IconDatabasePlus,
  IconDownload,
  IconEdit,
  IconFileUpload,
  IconPower,
  IconRocket,
  IconShare,
  IconTrash,
  IconX,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { deleteImage, setImageActive } from '#api/image/changes.ts';
import type { Image, MemberStatus } from '#api/image/images.ts';
import { answerShare } from '#api/image/members.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { CreateVolumeDialog } from '#screens/volumes/create-dialog.tsx';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { uiTexts } from '#ui/texts.ts';
import { work } from '#ui/work.ts';
import { AddImageDialog } from './add-dialog.tsx';
import { downloadImage } from './download.ts';
import { EditImageDialog } from './edit-dialog.tsx';
import { ShareDialog } from './share-dialog.tsx';
import { imageTexts } from './texts.ts';

const nameOf = ({ name, id }: Image): string => name || id;
const answerOf = (image: Image): MemberStatus | undefined => image['memberStatus'] as MemberStatus | undefined;

/** What can be done with images. */
export function useImageActions(): readonly Action<Image>[] {
  const t = useText(imageTexts);
  const ui = useText(uiTexts);
  const open = useDialog();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { isAdmin, project, services } = useSignedIn();
  const hasVolumes = services.volume !== undefined;
  return useMemo<readonly Action<Image>[]>(() => {
    const theirs = (items: readonly Image[]): string | null =>
      isAdmin || items.every(({ owner }) => owner === project.id) ? null : t.notMine;
    const unusable = ([image]: readonly Image[]): string | null =>
      image?.status === 'deactivated' ? t.deactivated : image?.status === 'active' ? null : t.notActive;
    const again = () => queries.invalidateQueries({ queryKey: ['image'] });
    const answer = (status: 'accepted' | 'rejected', icon: Action<Image>['icon'], already: string): Action<Image> => ({
      id: status,
      label: status === 'accepted' ? t.accept : t.reject,
      icon,
      many: true,
      refuse: (items) =>
        items.some((one) => answerOf(one) === undefined)
          ? t.onlyOffered
          : items.every((one) => answerOf(one) === status)
            ? already
            : null,
      run: (items) =>
        void work({
          doing: `${status === 'accepted' ? t.accept : t.reject}: ${items.map(nameOf).join(', ')}`,
          done: null,
          failed: ui.failed,
          run: () =>
            Promise.all(items.map(({ id }) => answerShare(id, project.id, status))).finally(() => void again()),
        }),
    });
    return [
      {
        id: 'launch',
        label: t.launch,
        icon: IconRocket,
        refuse: (items) =>
          unusable(items) ?? (['aki', 'ari'].includes(items[0]?.container_format ?? '') ? t.noBoot : null),
        run: ([image]) => image && void navigate({ to: `/launch?image=${image.id}` }),
      },
      {
        id: 'volume',
        label: t.createVolume,
        icon: IconDatabasePlus,
        refuse: (items) => (hasVolumes ? unusable(items) : t.noVolumeService),
        run: ([image]) =>
          image && open((close) => <CreateVolumeDialog from={{ kind: 'image', id: image.id }} close={close} />),
      },
      {
        id: 'data',
        label: t.giveData,
        icon: IconFileUpload,
        refuse: (items) => theirs(items) ?? (items[0]?.status === 'queued' ? null : t.hasData),
        run: ([image]) => image && open((close) => <AddImageDialog image={image} close={close} />),
      },
      {
        id: 'edit',
        label: t.edit,
        icon: IconEdit,
        refuse: theirs,
        run: ([image]) => image && open((close) => <EditImageDialog image={image} close={close} />),
      },
      {
        id: 'share',
        label: t.share,
        icon: IconShare,
        refuse: (items) => theirs(items) ?? (items[0]?.visibility === 'shared' ? null : t.notShared),
        run: ([image]) => image && open((close) => <ShareDialog image={image} close={close} />),
      },
      answer('accepted', IconCheck, t.alreadyAccepted),
      answer('rejected', IconX, t.alreadyRejected),
      {
        id: 'download',
        label: t.download,
        icon: IconDownload,
        refuse: (items) => (isAdmin && items[0]?.status === 'deactivated' ? null : unusable(items)),
        run: ([image]) =>
          image &&
          void work({
            doing: `${t.download}: ${nameOf(image)}`,
            done: null,
            failed: ui.failed,
            run: () => downloadImage(image),
          }),
      },
      {
        id: 'deactivate',
        label: t.deactivate,
        icon: IconCircleOff,
        many: true,
        refuse: (items) => theirs(items) ?? (items.every(({ status }) => status === 'active') ? null : t.notActive),
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.deactivateTitle}
              items={items}
              nameOf={nameOf}
              consequence={t.deactivateText}
              verb={t.deactivate}
              run={({ id }) => setImageActive(id, false)}
              after={() => void again()}
              close={close}
            />
          )),
      },
      {
        id: 'reactivate',
        label: t.reactivate,
        icon: IconPower,
        refuse: (items) => theirs(items) ?? (items[0]?.status === 'deactivated' ? null : t.isActive),
        run: ([image]) =>
          image &&
          void work({
            doing: `${t.reactivate}: ${nameOf(image)}`,
            done: t.uploaded(nameOf(image)),
            failed: ui.failed,
            run: () => setImageActive(image.id, true).finally(() => void again()),
          }),
      },
      {
        id: 'delete',
        label: ui.delete,
        icon: IconTrash,
        danger: true,
        many: true,
        refuse: (items) => theirs(items) ?? (items.some((one) => one.protected) ? t.isProtected : null),
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.deleteTitle(items.length)}
              items={items}
              nameOf={nameOf}
              consequence={t.deleteText}
              verb={ui.delete}
              danger
              run={({ id }) => deleteImage(id)}
              after={() => void again()}
              close={close}
            />
          )),
      },
    ];
  }, [t, ui, open, queries, navigate, isAdmin, project.id, hasVolumes]);
}
