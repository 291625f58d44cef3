import { Button, Card, Group, Progress, Stack, Text, Textarea } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useText } from '#i18n/catalogue.ts';
import { unusual } from './keysyms.ts';
import { consoleTexts } from './texts.ts';
import { typeText } from './type-text.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A text that is typed into the guest: VNC has no clipboard that a login prompt would know. */
export function PastePanel({
  sendKey,
  ready,
  done,
}: {
  /** @returns false when the console is gone */
  readonly sendKey: (keysym: number, code: string | null, down: boolean) => boolean;
  readonly ready: boolean;
  /** All is typed. */
  readonly done: () => void;
}) {
  const t = useText(consoleTexts);
  const [text, setText] = useState('');
  const [progress, setProgress] = useState<{ readonly typed: number; readonly all: number } | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const odd = unusual(text);
  const type = async (): Promise<void> => {
    const end = new AbortController();
    stop.current = end;
    setTold(null);
    let all = [...text].length;
    const typed = await typeText(text, {
      key: sendKey,
      wait: pause,
      progress(count, of) {
        all = of;
        setProgress({ typed: count, all: of });
      },
      signal: end.signal,
    });
    setProgress(null);
    setTold(typed >= all ? t.typed(typed) : t.typedPart(typed, all));
    if (typed >= all) done();
  };
  return (
    <Card withBorder p="sm">
      <Stack gap="xs">
        <Textarea
          label={t.pasteLabel}
          autosize
          minRows={2}
          maxRows={8}
          autoFocus
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {odd.length > 0 && (
          <Text size="sm" c="dimmed" role="status">
            {t.unusual(odd.slice(0, 20).join(' '))}
          </Text>
        )}
        <Group gap="xs">
          {progress ? (
            <>
              <Button size="compact-sm" variant="default" onClick={() => stop.current?.abort()}>
                {t.stop}
              </Button>
              <Progress
                flex={1}
                value={(100 * progress.typed) / Math.max(1, progress.all)}
                aria-label={t.typing(progress.typed, progress.all)}
              />
              <Text size="xs">{t.typing(progress.typed, progress.all)}</Text>
            </>
          ) : (
            <Button size="compact-sm" disabled={!ready || text === ''} onClick={() => void type()}>
              {t.type}
            </Button>
          )}
          <Text size="sm" role="status">
            {told}
          </Text>
        </Group>
      </Stack>
    </Card>
  );
}
