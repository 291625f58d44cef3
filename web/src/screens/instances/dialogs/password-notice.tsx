import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useText } from '#i18n/catalogue.ts';
import { Copyable } from '#ui/copy.tsx';
import { uiTexts } from '#ui/texts.ts';
import type { Tools } from '../use-tools.ts';

/** A password that Nova made: shown once. */
export function PasswordNotice({
  name,
  password,
  tools: { t },
  close,
}: {
  readonly name: string;
  readonly password: string;
  readonly tools: Tools;
  readonly close: () => void;
}) {
  const ui = useText(uiTexts);
  return (
    <Modal opened onClose={close} title={t.passwordShown(name)} closeButtonProps={{ 'aria-label': ui.close }}>
      <Stack>
        <Copyable text={password} />
        <Text size="sm">{t.passwordOnce}</Text>
        <Group justify="flex-end">
          <Button onClick={close} data-autofocus>
            {ui.close}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
