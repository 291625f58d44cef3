import { ActionIcon, Alert, Button, Group, Loader, Select, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import {
  IconArrowBarToDown,
  IconChevronDown,
  IconChevronUp,
  IconDownload,
  IconPlayerPause,
  IconPlayerPlay,
  IconSearch,
} from '@tabler/icons-react';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import type { Server } from '#api/compute/servers.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { wordsOf } from '#ui/error-notice.tsx';
import { LogView, type LogViewHandle } from './log-view.tsx';
import { logTexts } from './texts.ts';
import { useLog } from './use-log.ts';

const choices = [100, 1000, 10_000];

/** The console's log, followed as it grows. */
export function Log({ server }: { readonly server: Server }) {
  const t = useText(logTexts);
  const format = useFormat();
  const [wanted, setWanted] = useState(1000);
  const [follow, setFollow] = useState(true);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const view = useRef<LogViewHandle>(null);
  const { lines, error, clear } = useLog(server.id, wanted, follow);
  const sought = useDeferredValue(text.toLowerCase());
  const hits = useMemo(
    () =>
      sought === '' ? [] : (lines ?? []).flatMap((line, index) => (line.toLowerCase().includes(sought) ? [index] : [])),
    [lines, sought],
  );
  const current = hits.length === 0 ? null : (hits[Math.min(at, hits.length - 1)] ?? null);
  const go = (step: number): void => {
    if (hits.length === 0) return;
    const next = (Math.min(at, hits.length - 1) + step + hits.length) % hits.length;
    setAt(next);
    view.current?.show(hits[next] ?? 0);
  };
  const download = (): void => {
    const url = URL.createObjectURL(new Blob([(lines ?? []).join('\n')], { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = `${server.name}.log`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <TextInput
          w={230}
          value={text}
          leftSection={<IconSearch size={16} />}
          placeholder={t.search}
          aria-label={t.search}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            go(event.shiftKey ? -1 : 1);
          }}
        />
        {text !== '' && (
          <Group gap={2}>
            <Icon label={t.previous} icon={IconChevronUp} onClick={() => go(-1)} />
            <Icon label={t.next} icon={IconChevronDown} onClick={() => go(1)} />
            <Text size="sm" c="dimmed" role="status">
              {t.found(Math.min(at + 1, hits.length), hits.length)}
            </Text>
          </Group>
        )}
        <Select
          w={150}
          aria-label={t.lines}
          allowDeselect={false}
          value={String(wanted)}
          onChange={(value) => {
            if (value === null) return;
            setWanted(Number(value));
            clear();
          }}
          data={choices.map((n) => ({ value: String(n), label: t.lastLines(format.number(n)) }))}
        />
        <Button
          variant="default"
          leftSection={follow ? <IconPlayerPause size={16} /> : <IconPlayerPlay size={16} />}
          onClick={() => setFollow(!follow)}
        >
          {follow ? t.pause : t.goOn}
        </Button>
        <Button variant="default" leftSection={<IconDownload size={16} />} disabled={!lines} onClick={download}>
          {t.download}
        </Button>
        <Icon label={t.toEnd} icon={IconArrowBarToDown} onClick={() => view.current?.toEnd()} />
        <Text size="xs" c="dimmed">
          {lines && `${t.count(format.number(lines.length))} · `}
          {follow ? t.following : t.paused}
        </Text>
      </Group>
      {error != null && (
        <Alert color="gray" title={t.none}>
          {wordsOf(error)}
        </Alert>
      )}
      {lines === null && error == null && <Loader role="status" />}
      {lines !== null &&
        (lines.length === 1 && lines[0] === '' ? (
          <Text c="dimmed">{t.empty}</Text>
        ) : (
          <LogView ref={view} lines={lines} label={t.label(server.name)} hits={hits} current={current} />
        ))}
    </Stack>
  );
}

const Icon = ({
  label,
  icon: Shape,
  onClick,
}: {
  readonly label: string;
  readonly icon: typeof IconChevronUp;
  readonly onClick: () => void;
}) => (
  <Tooltip label={label}>
    <ActionIcon variant="default" size="lg" aria-label={label} onClick={onClick}>
      <Shape size={16} />
    </ActionIcon>
  </Tooltip>
);
