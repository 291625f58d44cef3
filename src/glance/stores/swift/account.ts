import type { HttpRequest, HttpResponse, HttpTransport } from '#common/api/transport.ts';
import { StoreError } from '../driver.ts';
import type { StoreSettings } from '../options.ts';

/** A way in: where the account is and what opens it. */
interface Access {
  readonly url: string;
  readonly token: string;
}

interface Catalogue {
  readonly type: string;
  readonly endpoints: readonly Readonly<Record<string, string>>[];
}

/** One account of a Swift: authenticates when it must, and again when the token has expired. */
export class SwiftAccount {
  readonly #settings: StoreSettings;
  readonly #transport: HttpTransport;
  #access: Promise<Access> | undefined;

  constructor(deps: { readonly settings: StoreSettings; readonly transport: HttpTransport }) {
    this.#settings = deps.settings;
    this.#transport = deps.transport;
  }

  /**
   * A request below the account. A refused token is renewed once; not for a body that is a stream, which cannot be sent twice.
   * @param path begins with `/`, already encoded
   * @throws StoreError `unreachable`, `denied`
   */
  async request(
    method: string,
    path: string,
    rest: Pick<HttpRequest, 'headers' | 'body' | 'signal' | 'large' | 'timeoutMs'> = {},
  ): Promise<HttpResponse> {
    const attempt = async (): Promise<HttpResponse> => {
      const access = await this.#open();
      return this.#send({
        ...rest,
        method,
        url: access.url + path,
        headers: { ...rest.headers, 'x-auth-token': access.token },
      });
    };
    const answer = await attempt();
    if (answer.status !== 401) return answer;
    this.#access = undefined;
    if (rest.body !== undefined && typeof rest.body !== 'string' && !Buffer.isBuffer(rest.body)) return answer;
    answer.stream.resume();
    return attempt();
  }

  async #open(): Promise<Access> {
    this.#access ??= this.#authenticate();
    return this.#access.catch((error: unknown) => {
      this.#access = undefined;
      throw error;
    });
  }

  async #authenticate(): Promise<Access> {
    const { swift_store_auth_version: version } = this.#settings;
    const address = (this.#settings.swift_store_auth_address ?? '').replace(/\/+$/, '');
    const user = this.#settings.swift_store_user ?? '';
    const key = this.#settings.swift_store_key ?? '';
    if (version === '1') {
      const answer = await this.#send({
        method: 'GET',
        url: address,
        headers: { 'x-auth-user': user, 'x-auth-key': key },
      });
      answer.stream.resume();
      this.#check(answer);
      return {
        url: (answer.headers['x-storage-url'] ?? '').replace(/\/+$/, ''),
        token: answer.headers['x-auth-token'] ?? '',
      };
    }
    const colon = user.indexOf(':');
    const tenant = colon < 0 ? user : user.slice(0, colon);
    const name = user.slice(colon + 1);
    return version === '2' ? this.#keystone2(address, tenant, name, key) : this.#keystone3(address, tenant, name, key);
  }

  async #keystone2(address: string, tenantName: string, username: string, password: string): Promise<Access> {
    const answer = await this.#post(`${address}/tokens`, {
      auth: { tenantName, passwordCredentials: { username, password } },
    });
    const { access } = await answer.json<{
      access: { token: { id: string }; serviceCatalog: readonly Catalogue[] };
    }>();
    const { swift_store_endpoint_type: endpoint } = this.#settings;
    return { url: this.#endpoint(access.serviceCatalog, (one) => one[endpoint]), token: access.token.id };
  }

  async #keystone3(address: string, project: string, name: string, password: string): Promise<Access> {
    const domain = { id: 'default' };
    const answer = await this.#post(`${address}/auth/tokens`, {
      auth: {
        identity: { methods: ['password'], password: { user: { name, password, domain } } },
        scope: { project: { name: project, domain } },
      },
    });
    const { token } = await answer.json<{ token: { catalog: readonly Catalogue[] } }>();
    const wanted = this.#settings.swift_store_endpoint_type.replace(/URL$/, '');
    const url = this.#endpoint(token.catalog, (one) => (one['interface'] === wanted ? one['url'] : undefined));
    return { url, token: answer.headers['x-subject-token'] ?? '' };
  }

  #endpoint(
    catalogue: readonly Catalogue[],
    urlOf: (endpoint: Readonly<Record<string, string>>) => string | undefined,
  ): string {
    const { swift_store_service_type: type, swift_store_region: region } = this.#settings;
    const url = catalogue
      .filter((service) => service.type === type)
      .flatMap(({ endpoints }) => endpoints)
      .filter((one) => region === null || one['region'] === region || one['region_id'] === region)
      .map(urlOf)
      .find((one) => one !== undefined);
    if (url === undefined)
      throw new StoreError(
        'unreachable',
        `The catalogue has no ${this.#settings.swift_store_endpoint_type} of the service type ${type}${region === null ? '' : ` in ${region}`}: register Swift's endpoint or correct swift_store_service_type.`,
      );
    return url.replace(/\/+$/, '');
  }

  async #post(url: string, body: object): Promise<HttpResponse> {
    const answer = await this.#send({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    this.#check(answer);
    return answer;
  }

  #check(answer: HttpResponse): void {
    if (answer.status >= 200 && answer.status < 300) return;
    answer.stream.resume();
    throw new StoreError(
      answer.status === 401 || answer.status === 403 ? 'denied' : 'unreachable',
      `${this.#settings.swift_store_auth_address} does not let ${this.#settings.swift_store_user} in (HTTP ${answer.status}): check swift_store_user, swift_store_key and swift_store_auth_version.`,
    );
  }

  async #send(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.#transport.request(request);
    } catch (cause) {
      if (request.signal?.aborted) throw cause;
      throw new StoreError('unreachable', `Swift does not answer: ${(cause as Error).message}`, cause);
    }
  }
}
