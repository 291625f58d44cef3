import {
  Button,
  FileButton,
  Group,
  NumberInput,
  Paper,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { diskFormats } from '#api/image/changes.ts';
import type { Image } from '#api/image/images.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { imageTexts } from './texts.ts';
import { useAddImage, type AddImageForm } from './use-add-image.ts';

const visibilities = ['private', 'shared', 'community', 'public'] as const;

/** A new image from a file or a URL; or data for one that has none. */
export function AddImageDialog({
  close,
  file = null,
  image = null,
}: {
  readonly close: () => void;
  /** Dropped or chosen before. */
  readonly file?: File | null;
  readonly image?: Image | null;
}) {
  const t = useText(imageTexts);
  const ui = useText(uiTexts);
  const form = useAddImage(image, file);
  const { fields } = form;
  const { values, set } = fields;
  return (
    <FormDialog
      title={image ? t.giveData : t.add}
      verb={values.from === 'file' ? t.upload : t.fetch}
      refuse={form.refuse}
      preview={form.preview}
      submit={form.submit}
      close={close}
    >
      <SegmentedControl
        fullWidth
        aria-label={t.from}
        value={values.from}
        onChange={(from) => set('from', from)}
        data={[
          { value: 'file', label: t.fromFile },
          { value: 'url', label: t.fromUrl },
        ]}
      />
      {values.from === 'file' ? (
        <FileChoice form={form} />
      ) : (
        <TextInput label={t.url} description={t.urlHint} type="url" required data-autofocus {...fields.text('url')} />
      )}
      {!image && (
        <TextInput
          label={ui.name}
          required
          maxLength={255}
          value={form.name}
          onChange={(event) => set('name', event.currentTarget.value)}
        />
      )}
      <Select
        label={t.format}
        description={t.formatHint}
        allowDeselect={false}
        data={diskFormats.map((one) => ({ value: one, label: one.toUpperCase() }))}
        value={form.format}
        onChange={(format) => set('format', format)}
        {...(form.detected !== null &&
          form.detected !== 'compressed' &&
          form.detected !== form.format && { error: t.formatDiffers(form.detected.toUpperCase()) })}
      />
      {!image && <Settings form={form} />}
    </FormDialog>
  );
}

function FileChoice({ form: { fields } }: { readonly form: AddImageForm }) {
  const t = useText(imageTexts);
  const format = useFormat();
  const { file } = fields.values;
  return (
    <Paper
      withBorder
      p="md"
      style={{ borderStyle: 'dashed' }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        fields.set('file', event.dataTransfer.files[0] ?? null);
      }}
    >
      <Group>
        <FileButton onChange={(chosen) => chosen && fields.set('file', chosen)}>
          {(props) => (
            <Button variant="default" leftSection={<IconFileUpload size={16} />} {...props}>
              {t.chooseFile}
            </Button>
          )}
        </FileButton>
        <Text size="sm" {...(!file && { c: 'dimmed' })} style={{ overflowWrap: 'anywhere' }}>
          {file ? `${file.name} · ${format.bytes(file.size)}` : t.orDrop}
        </Text>
      </Group>
    </Paper>
  );
}

function Settings({ form: { fields } }: { readonly form: AddImageForm }) {
  const t = useText(imageTexts);
  const { isAdmin } = useSignedIn();
  const { values, set } = fields;
  return (
    <Stack gap="sm">
      <VisibilityChoice
        value={values.visibility}
        change={(visibility) => set('visibility', visibility)}
        publicToo={isAdmin}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberInput
          label={t.minDisk}
          min={0}
          allowDecimal={false}
          value={values.minDisk}
          onChange={(value) => set('minDisk', Number(value))}
        />
        <NumberInput
          label={t.minRam}
          min={0}
          step={128}
          allowDecimal={false}
          value={values.minRam}
          onChange={(value) => set('minRam', Number(value))}
        />
      </SimpleGrid>
      <Switch label={t.protected} {...fields.check('protected')} />
    </Stack>
  );
}

/** Who may see and use it. */
export function VisibilityChoice({
  value,
  change,
  publicToo,
}: {
  readonly value: Image['visibility'];
  readonly change: (value: Image['visibility']) => void;
  readonly publicToo: boolean;
}) {
  const t = useText(imageTexts);
  return (
    <Select
      label={t.visibility}
      description={t.visibilityText(value)}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      allowDeselect={false}
      data={visibilities
        .filter((one) => one !== 'public' || publicToo || value === 'public')
        .map((one) => ({ value: one, label: t.visibilityName(one) }))}
      value={value}
      onChange={(next) => next && change(next)}
    />
  );
}
