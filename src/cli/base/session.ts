import type { Readable } from 'node:stream';
import type { HttpResponse, HttpTransport } from '#common/api/transport.ts';
import { CommandError, HttpError } from './errors.ts';
import type { Shell, TlsOptions } from './shell.ts';

/** Where and as whom a client works: options first, then the environment. */
export interface Settings {
  readonly authUrl: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tenantName: string | undefined;
  readonly tenantId: string | undefined;
  readonly region: string | undefined;
  readonly token: string | undefined;
  /** The service's URL, instead of looking it up in the catalogue. */
  readonly endpoint: string | undefined;
  /** `publicURL`, `internalURL`, `adminURL` */
  readonly endpointType: string;
  /** Which of several services of one type, by name. */
  readonly serviceName: string | undefined;
  readonly debug: boolean;
  readonly tls: TlsOptions;
}

/** How long a request took, for `--timings`. */
export interface Timing {
  /** `GET /servers/detail` */
  readonly url: string;
  readonly seconds: number;
}

export interface CatalogService {
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly Readonly<Record<string, string>>[];
}

/** Who one is after signing in. */
export interface Access {
  readonly token: {
    readonly id: string;
    readonly expires: string;
    readonly tenant?: { readonly id: string; readonly name: string };
    readonly [more: string]: unknown;
  };
  readonly user: { readonly id: string; readonly name: string; readonly [more: string]: unknown };
  readonly serviceCatalog: readonly CatalogService[];
}

