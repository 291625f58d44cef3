import { Alert, Button, Group, Loader, Stack, Tabs } from '@mantine/core';
import {
  IconActivity,
  IconChartLine,
  IconFileText,
  IconInfoCircle,
  IconLock,
  IconTerminal2,
} from '@tabler/icons-react';
import { Link, useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { servers, type Server } from '#api/compute/servers.ts';
import { isNotFound } from '#api/fault.ts';
import { useOne } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { ActionButton, ActionMenu } from '#ui/action.tsx';
import { Copyable } from '#ui/copy.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Page } from '#ui/page.tsx';
import { useUrlText } from '#ui/use-url-text.ts';
import { useServerActions } from './actions.tsx';
import { Log } from './log/log.tsx';
import { Operations } from './operations/operations.tsx';
import { Overview } from './overview/overview.tsx';
import { ServerStatus } from './status-cell.tsx';
import { instanceTexts } from './texts.ts';

const Console = lazy(async () => ({ default: (await import('./console/console.tsx')).Console }));
const Metrics = lazy(async () => ({ default: (await import('./metrics/metrics.tsx')).Metrics }));

/** A server's page. */
export function Screen() {
  const { id = '' } = useParams({ strict: false });
  return <Instance key={id} id={id} />;
}

function Instance({ id }: { readonly id: string }) {
  const t = useText(instanceTexts);
  const { data: server, error, refetch } = useOne(servers, id);
  const up = { label: t.title, to: '/instances' };
  if (error && isNotFound(error))
    return (
      <Page title={server?.name ?? t.title} up={up}>
        <Alert color="gray" title={t.gone}>
          <Button variant="default" renderRoot={(props) => <Link to="/instances" {...props} />}>
            {t.toList}
          </Button>
        </Alert>
      </Page>
    );
  if (!server)
    return (
      <Page title={t.title} up={up}>
        {error ? <ErrorNotice error={error} retry={() => void refetch()} /> : <Loader role="status" />}
      </Page>
    );
  return (
    <Page
      title={server.name}
      badge={<ServerStatus server={server} />}
      subtitle={<Copyable text={server.id} />}
      up={up}
      actions={<Acts server={server} />}
    >
      <Stack gap="md">
        <Notes server={server} />
        <Parts server={server} />
      </Stack>
    </Page>
  );
}

/** What one most likely wants next. */
const foremost = ['confirmResize', 'revertResize', 'start', 'unpause', 'resume', 'unshelve', 'unrescue', 'restore'];
const usual = ['rebootSoft', 'stop'];

function Acts({ server }: { readonly server: Server }) {
  const { isAdmin } = useSignedIn();
  const actions = useServerActions({ admin: isAdmin });
  const possible = (ids: readonly string[]) =>
    ids.flatMap((id) => actions.filter((one) => one.id === id && (one.refuse?.([server]) ?? null) === null));
  const first = possible(foremost);
  const buttons = first.length > 0 ? first : possible(usual);
  return (
    <>
      {buttons.map((action, at) => (
        <ActionButton key={action.id} action={action} items={[server]} primary={first.length > 0 && at === 0} />
      ))}
      <ActionMenu actions={actions} items={[server]} label={server.name} variant="button" />
    </>
  );
}

/** What one must know before doing anything. */
function Notes({ server }: { readonly server: Server }) {
  const t = useText(instanceTexts);
  return (
    <>
      {server['OS-EXT-STS:vm_state'] === 'resized' && (
        <Alert color="orange" icon={<IconInfoCircle />}>
          {t.resizeWaits}
        </Alert>
      )}
      {server['OS-EXT-STS:vm_state'] === 'rescued' && (
        <Alert color="orange" icon={<IconInfoCircle />}>
          {t.rescueNote}
        </Alert>
      )}
      {server.locked && (
        <Alert color="gray" icon={<IconLock />}>
          {t.lockedNote(server.locked_reason ?? '')}
        </Alert>
      )}
    </>
  );
}

const tabs = [
  ['overview', IconInfoCircle, Overview],
  ['console', IconTerminal2, Console],
  ['log', IconFileText, Log],
  ['metrics', IconChartLine, Metrics],
  ['operations', IconActivity, Operations],
] as const;

function Parts({ server }: { readonly server: Server }) {
  const t = useText(instanceTexts);
  const [tab, setTab] = useUrlText('tab');
  const value = tabs.some(([name]) => name === tab) ? tab : 'overview';
  return (
    <Tabs
      value={value}
      onChange={(next) => setTab(next === null || next === 'overview' ? '' : next)}
      keepMounted={false}
    >
      <Tabs.List aria-label={t.tabs}>
        {tabs.map(([name, Icon]) => (
          <Tabs.Tab key={name} value={name} leftSection={<Icon size={16} />}>
            {t[name]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(([name, , Part]) => (
        <Tabs.Panel key={name} value={name} pt="md">
          <Suspense
            fallback={
              <Group role="status">
                <Loader />
              </Group>
            }
          >
            <Part server={server} />
          </Suspense>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
