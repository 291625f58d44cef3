import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { useText } from '#i18n/catalogue.ts';
import { uiTexts } from '#ui/texts.ts';
import { launchTexts } from './texts.ts';

/** Asks before something is lost by leaving the page. */
export function LeaveGuard({ loses }: { readonly loses: () => boolean }) {
  const t = useText(launchTexts);
  const ui = useText(uiTexts);
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: loses,
    enableBeforeUnload: loses,
    withResolver: true,
  });
  if (status !== 'blocked') return null;
  return (
    <Modal opened onClose={reset} title={t.leaveTitle} closeButtonProps={{ 'aria-label': ui.close }}>
      <Stack>
        <Text size="sm">{t.leaveText}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={reset} data-autofocus>
            {t.stay}
          </Button>
          <Button color="red" onClick={proceed}>
            {t.leave}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
