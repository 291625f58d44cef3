import { Button, Group, Modal, Stack, Text, type MantineSize } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useText } from '#i18n/catalogue.ts';
import { CommandPreview, type Preview } from './command-preview.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { uiTexts } from './texts.ts';

export interface FormDialogProps {
  readonly title: string;
  /** The button's words: a verb. */
  readonly verb: string;
  /** Why it cannot be sent yet; null when it can. */
  readonly refuse?: string | null;
  /** What will be done. */
  readonly preview?: Preview;
  readonly size?: MantineSize | number;
  readonly danger?: boolean;
  /** Closed when it resolves; when it throws, the error is shown and everything typed stays. */
  readonly submit: () => Promise<unknown>;
  readonly close: () => void;
  readonly children: ReactNode;
}

/** A form over the page. */
export function FormDialog({
  title,
  verb,
  refuse = null,
  preview,
  size = 'lg',
  danger,
  submit,
  close,
  children,
}: FormDialogProps) {
  const t = useText(uiTexts);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const notice = useRef<HTMLDivElement>(null);
  // A long form hides what stands at its end.
  useEffect(() => {
    if (error !== null) notice.current?.scrollIntoView({ block: 'nearest' });
  }, [error]);
  const send = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await submit();
      close();
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={busy ? () => undefined : close}
      title={title}
      size={size}
      closeButtonProps={{ 'aria-label': t.close }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && refuse === null) void send();
        }}
      >
        <Stack>
          {children}
          {preview && <CommandPreview {...preview} />}
          {error !== null && (
            <div ref={notice}>
              <ErrorNotice error={error} />
            </div>
          )}
          <Group justify="flex-end">
            {refuse !== null && (
              <Text size="sm" c="dimmed" role="status" style={{ flex: 1 }}>
                {refuse}
              </Text>
            )}
            <Button variant="default" onClick={close} disabled={busy}>
              {t.cancel}
            </Button>
            <Button
              type="submit"
              loading={busy}
              aria-disabled={refuse !== null}
              {...(refuse !== null && { 'data-disabled': true })}
              {...(danger && { color: 'red' })}
            >
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
