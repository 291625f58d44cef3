import { Button, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { floatingIps } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable } from '#ui/resource-table.tsx';
import { useFloatingIpActions } from './actions.tsx';
import { AllocateDialog } from './allocate-dialog.tsx';
import { useFloatingIpColumns } from './columns.tsx';
import { floatingTexts } from './texts.ts';

const sort = { column: 'address', down: false };

export function Screen() {
  const t = useText(floatingTexts);
  const open = useDialog();
  const allocate = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => open((close) => <AllocateDialog close={close} />)}>
      {t.allocate}
    </Button>
  );
  return (
    <Page title={t.title} actions={allocate}>
      <ResourceTable
        label={t.title}
        query={useList(floatingIps)}
        columns={useFloatingIpColumns()}
        actions={useFloatingIpActions()}
        nameOf={({ floating_ip_address }) => floating_ip_address}
        initialSort={sort}
        empty={
          <Stack align="flex-start">
            <Text fw={600}>{t.emptyTitle}</Text>
            <Text size="sm">{t.emptyText}</Text>
            {allocate}
          </Stack>
        }
      />
    </Page>
  );
}
