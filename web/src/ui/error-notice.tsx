import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ApiFault } from '#api/fault.ts';
import { textOf, useText } from '#i18n/catalogue.ts';
import { uiTexts } from './texts.ts';

/** What went wrong, in the API's own words, with what to do where we know it. */
export function wordsOf(error: unknown): string {
  const t = textOf(uiTexts);
  if (!(error instanceof ApiFault)) return error instanceof Error ? error.message : String(error);
  if (error.code === 'unreachable') return t.unreachable;
  if (error.code === 'store-unavailable') return t.storeAway;
  if (error.code === 'service-unavailable') return `${t.serviceAway(error.service)} (${error.message})`;
  if (error.code === 'too-many-attempts') return t.tooMany(error.retryAfter ?? 60);
  return error.message;
}

export const requestIdOf = (error: unknown): string | null => (error instanceof ApiFault ? error.requestId : null);

/** An error beside what caused it: message, request id, and a second try where that makes sense. */
export function ErrorNotice({
  error,
  title,
  retry,
  children,
}: {
  readonly error: unknown;
  readonly title?: string;
  readonly retry?: () => void;
  readonly children?: ReactNode;
}) {
  const t = useText(uiTexts);
  if (error == null) return null;
  const requestId = requestIdOf(error);
  return (
    <Alert color="red" variant="light" icon={<IconAlertCircle />} title={title ?? t.failed} role="alert">
      <Text size="sm" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-line' }}>
        {wordsOf(error)}
      </Text>
      {children}
      <Group justify="space-between" mt={4}>
        {requestId !== null && (
          <Text size="xs" c="dimmed" ff="monospace">
            {t.requestId(requestId)}
          </Text>
        )}
        {retry && (
          <Button size="compact-xs" variant="default" onClick={retry}>
            {t.retry}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
