import { Button, Tabs } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { ComponentType, ReactNode } from 'react';
import { appTexts } from '#app/texts.ts';
import { useText } from '#i18n/catalogue.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { Page } from '#ui/page.tsx';
import { useUrlText } from '#ui/use-url-text.ts';
import { AllocateDialog } from '../../floating-ips/allocate-dialog.tsx';
import { CreateNetworkDialog } from '../../networks/create-network-dialog.tsx';
import { CreateRouterDialog } from '../../routers/router-dialog.tsx';
import { AllFloatingIps, AllNetworks, AllPorts, AllRouters, AllSubnets } from './tabs.tsx';
import { adminNetworkTexts } from './texts.ts';

const tabs = [
  ['networks', AllNetworks],
  ['subnets', AllSubnets],
  ['routers', AllRouters],
  ['floatingIps', AllFloatingIps],
  ['ports', AllPorts],
] as const satisfies readonly (readonly [string, ComponentType])[];
type Tab = (typeof tabs)[number][0];

/** What makes one more of a tab's kind. */
const makers: Readonly<
  Partial<
    Record<
      Tab,
      {
        readonly label: 'createNetwork' | 'createRouter' | 'allocate';
        readonly dialog: (close: () => void) => ReactNode;
      }
    >
  >
> = {
  networks: { label: 'createNetwork', dialog: (close) => <CreateNetworkDialog close={close} /> },
  routers: { label: 'createRouter', dialog: (close) => <CreateRouterDialog close={close} /> },
  floatingIps: { label: 'allocate', dialog: (close) => <AllocateDialog close={close} /> },
};

/** Every project's networking. */
export function Screen() {
  const t = useText(adminNetworkTexts);
  const a = useText(appTexts);
  const open = useDialog();
  const [shown, setShown] = useUrlText('tab');
  const tab = tabs.find(([name]) => name === shown)?.[0] ?? 'networks';
  const maker = makers[tab];
  return (
    <Page
      title={a.allNetworks}
      actions={
        maker && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => open(maker.dialog)}>
            {t[maker.label]}
          </Button>
        )
      }
    >
      <Tabs value={tab} onChange={(next) => setShown(next ?? '')} keepMounted={false}>
        <Tabs.List aria-label={t.kinds}>
          {tabs.map(([name]) => (
            <Tabs.Tab key={name} value={name}>
              {t[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map(([name, Content]) => (
          <Tabs.Panel key={name} value={name} pt="md">
            <Content />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
