import { ApiFault, faultOf } from '../fault.ts';
import { serverAction } from './servers.ts';

export type ConsoleKind = 'vnc' | 'serial';

const pathOf = (kind: ConsoleKind, id: string): string => `/dashboard/api/console/${kind}/${id}`;

/** Where the console's WebSocket is: in the dashboard's own origin. */
export const consoleUrl = (kind: ConsoleKind, id: string): string =>
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${pathOf(kind, id)}`;

/**
 * Asks whether the console can be opened: a WebSocket that is refused does not tell a page why.
 * @throws ApiFault with the reason
 */
export async function askConsole(kind: ConsoleKind, id: string, signal?: AbortSignal): Promise<void> {
  const answer = await fetch(pathOf(kind, id), { credentials: 'same-origin', ...(signal && { signal }) }).catch(
    (cause: unknown) => {
      if (signal?.aborted) throw cause;
      throw new ApiFault('The dashboard does not answer.', { status: 0, service: 'dashboard', code: 'unreachable' });
    },
  );
  if (!answer.ok) throw await faultOf(answer, 'dashboard');
}

/** The last lines of the serial console's log. @throws ApiFault */
export const consoleOutput = async (id: string, lines: number): Promise<string> =>
  (await serverAction<{ output: string }>(id, { 'os-getConsoleOutput': { length: lines } })).output;
