import { Badge, Group } from '@mantine/core';
import { IconBuilding } from '@tabler/icons-react';
import { useMemo, type ReactNode } from 'react';
import { projects, type Project } from '#api/identity/identity.ts';
import { useNames } from '#api/identity/use-names.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { EmptyNotice } from '#ui/empty-notice.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useProjectActions } from './actions.tsx';
import { projectTexts } from './texts.ts';

const sort = { column: 'name', down: false };

/** Every project of the cloud. */
export function ProjectsTable({ create }: { readonly create: ReactNode }) {
  const t = useText(projectTexts);
  const ui = useText(uiTexts);
  const names = useNames();
  const current = useSignedIn().project.id;
  const query = useList(projects);
  const actions = useProjectActions();
  const columns = useMemo<readonly Column<Project>[]>(
    () => [
      { id: 'name', title: ui.name, value: ({ name }) => name, width: 'minmax(8rem, 1.2fr)' },
      ...(names.many
        ? [{ id: 'domain', title: t.domain, value: ({ domain_id }: Project) => names.domain(domain_id) }]
        : []),
      {
        id: 'description',
        title: ui.description,
        value: (one) => one.description || null,
        width: 'minmax(10rem, 2fr)',
      },
      {
        id: 'parent',
        title: t.parent,
        value: ({ parent_id, domain_id }) =>
          parent_id === null || parent_id === domain_id ? null : names.project(parent_id),
      },
      {
        id: 'status',
        title: ui.status,
        value: ({ enabled, id }) => `${enabled ? 'enabled' : 'disabled'} ${id === current ? t.current : ''}`,
        cell: ({ enabled, id }) => (
          <Group gap={4} wrap="nowrap">
            <Status status={enabled ? 'ENABLED' : 'DISABLED'} />
            {id === current && (
              <Badge variant="default" radius="sm" tt="none">
                {t.current}
              </Badge>
            )}
          </Group>
        ),
        width: 'minmax(13rem, 1.2fr)',
      },
    ],
    [t, ui, names, current],
  );
  return (
    <ResourceTable
      label={t.title}
      query={query}
      columns={columns}
      actions={actions}
      nameOf={({ id }) => names.project(id)}
      linkOf={({ id }) => `/admin/projects/${id}`}
      initialSort={sort}
      empty={
        <EmptyNotice icon={IconBuilding} title={t.title} action={create}>
          {t.emptyText}
        </EmptyNotice>
      }
    />
  );
}
