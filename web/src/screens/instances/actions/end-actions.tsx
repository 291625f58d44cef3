import { IconArrowBackUp, IconTrash, IconTrashX } from '@tabler/icons-react';
import { act, removeServer, simpleActions } from '#api/compute/server-actions.ts';
import type { Server } from '#api/compute/servers.ts';
import type { Action } from '#ui/action.tsx';
import { DeleteDialog } from '../dialogs/delete.tsx';
import { refuse } from '../refusal.ts';
import { inState } from '../states.ts';
import type { Tools } from '../use-tools.ts';
import { simple } from './power-actions.ts';

/** Deleting, and what there is for the soft-deleted: shown only for them. */
export function endActions(tools: Tools): readonly Action<Server>[] {
  const { t, admin, dialog } = tools;
  const softDeleted = inState('restore');
  return [
    {
      id: 'delete',
      label: t.delete,
      icon: IconTrash,
      danger: true,
      many: true,
      offer: (items) => !softDeleted(items),
      refuse: (items) => refuse(items, 'delete', admin),
      run: (items) =>
        dialog((close) => (
          <DeleteDialog servers={items} tools={tools} verb={t.delete} begin={removeServer} close={close} />
        )),
    },
    simple(
      tools,
      'restore',
      IconArrowBackUp,
      { verb: t.restore, doing: t.restoring, done: t.restored },
      { many: true, offer: softDeleted },
    ),
    {
      id: 'forceDelete',
      label: t.forceDelete,
      icon: IconTrashX,
      danger: true,
      offer: softDeleted,
      refuse: (items) => refuse(items, 'forceDelete', admin),
      run: (items) =>
        dialog((close) => (
          <DeleteDialog
            servers={items}
            tools={tools}
            verb={t.forceDelete}
            note={t.forceDeleteConsequence}
            begin={(id) => act(id, simpleActions.forceDelete)}
            close={close}
          />
        )),
    },
  ];
}
