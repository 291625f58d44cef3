import { Button, FileButton, Group, Stack, Switch, Text, Textarea } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { launchTexts } from './texts.ts';
import { cloudConfigExample, USER_DATA_BYTES, userDataBytes, userDataKind } from './user-data.ts';
import type { Launch } from './use-launch.ts';

/** What the guest does at its first start. */
export function UserData({ launch: { fields, form } }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const format = useFormat();
  const bytes = userDataBytes(form.userData);
  return (
    <Stack gap="sm">
      <Textarea
        label={t.userData}
        description={t.userDataHint}
        autosize
        minRows={4}
        maxRows={18}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        {...fields.text('userData')}
      />
      <Group gap="xs">
        <FileButton
          onChange={(file) =>
            // One byte more than fits is enough to see that it does not.
            void file
              ?.slice(0, USER_DATA_BYTES + 1)
              .text()
              .then((text) => fields.set('userData', text))
          }
        >
          {(props) => (
            <Button size="xs" variant="default" leftSection={<IconFileUpload size={14} />} {...props}>
              {t.loadFile}
            </Button>
          )}
        </FileButton>
        {form.userData === '' && (
          <Button size="xs" variant="default" onClick={() => fields.set('userData', cloudConfigExample)}>
            {t.example}
          </Button>
        )}
        {form.userData !== '' && (
          <Text size="xs" c={bytes > USER_DATA_BYTES ? 'red' : 'dimmed'} role="status">
            {t.userDataSize(format.bytes(bytes), format.bytes(USER_DATA_BYTES))} ·{' '}
            {t.userDataKind(userDataKind(form.userData))}
          </Text>
        )}
      </Group>
      {form.userData !== '' && (
        <Text size="xs" c="dimmed">
          {t.userDataNotKept}
        </Text>
      )}
      <Switch label={t.configDrive} {...fields.check('configDrive')} />
    </Stack>
  );
}