/** A request below the service's URL. */
export interface ApiRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/servers/detail?all_tenants=1` */
  readonly path: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable;
  /** `publicURL`, for what only that endpoint serves. */
  readonly endpointType?: string;
  /** Another service's type, for a client that speaks to two. */
  readonly serviceType?: string;
  /** What the path is below, instead of the service's URL. */
  readonly url?: string;
  readonly signal?: AbortSignal;
}

/** How a client's words differ around the same protocol. */
export interface SessionStyle {
  /** Service type in the catalogue: `compute`. */
  readonly serviceType: string;
  /** Makes the catalogue's URL the one that paths are appended to. */
  readonly endpointOf?: (url: string) => string;
  /** The message of an error answer. */
  readonly faultOf: (status: number, body: string, headers: Readonly<Record<string, string>>) => string;
  /** What answers may be; JSON unless given. */
  readonly accept?: string;
  /** The message for a refused user name or password. */
  readonly badCredentials: string;
}

/** A signed-in client: signs in when first needed, and only then. */
export class Session {
  readonly #settings: Settings;
  readonly #shell: Shell;
  readonly #style: SessionStyle;
  readonly #transport: HttpTransport;
  /** All requests so far, in order. */
  readonly timings: Timing[] = [];
  #access: Promise<Access> | undefined;

  constructor(settings: Settings, shell: Shell, style: SessionStyle) {
    this.#settings = settings;
    this.#shell = shell;
    this.#style = style;
    this.#transport = shell.transport(settings.tls);
  }

  /** Signs in. @throws CommandError */
  access(): Promise<Access> {
    return (this.#access ??= this.#signIn());
  }

  /** Sends a request; parses a JSON answer. @throws HttpError for a status of 400 and above */
  async call<T = Record<string, unknown>>(request: ApiRequest): Promise<T> {
    const answer = await this.send(request);
    const text = await answer.text();
    return (text === '' || request.method === 'HEAD' ? {} : parseJson(text)) as T;
  }

  /** Asks a URL without signing in. @throws HttpError for a status of 400 and above; 300, several choices, is none */
  async unsigned<T>(url: string): Promise<T> {
    const answer = await this.#transmit('GET', url, { accept: 'application/json' }, undefined);
    if (answer.status >= 400) throw await this.#errorOf(answer);
    return parseJson(await answer.text()) as T;
  }

  /** Sends a request whose answer is in its headers. @throws HttpError for a status of 400 and above */
  async headers(request: ApiRequest): Promise<Readonly<Record<string, string>>> {
    const answer = await this.send(request);
    await answer.text(); // a body that nobody reads keeps the connection, and with it the command, alive
    return answer.headers;
  }

  /** Sends a request whose answer is a stream, to be read to its end. @throws HttpError for a status of 400 and above */
  async send(request: ApiRequest): Promise<HttpResponse> {
    const { token, endpoint } = this.#settings;
    const direct = token !== undefined && endpoint !== undefined;
    const url = request.url ?? (await this.#endpoint(request.serviceType, request.endpointType));
    const answer = await this.#transmit(
      request.method,
      url.replace(/\/+$/, '') + request.path,
      {
        ...(request.json !== undefined && { 'content-type': 'application/json' }),
        'x-auth-token': direct ? token : (await this.access()).token.id,
        accept: this.#style.accept ?? 'application/json',
        ...request.headers,
      },
      request.json === undefined ? request.body : JSON.stringify(request.json),
      request.signal,
    );
    if (answer.status < 400) return answer;
    throw await this.#errorOf(answer);
  }

  /** The URL of a type of service, as the catalogue has it. @throws CommandError when it is not there */
  async catalogUrl(type: string, kind: string): Promise<string> {
    const url = await this.findUrl(type, kind);
    if (url !== undefined) return url;
    const { region } = this.#settings;
    throw new CommandError(
      `The service catalog has no ${kind} of type "${type}"${region === undefined ? '' : ` in region "${region}"`}. keystone catalog shows what it has.`,
    );
  }

  /** The same; undefined when it is not there. @param match an attribute that the endpoint must have */
  async findUrl(
    type: string,
    kind: string,
    match?: { readonly attribute: string; readonly value: string },
  ): Promise<string | undefined> {
    const { serviceCatalog } = await this.access();
    const { region, serviceName } = this.#settings;
    const endpoints = serviceCatalog
      .filter((service) => service.type === type && (serviceName === undefined || service.name === serviceName))
      .flatMap((service) => service.endpoints);
    return endpoints.find(
      (one) =>
        (region === undefined || one['region'] === region) &&
        one[kind] !== undefined &&
        (match === undefined || one[match.attribute] === match.value),
    )?.[kind];
  }

  /** The URL of another service, for those who can do without it; of any name, by the same kind of URL as this client's. */
  async findService(type: string): Promise<string | undefined> {
    const { region, token, endpoint, endpointType } = this.#settings;
    // Who brings a token and a URL has not signed in, and has no catalogue.
    if (token !== undefined && endpoint !== undefined) return undefined;
    const { serviceCatalog } = await this.access();
    return serviceCatalog
      .filter((service) => service.type === type)
      .flatMap((service) => service.endpoints)
      .find((one) => region === undefined || one['region'] === region)?.[endpointType];
  }

  /** Where this client's requests go. @throws CommandError when the catalogue does not have it */
  endpoint(): Promise<string> {
    return this.#endpoint();
  }

  async #endpoint(type = this.#style.serviceType, kind = this.#settings.endpointType): Promise<string> {
    const { endpoint } = this.#settings;
    if (endpoint !== undefined && type === this.#style.serviceType) return endpoint;
    const url = await this.catalogUrl(type, kind);
    return this.#style.endpointOf?.(url) ?? url;
  }

  async #signIn(): Promise<Access> {
    const { authUrl, username, password, tenantName, tenantId, token } = this.#settings;
    const root = (authUrl ?? '').replace(/\/+$/, '').replace(/\/(v2\.0|v3)$/, '');
    const tenant = tenantId !== undefined ? { tenantId } : tenantName !== undefined ? { tenantName } : {};
    const who = token === undefined ? { passwordCredentials: { username, password } } : { token: { id: token } };
    const answer = await this.#transmit(
      'POST',
      `${root}/v2.0/tokens`,
      { 'content-type': 'application/json', accept: 'application/json' },
      JSON.stringify({ auth: { ...who, ...tenant } }),
    );
    if (answer.status === 401) throw new CommandError(this.#style.badCredentials);
    if (answer.status >= 400) {
      const error = await this.#errorOf(answer);
      throw new CommandError(`Authorization Failed: ${error.message}`);
    }
    const { access } = await answer.json<{ access: Access }>();
    return access;
  }

  async #transmit(
    method: string,
    url: string,
    headers: Record<string, string>,
    body: string | Readable | undefined,
    signal?: AbortSignal,
  ): Promise<HttpResponse> {
    if (this.#settings.debug) this.#shell.err(curlOf(method, url, headers, body));
    const began = this.#shell.now();
    let answer: HttpResponse;
    try {
      answer = await this.#transport.request({
        ...{ method, url, headers },
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
      });
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw cause instanceof CommandError
        ? cause
        : new CommandError(`Unable to establish connection to ${url} (${code ?? message})`, { cause });
    }
    this.timings.push({
      url: `${method} ${new URL(url).pathname}`,
      seconds: (this.#shell.now() - began) / 1000,
    });
    if (this.#settings.debug) await this.#describe(answer);
    return answer;
  }

  /** The answer, without its secrets; data is not shown. */
  async #describe(answer: HttpResponse): Promise<void> {
    const isText = /json|text/.test(answer.headers['content-type'] ?? '');
    const body = isText ? withoutSecrets(await answer.text()) : '';
    this.#shell.err(`RESP: [${answer.status}] ${JSON.stringify(answer.headers)}\nRESP BODY: ${body}\n\n`);
  }

  async #errorOf(answer: HttpResponse): Promise<HttpError> {
    const body = await answer.text();
    const requestId = answer.headers['x-compute-request-id'] ?? answer.headers['x-openstack-request-id'];
    return new HttpError(answer.status, this.#style.faultOf(answer.status, body, answer.headers), body, requestId);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CommandError(`The service answered with something that is not JSON: ${text.slice(0, 200)}`, { cause });
  }
}

/** The request as a curl command, without its secrets. */
function curlOf(method: string, url: string, headers: Readonly<Record<string, string>>, body: unknown): string {
  const shown = Object.entries(headers).map(
    ([name, value]) => ` -H "${name}: ${name === 'x-auth-token' ? '***' : value}"`,
  );
  const data = typeof body === 'string' ? ` -d '${withoutSecrets(body)}'` : '';
  return `REQ: curl -i '${url}' -X ${method}${shown.join('')}${data}\n`;
}

/** JSON with the values of what must not be printed left out: passwords, keys, and the ids of tokens. */
function withoutSecrets(json: string): string {
  const words = 'password|original_password|adminPass|admin_pass|secret|auth_key|private_key';
  return json
    .replace(new RegExp(`("(?:${words})":\\s*)"(?:[^"\\\\]|\\\\.)*"`, 'g'), '$1"***"')
    .replace(/("token":\s*\{[^{}]*?"id":\s*)"[^"]*"/g, '$1"***"')
    .replace(/("token":\s*\{(?:[^{}]|\{[^{}]*\})*?"id":\s*)"[^"]*"/g, '$1"***"');
}

/** The message of the common fault bodies: `{"itemNotFound": {"message": …}}`, `{"error": {…}}`. */
export function jsonMessage(body: string): string | undefined {
  try {
    const [fault] = Object.values(JSON.parse(body) as Record<string, unknown>);
    const message = typeof fault === 'object' && fault !== null ? (fault as { message?: unknown }).message : undefined;
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
