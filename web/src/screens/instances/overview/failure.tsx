import { Alert, Code, Stack, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { Server } from '#api/compute/servers.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { operationLabel } from '#ui/operation-label.ts';
import { uiTexts } from '#ui/texts.ts';
import { useOperations } from '../use-operations.ts';
import { otherWords, verdictsInText, verdictsOf } from '../verdicts.ts';
import { overviewTexts } from './texts.ts';
import { VerdictTable } from './verdict-table.tsx';

/** Why a server failed, or what was done to it last did: with the verdict of every host, where the scheduler found none. */
export function Failure({ server }: { readonly server: Server }) {
  const t = useText(overviewTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  const { data: operations = [] } = useOperations(server.id);
  const broken = server.status === 'ERROR';
  const [last] = operations;
  const operation = broken ? operations.find(({ status }) => status === 'failed') : last;
  const failure = operation?.status === 'failed' ? operation.failure : null;
  if (!broken && !failure) return null;
  const { fault } = server;
  const told = fault?.details ?? '';
  const fromOperation = verdictsOf(failure?.details);
  const verdicts = fromOperation.length > 0 ? fromOperation : verdictsInText(told);
  const message = broken && fault ? fault.message : (failure?.message ?? '');
  const further = otherWords(told);
  return (
    <Alert
      color={broken ? 'red' : 'orange'}
      icon={<IconAlertCircle />}
      // As narrow as a phone: the table within scrolls.
      styles={{ body: { minWidth: 0 } }}
      title={broken ? t.failedTitle : t.lastFailed(operationLabel(operation?.kind ?? ''))}
    >
      <Stack gap="xs">
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {message}
        </Text>
        {broken && failure && failure.message !== message && (
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {failure.message}
          </Text>
        )}
        {verdicts.length > 0 && <VerdictTable verdicts={verdicts} />}
        {further !== '' && further !== message && (
          <details>
            <summary>{t.details}</summary>
            <Code block tabIndex={0}>
              {further}
            </Code>
          </details>
        )}
        <Text size="xs" c="dimmed">
          {format.time(broken && fault ? fault.created : (operation?.finished_at ?? null))}
          {operation ? ` · ${ui.requestId(operation.request_id)}` : ''}
        </Text>
      </Stack>
    </Alert>
  );
}
