import {
  IconArchive,
  IconArchiveOff,
  IconArrowBackUp,
  IconCamera,
  IconCheck,
  IconHistory,
  IconKey,
  IconLifebuoy,
  IconLifebuoyOff,
  IconLock,
  IconLockOpen,
  IconPencil,
  IconReload,
  IconResize,
  IconTags,
  IconTruckReturn,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { act, simpleActions } from '#api/compute/server-actions.ts';
import type { Server } from '#api/compute/servers.ts';
import type { Action } from '#ui/action.tsx';
import { BackupDialog } from '../dialogs/backup.tsx';
import { ImageDialog } from '../dialogs/create-image.tsx';
import { LockDialog } from '../dialogs/lock.tsx';
import { MetadataDialog } from '../dialogs/metadata.tsx';
import { PasswordDialog } from '../dialogs/password.tsx';
import { RebuildDialog } from '../dialogs/rebuild.tsx';
import { RenameDialog } from '../dialogs/rename.tsx';
import { RescueDialog } from '../dialogs/rescue.tsx';
import { ResizeDialog } from '../dialogs/resize.tsx';
import { refuse } from '../refusal.ts';
import { inState, type ServerActionId } from '../states.ts';
import type { Tools, Words } from '../use-tools.ts';
import { confirm } from './confirm.tsx';
import { simple } from './power-actions.ts';

export interface DialogProps {
  readonly server: Server;
  readonly tools: Tools;
  readonly close: () => void;
}

/** An action on one server by a form. */
export const byForm = (
  tools: Tools,
  id: ServerActionId,
  label: string,
  icon: TablerIcon,
  Form: (props: DialogProps) => ReactNode,
): Action<Server> => ({
  id,
  label,
  icon,
  refuse: (items) => refuse(items, id, tools.admin),
  run: ([server]) => server && tools.dialog((close) => <Form server={server} tools={tools} close={close} />),
});

/** What changes a server but does not end it. */
export function changeActions(tools: Tools): readonly Action<Server>[] {
  const { t, admin } = tools;
  const resized = inState('confirmResize');
  const unshelve = inState('unshelve');
  const unrescue = inState('unrescue');
  const revert: Words = { verb: t.revertResize, doing: t.reverting, done: t.revertedResize };
  const shelve: Words = { verb: t.shelve, doing: t.shelving, done: t.shelved };
  return [
    simple(
      tools,
      'confirmResize',
      IconCheck,
      {
        ...{ verb: t.confirmResize, doing: t.confirming, done: t.confirmedResize },
      },
      { many: true, offer: resized },
    ),
    {
      id: 'revertResize',
      label: t.revertResize,
      icon: IconArrowBackUp,
      many: true,
      offer: resized,
      refuse: (items) => refuse(items, 'revertResize', admin),
      run: (items) =>
        confirm(tools, items, revert, t.revertConsequence, ({ id }) => act(id, simpleActions.revertResize)),
    },
    { ...byForm(tools, 'rename', t.rename, IconPencil, RenameDialog), heading: t.change },
    byForm(tools, 'metadata', t.metadata, IconTags, MetadataDialog),
    byForm(tools, 'resize', t.resize, IconResize, ResizeDialog),
    byForm(tools, 'createImage', t.createImage, IconCamera, ImageDialog),
    byForm(tools, 'createBackup', t.createBackup, IconHistory, BackupDialog),
    byForm(tools, 'changePassword', t.password, IconKey, PasswordDialog),
    {
      id: 'shelve',
      label: t.shelve,
      icon: IconArchive,
      many: true,
      offer: (items) => !unshelve(items),
      refuse: (items) => refuse(items, 'shelve', admin),
      run: (items) => confirm(tools, items, shelve, t.shelveConsequence, ({ id }) => act(id, simpleActions.shelve)),
    },
    simple(
      tools,
      'unshelve',
      IconArchiveOff,
      { verb: t.unshelve, doing: t.unshelving, done: t.unshelved },
      { many: true, offer: unshelve },
    ),
    ...(admin
      ? [
          simple(
            tools,
            'shelveOffload',
            IconTruckReturn,
            { verb: t.shelveOffload, doing: t.offloading, done: t.offloaded },
            { offer: inState('shelveOffload') },
          ),
        ]
      : []),
    { ...byForm(tools, 'rescue', t.rescue, IconLifebuoy, RescueDialog), offer: (items) => !unrescue(items) },
    simple(
      tools,
      'unrescue',
      IconLifebuoyOff,
      { verb: t.unrescue, doing: t.unrescuing, done: t.unrescued },
      { offer: unrescue },
    ),
    byForm(tools, 'rebuild', t.rebuild, IconReload, RebuildDialog),
    { ...byForm(tools, 'lock', t.lock, IconLock, LockDialog), offer: (items) => items.some(({ locked }) => !locked) },
    simple(
      tools,
      'unlock',
      IconLockOpen,
      { verb: t.unlock, doing: t.unlocking, done: t.unlocked },
      { offer: (items) => items.some(({ locked }) => locked) },
    ),
  ];
}
