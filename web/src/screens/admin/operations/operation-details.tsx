import { Alert, Badge, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { operation } from '#api/usage/operations.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { verdictsOf } from '#screens/instances/verdicts.ts';
import { Copyable } from '#ui/copy.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Facts } from '#ui/facts.tsx';
import { scrollable } from '#ui/scrollable.ts';
import { uiTexts } from '#ui/texts.ts';
import { adminTexts } from '../texts.ts';
import { goesOn, type Entry } from './merge.ts';
import classes from './operations.module.css';
import { Steps } from './steps.tsx';
import { operationsTexts } from './texts.ts';

/** An operation's steps with their times, and when it failed, why: host by host where that is known. */
export function OperationDetails({ entry, user }: { readonly entry: Entry; readonly user: string }) {
  const t = useText(operationsTexts);
  const admin = useText(adminTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  const { data, error } = useQuery({
    // Read again whenever the row has come on.
    queryKey: ['operation', 'list', 'steps', entry.service, entry.id, entry.status, entry.step],
    queryFn: ({ signal }) => operation(entry.service, entry.id, signal),
    placeholderData: (before) => before,
    refetchInterval: goesOn(entry) ? 2000 : false,
  });
  return (
    <Stack className={classes['details']} gap="sm">
      <Facts
        rows={[
          [admin.user, user],
          [admin.request, <Copyable key="request" text={entry.request_id} />],
          [ui.id, <Copyable key="id" text={entry.resource_id} />],
          [admin.started, format.time(entry.started_at)],
          [t.ended, entry.finished_at === null ? t.notEnded : format.time(entry.finished_at)],
        ]}
      />
      {entry.failure && <Failure failure={entry.failure} />}
      {error ? (
        <ErrorNotice error={error} />
      ) : data ? (
        <Steps steps={data.steps} />
      ) : (
        <Text size="sm" role="status">
          {ui.loading}
        </Text>
      )}
    </Stack>
  );
}

function Failure({ failure }: { readonly failure: NonNullable<Entry['failure']> }) {
  const t = useText(operationsTexts);
  const verdicts = verdictsOf(failure.details);
  return (
    <Alert color="red" variant="light" title={t.failedAt(failure.step, failure.code)}>
      <Text size="sm" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-line' }}>
        {failure.message}
      </Text>
      {typeof failure.details === 'string' && verdicts.length === 0 && (
        <Text size="xs" ff="monospace" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
          {failure.details}
        </Text>
      )}
      {verdicts.length > 0 && (
        <Table.ScrollContainer minWidth={280} mah={260} mt="xs" {...scrollable(t.verdicts)}>
          <Table aria-label={t.verdicts} verticalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.host}</Table.Th>
                <Table.Th>{t.verdict}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {verdicts.map(({ host, passed, filter, reason }) => (
                <Table.Tr key={`${host} ${filter}`}>
                  <Table.Td>{host}</Table.Td>
                  <Table.Td>
                    {passed ? (
                      <Badge color="teal" variant="light" tt="none" radius="sm">
                        {t.takes}
                      </Badge>
                    ) : (
                      <>
                        <b>{filter}</b>
                        {reason !== null && `: ${reason}`}
                      </>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Alert>
  );
}
