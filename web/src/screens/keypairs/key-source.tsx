import { Alert, Button, FileButton, Group, Radio, SegmentedControl, Stack, Text, Textarea } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useText } from '#i18n/catalogue.ts';
import type { Fields } from '#ui/use-fields.ts';
import { algorithms, canGenerate } from './generate.ts';
import { keypairTexts } from './texts.ts';
import type { KeypairValues } from './use-keypair-form.ts';

/** Where the key comes from: made here, pasted, or a file. */
export function KeySource({ fields }: { readonly fields: Fields<KeypairValues> }) {
  const t = useText(keypairTexts);
  const { values, set } = fields;
  return (
    <Stack gap="sm">
      <SegmentedControl
        fullWidth
        aria-label={t.way}
        value={values.way}
        onChange={(way) => set('way', way)}
        data={[
          { value: 'generate', label: t.generate },
          { value: 'paste', label: t.paste },
          { value: 'upload', label: t.upload },
        ]}
      />
      {values.way === 'generate' && <Generating fields={fields} />}
      {values.way === 'paste' && (
        <Textarea
          label={t.publicKey}
          description={t.pasteHint}
          autosize
          minRows={3}
          maxRows={8}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          {...fields.text('text')}
        />
      )}
      {values.way === 'upload' && <FromFile fields={fields} />}
    </Stack>
  );
}

function Generating({ fields: { values, set } }: { readonly fields: Fields<KeypairValues> }) {
  const t = useText(keypairTexts);
  return (
    <>
      {canGenerate() ? (
        <Radio.Group
          label={t.place}
          value={values.byNova ? 'nova' : 'browser'}
          onChange={(place) => set('byNova', place === 'nova')}
        >
          <Stack gap={4} mt={4}>
            <Radio value="browser" label={t.inBrowser} />
            <Radio value="nova" label={t.byNova} />
          </Stack>
        </Radio.Group>
      ) : (
        <Alert color="orange" variant="light">
          {t.onlyNova}
        </Alert>
      )}
      {!values.byNova && (
        <Radio.Group label={t.kind} value={values.algorithm} onChange={(algorithm) => set('algorithm', algorithm)}>
          <Stack gap={4} mt={4}>
            {algorithms.map((one) => (
              <Radio key={one} value={one} label={t[one]} />
            ))}
          </Stack>
        </Radio.Group>
      )}
    </>
  );
}

function FromFile({ fields: { values, set, setAll } }: { readonly fields: Fields<KeypairValues> }) {
  const t = useText(keypairTexts);
  const read = async (file: File | null | undefined): Promise<void> => {
    if (!file) return;
    // A public key has a few hundred bytes; whatever else it is, it need not be read whole.
    const text = await file.slice(0, 20_000).text();
    setAll({ ...values, text, fileName: file.name, name: values.name || suggestedName(file.name) });
  };
  return (
    <Stack
      gap="xs"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void read(event.dataTransfer.files[0]);
      }}
    >
      <Group>
        <FileButton onChange={(file) => void read(file)} accept=".pub,text/plain">
          {(props) => (
            <Button variant="default" leftSection={<IconFileUpload size={16} />} {...props}>
              {t.chooseFile}
            </Button>
          )}
        </FileButton>
        <Text size="sm" c="dimmed">
          {t.dropFile}
        </Text>
      </Group>
      {values.fileName !== '' && (
        <Textarea
          label={t.fileChosen(values.fileName)}
          autosize
          maxRows={6}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={values.text}
          onChange={(event) => set('text', event.currentTarget.value)}
        />
      )}
    </Stack>
  );
}

const suggestedName = (file: string): string => file.replace(/\.pub$/, '').replace(/[^\w -]/g, '-');
