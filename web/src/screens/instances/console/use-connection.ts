import { useCallback, useEffect, useRef, useState } from 'react';
import { askConsole, type ConsoleKind } from '#api/compute/server-console.ts';

/** A console that was opened; `close` ends it. */
export interface Connection {
  readonly close: () => unknown;
}

export type ConnectionState =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'connected' }
  /** `error`: why, when it was refused; null when it was simply lost. */
  | { readonly phase: 'waiting'; readonly error: unknown; readonly seconds: number };

/** Seconds between tries: soon at first. */
const pauses = [1, 2, 4, 8, 15, 30];

/**
 * Keeps a console connected: asks whether there is one (a refused WebSocket does not say why), opens it, and tries again
 * when it was lost, saying why.
 * @param open connects; tells when it is there and when it has ended
 */
export function useConnection(
  kind: ConsoleKind,
  serverId: string,
  open: (on: { readonly connected: () => void; readonly ended: () => void }) => Promise<Connection>,
): { readonly state: ConnectionState; readonly retry: () => void } {
  const [state, setState] = useState<ConnectionState>({ phase: 'connecting' });
  const [attempt, setAttempt] = useState(0);
  const failures = useRef(0);
  const latest = useRef(open);
  useEffect(() => {
    latest.current = open;
  });
  useEffect(() => {
    const end = new AbortController();
    let connection: Connection | null = null;
    let timer: ReturnType<typeof setInterval> | undefined;
    const wait = (error: unknown): void => {
      if (end.signal.aborted || timer !== undefined) return;
      let seconds = pauses[Math.min(failures.current++, pauses.length - 1)] ?? 30;
      setState({ phase: 'waiting', error, seconds });
      timer = setInterval(() => {
        if (document.hidden) return;
        seconds--;
        if (seconds > 0) setState({ phase: 'waiting', error, seconds });
        else {
          clearInterval(timer);
          setAttempt((n) => n + 1);
        }
      }, 1000);
    };
    const connect = async (): Promise<void> => {
      setState({ phase: 'connecting' });
      try {
        await askConsole(kind, serverId, end.signal);
        if (end.signal.aborted) return;
        const opened = await latest.current({
          connected() {
            failures.current = 0;
            if (!end.signal.aborted) setState({ phase: 'connected' });
          },
          ended: () => wait(null),
        });
        if (end.signal.aborted) opened.close();
        else connection = opened;
      } catch (error) {
        wait(error);
      }
    };
    void connect();
    return () => {
      end.abort();
      clearInterval(timer);
      connection?.close();
    };
  }, [kind, serverId, attempt]);
  const retry = useCallback(() => {
    failures.current = 0;
    setAttempt((n) => n + 1);
  }, []);
  return { state, retry };
}
