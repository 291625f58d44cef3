import { Button, Group, Paper, Progress, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { secondsLeft } from './speed.ts';
import { imageTexts } from './texts.ts';
import { cancelUpload, discardUpload, startUpload, useUploads, type Upload } from './upload-store.ts';

/** How far uploads are, how fast, and how to call them off. */
export function UploadsPanel({ imageId }: { readonly imageId?: string }) {
  const t = useText(imageTexts);
  const uploads = useUploads().filter((one) => imageId === undefined || one.imageId === imageId);
  if (uploads.length === 0) return null;
  return (
    <Paper withBorder p="md" component="section" aria-label={t.uploads}>
      <Stack gap="sm">
        <Title order={2} size="h5">
          {t.uploads}
        </Title>
        {uploads.map((upload) => (
          <UploadRow key={upload.imageId} upload={upload} />
        ))}
        <Text size="xs" c="dimmed">
          {t.stayHere}
        </Text>
      </Stack>
    </Paper>
  );
}

function UploadRow({ upload }: { readonly upload: Upload }) {
  const t = useText(imageTexts);
  const format = useFormat();
  const queries = useQueryClient();
  const { imageId, name, file, sent, speed, error } = upload;
  const all = sent >= file.size;
  const left = secondsLeft(sent, file.size, speed);
  const words = all
    ? [t.checking]
    : [
        t.progress(format.bytes(sent), format.bytes(file.size)),
        ...(speed === null ? [] : [t.speed(format.bytes(speed))]),
        ...(left === null ? [] : [t.left(format.span(Math.ceil(left)))]),
      ];
  if (error !== null)
    return (
      <ErrorNotice error={error} title={t.notUploaded(name)}>
        <Group gap="xs" mt="xs">
          <Button size="xs" onClick={() => void startUpload(queries, { imageId, name, file })}>
            {t.retryUpload}
          </Button>
          <Button size="xs" variant="default" onClick={() => void discardUpload(queries, imageId)}>
            {t.discard}
          </Button>
        </Group>
      </ErrorNotice>
    );
  return (
    <div>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Text>
        <Button
          size="compact-sm"
          variant="default"
          disabled={all}
          aria-label={t.cancelOf(name)}
          onClick={() => cancelUpload(imageId)}
        >
          {t.cancelUpload}
        </Button>
      </Group>
      <Progress value={(100 * sent) / file.size} animated={all} aria-label={name} my={4} />
      <Text size="xs" c="dimmed">
        {words.join(' · ')}
      </Text>
    </div>
  );
}
