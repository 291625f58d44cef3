import { Badge, Group } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useMemo, type ReactNode } from 'react';
import { users, type User } from '#api/identity/identity.ts';
import { useNames } from '#api/identity/use-names.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { EmptyNotice } from '#ui/empty-notice.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useUserActions } from './actions.tsx';
import { userTexts } from './texts.ts';

const sort = { column: 'name', down: false };

/** Everybody who can sign in. */
export function UsersTable({ create }: { readonly create: ReactNode }) {
  const t = useText(userTexts);
  const ui = useText(uiTexts);
  const names = useNames();
  const me = useSignedIn().user.id;
  const query = useList(users);
  const actions = useUserActions();
  const columns = useMemo<readonly Column<User>[]>(
    () => [
      { id: 'name', title: ui.name, value: ({ name }) => name, width: 'minmax(8rem, 1.2fr)' },
      ...(names.many
        ? [{ id: 'domain', title: t.domain, value: ({ domain_id }: User) => names.domain(domain_id) }]
        : []),
      { id: 'email', title: t.email, value: ({ email }) => email || null, width: 'minmax(8rem, 1.5fr)' },
      {
        id: 'project',
        title: t.defaultProject,
        value: (one) => (one.default_project_id == null ? null : names.project(one.default_project_id)),
      },
      {
        id: 'status',
        title: ui.status,
        value: ({ enabled, id }) => `${enabled ? 'enabled' : 'disabled'} ${id === me ? t.you : ''}`,
        cell: ({ enabled, id }) => (
          <Group gap={4} wrap="nowrap">
            <Status status={enabled ? 'ENABLED' : 'DISABLED'} />
            {id === me && (
              <Badge variant="default" radius="sm" tt="none">
                {t.you}
              </Badge>
            )}
          </Group>
        ),
        width: 'minmax(8rem, 1fr)',
      },
    ],
    [t, ui, names, me],
  );
  return (
    <ResourceTable
      label={t.title}
      query={query}
      columns={columns}
      actions={actions}
      nameOf={({ id }) => names.user(id)}
      linkOf={({ id }) => `/admin/users/${id}`}
      initialSort={sort}
      empty={
        <EmptyNotice icon={IconUsers} title={t.title} action={create}>
          {t.emptyText}
        </EmptyNotice>
      }
    />
  );
}
