import { Group, Stack } from '@mantine/core';
import { useText } from '#i18n/catalogue.ts';
import { ActionMenu } from '#ui/action.tsx';
import { Facts } from '#ui/facts.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useNetworkActions } from '../networks/actions.tsx';
import { NetworkKind } from '../networks/columns.tsx';
import { called } from '../networks/names.ts';
import { networkTexts } from '../networks/texts.ts';
import type { Bar, Graph } from './graph.ts';
import { PageButton } from './page-button.tsx';
import { topologyTexts } from './texts.ts';
import { useWords } from './words.ts';

export function NetworkPanel({ bar, graph }: { readonly bar: Bar; readonly graph: Graph }) {
  const t = useText(topologyTexts);
  const n = useText(networkTexts);
  const u = useText(uiTexts);
  const words = useWords();
  const actions = useNetworkActions();
  const here = graph.devices.filter(({ plugs }) => plugs.some(({ network }) => network === bar.id));
  const routers = here.filter(({ kind }) => kind === 'router').map(({ name }) => name);
  const guests = here.reduce(
    (sum, device) => sum + (device.kind === 'stack' ? device.guests.length : Number(device.kind === 'guest')),
    0,
  );
  return (
    <Stack gap="md">
      <Facts
        rows={[
          [
            u.status,
            <Status
              key="status"
              {...(bar.network.admin_state_up ? { status: bar.network.status } : { status: 'ADMIN', tone: 'off' })}
            />,
          ],
          [n.kind, <NetworkKind key="kind" network={bar.network} />],
          [t.subnets, words.barDetail(bar)],
          [t.routersHere, routers.join(', ') || u.none],
          [t.instancesHere, guests === 0 ? u.none : t.instances(guests)],
        ]}
      />
      <Group gap="xs">
        <PageButton to={`/networks/${bar.id}`}>{t.openPage}</PageButton>
        <ActionMenu variant="button" actions={actions} items={[bar.network]} label={called(bar.network)} />
      </Group>
    </Stack>
  );
}
