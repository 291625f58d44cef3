import { Alert, Badge, Button, Group, Loader, Text } from '@mantine/core';
import { useText } from '#i18n/catalogue.ts';
import { requestIdOf, wordsOf } from '#ui/error-notice.tsx';
import { uiTexts } from '#ui/texts.ts';
import { consoleTexts } from './texts.ts';
import type { ConnectionState } from './use-connection.ts';

/** Whether the console is there, in a word. */
export function ConnectionBadge({ state }: { readonly state: ConnectionState }) {
  const t = useText(consoleTexts);
  const [color, words] = {
    connecting: ['blue', t.connecting],
    connected: ['teal', t.connected],
    waiting: ['orange', t.lost],
  }[state.phase] as [string, string];
  return (
    <Badge color={color} variant="light" tt="none" radius="sm" role="status">
      {words}
    </Badge>
  );
}

/** Why there is no console, and when it is tried again. */
export function ConnectionNotice({ state, retry }: { readonly state: ConnectionState; readonly retry: () => void }) {
  const t = useText(consoleTexts);
  const ui = useText(uiTexts);
  if (state.phase === 'connected') return null;
  if (state.phase === 'connecting')
    return (
      <Group role="status" gap="xs">
        <Loader size="sm" />
        <Text size="sm">{t.connecting}</Text>
      </Group>
    );
  const requestId = requestIdOf(state.error);
  return (
    <Alert color="orange" title={state.error == null ? t.lost : t.refused}>
      {state.error != null && <Text size="sm">{wordsOf(state.error)}</Text>}
      <Group justify="space-between" mt={4}>
        <Text size="sm" c="dimmed">
          {t.again(state.seconds)}
          {requestId === null ? '' : ` ${ui.requestId(requestId)}`}
        </Text>
        <Button size="compact-sm" variant="default" onClick={retry}>
          {t.tryNow}
        </Button>
      </Group>
    </Alert>
  );
}
