import { Card, Group, Loader, Progress, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import type { Server } from '#api/compute/servers.ts';
import type { Operation as Journalled } from '#api/usage/operations.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { instant, useFormat } from '#i18n/format.ts';
import { Ago } from '#ui/ago.tsx';
import { CopyButton } from '#ui/copy.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { operationLabel } from '#ui/operation-label.ts';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { VerdictTable } from '../overview/verdict-table.tsx';
import { useOperations } from '../use-operations.ts';
import { verdictsOf } from '../verdicts.ts';
import { tookWords } from './took.ts';
import { Steps } from './steps.tsx';
import { operationTexts } from './texts.ts';

/** What was done to a server, newest first, step by step, as it goes on. */
export function Operations({ server }: { readonly server: Server }) {
  const t = useText(operationTexts);
  const { data, error, refetch } = useOperations(server.id);
  if (!data) return error ? <ErrorNotice error={error} retry={() => void refetch()} /> : <Loader role="status" />;
  if (data.length === 0) return <Text c="dimmed">{t.none}</Text>;
  return (
    <Stack gap="xs" component="section" aria-label={t.title}>
      {data.map((operation) => (
        <Operation key={operation.id} operation={operation} />
      ))}
    </Stack>
  );
}

function Operation({ operation }: { readonly operation: Journalled }) {
  const t = useText(operationTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  const { user } = useSignedIn();
  const { status, failure, progress, started_at, finished_at, request_id, user_id } = operation;
  const [open, setOpen] = useState(false);
  const name = operationLabel(operation.kind);
  const going = status !== 'succeeded' && status !== 'failed';
  const seconds = finished_at === null ? null : (instant(finished_at).getTime() - instant(started_at).getTime()) / 1000;
  const verdicts = verdictsOf(failure?.details);
  return (
    <Card withBorder p="sm">
      <Group justify="space-between" gap="xs">
        <UnstyledButton aria-expanded={open} onClick={() => setOpen(!open)}>
          <Group gap="xs">
            {open ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
            <Text fw={600} size="sm">
              {name}
            </Text>
            <Status status={status} />
            <span className="visually-hidden">{t.steps}</span>
          </Group>
        </UnstyledButton>
        <Text size="sm" c="dimmed" component="div">
          <Ago time={started_at} />
          {seconds !== null && ` · ${tookWords(seconds, format)}`}
          {` · ${user_id === user.id ? t.you : (user_id ?? '–')}`}
        </Text>
      </Group>
      {going && progress.total !== null && (
        <div role="status">
          <Progress value={(100 * progress.done) / Math.max(1, progress.total)} aria-label={name} mt={6} />
          <Text size="xs" c="dimmed">
            {t.progress(progress.done, progress.total)}
            {operation.step === null ? '' : ` · ${operation.step}`}
          </Text>
        </div>
      )}
      {failure && (
        <Text size="sm" mt={4} style={{ overflowWrap: 'anywhere' }}>
          {failure.message}
        </Text>
      )}
      {open && (
        <Stack gap="xs" mt="xs">
          {verdicts.length > 0 && <VerdictTable verdicts={verdicts} />}
          <Steps serverId={operation.resource_id} requestId={request_id} name={name} going={going} />
          <Group gap={4}>
            <Text size="xs" c="dimmed" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
              {ui.requestId(request_id)}
            </Text>
            <CopyButton text={request_id} />
          </Group>
        </Stack>
      )}
    </Card>
  );
}
