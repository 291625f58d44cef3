import { Button, Card, Stack, Text, Title } from '@mantine/core';
import { IconRocket } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { servers, type Server } from '#api/compute/servers.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { Page } from '#ui/page.tsx';
import { ResourceTable } from '#ui/resource-table.tsx';
import { useServerActions } from './actions.tsx';
import { useServerColumns } from './columns.tsx';
import { useStatusChips } from './status-chips.tsx';
import { instanceTexts } from './texts.ts';

const nameOf = ({ name }: Server): string => name;
const linkOf = ({ id }: Server): string => `/instances/${id}`;

/** The project's servers. */
export function Screen() {
  const t = useText(instanceTexts);
  const { data, error, refetch } = useList(servers);
  const { shown, chips } = useStatusChips(data);
  const columns = useServerColumns();
  const actions = useServerActions();
  return (
    <Page
      title={t.title}
      actions={
        <Button leftSection={<IconRocket size={16} />} renderRoot={(props) => <Link to="/launch" {...props} />}>
          {t.launch}
        </Button>
      }
    >
      <ResourceTable
        label={t.title}
        query={{ data: shown, error, refetch }}
        columns={columns}
        nameOf={nameOf}
        linkOf={linkOf}
        actions={actions}
        {...(data && data.length > 0 && { tools: chips })}
        empty={<Empty />}
      />
    </Page>
  );
}

function Empty() {
  const t = useText(instanceTexts);
  return (
    <Card withBorder p="xl">
      <Stack align="center" ta="center" maw={480} mx="auto">
        <Title order={2} size="h4">
          {t.emptyTitle}
        </Title>
        <Text c="dimmed">{t.emptyText}</Text>
        <Button leftSection={<IconRocket size={16} />} renderRoot={(props) => <Link to="/launch" {...props} />}>
          {t.launchFirst}
        </Button>
      </Stack>
    </Card>
  );
}
