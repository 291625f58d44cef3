import { Group, Stack } from '@mantine/core';
import type { Router } from '#api/network/networks.ts';
import { useText } from '#i18n/catalogue.ts';
import { ActionMenu } from '#ui/action.tsx';
import { Facts } from '#ui/facts.tsx';
import { uiTexts } from '#ui/texts.ts';
import { called } from '../networks/names.ts';
import { useRouterActions } from '../routers/actions.tsx';
import { gatewayWords, RouterStatus } from '../routers/columns.tsx';
import { routerTexts } from '../routers/texts.ts';
import type { Graph } from './graph.ts';
import { PageButton } from './page-button.tsx';
import { Plugs } from './plugs.tsx';
import { topologyTexts } from './texts.ts';

export function RouterPanel({ router, graph }: { readonly router: Router; readonly graph: Graph }) {
  const t = useText(topologyTexts);
  const r = useText(routerTexts);
  const u = useText(uiTexts);
  const actions = useRouterActions();
  const device = graph.devices.find(({ id }) => id === router.id);
  return (
    <Stack gap="md">
      <Facts
        rows={[
          [u.status, <RouterStatus key="status" router={router} />],
          [
            t.gateway,
            gatewayWords(
              router,
              graph.bars.map(({ network }) => network),
              r,
            ),
          ],
          [t.connectedTo, <Plugs key="plugs" plugs={device?.plugs ?? []} graph={graph} />],
        ]}
      />
      <Group gap="xs">
        <PageButton to={`/routers/${router.id}`}>{t.openPage}</PageButton>
        <ActionMenu variant="button" actions={actions} items={[router]} label={called(router)} />
      </Group>
    </Stack>
  );
}
