import { Alert, Button, Code, Group, Modal, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconDownload } from '@tabler/icons-react';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { CopyButton } from '#ui/copy.tsx';
import { downloadText } from '#ui/download.ts';
import { uiTexts } from '#ui/texts.ts';
import { keypairTexts } from './texts.ts';

export const keyFileName = (name: string): string => `${name.replaceAll(' ', '-')}.pem`;

/** The only moment in which a new private key can be had: nobody leaves it by accident. */
export function PrivateKeyDialog({
  name,
  privateKey,
  close,
}: {
  readonly name: string;
  readonly privateKey: string;
  readonly close: () => void;
}) {
  const t = useText(keypairTexts);
  const ui = useText(uiTexts);
  const file = keyFileName(name);
  const use = `${commandLine('chmod 600', [file])}\n${commandLine('ssh -i', [file])} USER@ADDRESS`;
  return (
    <Modal
      opened
      onClose={close}
      title={t.keepTitle}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': ui.close }}
    >
      <Stack>
        <Alert color="orange" variant="light" icon={<IconAlertTriangle />}>
          {t.keep(file)}
        </Alert>
        <div>
          <Group justify="space-between">
            <Text size="sm" fw={500}>
              {t.use}
            </Text>
            <CopyButton text={use} />
          </Group>
          <Code block tabIndex={0}>
            {use}
          </Code>
        </div>
        <Group justify="flex-end">
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            onClick={() => downloadText(file, privateKey, 'application/x-pem-file')}
          >
            {t.downloadAgain}
          </Button>
          <Button onClick={close}>{t.kept}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
