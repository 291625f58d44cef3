import { Loader, Paper, Tabs, Text } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useCallback } from 'react';
import { dhcpHosting } from '#api/network/scheduling.ts';
import { networks, type Network } from '#api/network/networks.ts';
import { isNotFound } from '#api/fault.ts';
import { useOne } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { ActionMenu } from '#ui/action.tsx';
import { Copyable } from '#ui/copy.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Facts } from '#ui/facts.tsx';
import { Page } from '#ui/page.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useUrlText } from '#ui/use-url-text.ts';
import { useNetworkActions } from './actions.tsx';
import { NetworkKind } from './columns.tsx';
import { HostingAgents } from './hosting-agents.tsx';
import { called } from './names.ts';
import { PortsTable } from './ports-table.tsx';
import { SubnetsTable } from './subnets-table.tsx';
import { networkTexts } from './texts.ts';
import { useProjectName } from './use-network.ts';

export function Screen() {
  const { id = '' } = useParams({ strict: false });
  const t = useText(networkTexts);
  const u = useText(uiTexts);
  const { data, error } = useOne(networks, id);
  const up = { label: t.title, to: '/networks' };
  if (error && (!data || isNotFound(error)))
    return (
      <Page title={t.title} up={up}>
        {isNotFound(error) ? <Text>{u.notFound}</Text> : <ErrorNotice error={error} />}
      </Page>
    );
  if (!data)
    return (
      <Page title={t.title} up={up}>
        <Loader role="status" />
      </Page>
    );
  return <NetworkPage network={data} />;
}

function NetworkPage({ network }: { readonly network: Network }) {
  const t = useText(networkTexts);
  const { isAdmin } = useSignedIn();
  const navigate = useNavigate();
  const [tab, setTab] = useUrlText('tab');
  const gone = useCallback(() => void navigate({ to: '/networks' }), [navigate]);
  const actions = useNetworkActions(gone);
  return (
    <Page
      title={called(network)}
      up={{ label: t.title, to: '/networks' }}
      badge={<Status {...(network.admin_state_up ? { status: network.status } : { status: 'ADMIN', tone: 'off' })} />}
      subtitle={network.description === '' ? undefined : network.description}
      actions={<ActionMenu variant="button" actions={actions} items={[network]} label={called(network)} />}
    >
      <Paper withBorder p="md" component="section" aria-label={t.facts}>
        <Facts rows={useFacts(network)} />
      </Paper>
      <Tabs value={tab || 'subnets'} onChange={(next) => setTab(next ?? '')} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="subnets">{t.subnets}</Tabs.Tab>
          <Tabs.Tab value="ports">{t.ports}</Tabs.Tab>
          {isAdmin && <Tabs.Tab value="agents">{t.agents}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="subnets" pt="md">
          <SubnetsTable network={network} />
        </Tabs.Panel>
        <Tabs.Panel value="ports" pt="md">
          <PortsTable network={network} />
        </Tabs.Panel>
        {isAdmin && (
          <Tabs.Panel value="agents" pt="md">
            <HostingAgents hosting={dhcpHosting} id={network.id} warning={t.removeAgentDhcp} />
          </Tabs.Panel>
        )}
      </Tabs>
    </Page>
  );
}

function useFacts(network: Network): readonly (readonly [string, React.ReactNode])[] {
  const t = useText(networkTexts);
  const u = useText(uiTexts);
  const { isAdmin } = useSignedIn();
  const project = useProjectName(network.tenant_id);
  const type = network['provider:network_type'];
  const provider = [type?.toUpperCase(), network['provider:physical_network'], network['provider:segmentation_id']]
    .filter((part) => part !== null && part !== undefined)
    .join(' · ');
  return [
    [u.id, <Copyable key="id" text={network.id} />],
    [t.kind, <NetworkKind key="kind" network={network} />],
    [t.mtu, network.mtu],
    [t.portSecurity, (network.port_security_enabled ?? true) ? u.yes : u.no],
    [t.provider, isAdmin && type !== undefined ? provider : undefined],
    [u.project, project],
  ];
}
