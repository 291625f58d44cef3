import type { Given } from '../base/arguments.ts';
import { CommandError } from '../base/errors.ts';
import { byBytes, pyText } from '../base/python.ts';
import { jsonMessage, Session, type Settings } from '../base/session.ts';
import { firstOf, requireCredentials, settingsOf } from '../base/settings.ts';
import type { Shell } from '../base/shell.ts';
import { drawTable } from '../base/table.ts';

/** A tenant, user, role … as the service shows it. */
export type Item = Readonly<Record<string, unknown>> & { readonly id: string };

/** A kind of thing: where it is, how it is wrapped, how messages call it. */
export interface Kind {
  readonly path: string;
  readonly one: string;
  readonly many: string;
  /** The class name in lower case: `tenant`. */
  readonly label: string;
}

export const kinds = {
  tenant: { path: '/tenants', one: 'tenant', many: 'tenants', label: 'tenant' },
  user: { path: '/users', one: 'user', many: 'users', label: 'user' },
  role: { path: '/OS-KSADM/roles', one: 'role', many: 'roles', label: 'role' },
  service: { path: '/OS-KSADM/services', one: 'OS-KSADM:service', many: 'OS-KSADM:services', label: 'service' },
} as const satisfies Record<string, Kind>;

/** What the commands of `keystone` work with. */
export class KeystoneApi {
  readonly session: Session;
  readonly shell: Shell;
  /** Whether a bootstrap token stands in for signing in: nobody in particular is asking then. */
  readonly bootstrap: boolean;
  /** What was signed in with. */
  readonly password: string | undefined;
  /** Where the service is looked for. */
  readonly authUrl: string | undefined;

  constructor(session: Session, shell: Shell, settings: Settings, bootstrap: boolean) {
    this.session = session;
    this.shell = shell;
    this.password = settings.password;
    this.authUrl = settings.endpoint ?? settings.authUrl;
    this.bootstrap = bootstrap;
  }

  async list(kind: Kind, path: string = kind.path): Promise<readonly Item[]> {
    const answer = await this.session.call<Record<string, readonly Item[]>>({ method: 'GET', path });
    return answer[kind.many] ?? [];
  }

  /** By id, then by name. @throws CommandError when there is none, or several of that name */
  async find(kind: Kind, nameOrId: string): Promise<Item> {
    const all = await this.list(kind);
    const byId = all.find((item) => item.id === nameOrId);
    if (byId) return byId;
    const named = all.filter((item) => item['name'] === nameOrId);
    const [only] = named;
    if (named.length > 1)
      throw new CommandError(`Multiple ${kind.label} matches found for '${nameOrId}', use an ID to be more specific.`);
    if (!only) throw new CommandError(`No ${kind.label} with a name or ID of '${nameOrId}' exists.`);
    return only;
  }

  /** `find`, for an option that may be left out. */
  async idOf(kind: Kind, nameOrId: string | undefined): Promise<string | undefined> {
    return nameOrId === undefined ? undefined : (await this.find(kind, nameOrId)).id;
  }

  /** A table of properties and values, by name. Values of None are empty. */
  printItem(item: Readonly<Record<string, unknown>>): void {
    const rows = Object.entries(item)
      .toSorted(([a], [b]) => byBytes(a, b))
      .map(([name, value]) => [name, value === null ? '' : pyText(value)]);
    this.shell.out(drawTable({ columns: ['Property', 'Value'], rows, align: 'centre' }));
  }

  /** A table of those fields, sorted by one of them. Without items it is an empty line. */
  printList(items: readonly Readonly<Record<string, unknown>>[], fields: readonly string[], sortBy = 'name'): void {
    const cell = (value: unknown): string => (value === null || value === undefined ? '' : pyText(value));
    const rows = items
      .toSorted((a, b) => byBytes(cell(a[sortBy]), cell(b[sortBy])))
      .map((item) => fields.map((field) => cell(item[field])));
    this.shell.out(rows.length === 0 ? '\n' : drawTable({ columns: fields, rows, align: 'centre' }));
  }
}

/** @throws CommandError for settings that are missing */
export async function connectKeystone(given: Given, shell: Shell): Promise<KeystoneApi> {
  const { env } = shell;
  const token = firstOf(given.text('os-token'), env['OS_SERVICE_TOKEN'], env['SERVICE_TOKEN']);
  const endpoint = firstOf(given.text('os-endpoint'), env['OS_SERVICE_ENDPOINT'], env['SERVICE_ENDPOINT']);
  const own = settingsOf(given, env, { endpointType: 'adminURL' });
  const bootstrap = token !== undefined;
  if (bootstrap && endpoint === undefined)
    throw new CommandError('Expecting an endpoint via either --os-endpoint or env[OS_SERVICE_ENDPOINT]');
  if (bootstrap && own.username !== undefined)
    shell.err(
      'WARNING: Bypassing authentication using a token & endpoint (authentication credentials are being ignored).\n',
    );
  const signedIn = bootstrap
    ? { ...own, token }
    : await requireCredentials(
        own,
        shell,
        {
          authUrl: 'Expecting an auth URL via either --os-auth-url or env[OS_AUTH_URL]',
          username:
            'Expecting authentication method via\n  either a service token, --os-token or env[OS_SERVICE_TOKEN], \n  credentials, --os-username or env[OS_USERNAME]',
          password: 'Expecting a password via either --os-password, env[OS_PASSWORD], or prompted response',
          tenant: 'Expecting a tenant name or id via either --os-tenant-name or env[OS_TENANT_NAME]',
        },
        ['authUrl', 'username', 'password'],
      );
  const settings = { ...signedIn, endpoint: endpoint === undefined ? undefined : versioned(endpoint) };
  const session = new Session(settings, shell, {
    serviceType: 'identity',
    endpointOf: versioned,
    faultOf: (status, body) => `${jsonMessage(body) ?? body} (HTTP ${status})`,
    badCredentials: 'Invalid OpenStack Identity credentials.',
  });
  return new KeystoneApi(session, shell, settings, bootstrap);
}

/** The catalogue's URL may name another version; these commands speak v2.0. */
const versioned = (url: string): string => `${url.replace(/\/+$/, '').replace(/\/v[\d.]+$/, '')}/v2.0`;
