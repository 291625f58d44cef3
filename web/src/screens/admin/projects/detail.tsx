import { Anchor, Badge, Group, Loader, Paper, Tabs, Text } from '@mantine/core';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { isNotFound } from '#api/fault.ts';
import { projects, type Project } from '#api/identity/identity.ts';
import { useNames } from '#api/identity/use-names.ts';
import { useOne } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { ActionButton, ActionMenu } from '#ui/action.tsx';
import { Copyable } from '#ui/copy.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Facts } from '#ui/facts.tsx';
import { Page } from '#ui/page.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useUrlText } from '#ui/use-url-text.ts';
import { ProjectQuotas } from '../quotas/project-quotas.tsx';
import { GrantTable } from '../roles/grant-table.tsx';
import { useProjectActions } from './actions.tsx';
import { ContentsPanel } from './contents-panel.tsx';
import { projectTexts } from './texts.ts';
import { UsagePanel } from './usage-panel.tsx';

const UP = '/admin/projects';

export function Screen() {
  const { id = '' } = useParams({ strict: false });
  const t = useText(projectTexts);
  const ui = useText(uiTexts);
  const { data, error } = useOne(projects, id);
  if (data && !isNotFound(error)) return <ProjectPage project={data} />;
  return (
    <Page title={t.title} up={{ label: t.title, to: UP }}>
      {isNotFound(error) ? (
        <Text>{ui.notFound}</Text>
      ) : error ? (
        <ErrorNotice error={error} />
      ) : (
        <Loader role="status" />
      )}
    </Page>
  );
}

function ProjectPage({ project }: { readonly project: Project }) {
  const t = useText(projectTexts);
  const ui = useText(uiTexts);
  const names = useNames();
  const navigate = useNavigate();
  const current = useSignedIn().project.id;
  const [tab, setTab] = useUrlText('tab');
  const gone = useCallback(() => void navigate({ to: UP }), [navigate]);
  const actions = useProjectActions(gone);
  const enter = actions.find(({ id }) => id === 'enter');
  const target = useMemo(
    () => ({ kind: 'project' as const, id: project.id, name: project.name }),
    [project.id, project.name],
  );
  const { parent_id: parent, domain_id: domain } = project;
  return (
    <Page
      title={project.name}
      up={{ label: t.title, to: UP }}
      badge={
        <>
          <Status status={project.enabled ? 'ENABLED' : 'DISABLED'} />
          {project.id === current && (
            <Badge variant="default" radius="sm" tt="none">
              {t.current}
            </Badge>
          )}
        </>
      }
      subtitle={project.description || undefined}
      actions={
        <>
          {enter && project.id !== current && <ActionButton action={enter} items={[project]} />}
          <ActionMenu variant="button" actions={actions} items={[project]} label={project.name} />
        </>
      }
    >
      <Paper withBorder p="md" component="section" aria-label={t.facts}>
        <Facts
          rows={[
            [ui.id, <Copyable key="id" text={project.id} />],
            [t.domain, names.domain(domain)],
            [
              t.parent,
              parent === null || parent === domain ? (
                t.noParent
              ) : (
                <Anchor key="parent" size="sm" renderRoot={(props) => <Link to={`${UP}/${parent}`} {...props} />}>
                  {names.project(parent)}
                </Anchor>
              ),
            ],
            [
              t.tags,
              project.tags.length === 0 ? null : (
                <Group key="tags" gap={4}>
                  {project.tags.map((tag) => (
                    <Badge key={tag} variant="default" radius="sm" tt="none" fw={500} maw="100%">
                      {tag}
                    </Badge>
                  ))}
                </Group>
              ),
            ],
          ]}
        />
      </Paper>
      <Tabs value={tab || 'members'} onChange={(next) => setTab(next ?? '')} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="members">{t.membersTab}</Tabs.Tab>
          <Tabs.Tab value="quotas">{t.quotasTab}</Tabs.Tab>
          <Tabs.Tab value="contents">{t.contentsTab}</Tabs.Tab>
          <Tabs.Tab value="usage">{t.usageTab}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="members" pt="md">
          <GrantTable target={target} />
        </Tabs.Panel>
        <Tabs.Panel value="quotas" pt="md">
          <ProjectQuotas project={target} />
        </Tabs.Panel>
        <Tabs.Panel value="contents" pt="md">
          <ContentsPanel project={project} />
        </Tabs.Panel>
        <Tabs.Panel value="usage" pt="md">
          <UsagePanel project={project.id} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
