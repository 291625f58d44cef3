import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMemo } from 'react';
import { appTexts } from '#app/texts.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { Copyable } from '#ui/copy.tsx';
import { downloadText } from '#ui/download.ts';
import { Facts } from '#ui/facts.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { cloudsYaml, fileName, openrc, openrcV2 } from './files.ts';
import { accessTexts } from './texts.ts';

interface Endpoint {
  readonly id: string;
  readonly service: string;
  readonly type: string;
  readonly interface: string;
  readonly region: string;
  readonly url: string;
}

/** How commands and programs reach the cloud. */
export function Screen() {
  const t = useText(accessTexts);
  const app = useText(appTexts);
  const session = useSignedIn();
  const { project, user, roles, catalog, authUrl } = session;
  const endpoints = useMemo<Endpoint[]>(
    () =>
      catalog.flatMap(({ name, type, endpoints: list }) =>
        list.map((one) => ({ id: `${type}/${one.interface}/${one.region}`, service: name, type, ...one })),
      ),
    [catalog],
  );
  const columns = useMemo<readonly Column<Endpoint>[]>(
    () => [
      { id: 'service', title: t.service, value: (one) => one.service },
      { id: 'type', title: t.type, value: (one) => one.type },
      { id: 'interface', title: t.interface, value: (one) => one.interface },
      { id: 'region', title: t.region, value: (one) => one.region },
      {
        id: 'url',
        title: t.url,
        value: (one) => one.url,
        cell: (one) => <Copyable text={one.url} />,
        width: 'minmax(16rem, 3fr)',
      },
    ],
    [t],
  );
  const name = fileName(project.name);
  return (
    <Page title={app.apiAccess} subtitle={t.subtitle}>
      <Paper withBorder p="md">
        <Stack gap="sm">
          <Title order={2} size="h5">
            {t.files}
          </Title>
          <Text size="sm">{t.filesHint}</Text>
          <Group>
            <Download label={t.openrc} file={`${name}-openrc.sh`} text={openrc(session)} />
            <Download label={t.clouds} file="clouds.yaml" text={cloudsYaml(session)} />
            <Download label={t.openrcV2} file={`${name}-openrc-v2.sh`} text={openrcV2(session)} />
          </Group>
        </Stack>
      </Paper>
      <Paper withBorder p="md">
        <Title order={2} size="h5" mb="sm">
          {t.facts}
        </Title>
        <Facts
          rows={[
            [t.authUrl, <Copyable key="auth" text={authUrl} />],
            [t.user, user.name],
            [t.userId, <Copyable key="user" text={user.id} />],
            [t.project, project.name],
            [t.projectId, <Copyable key="project" text={project.id} />],
            [t.roles, roles.join(', ')],
          ]}
        />
      </Paper>
      <Title order={2} size="h4">
        {t.endpoints}
      </Title>
      <ResourceTable
        label={t.endpoints}
        query={{ data: endpoints, error: null }}
        columns={columns}
        nameOf={(one) => one.service}
      />
    </Page>
  );
}

const Download = ({ label, file, text }: { readonly label: string; readonly file: string; readonly text: string }) => (
  <Button variant="default" leftSection={<IconDownload size={16} />} onClick={() => downloadText(file, text)}>
    {label}
  </Button>
);
