import { Box, Code, Group, SegmentedControl, Text } from '@mantine/core';
import { useState } from 'react';
import { useText } from '#i18n/catalogue.ts';
import { CopyButton } from './copy.tsx';
import { uiTexts } from './texts.ts';

export { commandLine, shellWord } from './command-line.ts';

/** What a form will do, said as others would do it. */
export interface Preview {
  /** `openstack server create --flavor m1.tiny …` */
  readonly command: string;
  /** Several when one thing takes more than one call, in their order. */
  readonly call: PreviewCall | readonly PreviewCall[];
  /** The same by another program: `{ label: 'nova boot', text: … }`. */
  readonly other?: { readonly label: string; readonly text: string };
}
export interface PreviewCall {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
}

const callText = ({ method, url, body }: PreviewCall): string =>
  `${method} ${url}${body === undefined ? '' : `\n\n${JSON.stringify(body, null, 2)}`}`;

/** The command and the API call that a form will make: both can be copied. */
export function CommandPreview({ command, call, other }: Preview) {
  const t = useText(uiTexts);
  const [view, setView] = useState<'command' | 'other' | 'call'>('command');
  const texts = { command, other: other?.text ?? '', call: [call].flat().map(callText).join('\n\n') };
  const text = texts[view];
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
            onChange={(value) => setView(value as typeof view)}
            aria-label={t.previewTitle}
            data={[
              { value: 'command', label: t.command },
              ...(other ? [{ value: 'other', label: other.label }] : []),
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
