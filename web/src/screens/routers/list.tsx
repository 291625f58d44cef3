import { Button, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { routers } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable } from '#ui/resource-table.tsx';
import { called } from '../networks/names.ts';
import { useRouterActions } from './actions.tsx';
import { useRouterColumns } from './columns.tsx';
import { CreateRouterDialog } from './router-dialog.tsx';
import { routerTexts } from './texts.ts';

const sort = { column: 'name', down: false };

export function Screen() {
  const t = useText(routerTexts);
  const open = useDialog();
  const navigate = useNavigate();
  const query = useList(routers);
  const columns = useRouterColumns();
  const actions = useRouterActions();
  const create = (
    <Button
      leftSection={<IconPlus size={16} />}
      onClick={() =>
        open((close) => <CreateRouterDialog close={close} made={({ id }) => void navigate({ to: `/routers/${id}` })} />)
      }
    >
      {t.create}
    </Button>
  );
  return (
    <Page title={t.title} actions={create}>
      <ResourceTable
        label={t.title}
        query={query}
        columns={columns}
        actions={actions}
        nameOf={called}
        linkOf={({ id }) => `/routers/${id}`}
        initialSort={sort}
        empty={
          <Stack align="flex-start">
            <Text fw={600}>{t.emptyTitle}</Text>
            <Text size="sm">{t.emptyText}</Text>
            {create}
          </Stack>
        }
      />
    </Page>
  );
}
