import { Button, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { networks } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable } from '#ui/resource-table.tsx';
import { useNetworkActions } from './actions.tsx';
import { useNetworkColumns } from './columns.tsx';
import { CreateNetworkDialog } from './create-network-dialog.tsx';
import { called } from './names.ts';
import { networkTexts } from './texts.ts';

const sort = { column: 'name', down: false };

export function Screen() {
  const t = useText(networkTexts);
  const open = useDialog();
  const navigate = useNavigate();
  const query = useList(networks);
  const columns = useNetworkColumns();
  const actions = useNetworkActions();
  const create = (
    <Button
      leftSection={<IconPlus size={16} />}
      onClick={() =>
        open((close) => (
          <CreateNetworkDialog close={close} made={({ id }) => void navigate({ to: `/networks/${id}` })} />
        ))
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
        linkOf={({ id }) => `/networks/${id}`}
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
