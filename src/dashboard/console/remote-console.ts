import type { HttpTransport } from '#common/api/transport.ts';
import { DashboardFailure, badRequest, serviceUnavailable } from '../failure.ts';
import { servicesOf } from '../identity/services.ts';
import type { Session } from '../sessions/sessions.ts';

export type ConsoleKind = 'vnc' | 'serial';

const kinds = {
  vnc: { protocol: 'vnc', type: 'novnc' },
  serial: { protocol: 'serial', type: 'serial' },
} as const;

export interface RemoteConsoles {
  /**
   * Asks Nova for a console.
   * @returns where a WebSocket leads to it, as an http(s) URL; it holds a token that opens this one console, for our use only
   * @throws DashboardFailure with Nova's status and words; 503 when Nova does not answer
   */
  open(session: Session, kind: ConsoleKind, serverId: string, requestId: string): Promise<URL>;
}

export function createRemoteConsoles(transport: HttpTransport, keystoneUrl: string): RemoteConsoles {
  return {
    async open(session, kind, serverId, requestId) {
      const compute = servicesOf(session.catalog, session.region, keystoneUrl).compute?.url;
      if (compute === undefined)
        throw serviceUnavailable(`There is no Compute service in the catalogue of region ${session.region}.`);
      const answer = await transport
        .request({
          method: 'POST',
          url: `${compute}/servers/${encodeURIComponent(serverId)}/remote-consoles`,
          headers: {
            'content-type': 'application/json',
            'x-auth-token': session.token,
            'x-openstack-request-id': requestId,
            'openstack-api-version': 'compute 2.8',
            'x-openstack-nova-api-version': '2.8',
          },
          body: JSON.stringify({ remote_console: kinds[kind] }),
          timeoutMs: 30_000,
        })
        .catch((cause: unknown) => {
          const { code, message } = cause as { code?: string; message?: string };
          throw serviceUnavailable(
            `The Compute service at ${new URL(compute).origin} does not answer: ${code ?? message}.`,
            cause,
          );
        });
      if (answer.status === 200) {
        const { remote_console } = await answer.json<{ remote_console: { url: string } }>();
        return socketUrl(kind, remote_console.url);
      }
      throw refusal(answer.status, messageOf(await answer.text(), session.token));
    },
  };
}

/** noVNC's page hands its token on to its WebSocket: by its own name, or in newer ones within `path`. */
function socketUrl(kind: ConsoleKind, text: string): URL {
  const url = new URL(text.replace(/^ws/, 'http'));
  if (kind === 'serial') return url;
  const path = url.searchParams.get('path');
  const token =
    url.searchParams.get('token') ?? (path === null ? null : new URL(path, url).searchParams.get('token')) ?? '';
  const socket = new URL('/websockify', url.origin);
  socket.searchParams.set('token', token);
  return socket;
}

function refusal(status: number, message: string): DashboardFailure {
  if (status === 404) return new DashboardFailure(404, 'not-found', message);
  if (status >= 500) return serviceUnavailable(message);
  return status === 400 ? badRequest(message) : new DashboardFailure(status, 'bad-request', message);
}

/** Nova's faults: `{"conflictingRequest": {"code": 409, "message": "…"}}`. */
function messageOf(text: string, token: string): string {
  try {
    const [fault] = Object.values(JSON.parse(text) as Record<string, { message?: unknown }>);
    if (typeof fault?.message === 'string') return fault.message.replaceAll(token, '***');
  } catch {
    // no fault of Nova: said below
  }
  return 'The Compute service gave no console and no reason.';
}
