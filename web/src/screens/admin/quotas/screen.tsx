import { Tabs } from '@mantine/core';
import { useText } from '#i18n/catalogue.ts';
import { Page } from '#ui/page.tsx';
import { useUrlText } from '#ui/use-url-text.ts';
import { DefaultLimits } from './default-limits.tsx';
import { ProjectQuotasTable } from './project-quotas-table.tsx';
import { quotaTexts } from './texts.ts';

/** How much projects may use. */
export function Screen() {
  const t = useText(quotaTexts);
  const [tab, setTab] = useUrlText('tab');
  return (
    <Page title={t.title}>
      <Tabs value={tab || 'projects'} onChange={(next) => setTab(next ?? '')} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="projects">{t.projectsTab}</Tabs.Tab>
          <Tabs.Tab value="defaults">{t.defaultsTab}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="projects" pt="md">
          <ProjectQuotasTable />
        </Tabs.Panel>
        <Tabs.Panel value="defaults" pt="md">
          <DefaultLimits />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
