import { ActionIcon, Anchor, Badge, Group, Switch, Table, Text, Tooltip } from '@mantine/core';
import { IconPlugX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { keepVolume } from '#api/compute/server-volumes.ts';
import type { Server } from '#api/compute/servers.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { work } from '#ui/work.ts';
import { DetachVolumeDialog } from '../dialogs/detach-volume.tsx';
import { refuse } from '../refusal.ts';
import { useServerVolumes, type ServerVolume } from '../use-attachments.ts';
import { actionTexts } from '../action-texts.ts';
import { useTools } from '../use-tools.ts';
import { SectionActions } from './section-actions.tsx';
import { Section } from './section.tsx';
import { overviewTexts } from './texts.ts';

/** The volumes of a server. */
export function Volumes({ server }: { readonly server: Server }) {
  const t = useText(overviewTexts);
  const ui = useText(uiTexts);
  const { data, error } = useServerVolumes(server);
  return (
    <Section title={t.volumes} actions={<SectionActions server={server} ids={['attachVolume']} />}>
      <ErrorNotice error={error} />
      {data?.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.noVolumes}
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={560}>
          <Table aria-label={t.volumes} verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.volume}</Table.Th>
                <Table.Th>{t.device}</Table.Th>
                <Table.Th>{t.capacity}</Table.Th>
                <Table.Th>{ui.status}</Table.Th>
                <Table.Th>{t.withIt}</Table.Th>
                <Table.Th>
                  <span className="visually-hidden">{t.actions}</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data?.map((one) => (
                <Row key={one.attachment.volumeId} server={server} one={one} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Section>
  );
}

function Row({ server, one }: { readonly server: Server; readonly one: ServerVolume }) {
  const t = useText(overviewTexts);
  const acts = useText(actionTexts);
  const format = useFormat();
  const tools = useTools();
  const { attachment, volume, name, root } = one;
  const why = root ? acts.rootVolumeRefused : refuse([server], 'detachVolume', tools.admin);
  const goes = attachment.delete_on_termination;
  const keep = (): void =>
    void work({
      doing: acts.moment,
      done: goes ? t.willStay(name) : t.willGo(name),
      failed: acts.failed(t.deleteWith(name), server.name),
      run: async () => {
        await keepVolume(server.id, attachment, goes);
        await tools.queries.invalidateQueries({ queryKey: ['server', 'part', server.id] });
        await tools.queries.invalidateQueries({ queryKey: ['server', 'one', server.id] });
      },
    });
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <Anchor size="sm" renderRoot={(props) => <Link to={`/volumes/${attachment.volumeId}`} {...props} />}>
            {name}
          </Anchor>
          {root && (
            <Badge variant="light" color="gray" tt="none" radius="sm">
              {t.bootsFrom}
            </Badge>
          )}
        </Group>
      </Table.Td>
      <Table.Td ff="monospace">{attachment.device ?? '–'}</Table.Td>
      <Table.Td>{volume ? format.gib(volume.size) : '–'}</Table.Td>
      <Table.Td>{volume ? <Status status={volume.status} /> : '–'}</Table.Td>
      <Table.Td>
        <Switch aria-label={t.deleteWith(name)} checked={goes} onChange={keep} />
      </Table.Td>
      <Table.Td>
        <Tooltip label={why ?? t.detach(name)} events={{ hover: true, focus: true, touch: true }}>
          <ActionIcon
            variant="subtle"
            color="red"
            aria-label={t.detach(name)}
            aria-disabled={why !== null}
            {...(why !== null && { 'data-disabled': true })}
            onClick={() =>
              why === null &&
              tools.dialog((close) => (
                <DetachVolumeDialog server={server} tools={tools} close={close} initial={attachment.volumeId} />
              ))
            }
          >
            <IconPlugX size={16} />
          </ActionIcon>
        </Tooltip>
      </Table.Td>
    </Table.Tr>
  );
}
