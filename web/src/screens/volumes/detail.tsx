import { Anchor, Paper, SimpleGrid, Table, Text, Title } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { appTexts } from '#app/texts.ts';
import { servers } from '#api/compute/servers.ts';
import { isNotFound } from '#api/fault.ts';
import { useList, useOne } from '#api/resource.ts';
import { snapshots, volumes, type Volume } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { ActionButton, ActionMenu } from '#ui/action.tsx';
import { Ago } from '#ui/ago.tsx';
import { Copyable } from '#ui/copy.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Facts } from '#ui/facts.tsx';
import { ResourceOperations } from '#ui/resource-operations.tsx';
import { Page } from '#ui/page.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useVolumeActions } from './actions.tsx';
import { nameOf } from './states.ts';
import { volumeTexts } from './texts.ts';

/** One volume: what it is, who has it, what was done to it. */
export function Screen() {
  const t = useText(volumeTexts);
  const ui = useText(uiTexts);
  const app = useText(appTexts);
  const { id = '' } = useParams({ strict: false });
  const { data: volume, error } = useOne(volumes, id);
  const actions = useVolumeActions();
  const up = { label: app.volumes, to: '/volumes' };
  if (!volume)
    return (
      <Page title={app.volumes} up={up}>
        <ErrorNotice error={isNotFound(error) ? ui.notFound : error} />
      </Page>
    );
  const quick = actions.filter(({ id: action }) => action === (volume.attachments.length > 0 ? 'detach' : 'attach'));
  return (
    <Page
      title={nameOf(volume)}
      up={up}
      badge={<Status status={volume.status} />}
      subtitle={volume.description}
      actions={
        <>
          {quick.map((action) => (
            <ActionButton key={action.id} action={action} items={[volume]} />
          ))}
          <ActionMenu actions={actions} items={[volume]} label={nameOf(volume)} variant="button" />
        </>
      }
    >
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Part title={t.facts}>
          <VolumeFacts volume={volume} />
        </Part>
        <Part title={t.attachments}>
          <Attachments volume={volume} />
        </Part>
        <Part title={t.snapshots}>
          <Snapshots volume={volume} />
        </Part>
        <Part title={t.operations}>
          <ResourceOperations service="volume" resource={volume.id} />
        </Part>
      </SimpleGrid>
    </Page>
  );
}

const Part = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <Paper withBorder p="md">
    <Title order={2} size="h5" mb="sm">
      {title}
    </Title>
    {children}
  </Paper>
);

function VolumeFacts({ volume }: { readonly volume: Volume }) {
  const t = useText(volumeTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  const { snapshot_id, source_volid, volume_image_metadata: image } = volume;
  const source = snapshot_id
    ? t.from(t.fromSnapshot, snapshot_id)
    : source_volid
      ? t.from(t.fromVolume, source_volid)
      : image
        ? t.from(t.fromImage, image['image_name'] ?? '')
        : t.fromNothing;
  return (
    <Facts
      rows={[
        [ui.id, <Copyable key="id" text={volume.id} />],
        [t.size, format.gib(volume.size)],
        [t.type, volume.volume_type],
        [t.source, source],
        [t.bootable, volume.bootable === 'true' ? ui.yes : ui.no],
        [t.multiattach, volume.multiattach ? ui.yes : ui.no],
        [t.encrypted, volume.encrypted ? ui.yes : ui.no],
        [t.zone, volume.availability_zone],
        [t.host, volume['os-vol-host-attr:host']],
        [ui.created, format.time(volume.created_at)],
        [
          t.metadata,
          Object.entries(volume.metadata)
            .map(([key, value]) => `${key}=${value}`)
            .join(', ') || undefined,
        ],
      ]}
    />
  );
}

function Attachments({ volume }: { readonly volume: Volume }) {
  const t = useText(volumeTexts);
  const { data: someServers } = useList(servers);
  if (volume.attachments.length === 0) return <Text size="sm">{t.notAttached}</Text>;
  return (
    <Table aria-label={t.attachments}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t.server}</Table.Th>
          <Table.Th>{t.device}</Table.Th>
          <Table.Th>{t.since}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {volume.attachments.map(({ attachment_id, server_id, device, attached_at }) => (
          <Table.Tr key={attachment_id}>
            <Table.Td>
              <Anchor size="sm" renderRoot={(props) => <Link to={`/instances/${server_id}`} {...props} />}>
                {someServers?.find((one) => one.id === server_id)?.name ?? server_id}
              </Anchor>
            </Table.Td>
            <Table.Td>{device}</Table.Td>
            <Table.Td>
              <Ago time={attached_at} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Snapshots({ volume }: { readonly volume: Volume }) {
  const t = useText(volumeTexts);
  const { data } = useList(snapshots);
  const mine = (data ?? []).filter(({ volume_id }) => volume_id === volume.id);
  if (mine.length === 0) return <Text size="sm">{t.noSnapshots}</Text>;
  return (
    <Table aria-label={t.snapshots}>
      <Table.Tbody>
        {mine.map((one) => (
          <Table.Tr key={one.id}>
            <Table.Td>
              <Anchor size="sm" renderRoot={(props) => <Link to={`/snapshots?q=${one.id}`} {...props} />}>
                {nameOf(one)}
              </Anchor>
            </Table.Td>
            <Table.Td>
              <Status status={one.status} />
            </Table.Td>
            <Table.Td>
              <Ago time={one.created_at} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
