import { Box, Code, Group, SegmentedControl, Text } from '@mantine/core';
import { useState } from 'react';
import { useText } from '#i18n/catalogue.ts';
import { CopyButton } from './copy.tsx';
import { uiTexts } from './texts.ts';

/** What a form will do, said as others would do it. */
export interface Preview {
  /** `openstack server create --flavor m1.tiny …` */
  readonly command: string;
  readonly call: { readonly method: string; readonly url: string; readonly body?: unknown };
}

/** A word as a shell takes it. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** A command line from words, `null` and `false` left out; flags with a value come as pairs. */
export const commandLine = (...words: readonly (string | readonly string[] | null | false | undefined)[]): string =>
  words
    .filter((word) => word !== null && word !== false && word !== undefined)
    .flatMap((word) => (typeof word === 'string' ? [word] : word.map(shellWord)))
    .join(' ');

/** The command and the API call that a form will make: both can be copied. */
export function CommandPreview({ command, call }: Preview) {
  const t = useText(uiTexts);
  const [view, setView] = useState<'command' | 'call'>('command');
  const text =
    view === 'command'
      ? command
      : `${call.method} ${call.url}${call.body === undefined ? '' : `\n\n${JSON.stringify(call.body, null, 2)}`}`;
  return (
    <Box>
      <Group justify="space-between" mb={4}>
        <Text size="sm" fw={500}>
          {t.previewTitle}
        </Text>
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            value={view}
            onChange={(value) => setView(value as 'command' | 'call')}
            aria-label={t.previewTitle}
            data={[
              { value: 'command', label: t.command },
              { value: 'call', label: t.apiCall },
            ]}
          />
          <CopyButton text={text} />
        </Group>
      </Group>
      <Code block tabIndex={0} mah={260} style={{ overflow: 'auto', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {text}
      </Code>
    </Box>
  );
}
