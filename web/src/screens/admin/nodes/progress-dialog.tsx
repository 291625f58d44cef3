import { Badge, Button, Group, Loader, Modal, Progress, Stack, Table, Text } from '@mantine/core';
import { useText } from '#i18n/catalogue.ts';
import { wordsOf } from '#ui/error-notice.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useJobState } from './jobs.ts';
import type { MoveJob, Stage } from './move-job.ts';
import { nodeTexts } from './texts.ts';

/** How far the guests that leave a host have come, each by itself. Closing it ends nothing. */
export function ProgressDialog({ job, close }: { readonly job: MoveJob; readonly close: () => void }) {
  const t = useText(nodeTexts);
  const ui = useText(uiTexts);
  const { travellers, running, stopping } = useJobState(job);
  const done = travellers.filter(({ stage }) => stage.at === 'arrived' || stage.at === 'failed').length;
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={t.progressOf(job.host)}
      closeButtonProps={{ 'aria-label': ui.close }}
    >
      <Stack>
        <div role="status">
          <Progress value={(100 * done) / Math.max(1, travellers.length)} aria-label={t.progressOf(job.host)} />
          <Text size="sm" mt={4}>
            {ui.doneOf(done, travellers.length)}
          </Text>
        </div>
        <Table aria-label={t.guests} verticalSpacing={4}>
          <Table.Tbody>
            {travellers.map(({ id, name, stage }) => (
              <Table.Tr key={id}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{name}</Table.Td>
                <Table.Td>
                  <StageBadge stage={stage} />
                  {stage.at === 'failed' && (
                    <Text size="xs" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-line' }}>
                      {wordsOf(stage.error)}
                    </Text>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Group justify="flex-end">
          {running && stopping && (
            <Text size="sm" c="dimmed" role="status" style={{ flex: 1 }}>
              {t.stopped}
            </Text>
          )}
          {running && !stopping && (
            <Button variant="default" onClick={job.stop}>
              {t.stop}
            </Button>
          )}
          <Button onClick={close} data-autofocus>
            {running ? t.inBackground : ui.close}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function StageBadge({ stage }: { readonly stage: Stage }) {
  const t = useText(nodeTexts);
  const [color, words] = {
    waiting: ['gray', t.waiting],
    moving: ['blue', t.underWay],
    arrived: ['teal', stage.at === 'arrived' && stage.host !== null ? t.arrived(stage.host) : t.gone],
    failed: ['red', t.failed],
    'not-begun': ['gray', t.notBegun],
  }[stage.at] as [string, string];
  return (
    <Badge
      color={color}
      variant="light"
      radius="sm"
      tt="none"
      leftSection={stage.at === 'moving' ? <Loader size={10} color="currentColor" /> : undefined}
    >
      {words}
    </Badge>
  );
}
