import { Modal } from '@mantine/core';
import { IconPencil, IconTrash, IconUsers, IconUserShield, IconUsersGroup } from '@tabler/icons-react';
import { useQueries } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { usersOf } from '#api/identity/groups.ts';
import { groups, type Group } from '#api/identity/identity.ts';
import { useNames } from '#api/identity/use-names.ts';
import { groupWrites } from '#api/identity/writes.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { EmptyNotice } from '#ui/empty-notice.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { uiTexts } from '#ui/texts.ts';
import { GrantTable } from '../roles/grant-table.tsx';
import { GroupDialog } from './group-dialog.tsx';
import { GroupMembersDialog } from './group-members-dialog.tsx';
import { userTexts } from './texts.ts';

const sort = { column: 'name', down: false };

/** Groups of users. */
export function GroupsTable({ create }: { readonly create: ReactNode }) {
  const t = useText(userTexts);
  const ui = useText(uiTexts);
  const names = useNames();
  const open = useDialog();
  const reread = useReread();
  const query = useList(groups);
  const counts = useQueries({
    queries: (query.data ?? []).map(({ id }) => ({
      queryKey: ['group', 'part', id, 'users'],
      queryFn: ({ signal }: { signal: AbortSignal }) => usersOf(id, signal),
      staleTime: 10_000,
    })),
    combine: (results) => results.map(({ data }) => data?.length ?? null),
  });
  const columns = useMemo<readonly Column<Group>[]>(() => {
    const members = new Map((query.data ?? []).map(({ id }, at) => [id, counts[at] ?? null]));
    return [
      { id: 'name', title: ui.name, value: ({ name }) => name },
      ...(names.many
        ? [{ id: 'domain', title: t.domain, value: ({ domain_id }: Group) => names.domain(domain_id) }]
        : []),
      {
        id: 'description',
        title: ui.description,
        value: (one) => one.description || null,
        width: 'minmax(10rem, 2fr)',
      },
      { id: 'members', title: t.members, value: ({ id }) => members.get(id) ?? null },
    ];
  }, [t, ui, names, query.data, counts]);
  const actions = useMemo<readonly Action<Group>[]>(
    () => [
      {
        id: 'members',
        label: t.membersAction,
        icon: IconUsers,
        run: ([group]) => group && open((close) => <GroupMembersDialog group={group} close={close} />),
      },
      {
        id: 'roles',
        label: t.rolesTab,
        icon: IconUserShield,
        run: ([group]) => group && open((close) => <GroupRoles group={group} close={close} />),
      },
      {
        id: 'edit',
        label: ui.edit,
        icon: IconPencil,
        run: ([group]) => group && open((close) => <GroupDialog group={group} close={close} />),
      },
      {
        id: 'delete',
        label: ui.delete,
        icon: IconTrash,
        danger: true,
        many: true,
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.deleteGroupTitle(items.length)}
              items={items}
              nameOf={({ id }) => names.group(id)}
              consequence={t.deleteGroupText}
              verb={ui.delete}
              danger
              run={({ id }) => groupWrites.remove(id)}
              close={close}
              after={() => reread('group', 'user', 'role_assignment')}
            />
          )),
      },
    ],
    [t, ui, names, open, reread],
  );
  return (
    <ResourceTable
      label={t.groups}
      query={query}
      columns={columns}
      actions={actions}
      nameOf={({ id }) => names.group(id)}
      initialSort={sort}
      urlName="group"
      empty={
        <EmptyNotice icon={IconUsersGroup} title={t.groups} action={create}>
          {t.groupsEmpty}
        </EmptyNotice>
      }
    />
  );
}

function GroupRoles({ group, close }: { readonly group: Group; readonly close: () => void }) {
  const t = useText(userTexts);
  const ui = useText(uiTexts);
  const actor = useMemo(() => ({ kind: 'group' as const, id: group.id, name: group.name }), [group.id, group.name]);
  return (
    <Modal
      opened
      onClose={close}
      title={t.rolesTitle(group.name)}
      size="xl"
      closeButtonProps={{ 'aria-label': ui.close }}
    >
      <GrantTable actor={actor} />
    </Modal>
  );
}
