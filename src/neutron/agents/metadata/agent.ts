import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HttpTransport } from '#common/api/transport.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { PluginClient } from '../heartbeat.ts';

export interface MetadataAgentDeps {
  readonly plugin: PluginClient;
  readonly transport: HttpTransport;
  readonly log: Logger;
  /** `http://controller:8775` */
  readonly novaUrl: string;
  readonly secret: string;
  /** Milliseconds since any fixed moment. */
  readonly now: () => number;
}

interface Owner {
  readonly deviceId: string;
  readonly projectId: string;
}

const REMEMBER_MS = 5_000;
const BODY_LIMIT = 64 * 1024;

/** What a reply of Nova may not carry over to another connection. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'proxy-authenticate',
]);

/**
 * The server behind the metadata agent's unix socket. The namespaces' proxy says from which network and address a guest
 * asks; neutron-server says whose address that is; Nova gets the answer with a signature that only the two of us can make.
 */
export function createMetadataServer(deps: MetadataAgentDeps): Server {
  const owners = new Map<string, { readonly owner: Promise<Owner | null>; readonly until: number }>();

  const ownerOf = (query: { routerId?: string; networkId?: string; fixedIp: string }): Promise<Owner | null> => {
    const key = JSON.stringify(query);
    const now = deps.now();
    for (const [old, { until }] of owners) if (until <= now) owners.delete(old);
    const known = owners.get(key);
    if (known) return known.owner;
    const owner = deps.plugin.call('metadataPort', query).then(({ port }) => port);
    owners.set(key, { owner, until: now + REMEMBER_MS });
    // A guest asks as soon as it has its address: what was not there yet must be asked for again.
    owner.then((found) => found ?? owners.delete(key)).catch(() => owners.delete(key));
    return owner;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const header = (name: string): string | undefined => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    const fixedIp = header('x-forwarded-for');
    const routerId = header('x-neutron-router-id');
    const networkId = header('x-neutron-network-id');
    if (!fixedIp || !(routerId ?? networkId) || !request.url?.startsWith('/'))
      return plain(response, 400, 'Bad Request');
    const owner = await ownerOf({ ...(routerId ? { routerId } : { networkId: networkId! }), fixedIp });
    if (!owner?.deviceId) return plain(response, 404, 'Not Found');
    const body = await bodyOf(request);
    if (body === undefined) return plain(response, 413, 'Request Entity Too Large');
    const contentType = header('content-type');
    const reply = await deps.transport.request({
      method: request.method ?? 'GET',
      url: deps.novaUrl + request.url,
      headers: {
        'X-Forwarded-For': fixedIp,
        'X-Instance-ID': owner.deviceId,
        'X-Tenant-ID': owner.projectId,
        'X-Instance-ID-Signature': createHmac('sha256', deps.secret).update(owner.deviceId).digest('hex'),
        ...(contentType && { 'Content-Type': contentType }),
      },
      ...(body.length > 0 && { body }),
    });
    response.writeHead(
      reply.status,
      Object.fromEntries(Object.entries(reply.headers).filter(([name]) => !HOP_BY_HOP.has(name))),
    );
    reply.stream.on('error', (error) => response.destroy(error)).pipe(response);
  };

  return createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      deps.log.error(
        `Metadata for ${String(request.headers['x-forwarded-for'])} could not be brought from Nova`,
        error,
      );
      if (response.headersSent) response.destroy();
      else plain(response, 500, 'An unknown error has occurred. Please try your request again.');
    });
  });
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=UTF-8' }).end(text);
}

/** Guests post little (an encrypted password); undefined when it is too much. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
