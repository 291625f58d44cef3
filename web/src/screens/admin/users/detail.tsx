import { Anchor, Badge, Loader, Paper, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { isNotFound } from '#api/fault.ts';
import { groupsOf } from '#api/identity/groups.ts';
import { users, type User } from '#api/identity/identity.ts';
import { useNames } from '#api/identity/use-names.ts';
import { useOne } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { ActionMenu } from '#ui/action.tsx';
import { Copyable } from '#ui/copy.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Facts } from '#ui/facts.tsx';
import { Page } from '#ui/page.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useUrlText } from '#ui/use-url-text.ts';
import { GrantTable } from '../roles/grant-table.tsx';
import { useUserActions } from './actions.tsx';
import { ActivityPanel } from './activity-panel.tsx';
import { CredentialsPanel } from './credentials-panel.tsx';
import { userTexts } from './texts.ts';

const UP = '/admin/users';

export function Screen() {
  const { id = '' } = useParams({ strict: false });
  const t = useText(userTexts);
  const ui = useText(uiTexts);
  const { data, error } = useOne(users, id);
  if (data && !isNotFound(error)) return <UserPage user={data} />;
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

function UserPage({ user }: { readonly user: User }) {
  const t = useText(userTexts);
  const navigate = useNavigate();
  const me = useSignedIn().user.id;
  const [tab, setTab] = useUrlText('tab');
  const gone = useCallback(() => void navigate({ to: UP }), [navigate]);
  const actions = useUserActions(gone);
  const actor = useMemo(() => ({ kind: 'user' as const, id: user.id, name: user.name }), [user.id, user.name]);
  return (
    <Page
      title={user.name}
      up={{ label: t.title, to: UP }}
      badge={
        <>
          <Status status={user.enabled ? 'ENABLED' : 'DISABLED'} />
          {user.id === me && (
            <Badge variant="default" radius="sm" tt="none">
              {t.you}
            </Badge>
          )}
        </>
      }
      subtitle={user.description || undefined}
      actions={<ActionMenu variant="button" actions={actions} items={[user]} label={user.name} />}
    >
      <UserFacts user={user} />
      <Tabs value={tab || 'roles'} onChange={(next) => setTab(next ?? '')} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="roles">{t.rolesTab}</Tabs.Tab>
          <Tabs.Tab value="credentials">{t.credentialsTab}</Tabs.Tab>
          <Tabs.Tab value="activity">{t.activityTab}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="roles" pt="md">
          <GrantTable actor={actor} />
        </Tabs.Panel>
        <Tabs.Panel value="credentials" pt="md">
          <CredentialsPanel user={user.id} />
        </Tabs.Panel>
        <Tabs.Panel value="activity" pt="md">
          <ActivityPanel user={user.id} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function UserFacts({ user }: { readonly user: User }) {
  const t = useText(userTexts);
  const ui = useText(uiTexts);
  const names = useNames();
  const format = useFormat();
  const groups = useQuery({
    queryKey: ['user', 'part', user.id, 'groups'],
    queryFn: ({ signal }) => groupsOf(user.id, signal),
    refetchInterval: 60_000,
  });
  const project = user.default_project_id;
  return (
    <Paper withBorder p="md" component="section" aria-label={t.facts}>
      <Facts
        rows={[
          [ui.id, <Copyable key="id" text={user.id} />],
          [t.domain, names.domain(user.domain_id)],
          [t.email, user.email ?? null],
          [
            t.defaultProject,
            project == null ? null : (
              <Anchor
                key="project"
                size="sm"
                renderRoot={(props) => <Link to={`/admin/projects/${project}`} {...props} />}
              >
                {names.project(project)}
              </Anchor>
            ),
          ],
          [
            t.groups,
            groups.data?.length === 0 ? t.noGroups : format.list((groups.data ?? []).map((one) => names.group(one.id))),
          ],
          [
            t.passwordExpires,
            user.password_expires_at == null ? t.neverExpires : format.time(user.password_expires_at),
          ],
        ]}
      />
    </Paper>
  );
}
