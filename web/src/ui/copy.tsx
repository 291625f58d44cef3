import { ActionIcon, Group, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import { useText } from '#i18n/catalogue.ts';
import { uiTexts } from './texts.ts';

/** Copies a text; says so. */
export function CopyButton({ text, label }: { readonly text: string; readonly label?: string }) {
  const t = useText(uiTexts);
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    void copyText(text).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    });
  };
  return (
    <Tooltip label={copied ? t.copied : t.copy}>
      <ActionIcon
        size="sm"
        variant="subtle"
        color={copied ? 'teal' : 'gray'}
        aria-label={label ?? t.copy}
        onClick={copy}
      >
        {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
      </ActionIcon>
    </Tooltip>
  );
}

/** A value with a button that copies it: ids, addresses. */
export const Copyable = ({ text }: { readonly text: string }) => (
  <Group gap={4} wrap="nowrap" component="span" display="inline-flex" maw="100%">
    <span
      style={{ fontFamily: 'var(--mantine-font-family-monospace)', overflow: 'hidden', textOverflow: 'ellipsis' }}
      title={text}
    >
      {text}
    </span>
    <CopyButton text={text} />
  </Group>
);

/** The clipboard is missing where the console is not served by https or localhost. */
async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
