import { Button } from '@mantine/core';
import { IconBoxMultiple, IconPlus, IconTrash, IconUsersGroup } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import {
  deleteServerGroup,
  groupPolicies,
  serverGroups,
  type GroupPolicy,
  type ServerGroup,
} from '#api/compute/server-groups.ts';
import { servers } from '#api/compute/servers.ts';
import { useList } from '#api/resource.ts';
import { appTexts } from '#app/texts.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { EmptyNotice } from '#ui/empty-notice.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { uiTexts } from '#ui/texts.ts';
import { CreateGroupDialog } from './create-dialog.tsx';
import { MembersDialog } from './members.tsx';
import { groupTexts } from './texts.ts';

const isKnown = (policy: string): policy is GroupPolicy => (groupPolicies as readonly string[]).includes(policy);

/** The project's server groups. */
export function Screen() {
  const t = useText(groupTexts);
  const ui = useText(uiTexts);
  const app = useText(appTexts);
  const format = useFormat();
  const query = useList(serverGroups);
  const { data: all } = useList(servers);
  const open = useDialog();
  const actions = useGroupActions();
  const columns = useMemo<readonly Column<ServerGroup>[]>(() => {
    const names = new Map(all?.map(({ id, name }) => [id, name]));
    const members = (group: ServerGroup): string => format.list(group.members.map((id) => names.get(id) ?? id));
    return [
      { id: 'name', title: ui.name, value: ({ name }) => name },
      {
        id: 'policy',
        title: t.policy,
        value: ({ policy }) => (isKnown(policy) ? `${t.policyName(policy)} (${policy})` : policy),
      },
      { id: 'count', title: t.members, value: (group) => group.members.length, width: '6rem' },
      { id: 'members', title: app.instances, value: members, width: 'minmax(8rem, 2fr)' },
    ];
  }, [t, ui, app, format, all]);
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => open((close) => <CreateGroupDialog close={close} />)}>
      {t.create}
    </Button>
  );
  return (
    <Page title={app.serverGroups} actions={create}>
      <ResourceTable
        label={app.serverGroups}
        query={query}
        columns={columns}
        nameOf={({ name }) => name}
        actions={actions}
        empty={
          <EmptyNotice icon={IconBoxMultiple} title={t.emptyTitle} action={create}>
            {t.empty}
          </EmptyNotice>
        }
      />
    </Page>
  );
}

function useGroupActions(): readonly Action<ServerGroup>[] {
  const t = useText(groupTexts);
  const ui = useText(uiTexts);
  const open = useDialog();
  const queries = useQueryClient();
  return useMemo<readonly Action<ServerGroup>[]>(
    () => [
      {
        id: 'members',
        label: t.show,
        icon: IconUsersGroup,
        run: ([group]) => group && open((close) => <MembersDialog group={group} close={close} />),
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
              title={t.deleteTitle(items.length)}
              items={items}
              nameOf={({ name }) => name}
              consequence={t.deleteText}
              verb={ui.delete}
              danger
              run={async ({ id }) => {
                await deleteServerGroup(id);
                await queries.invalidateQueries({ queryKey: ['server_group'] });
              }}
              close={close}
            />
          )),
      },
    ],
    [t, ui, open, queries],
  );
}
