import { Tabs } from '@mantine/core';
import { useText } from '#i18n/catalogue.ts';
import { Page } from '#ui/page.tsx';
import { useUrlText } from '#ui/use-url-text.ts';
import { AssignmentsTable } from './assignments-table.tsx';
import { RolesTable } from './roles-table.tsx';
import { roleTexts } from './texts.ts';

/** Roles, and who has which where. */
export function Screen() {
  const t = useText(roleTexts);
  const [tab, setTab] = useUrlText('tab');
  return (
    <Page title={t.title}>
      <Tabs value={tab || 'roles'} onChange={(next) => setTab(next ?? '')} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="roles">{t.rolesTab}</Tabs.Tab>
          <Tabs.Tab value="assignments">{t.assignmentsTab}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="roles" pt="md">
          <RolesTable />
        </Tabs.Panel>
        <Tabs.Panel value="assignments" pt="md">
          <AssignmentsTable />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
