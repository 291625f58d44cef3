import { Accordion, Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useState, type KeyboardEvent } from 'react';
import { appTexts } from '#app/texts.ts';
import { useText } from '#i18n/catalogue.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Page } from '#ui/page.tsx';
import { AccessSection } from './access-section.tsx';
import { Advanced } from './advanced-section.tsx';
import { FlavorSection } from './flavor-section.tsx';
import { LeaveGuard } from './leave-guard.tsx';
import { NameSection } from './name-section.tsx';
import { NetworkSection } from './network-section.tsx';
import { SourceSection } from './source-section.tsx';
import { SummaryPanel } from './summary-panel.tsx';
import { launchTexts } from './texts.ts';
import { UserData } from './user-data-section.tsx';
import { useLaunch, type Launch } from './use-launch.ts';
import classes from './launch.module.css';

/** Launches instances: one page, all that matters in sight. */
export function Screen() {
  const t = useText(launchTexts);
  const app = useText(appTexts);
  const launch = useLaunch();
  const send = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return;
    const launches = event.ctrlKey || event.metaKey;
    // Enter in a field is no launch: fields are left by Tab, lists are chosen from by Enter.
    if (launches || event.target instanceof HTMLInputElement) event.preventDefault();
    if (launches) launch.launch();
  };
  return (
    <Page title={app.launch}>
      <LeaveGuard loses={launch.holdsUserData} />
      {launch.restored && (
        <Alert color="gray" variant="light" p="xs">
          <Group justify="space-between">
            <Text size="sm">{t.draftBack}</Text>
            <Button size="compact-sm" variant="default" onClick={launch.startAnew}>
              {t.startAnew}
            </Button>
          </Group>
        </Alert>
      )}
      {launch.offer.error !== null && <ErrorNotice error={launch.offer.error} />}
      <form
        noValidate
        className={classes['columns']}
        onKeyDown={send}
        onSubmit={(event) => {
          event.preventDefault();
          launch.launch();
        }}
      >
        <Stack gap="md">
          <NameSection launch={launch} />
          <SourceSection launch={launch} />
          <FlavorSection launch={launch} />
          <NetworkSection launch={launch} />
          <AccessSection launch={launch} />
          <Folded launch={launch} />
        </Stack>
        <div className={classes['aside']}>
          <SummaryPanel launch={launch} />
        </div>
      </form>
    </Page>
  );
}

/** What most leave alone: open from the start when a draft uses it. */
function Folded({ launch }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const { form } = launch;
  const [open, setOpen] = useState<string[]>(() => [
    ...(form.configDrive ? ['user-data'] : []),
    ...(form.zone !== '' ||
    form.groupId !== null ||
    form.metadata.length > 0 ||
    form.tags.length > 0 ||
    form.description !== ''
      ? ['advanced']
      : []),
  ]);
  return (
    <Accordion multiple variant="contained" value={open} onChange={setOpen} order={2}>
      <Accordion.Item value="user-data">
        <Accordion.Control>{t.userData}</Accordion.Control>
        <Accordion.Panel>
          <UserData launch={launch} />
        </Accordion.Panel>
      </Accordion.Item>
      <Accordion.Item value="advanced">
        <Accordion.Control>{t.advanced}</Accordion.Control>
        <Accordion.Panel>
          <Advanced launch={launch} />
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
