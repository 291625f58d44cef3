import { Button, Checkbox, Group, List, Modal, Progress, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useText } from '#i18n/catalogue.ts';
import { ErrorNotice, requestIdOf, wordsOf } from './error-notice.tsx';
import { uiTexts } from './texts.ts';

export interface ConfirmProps<T> {
  readonly title: string;
  /** What it is done to: their names are shown. */
  readonly items: readonly T[];
  readonly nameOf: (item: T) => string;
  /** What will be lost or happen, in a sentence. */
  readonly consequence?: string;
  /** The button's words: a verb. */
  readonly verb: string;
  readonly danger?: boolean;
  /** Must be typed before the button works: for what cannot be brought back. */
  readonly typed?: string;
  /** A choice that changes what is done. */
  readonly option?: { readonly label: string; readonly initial: boolean };
  readonly run: (item: T, option: boolean) => Promise<unknown>;
  readonly close: () => void;
  readonly after?: () => void;
}

/** Asks before something is done to one or several things, names them, does it one by one, and says what failed. */
export function ConfirmDialog<T>(props: ConfirmProps<T>) {
  const { title, items, nameOf, consequence, verb, danger, typed, option, run, close, after } = props;
  const t = useText(uiTexts);
  const [done, setDone] = useState<number | null>(null);
  const [failures, setFailures] = useState<readonly { readonly name: string; readonly error: unknown }[]>([]);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(option?.initial ?? false);
  const busy = done !== null && done < items.length;
  const go = async (): Promise<void> => {
    setDone(0);
    const failed: { name: string; error: unknown }[] = [];
    for (const item of items) {
      try {
        await run(item, chosen);
      } catch (error) {
        failed.push({ name: nameOf(item), error });
      }
      setDone((count) => (count ?? 0) + 1);
    }
    setFailures(failed);
    if (failed.length === 0) {
      close();
      after?.();
    }
  };
  return (
    <Modal opened onClose={busy ? () => undefined : close} title={title} closeButtonProps={{ 'aria-label': t.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && (typed === undefined || text === typed)) void go();
        }}
      >
        <Stack>
          <div>
            <Text size="sm">{t.theseWillBe(items.length)}</Text>
            <List size="sm" mah={220} style={{ overflowY: 'auto', overflowWrap: 'anywhere' }}>
              {items.map((item, at) => (
                <List.Item key={at} fw={600}>
                  {nameOf(item)}
                </List.Item>
              ))}
            </List>
          </div>
          {consequence !== undefined && <Text size="sm">{consequence}</Text>}
          {option && (
            <Checkbox
              label={option.label}
              checked={chosen}
              onChange={(event) => setChosen(event.currentTarget.checked)}
            />
          )}
          {typed !== undefined && (
            <TextInput
              label={t.typeToConfirm(typed)}
              value={text}
              data-autofocus
              onChange={(event) => setText(event.currentTarget.value)}
            />
          )}
          {busy && (
            <div role="status">
              <Progress value={(100 * (done ?? 0)) / items.length} aria-label={t.working} />
              <Text size="xs">{t.doneOf(done ?? 0, items.length)}</Text>
            </div>
          )}
          {failures.length === 1 && <ErrorNotice error={failures[0]?.error} title={failures[0]?.name ?? ''} />}
          {failures.length > 1 && (
            <ErrorNotice
              title={t.someFailed(failures.length)}
              error={failures
                .map(({ name, error }) => `${name}: ${wordsOf(error)} ${requestIdOf(error) ?? ''}`)
                .join('\n')}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close} disabled={busy} data-autofocus={danger || undefined}>
              {failures.length > 0 ? t.close : t.cancel}
            </Button>
            <Button
              type="submit"
              {...(danger && { color: 'red' })}
              loading={busy}
              disabled={typed !== undefined && text !== typed}
            >
              {failures.length > 0 ? t.retry : verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
