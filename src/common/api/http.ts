import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { StartupError } from '../daemon.ts';
import type { HttpHost, ListeningApp } from './http-host.ts';
import type { HttpRequest, HttpResponse, HttpTransport } from './transport.ts';

/** host:port → application, for calls that need no socket. Shared by one process's host and transport. */
export type LocalApps = Map<string, ListeningApp>;

/** Opens sockets, and remembers what listens where for `createHttpTransport`. */
export function createHttpHost(local: LocalApps = new Map()): HttpHost {
  return {
    async listen(app, { host, port }) {
      try {
        await app.fastify.listen({ host, port });
      } catch (cause) {
        const code = (cause as NodeJS.ErrnoException).code;
        if (code === 'EADDRINUSE')
          throw new StartupError(
            `Port ${port} on ${host} is taken. Stop the program that holds it (ss -ltnp 'sport = :${port}' names it), or give ${app.name} another port.`,
            { cause },
          );
        if (code === 'EACCES') throw new StartupError(`Port ${port} needs root, or take one above 1023.`, { cause });
        if (code === 'EADDRNOTAVAIL')
          throw new StartupError(`No interface of this machine has the address ${host}.`, { cause });
        throw cause;
      }
      const bound = app.fastify.server.address();
      const actual = typeof bound === 'object' && bound ? bound.port : port;
      const names = host === '0.0.0.0' || host === '::' ? ['127.0.0.1', 'localhost', '::1'] : [host];
      for (const name of names) local.set(`${name}:${actual}`, app);
      return {
        host,
        port: actual,
        async close() {
          for (const name of names) local.delete(`${name}:${actual}`);
          await app.fastify.close();
        },
      };
    },
  };
}

/** Calls over keep-alive sockets; without one where the callee lives in this process (`local`). */
export function createHttpTransport(local: LocalApps = new Map()): HttpTransport {
  const agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: 64, scheduling: 'lifo' }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: 64, scheduling: 'lifo' }),
  };
  return {
    async request(request) {
      const url = new URL(request.url);
      const app = local.get(url.host);
      return app && !request.large && !(request.body instanceof Readable)
        ? await inject(app, url, request)
        : await overSocket(agents, url, request);
    },
  };
}

async function inject(app: ListeningApp, url: URL, request: HttpRequest): Promise<HttpResponse> {
  const answer = await app.fastify.inject({
    method: request.method as 'GET',
    url: url.pathname + url.search,
    headers: { host: url.host, ...request.headers },
    ...(request.body !== undefined && { payload: request.body }),
    ...(request.signal && { signal: request.signal }),
  });
  const headers = Object.fromEntries(Object.entries(answer.headers).map(([k, v]) => [k, String(v)]));
  return {
    status: answer.statusCode,
    headers,
    text: async () => answer.payload,
    json: async <T>() => JSON.parse(answer.payload) as T,
    get stream() {
      return Readable.from([answer.rawPayload]);
    },
  };
}

function overSocket(
  agents: Readonly<Record<string, http.Agent>>,
  url: URL,
  request: HttpRequest,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const { body } = request;
    const length =
      typeof body === 'string' || Buffer.isBuffer(body) ? { 'content-length': String(Buffer.byteLength(body)) } : {};
    const outgoing = (url.protocol === 'https:' ? https : http).request(
      url,
      {
        method: request.method,
        agent: agents[url.protocol],
        maxHeaderSize: 65_536, // as our own servers: a signed token may be in an answer's header
        headers: { ...length, ...request.headers },
        ...(request.signal && { signal: request.signal }),
      },
      (incoming) => {
        const headers = Object.fromEntries(Object.entries(incoming.headers).map(([k, v]) => [k, String(v)]));
        let whole: Promise<string> | undefined;
        const text = (): Promise<string> => (whole ??= readText(incoming));
        resolve({
          status: incoming.statusCode ?? 0,
          headers,
          text,
          json: async <T>() => JSON.parse(await text()) as T,
          stream: incoming,
        });
      },
    );
    outgoing.setTimeout(request.timeoutMs ?? 60_000, () =>
      outgoing.destroy(new Error(`No answer from ${url.origin} within ${(request.timeoutMs ?? 60_000) / 1000} s`)),
    );
    outgoing.on('error', reject);
    if (body instanceof Readable) {
      body.on('error', (error) => outgoing.destroy(error));
      body.pipe(outgoing);
    } else outgoing.end(body);
  });
}
