import { Alert, Badge, Group, Paper, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { isNotFound } from '#api/fault.ts';
import { images, type Image } from '#api/image/images.ts';
import { imageTasks } from '#api/image/import.ts';
import { useOne } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { appTexts } from '#app/texts.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { ActionButton, ActionMenu } from '#ui/action.tsx';
import { Ago } from '#ui/ago.tsx';
import { Copyable, CopyButton } from '#ui/copy.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Facts } from '#ui/facts.tsx';
import { Page } from '#ui/page.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useImageActions } from './actions.tsx';
import { ImageStatus } from './image-status.tsx';
import { Members } from './members.tsx';
import { propertiesOf } from './properties.ts';
import { imageTexts } from './texts.ts';
import { UploadsPanel } from './uploads-panel.tsx';

/** One image: what it is, what it demands, who may use it. */
export function Screen() {
  const t = useText(imageTexts);
  const ui = useText(uiTexts);
  const app = useText(appTexts);
  const { id = '' } = useParams({ strict: false });
  const { data: image, error } = useOne(images, id);
  const { isAdmin, project } = useSignedIn();
  const actions = useImageActions();
  const up = { label: app.images, to: '/images' };
  if (!image)
    return (
      <Page title={app.images} up={up}>
        <ErrorNotice error={isNotFound(error) ? ui.notFound : error} />
      </Page>
    );
  const name = image.name || image.id;
  const first = actions.filter(({ id: action }) => action === (image.status === 'queued' ? 'data' : 'launch'));
  const mine = isAdmin || image.owner === project.id;
  return (
    <Page
      title={name}
      up={up}
      badge={<ImageStatus status={image.status} />}
      actions={
        <>
          {first.map((action) => (
            <ActionButton key={action.id} action={action} items={[image]} primary />
          ))}
          <ActionMenu actions={actions} items={[image]} label={name} variant="button" />
        </>
      }
    >
      <UploadsPanel imageId={image.id} />
      {image.status === 'queued' && (
        <Alert color="orange" variant="light">
          {t.queuedText}
        </Alert>
      )}
      {mine && <LastImport image={image} />}
      <Part title={t.facts}>
        <ImageFacts image={image} />
      </Part>
      <Part title={t.properties}>
        <Properties image={image} />
      </Part>
      {mine && (
        <Part title={t.members}>
          <Members image={image} />
        </Part>
      )}
    </Page>
  );
}

const Part = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <Paper withBorder p="md" component="section" aria-label={title}>
    <Stack gap="sm">
      <Title order={2} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  </Paper>
);

function ImageFacts({ image }: { readonly image: Image }) {
  const t = useText(imageTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  const { project, projects } = useSignedIn();
  const owner =
    image.owner === project.id
      ? t.thisProject
      : (projects.find(({ id }) => id === image.owner)?.name ?? image.owner ?? t.otherProject);
  return (
    <Facts
      rows={[
        [ui.id, <Copyable key="id" text={image.id} />],
        [t.visibility, `${t.visibilityName(image.visibility)}: ${t.visibilityText(image.visibility)}`],
        [t.owner, owner],
        [t.format, image.disk_format?.toUpperCase() ?? null],
        [t.container, image.container_format],
        [t.size, format.bytes(image.size)],
        [t.virtualSize, format.bytes(image.virtual_size)],
        [t.minDisk, image.min_disk],
        [t.minRam, image.min_ram],
        [ui.created, <Ago key="created" time={image.created_at} />],
        [ui.updated, <Ago key="updated" time={image.updated_at} />],
        [t.stores, image.stores],
        [
          t.tags,
          image.tags.length === 0 ? null : (
            <Group key="tags" gap={4}>
              {image.tags.map((tag) => (
                <Badge key={tag} variant="default" tt="none" radius="sm">
                  {tag}
                </Badge>
              ))}
            </Group>
          ),
        ],
        [t.protection, image.protected ? ui.yes : ui.no],
        [t.hidden, image.os_hidden ? ui.yes : ui.no],
        [t.checksum, image.checksum === null ? null : <Copyable key="checksum" text={image.checksum} />],
        [
          t.hash(image.os_hash_algo ?? 'sha512'),
          image.os_hash_value ? (
            // 128 digits: enough of them to compare at a glance, all of them to copy.
            <Group key="hash" gap={4} wrap="nowrap" ff="monospace">
              {`${image.os_hash_value.slice(0, 16)}…`}
              <CopyButton text={image.os_hash_value} />
            </Group>
          ) : null,
        ],
      ]}
    />
  );
}

function Properties({ image }: { readonly image: Image }) {
  const t = useText(imageTexts);
  const properties = propertiesOf(image);
  if (properties.length === 0) return <Text size="sm">{t.noProperties}</Text>;
  return (
    <Table.ScrollContainer minWidth={280}>
      <Table aria-label={t.properties}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t.key}</Table.Th>
            <Table.Th>{t.value}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {properties.map(({ key, value }) => (
            <Table.Tr key={key}>
              <Table.Td ff="monospace">{key}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Why the data did not come, when the last import failed. */
function LastImport({ image }: { readonly image: Image }) {
  const t = useText(imageTexts);
  const { data } = useQuery({
    queryKey: ['image', 'part', image.id, 'tasks'],
    queryFn: ({ signal }) => imageTasks(image.id, signal),
    retry: false,
  });
  const [last] = data ?? [];
  if (image.status === 'active' || last?.status !== 'failure') return null;
  return (
    <Alert color="red" variant="light" title={t.lastImport}>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {last.message}
      </Text>
    </Alert>
  );
}
