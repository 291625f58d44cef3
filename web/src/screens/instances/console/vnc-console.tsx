import { Alert, Button, Group, Text } from '@mantine/core';
import { IconClipboardText, IconKeyboard, IconMaximize, IconMinimize } from '@tabler/icons-react';
import type RFB from '@novnc/novnc';
import { useCallback, useId, useRef, useState } from 'react';
import { consoleUrl } from '#api/compute/server-console.ts';
import type { Server } from '#api/compute/servers.ts';
import { useText } from '#i18n/catalogue.ts';
import { ConnectionBadge, ConnectionNotice } from './connection-notice.tsx';
import { useLeaveKeys } from './leave.ts';
import { PastePanel } from './paste-panel.tsx';
import { consoleTexts } from './texts.ts';
import { useConnection } from './use-connection.ts';
import { useFullScreen } from './use-full-screen.ts';
import classes from './console.module.css';

/** States in which a guest has no screen. */
const dark = new Set(['stopped', 'suspended', 'shelved', 'shelved_offloaded', 'soft-delete', 'building']);

/** A server's screen, by VNC. */
export function VncConsole({ server }: { readonly server: Server }) {
  const t = useText(consoleTexts);
  // Not even tried where it can only fail; it connects by itself when the guest is started.
  if (dark.has(server['OS-EXT-STS:vm_state'])) return <Alert color="gray">{t.notRunning}</Alert>;
  return <VncScreen server={server} />;
}

function VncScreen({ server }: { readonly server: Server }) {
  const t = useText(consoleTexts);
  const frame = useRef<HTMLDivElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const controls = useRef<HTMLButtonElement>(null);
  const rfb = useRef<RFB | null>(null);
  const hint = useId();
  const [pasting, setPasting] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [full, toggleFull] = useFullScreen(frame);
  const label = t.screenOf(server.name);
  const { state, retry } = useConnection('vnc', server.id, async ({ connected, ended }) => {
    const { default: Rfb } = await import('@novnc/novnc');
    const target = place.current;
    if (!target) return { close: () => undefined };
    const screen = new Rfb(target, consoleUrl('vnc', server.id), { shared: true, wsProtocols: ['binary'] });
    screen.scaleViewport = true;
    screen.background = 'transparent';
    screen.addEventListener('connect', () => {
      rfb.current = screen;
      setProblem(null);
      connected();
    });
    let alive = true;
    screen.addEventListener('disconnect', () => {
      alive = false;
      if (rfb.current === screen) rfb.current = null;
      ended();
    });
    screen.addEventListener('credentialsrequired', () => setProblem(t.credentials));
    const canvas = target.querySelector('canvas');
    if (canvas) {
      // Reached by Tab, and told what it is and how to leave it.
      canvas.tabIndex = 0;
      canvas.setAttribute('role', 'application');
      canvas.setAttribute('aria-label', label);
      canvas.setAttribute('aria-describedby', hint);
    }
    return { close: () => alive && screen.disconnect() };
  });
  // noVNC releases all keys when the window loses the focus; leaving the screen is the same to the guest.
  const released = useCallback(() => window.dispatchEvent(new Event('blur')), []);
  useLeaveKeys(place, controls, released);
  const key = useCallback((keysym: number, code: string | null, down: boolean): boolean => {
    rfb.current?.sendKey(keysym, code, down);
    return rfb.current !== null;
  }, []);
  const connected = state.phase === 'connected';
  return (
    <div ref={frame} className={classes['frame']}>
      <Group gap="xs" role="toolbar" aria-label={t.leave}>
        <ConnectionBadge state={state} />
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconKeyboard size={14} />}
          disabled={!connected}
          onClick={() => {
            rfb.current?.sendCtrlAltDel();
            rfb.current?.focus();
          }}
        >
          {t.ctrlAltDel}
        </Button>
        <Button
          size="compact-sm"
          ref={controls}
          variant={pasting ? 'light' : 'default'}
          leftSection={<IconClipboardText size={14} />}
          aria-expanded={pasting}
          onClick={() => setPasting(!pasting)}
        >
          {t.paste}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={full ? <IconMinimize size={14} /> : <IconMaximize size={14} />}
          onClick={toggleFull}
        >
          {full ? t.leaveFullScreen : t.fullScreen}
        </Button>
        <Text size="xs" c="dimmed" id={hint}>
          {t.keysHint}
        </Text>
      </Group>
      {pasting && <PastePanel sendKey={key} ready={connected} done={() => rfb.current?.focus()} />}
      {problem !== null && <Alert color="orange">{problem}</Alert>}
      <ConnectionNotice state={state} retry={retry} />
      <div ref={place} className={classes['screen']} hidden={!connected} />
    </div>
  );
}
