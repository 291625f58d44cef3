import { Alert, Button, Group, Loader, Select, Text, TextInput } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { useLive } from '#api/live-state.ts';
import type { CloudEvent } from '#api/events.ts';
import { appTexts } from '#app/texts.ts';
import { useText } from '#i18n/catalogue.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Page } from '#ui/page.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useUrlText } from '#ui/use-url-text.ts';
import { adminTexts } from '../texts.ts';
import { fitting } from './buffer.ts';
import { EventDrawer } from './event-drawer.tsx';
import { EventList } from './event-list.tsx';
import { kindTexts } from './kind-texts.ts';
import { eventTexts } from './texts.ts';
import { useEvents } from './use-events.ts';

/** What happens in the whole cloud, as it happens. */
export function Screen() {
  const t = useText(eventTexts);
  const admin = useText(adminTexts);
  const app = useText(appTexts);
  const ui = useText(uiTexts);
  const kinds = useText(kindTexts);
  const live = useLive();
  const [paused, setPaused] = useState(false);
  const [text, setText] = useUrlText('q');
  const [kind, setKind] = useUrlText('kind');
  const [priority, setPriority] = useUrlText('priority');
  const [opened, setOpened] = useState<CloudEvent | null>(null);
  const words = useDeferredValue(text);
  const { held, waiting, error, readOlder, reading } = useEvents(paused);
  const rows = useMemo(() => fitting(held ?? [], { text: words, kind, priority }), [held, words, kind, priority]);
  const at = opened ? rows.findIndex(({ id }) => id === opened.id) : -1;
  const step = (to: number): (() => void) | null => {
    const event = at < 0 ? undefined : rows[to];
    return event ? () => setOpened(event) : null;
  };
  const toggle = (): void => setPaused((old) => !old);
  return (
    <Page
      title={app.events}
      actions={
        <Button
          variant={paused ? 'filled' : 'default'}
          leftSection={paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
          onClick={toggle}
        >
          {paused ? admin.goOn : admin.pause}
        </Button>
      }
    >
      <Group gap="xs">
        <TextInput
          aria-label={t.text}
          placeholder={t.textHint}
          leftSection={<IconSearch size={16} />}
          w={280}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select
          aria-label={t.kind}
          placeholder={t.anyKind}
          clearable
          searchable
          w={190}
          value={kind === '' ? null : kind}
          onChange={(value) => setKind(value ?? '')}
          data={Object.entries(kinds).map(([value, label]) => ({ value, label }))}
        />
        <Select
          aria-label={t.priority}
          placeholder={t.anyPriority}
          clearable
          w={170}
          value={priority === '' ? null : priority}
          onChange={(value) => setPriority(value ?? '')}
          data={[
            { value: 'INFO', label: t.info },
            { value: 'WARN', label: t.warn },
            { value: 'ERROR', label: t.error },
          ]}
        />
        <Text size="sm" c="dimmed">
          {paused ? t.waiting(waiting) : held && t.shown(rows.length, held.length)}
        </Text>
      </Group>
      {!live && (
        <Alert color="orange" variant="light">
          {t.away}
        </Alert>
      )}
      {error != null && <ErrorNotice error={error} />}
      {!held ? (
        <Group role="status">
          <Loader size="sm" />
          <Text>{ui.loading}</Text>
        </Group>
      ) : rows.length === 0 ? (
        <Text size="sm">{held.length === 0 ? t.none : t.noneFit}</Text>
      ) : (
        <EventList rows={rows} open={setOpened} pause={toggle} />
      )}
      <Group justify="center">
        {readOlder ? (
          <Button variant="default" size="compact-md" loading={reading} onClick={readOlder}>
            {t.readOlder}
          </Button>
        ) : (
          <Text size="sm" c="dimmed">
            {t.end}
          </Text>
        )}
      </Group>
      <EventDrawer event={opened} newer={step(at - 1)} older={step(at + 1)} close={() => setOpened(null)} />
    </Page>
  );
}
