import { Button } from '@mantine/core';
import { IconPlus, IconUserMinus } from '@tabler/icons-react';
import { useCallback, useMemo } from 'react';
import { revoke, useAssignments, type Assignment } from '#api/identity/assignments.ts';
import { useSignedIn } from '#api/session.ts';
import { useNames } from '#api/identity/use-names.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { assignmentWords } from './assignment-words.ts';
import { GrantDialog } from './grant-dialog.tsx';
import { endsOwnAdmin } from './grouped.ts';
import { RoleBadges } from './role-badges.tsx';
import { roleTexts } from './texts.ts';

/** Everybody's roles everywhere. */
export function AssignmentsTable() {
  const t = useText(roleTexts);
  const me = useSignedIn();
  const names = useNames();
  const open = useDialog();
  const reread = useReread();
  const query = useAssignments();
  const words = useMemo(() => assignmentWords(names, t.system), [names, t]);
  const columns = useMemo<readonly Column<Assignment>[]>(
    () => [
      { id: 'who', title: t.who, value: words.who, width: 'minmax(8rem, 1.5fr)' },
      { id: 'whoKind', title: t.kind, value: ({ actor }) => t[actor.kind], width: 'minmax(5rem, 0.7fr)' },
      {
        id: 'role',
        title: t.role,
        value: ({ role }) => role.name,
        cell: ({ role }) => <RoleBadges roles={[role]} />,
      },
      { id: 'where', title: t.where, value: words.where, width: 'minmax(8rem, 1.5fr)' },
      {
        id: 'whereKind',
        title: t.kind,
        value: ({ target, inherited }) =>
          target.kind === 'system' ? null : `${t[target.kind]}${inherited ? ` (${t.below})` : ''}`,
        width: 'minmax(6rem, 1fr)',
      },
    ],
    [t, words],
  );
  const nameOf = useCallback(
    (one: Assignment) => t.hasRole(words.who(one), one.role.name, words.where(one)),
    [t, words],
  );
  const actions = useMemo<readonly Action<Assignment>[]>(
    () => [
      {
        id: 'revoke',
        label: t.revoke,
        icon: IconUserMinus,
        danger: true,
        many: true,
        refuse: (items) => (endsOwnAdmin(items, me) ? t.ownAdmin : null),
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.revokeTitle(items.length)}
              items={items}
              nameOf={nameOf}
              consequence={t.revokeText}
              verb={t.revoke}
              danger
              run={(one) => revoke({ ...one, role: one.role.id })}
              close={close}
              after={() => reread('role_assignment', 'user', 'project')}
            />
          )),
      },
    ],
    [t, me, open, reread, nameOf],
  );
  return (
    <ResourceTable
      label={t.assignmentsTab}
      query={query}
      columns={columns}
      actions={actions}
      nameOf={nameOf}
      linkOf={({ actor }) => (actor.kind === 'user' ? `/admin/users/${actor.id}` : null)}
      tools={
        <Button leftSection={<IconPlus size={16} />} onClick={() => open((close) => <GrantDialog close={close} />)}>
          {t.grant}
        </Button>
      }
    />
  );
}
