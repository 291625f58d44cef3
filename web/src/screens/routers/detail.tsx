import { Loader, Paper, Stack, Tabs, Text } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useCallback } from 'react';
import { isNotFound } from '#api/fault.ts';
import { l3Hosting } from '#api/network/scheduling.ts';
import { networks, routers, type Router } from '#api/network/networks.ts';
import { useList, useOne } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { ActionMenu } from '#ui/action.tsx';
import { Copyable } from '#ui/copy.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Facts } from '#ui/facts.tsx';
import { Page } from '#ui/page.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useUrlText } from '#ui/use-url-text.ts';
import { HostingAgents } from '../networks/hosting-agents.tsx';
import { called } from '../networks/names.ts';
import { networkTexts } from '../networks/texts.ts';
import { useProjectName, useReach } from '../networks/use-network.ts';
import { useRouterActions } from './actions.tsx';
import { gatewayWords, RouterStatus } from './columns.tsx';
import { FloatingTable } from './floating-table.tsx';
import { InterfacesTable } from './interfaces-table.tsx';
import { routerTexts } from './texts.ts';

export function Screen() {
  const { id = '' } = useParams({ strict: false });
  const t = useText(routerTexts);
  const u = useText(uiTexts);
  const { data, error } = useOne(routers, id);
  if (data && !isNotFound(error)) return <RouterPage router={data} />;
  return (
    <Page title={t.title} up={{ label: t.title, to: '/routers' }}>
      {isNotFound(error) ? <Text>{u.notFound}</Text> : error ? <ErrorNotice error={error} /> : <Loader role="status" />}
    </Page>
  );
}

function RouterPage({ router }: { readonly router: Router }) {
  const t = useText(routerTexts);
  const n = useText(networkTexts);
  const { isAdmin } = useSignedIn();
  const navigate = useNavigate();
  const [tab, setTab] = useUrlText('tab');
  const gone = useCallback(() => void navigate({ to: '/routers' }), [navigate]);
  const actions = useRouterActions(gone);
  return (
    <Page
      title={called(router)}
      up={{ label: t.title, to: '/routers' }}
      badge={<RouterStatus router={router} />}
      subtitle={router.description === '' ? undefined : router.description}
      actions={<ActionMenu variant="button" actions={actions} items={[router]} label={called(router)} />}
    >
      <Paper withBorder p="md" component="section" aria-label={t.facts}>
        <RouterFacts router={router} />
      </Paper>
      <Tabs value={tab || 'interfaces'} onChange={(next) => setTab(next ?? '')} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="interfaces">{t.interfaces}</Tabs.Tab>
          <Tabs.Tab value="floating">{t.floatingIps}</Tabs.Tab>
          {isAdmin && <Tabs.Tab value="agents">{t.agents}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="interfaces" pt="md">
          <InterfacesTable router={router} />
        </Tabs.Panel>
        <Tabs.Panel value="floating" pt="md">
          <FloatingTable router={router} />
        </Tabs.Panel>
        {isAdmin && (
          <Tabs.Panel value="agents" pt="md">
            <HostingAgents hosting={l3Hosting} id={router.id} warning={n.removeAgentL3} />
          </Tabs.Panel>
        )}
      </Tabs>
    </Page>
  );
}

function RouterFacts({ router }: { readonly router: Router }) {
  const t = useText(routerTexts);
  const u = useText(uiTexts);
  const project = useProjectName(router.tenant_id);
  const reach = useReach();
  const { data: allNetworks } = useList(networks, reach);
  const routes = router.routes ?? [];
  return (
    <Facts
      rows={[
        [u.id, <Copyable key="id" text={router.id} />],
        [t.gateway, gatewayWords(router, allNetworks, t)],
        [
          t.routes,
          routes.length === 0 ? (
            t.noRoutes
          ) : (
            <Stack key="routes" gap={0}>
              {routes.map(({ destination, nexthop }) => (
                <span key={`${destination} ${nexthop}`}>{`${destination} → ${nexthop}`}</span>
              ))}
            </Stack>
          ),
        ],
        [u.project, project],
      ]}
    />
  );
}
