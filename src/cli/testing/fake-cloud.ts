import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { runClient, type Client } from '../base/client.ts';
import type { Input } from '../base/shell.ts';
import { createCliTransport } from '../base/transport.ts';

/** What the manual prints, by the number of the command. */
export const manual = JSON.parse(readFileSync(new URL('./manual-samples.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, { readonly command: string; readonly output: string }>
>;

/** An answer: a body, or a status with one; headers for answers that are not JSON. */
export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

export const adminTenant = '3b655869dfcd409a9e7649769d5dfa57';
export const adminUser = '07002d00863742c7b02e2856587198a7';

/** An HTTP server on loopback that is Keystone and whatever else the test says. */
export class FakeCloud {
  /** `GET /compute/servers/detail` → answer; the query is part of the key when the key has one. */
  readonly answers = new Map<string, Answer | ((seen: Seen) => Answer)>();
  readonly seen: Seen[] = [];
  /** Programs that commands ran. */
  readonly programs: string[][] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeCloud> {
    const server = createServer();
    const cloud = new FakeCloud(server);
    server.on('request', (request: IncomingMessage, response) => {
      void buffer(request).then((raw) => {
        const text = raw.toString();
        const isJson = /json/.test(request.headers['content-type'] ?? '');
        const seen: Seen = {
          method: request.method ?? '',
          url: request.url ?? '',
          body: isJson ? JSON.parse(text) : text,
          headers: request.headers,
        };
        const { status = 200, body, headers = {} } = cloud.#answer(seen);
        const isText = typeof body === 'string';
        response.writeHead(status, { ...(!isText && { 'content-type': 'application/json' }), ...headers });
        response.end(body === undefined ? undefined : isText ? body : JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return cloud;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Forgets what was asked and what to answer. */
  reset(): void {
    this.answers.clear();
    this.seen.length = 0;
    this.programs.length = 0;
  }

  /** What was asked beside signing in: `GET /compute/servers/detail`. */
  get asked(): readonly string[] {
    return this.seen.filter(({ url }) => url !== '/v2.0/tokens').map(({ method, url }) => `${method} ${url}`);
  }

  /** The body of the last request of that method. */
  sent(method: string): unknown {
    return this.seen.findLast((one) => one.method === method && one.url !== '/v2.0/tokens')?.body;
  }

  /**
   * Runs a command line as the administrator.
   * @param input what is piped in
   */
  async run<Api>(
    client: Client<Api>,
    argv: readonly string[],
    options: {
      readonly env?: Readonly<Record<string, string>>;
      readonly input?: string;
      /** What is typed when something is asked for. */
      readonly secrets?: readonly string[];
    } = {},
  ): Promise<{ readonly status: number; readonly out: string; readonly err: string }> {
    const printed = { out: '', err: '' };
    const env = options.env ?? {
      OS_USERNAME: 'admin',
      OS_PASSWORD: 'secret',
      OS_TENANT_NAME: 'admin',
      OS_AUTH_URL: `${this.url}/v2.0/`,
    };
    const input = (): Input | undefined =>
      options.input === undefined
        ? undefined
        : { data: Readable.from([Buffer.from(options.input)]), length: options.input.length };
    const secrets = [...(options.secrets ?? [])];
    const status = await runClient(client, argv, {
      env,
      askSecret: async () => secrets.shift(),
      askLine: async () => secrets.shift(),
      isTerminal: false,
      now: () => 0,
      runProgram: async (program) => {
        this.programs.push([...program]);
        return 0;
      },
      input,
      out: (text) => (printed.out += text),
      err: (text) => (printed.err += text),
      async pipeOut(data) {
        printed.out += (await buffer(data)).toString();
      },
      transport: createCliTransport,
      sleep: async () => undefined,
    });
    return { status, ...printed };
  }

  #answer(seen: Seen): Answer {
    this.seen.push(seen);
    if (seen.url === '/v2.0/tokens') return this.#signIn(seen);
    const path = seen.url.split('?')[0] as string;
    const known = this.answers.get(`${seen.method} ${seen.url}`) ?? this.answers.get(`${seen.method} ${path}`);
    if (known === undefined)
      return { status: 404, body: { itemNotFound: { code: 404, message: `Nothing at ${seen.method} ${seen.url}` } } };
    return typeof known === 'function' ? known(seen) : known;
  }

  #signIn(seen: Seen): Answer {
    const { auth } = seen.body as { auth: { passwordCredentials?: { password: string } } };
    if (auth.passwordCredentials?.password !== 'secret')
      return { status: 401, body: { error: { message: 'Invalid user / password', code: 401, title: 'Unauthorized' } } };
    const endpoint = (type: string, path: string) => ({
      type,
      name: type,
      endpoints: [
        {
          region: 'regionOne',
          publicURL: this.url + path,
          internalURL: this.url + path,
          adminURL: this.url + path,
          id: '1',
        },
      ],
    });
    return {
      body: {
        access: {
          token: { id: 'token-1', expires: '2014-10-19T07:50:29Z', tenant: { id: adminTenant, name: 'admin' } },
          user: { id: adminUser, name: 'admin' },
          serviceCatalog: [
            endpoint('identity', '/v2.0'),
            endpoint('image', '/image'),
            endpoint('compute', '/compute'),
            endpoint('network', '/network'),
            endpoint('volume', '/volume/v1/t'),
            endpoint('volumev2', '/volume/v2/t'),
          ],
        },
      },
    };
  }
}
