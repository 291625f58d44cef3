import { Button, Group, Text } from '@mantine/core';
import { IconClipboardText, IconCopy, IconMaximize, IconMinimize } from '@tabler/icons-react';
import type { Terminal } from '@xterm/xterm';
import { useEffect, useId, useRef } from 'react';
import { consoleUrl } from '#api/compute/server-console.ts';
import type { Server } from '#api/compute/servers.ts';
import { useText } from '#i18n/catalogue.ts';
import { ConnectionBadge, ConnectionNotice } from './connection-notice.tsx';
import { useLeaveKeys } from './leave.ts';
import { consoleTexts } from './texts.ts';
import { useConnection } from './use-connection.ts';
import { useFullScreen } from './use-full-screen.ts';
import classes from './console.module.css';

/** A server's serial port, in a terminal. */
export function SerialConsole({ server }: { readonly server: Server }) {
  const t = useText(consoleTexts);
  const frame = useRef<HTMLDivElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const controls = useRef<HTMLButtonElement>(null);
  const terminal = useRef<Terminal | null>(null);
  const socket = useRef<WebSocket | null>(null);
  const hint = useId();
  const [full, toggleFull] = useFullScreen(frame);
  const label = t.terminalOf(server.name);
  const send = (text: string): void => {
    if (socket.current?.readyState === WebSocket.OPEN) socket.current.send(new TextEncoder().encode(text));
  };
  useEffect(
    () => () => {
      terminal.current?.dispose();
      terminal.current = null;
    },
    [],
  );
  const { state, retry } = useConnection('serial', server.id, async ({ connected, ended }) => {
    const { openTerminal } = await import('./open-terminal.ts');
    if (!place.current) return { close: () => undefined };
    terminal.current ??= openTerminal(place.current, { label, describedBy: hint, send });
    const term = terminal.current;
    const opened = new WebSocket(consoleUrl('serial', server.id), ['binary']);
    opened.binaryType = 'arraybuffer';
    opened.addEventListener('open', () => {
      socket.current = opened;
      connected();
    });
    opened.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer | string>) =>
      term.write(typeof data === 'string' ? data : new Uint8Array(data)),
    );
    opened.addEventListener('close', () => {
      if (socket.current === opened) socket.current = null;
      ended();
    });
    return { close: () => opened.close() };
  });
  useLeaveKeys(place, controls);
  const copy = (): void => {
    const text = terminal.current?.getSelection() ?? '';
    if (text !== '') void navigator.clipboard.writeText(text);
    terminal.current?.focus();
  };
  const paste = (): void => {
    void navigator.clipboard.readText().then((text) => terminal.current?.paste(text));
    terminal.current?.focus();
  };
  return (
    <div ref={frame} className={classes['frame']}>
      <Group gap="xs" role="toolbar" aria-label={t.leave}>
        <ConnectionBadge state={state} />
        <Button ref={controls} size="compact-sm" variant="default" leftSection={<IconCopy size={14} />} onClick={copy}>
          {t.copy}
        </Button>
        {window.isSecureContext && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconClipboardText size={14} />}
            disabled={state.phase !== 'connected'}
            onClick={paste}
          >
            {t.paste}
          </Button>
        )}
        <Button
          size="compact-sm"
          variant="default"
          leftSection={full ? <IconMinimize size={14} /> : <IconMaximize size={14} />}
          onClick={toggleFull}
        >
          {full ? t.leaveFullScreen : t.fullScreen}
        </Button>
        <Text size="xs" c="dimmed" id={hint}>
          {t.serialHint}
        </Text>
      </Group>
      <ConnectionNotice state={state} retry={retry} />
      <div ref={place} className={`${classes['screen']} ${classes['terminal']}`} />
    </div>
  );
}
