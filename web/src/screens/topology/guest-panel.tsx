import { Button, Group, Stack } from '@mantine/core';
import { IconMapPin } from '@tabler/icons-react';
import { useText } from '#i18n/catalogue.ts';
import { ActionMenu } from '#ui/action.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { Facts } from '#ui/facts.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { AssociateDialog } from '../floating-ips/associate-dialog.tsx';
import { useServerActions } from '../instances/actions.tsx';
import type { Device, Graph } from './graph.ts';
import { PageButton } from './page-button.tsx';
import { Plugs } from './plugs.tsx';
import { topologyTexts } from './texts.ts';

export function GuestPanel({
  device,
  graph,
}: {
  readonly device: Extract<Device, { kind: 'guest' }>;
  readonly graph: Graph;
}) {
  const t = useText(topologyTexts);
  const u = useText(uiTexts);
  const open = useDialog();
  const actions = useServerActions();
  const { guest } = device;
  return (
    <Stack gap="md">
      <Facts
        rows={[
          [u.status, <Status key="status" status={guest.status} task={guest['OS-EXT-STS:task_state']} />],
          [t.flavor, guest.flavor.original_name],
          [t.connectedTo, <Plugs key="plugs" plugs={device.plugs} graph={graph} />],
          [t.floating, device.floating.join(', ') || u.none],
        ]}
      />
      <Group gap="xs">
        <PageButton to={`/instances/${guest.id}`}>{t.openPage}</PageButton>
        <PageButton to={`/instances/${guest.id}`} tab="console">
          {t.console}
        </PageButton>
        <Button
          variant="default"
          leftSection={<IconMapPin size={16} />}
          onClick={() => open((close) => <AssociateDialog instance={guest.id} close={close} />)}
        >
          {t.associate}
        </Button>
        <ActionMenu variant="button" actions={actions} items={[guest]} label={device.name} />
      </Group>
    </Stack>
  );
}
