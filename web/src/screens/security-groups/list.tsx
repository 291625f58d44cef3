import { Button, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { securityGroups } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable } from '#ui/resource-table.tsx';
import { called } from '../networks/names.ts';
import { useGroupActions } from './actions.tsx';
import { useGroupColumns } from './columns.ts';
import { GroupDialog } from './group-dialog.tsx';
import { groupTexts } from './texts.ts';

const sort = { column: 'name', down: false };

export function Screen() {
  const t = useText(groupTexts);
  const open = useDialog();
  const navigate = useNavigate();
  const query = useList(securityGroups);
  const columns = useGroupColumns();
  const actions = useGroupActions();
  const create = (
    <Button
      leftSection={<IconPlus size={16} />}
      onClick={() =>
        open((close) => (
          <GroupDialog close={close} made={({ id }) => void navigate({ to: `/security-groups/${id}` })} />
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
        linkOf={({ id }) => `/security-groups/${id}`}
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
