import type { Given } from '../base/arguments.ts';
import { requireCredentials, settingsOf } from '../base/client.ts';
import { CommandError, HttpError } from '../base/errors.ts';
import { byBytes, pyJson, pyText } from '../base/python.ts';
import { jsonMessage, Session, type ApiRequest } from '../base/session.ts';
import type { Shell } from '../base/shell.ts';
import { drawTable } from '../base/table.ts';

/** A server, flavor, image … as the service shows it. */
export type Item = Readonly<Record<string, unknown>> & { readonly id: string; readonly name: string };

/** Kinds of things that are found by name or id. */
export interface Kind {
  /** `/servers` */
  readonly path: string;
  readonly one: string;
  readonly many: string;
  /** How messages call it: `server`. */
  readonly label: string;
  /** The list that has the names, narrowed to one where the service can. */
  readonly listPath: (name: string) => string;
}

/** The service takes names as patterns. */
const exactly = (name: string): string => encodeURIComponent(`^${name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`);

export const kinds = {
  server: {
    path: '/servers',
    one: 'server',
    many: 'servers',
    label: 'server',
    listPath: (name) => `/servers?name=${exactly(name)}`,
  },
  flavor: {
    path: '/flavors',
    one: 'flavor',
    many: 'flavors',
    label: 'flavor',
    listPath: () => '/flavors/detail?is_public=None',
  },
  image: { path: '/images', one: 'image', many: 'images', label: 'image', listPath: () => '/images/detail' },
} as const satisfies Record<string, Kind>;

/** What the commands of `nova` work with. */
export class NovaApi {
  readonly session: Session;
  readonly shell: Shell;

  constructor(session: Session, shell: Shell) {
    this.session = session;
    this.shell = shell;
  }

  call<T = Record<string, unknown>>(method: ApiRequest['method'], path: string, json?: unknown): Promise<T> {
    return this.session.call<T>({ method, path, ...(json !== undefined && { json }) });
  }

  /** By id, then by name. @throws CommandError when there is none, or several of that name */
  async find(kind: Kind, nameOrId: string): Promise<Item> {
    // Flavors have ids of any form; for the rest a word that cannot be an id is not asked for.
    if (kind === kinds.flavor || /^(\d+|[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12})$/i.test(nameOrId)) {
      try {
        const found = await this.call<Record<string, Item>>('GET', `${kind.path}/${encodeURIComponent(nameOrId)}`);
        return found[kind.one] as Item;
      } catch (error) {
        if (!(error instanceof HttpError) || (error.status !== 404 && error.status !== 400)) throw error;
      }
    }
    const { [kind.many]: listed = [] } = await this.call<Record<string, Item[]>>('GET', kind.listPath(nameOrId));
    const named = listed.filter((item) => item.name === nameOrId);
    const [only] = named;
    if (named.length > 1)
      throw new CommandError(`Multiple ${kind.label} matches found for '${nameOrId}', use an ID to be more specific.`);
    if (!only) throw new CommandError(`No ${kind.label} with a name or ID of '${nameOrId}' exists.`);
    return only;
  }

  async serverId(nameOrId: string): Promise<string> {
    return (await this.find(kinds.server, nameOrId)).id;
  }

  /** An action on a server: `{"reboot": {…}}`. */
  async act<T = Record<string, unknown>>(server: string, action: string, argument: unknown = null): Promise<T> {
    return this.call<T>('POST', `/servers/${await this.serverId(server)}/action`, { [action]: argument });
  }

  /** A table of properties and values, in byte order of the names. */
  printItem(item: Readonly<Record<string, unknown>>, heading = 'Property', value = 'Value'): void {
    const rows = Object.entries(item)
      .toSorted(([a], [b]) => byBytes(a, b))
      .map(([name, content]) => [name, cellText(content)]);
    this.shell.out(drawTable({ columns: [heading, value], rows }));
  }

  /** A table of rows in the given order. */
  printList(columns: readonly string[], rows: readonly (readonly unknown[])[]): void {
    this.shell.out(drawTable({ columns, rows: rows.map((row) => row.map(cellText)) }));
  }
}

/** None is a dash; structures are JSON. */
const cellText = (value: unknown): string =>
  value === null || value === undefined ? '-' : typeof value === 'object' ? pyJson(value) : pyText(value);

/** @throws CommandError for settings that are missing */
export function connectNova(given: Given, shell: Shell): NovaApi {
  const settings = settingsOf(given, shell.env, {
    endpoint: given.text('bypass-url') ?? shell.env['NOVACLIENT_BYPASS_URL'],
    endpointType: given.text('endpoint-type') ?? shell.env['NOVA_ENDPOINT_TYPE'],
  });
  requireCredentials(
    settings,
    'a tenant name or tenant id via --os-tenant-name, --os-tenant-id, env[OS_TENANT_NAME] or env[OS_TENANT_ID]',
  );
  const session = new Session(settings, shell, {
    serviceType: given.text('service-type') ?? 'compute',
    faultOf: (status, body, headers) => {
      const id = headers['x-compute-request-id'] ?? headers['x-openstack-request-id'];
      return `${jsonMessage(body) ?? (body.trim() || 'n/a')} (HTTP ${status})${id === undefined ? '' : ` (Request-ID: ${id})`}`;
    },
    badCredentials: 'Invalid OpenStack Nova credentials.',
  });
  return new NovaApi(session, shell);
}

/** `key=value` pairs of an option given several times. @throws CommandError */
export function pairs(texts: readonly string[], option: string): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      if (equals < 1) throw new CommandError(`argument ${option}: '${text}' is not of the form key=value`);
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}
