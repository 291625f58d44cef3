import { Button, Tabs } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useText } from '#i18n/catalogue.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { Page } from '#ui/page.tsx';
import { useUrlText } from '#ui/use-url-text.ts';
import { CreateProjectDialog } from './create-project-dialog.tsx';
import { DomainDialog } from './domain-dialog.tsx';
import { DomainsTable } from './domains-table.tsx';
import { ProjectsTable } from './projects-table.tsx';
import { projectTexts } from './texts.ts';

/** The cloud's projects, and the domains that they lie in. */
export function Screen() {
  const t = useText(projectTexts);
  const open = useDialog();
  const navigate = useNavigate();
  const [tab, setTab] = useUrlText('tab');
  const create =
    tab === 'domains' ? (
      <Button leftSection={<IconPlus size={16} />} onClick={() => open((close) => <DomainDialog close={close} />)}>
        {t.createDomain}
      </Button>
    ) : (
      <Button
        leftSection={<IconPlus size={16} />}
        onClick={() =>
          open((close) => (
            <CreateProjectDialog close={close} made={({ id }) => void navigate({ to: `/admin/projects/${id}` })} />
          ))
        }
      >
        {t.create}
      </Button>
    );
  return (
    <Page title={t.title} actions={create}>
      <Tabs value={tab || 'projects'} onChange={(next) => setTab(next ?? '')} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="projects">{t.projectsTab}</Tabs.Tab>
          <Tabs.Tab value="domains">{t.domainsTab}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="projects" pt="md">
          <ProjectsTable create={create} />
        </Tabs.Panel>
        <Tabs.Panel value="domains" pt="md">
          <DomainsTable />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
