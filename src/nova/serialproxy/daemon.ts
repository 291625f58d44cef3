import type { ServerResponse } from 'node:http';
import type { Daemon } from '#common/daemon.ts';
import { consoleProxyDaemon } from '../console-proxy/daemon.ts';

/** A guest waits with what it has to say until it is read: one forgotten browser must not hold it up for longer. */
const PATIENCE_MS = 30_000;

const nothingHere = async (_request: unknown, response: ServerResponse): Promise<void> => {
  response
    .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
    .end('There are no pages here: a WebSocket client opens the URL that get-serial-console gives.\n');
};

/**
 * nova-serialproxy: the serial console of a server in a browser. A serial line has one end: whoever opens it last has it,
 * and whoever had it before is told so.
 */
export const novaSerialproxy: Daemon = consoleProxyDaemon('nova-serialproxy', ({ serial_console: conf }) => ({
  type: 'serial',
  host: conf.serialproxy_host,
  port: conf.serialproxy_port,
  portOption: '[serial_console] serialproxy_port',
  detail: [],
  page: nothingHere,
  line: { patienceMs: PATIENCE_MS },
}));
