import type * as Http from 'node:http';
import type * as Https from 'node:https';
import { Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import type { HttpRequest, HttpResponse, HttpTransport } from '#common/api/transport.ts';

/**
 * HTTP for short-lived commands. Not the services' transport: importing `node:http` as a module loads Node's WebSocket and
 * fetch too, which costs 14 MB and 40 ms that a command does not have.
 * @param verify false accepts any certificate (`--insecure`)
 */
export function createCliTransport(verify = true): HttpTransport {
  return { request: (request) => send(request, verify) };
}

function send(request: HttpRequest, verify: boolean): Promise<HttpResponse> {
  const url = new URL(request.url);
  const secure = url.protocol === 'https:';
  const module: typeof Http | typeof Https = process.getBuiltinModule(secure ? 'node:https' : 'node:http');
  const { body } = request;
  const length: Record<string, string> =
    typeof body === 'string' || Buffer.isBuffer(body) ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  return new Promise((resolve, reject) => {
    const outgoing = module.request(
      url,
      {
        method: request.method,
        headers: { ...length, ...request.headers },
        ...(secure && { rejectUnauthorized: verify }),
        ...(request.signal && { signal: request.signal }),
      },
      (incoming) => {
        const headers = Object.fromEntries(
          Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
        );
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
    const timeoutMs = request.timeoutMs ?? 600_000;
    outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    outgoing.on('error', reject);
    if (body instanceof Readable) {
      body.on('error', (error) => outgoing.destroy(error));
      body.pipe(outgoing);
    } else outgoing.end(body);
  });
}
