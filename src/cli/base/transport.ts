import { readFileSync } from 'node:fs';
import type * as Http from 'node:http';
import type * as Https from 'node:https';
import { Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import type { HttpRequest, HttpResponse, HttpTransport } from '#common/api/transport.ts';
import { CommandError } from './errors.ts';
import type { TlsOptions } from './shell.ts';

const defaultTimeoutMs = 600_000;

/**
 * HTTP for short-lived commands. Not the services' transport: importing `node:http` as a module loads Node's WebSocket and
 * fetch too, which costs 14 MB and 40 ms that a command does not have.
 */
export function createCliTransport(tls: TlsOptions): HttpTransport {
  return { request: (request) => send(request, tls) };
}

function fileOf(path: string | undefined): Buffer | undefined {
  try {
    return path === undefined ? undefined : readFileSync(path);
  } catch (cause) {
    throw new CommandError(`The certificate file ${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function secureOptions({ verify, caFile, certFile, keyFile }: TlsOptions): Https.RequestOptions {
  const cert = fileOf(certFile);
  const ca = verify ? fileOf(caFile) : undefined;
  const key = fileOf(keyFile ?? certFile);
  return { rejectUnauthorized: verify, ...(ca && { ca }), ...(cert && { cert }), ...(cert && key && { key }) };
}

async function send(request: HttpRequest, tls: TlsOptions): Promise<HttpResponse> {
  const url = new URL(request.url);
  const secure = url.protocol === 'https:';
  const module: typeof Http | typeof Https = process.getBuiltinModule(secure ? 'node:https' : 'node:http');
  const { body } = request;
  const length: Record<string, string> =
    typeof body === 'string' || Buffer.isBuffer(body) ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  const tlsOptions = secure ? secureOptions(tls) : {};
  return new Promise((resolve, reject) => {
    const outgoing = module.request(
      url,
      {
        method: request.method,
        headers: { ...length, ...request.headers },
        ...tlsOptions,
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
    const timeoutMs = request.timeoutMs ?? tls.timeoutMs ?? defaultTimeoutMs;
    outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    outgoing.on('error', reject);
    if (body instanceof Readable) {
      body.on('error', (error) => outgoing.destroy(error));
      body.pipe(outgoing);
    } else outgoing.end(body);
  });
}
