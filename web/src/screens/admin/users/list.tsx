import { Button, Tabs } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useText } from '#i18n/catalogue.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { Page } from '#ui/page.tsx';
import { useUrlText } from '#ui/use-url-text.ts';
import { CreateUserDialog } from './create-user-dialog.tsx';
import { GroupDialog } from './group-dialog.tsx';
import { GroupsTable } from './groups-table.tsx';
import { userTexts } from './texts.ts';
import { UsersTable } from './users-table.tsx';

/** Users and groups. */
export function Screen() {
  const t = useText(userTexts);
  const open = useDialog();
  const navigate = useNavigate();
  const [tab, setTab] = useUrlText('tab');
  const create =
    tab === 'groups' ? (
      <Button leftSection={<IconPlus size={16} />} onClick={() => open((close) => <GroupDialog close={close} />)}>
        {t.createGroup}
      </Button>
    ) : (
      <Button
        leftSection={<IconPlus size={16} />}
        onClick={() =>
          open((close) => (
            <CreateUserDialog close={close} made={({ id }) => void navigate({ to: `/admin/users/${id}` })} />
          ))
        }
      >
        {t.create}
      </Button>
    );
  return (
    <Page title={t.title} actions={create}>
      <Tabs value={tab || 'users'} onChange={(next) => setTab(next ?? '')} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="users">{t.usersTab}</Tabs.Tab>
          <Tabs.Tab value="groups">{t.groupsTab}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="users" pt="md">
          <UsersTable create={create} />
        </Tabs.Panel>
        <Tabs.Panel value="groups" pt="md">
          <GroupsTable create={create} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
