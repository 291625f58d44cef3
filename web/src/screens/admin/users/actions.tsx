import { IconKey, IconPencil, IconPlayerPause, IconPlayerPlay, IconTrash, IconUsersGroup } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useAssignments } from '#api/identity/assignments.ts';
import type { User } from '#api/identity/identity.ts';
import { useNames } from '#api/identity/use-names.ts';
import { userWrites } from '#api/identity/writes.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { uiTexts } from '#ui/texts.ts';
import { work } from '#ui/work.ts';
import { EditUserDialog } from './edit-user-dialog.tsx';
import { PasswordDialog } from './password-dialog.tsx';
import { userTexts } from './texts.ts';
import { UserGroupsDialog } from './user-groups-dialog.tsx';

const NONE: readonly never[] = [];

/** What can be done to users. @param gone called when some were deleted */
export function useUserActions(gone?: () => void): readonly Action<User>[] {
  const t = useText(userTexts);
  const ui = useText(uiTexts);
  const open = useDialog();
  const reread = useReread();
  const names = useNames();
  const me = useSignedIn().user.id;
  const { data: assignments = NONE } = useAssignments();
  return useMemo(() => {
    const self = (items: readonly User[]): string | null => (items.some(({ id }) => id === me) ? t.self : null);
    const nameOf = ({ id }: User): string => names.user(id);
    /** Those as whom the cloud's services sign in, by the manual's custom of a project `service`. */
    const warning = (items: readonly User[]): string => {
      const daemons = items.filter(({ id }) =>
        assignments.some(
          ({ actor, target }) => actor.id === id && target.kind === 'project' && target.name === 'service',
        ),
      );
      return daemons.length === 0 ? '' : ` ${t.deleteService(daemons.map(nameOf).join(', '))}`;
    };
    return [
      {
        id: 'edit',
        label: ui.edit,
        icon: IconPencil,
        run: ([user]) => user && open((close) => <EditUserDialog user={user} close={close} />),
      },
      {
        id: 'password',
        label: t.setPassword,
        icon: IconKey,
        run: ([user]) => user && open((close) => <PasswordDialog user={user} close={close} />),
      },
      {
        id: 'groups',
        label: t.joinGroups,
        icon: IconUsersGroup,
        run: ([user]) => user && open((close) => <UserGroupsDialog user={user} close={close} />),
      },
      {
        id: 'enable',
        label: t.enable,
        icon: IconPlayerPlay,
        many: true,
        refuse: (items) => (items.every(({ enabled }) => enabled) ? t.alreadyEnabled : null),
        run: (items) => {
          const called = items.map(nameOf).join(', ');
          void work({
            doing: t.enabling(called),
            done: t.enabledDone(called),
            failed: t.enable,
            run: async () => {
              for (const { id } of items) await userWrites.update(id, { enabled: true });
              reread('user');
            },
          });
        },
      },
      {
        id: 'disable',
        label: t.disable,
        icon: IconPlayerPause,
        many: true,
        refuse: (items) => self(items) ?? (items.every(({ enabled }) => !enabled) ? t.alreadyDisabled : null),
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.disableTitle(items.length)}
              items={items}
              nameOf={nameOf}
              consequence={`${t.disableText}${warning(items)}`}
              verb={t.disable}
              run={({ id }) => userWrites.update(id, { enabled: false })}
              close={close}
              after={() => reread('user')}
            />
          )),
      },
      {
        id: 'delete',
        label: ui.delete,
        icon: IconTrash,
        danger: true,
        many: true,
        refuse: self,
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.deleteTitle(items.length)}
              items={items}
              nameOf={nameOf}
              consequence={`${t.deleteText}${warning(items)}`}
              verb={ui.delete}
              danger
              run={({ id }) => userWrites.remove(id)}
              close={close}
              after={() => {
                reread('user', 'role_assignment');
                gone?.();
              }}
            />
          )),
      },
    ];
  }, [t, ui, open, reread, names, me, assignments, gone]);
}
