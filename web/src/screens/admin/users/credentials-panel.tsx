import { Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import {
  applicationCredentials,
  deleteApplicationCredential,
  type ApplicationCredential,
} from '#api/identity/application-credentials.ts';
import { useNames } from '#api/identity/use-names.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { uiTexts } from '#ui/texts.ts';
import { RoleBadges } from '../roles/role-badges.tsx';
import { userTexts } from './texts.ts';

const nameOf = ({ name }: ApplicationCredential): string => name;

/** With what programs sign in as a user. */
export function CredentialsPanel({ user }: { readonly user: string }) {
  const t = useText(userTexts);
  const ui = useText(uiTexts);
  const names = useNames();
  const format = useFormat();
  const open = useDialog();
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: ['user', 'part', user, 'application-credentials'],
    queryFn: ({ signal }) => applicationCredentials(user, signal),
    refetchInterval: 60_000,
  });
  const columns = useMemo<readonly Column<ApplicationCredential>[]>(
    () => [
      { id: 'name', title: ui.name, value: nameOf, width: 'minmax(8rem, 1.2fr)' },
      { id: 'description', title: ui.description, value: ({ description }) => description || null },
      { id: 'project', title: ui.project, value: ({ project_id }) => names.project(project_id) },
      {
        id: 'roles',
        title: t.credentialRoles,
        value: ({ roles }) => roles.map(({ name }) => name).join(' '),
        cell: ({ roles }) => <RoleBadges roles={roles} />,
      },
      {
        id: 'expires',
        title: t.expires,
        value: ({ expires_at }) => expires_at,
        cell: ({ expires_at }) => (expires_at === null ? t.never : format.time(expires_at)),
      },
      {
        id: 'unrestricted',
        title: t.unrestricted,
        value: ({ unrestricted }) => (unrestricted ? ui.yes : ui.no),
      },
    ],
    [t, ui, names, format],
  );
  const actions = useMemo<readonly Action<ApplicationCredential>[]>(
    () => [
      {
        id: 'delete',
        label: ui.delete,
        icon: IconTrash,
        danger: true,
        many: true,
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.deleteCredentialTitle(items.length)}
              items={items}
              nameOf={nameOf}
              consequence={t.deleteCredentialText}
              verb={ui.delete}
              danger
              run={({ id }) => deleteApplicationCredential(user, id)}
              close={close}
              after={() => void queries.invalidateQueries({ queryKey: ['user', 'part', user] })}
            />
          )),
      },
    ],
    [t, ui, user, open, queries],
  );
  return (
    <ResourceTable
      label={t.credentialsTab}
      query={query}
      columns={columns}
      actions={actions}
      nameOf={nameOf}
      urlName="credential"
      empty={
        <Text size="sm" c="dimmed">
          {t.credentialsEmpty}
        </Text>
      }
    />
  );
}
