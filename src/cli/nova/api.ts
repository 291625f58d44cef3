import type { Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError, HttpError } from '../base/errors.ts';
import { faultText } from '../base/faults.ts';
import { byBytes, pyJson, pyStr, pyText } from '../base/python.ts';
import { Session, type ApiRequest } from '../base/session.ts';
import { firstOf, requireCredentials, settingsOf, usualMissing } from '../base/settings.ts';
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
  /** The list of all, where `beta-one` finds `Beta One`. */
  readonly slugPath?: string;
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
    slugPath: '/servers',
  },
  flavor: {
    path: '/flavors',
    one: 'flavor',
    many: 'flavors',
    label: 'flavor',
    listPath: () => '/flavors/detail?is_public=None',
  },
  image: {
    path: '/images',
    one: 'image',
    many: 'images',
    label: 'image',
    listPath: () => '/images/detail',
    slugPath: '/images/detail',
  },
  aggregate: {
    path: '/os-aggregates',
    one: 'aggregate',
    many: 'aggregates',
    label: 'aggregate',
    listPath: () => '/os-aggregates',
  },
  volume: { path: '/volumes', one: 'volume', many: 'volumes', label: 'volume', listPath: () => '/volumes/detail' },
  snapshot: {
    path: '/snapshots',
    one: 'snapshot',
    many: 'snapshots',
    label: 'snapshot',
    listPath: () => '/snapshots/detail',
  },
} as const satisfies Record<string, Kind>;

const nameOf = (item: Item): string => String(item.name ?? item['display_name'] ?? '');
const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]|[^\w\s-]/g, '')
    .trim()
    .toLowerCase()
    .replace(/[-\s]+/g, '-');

/** What the commands of `nova` work with. */
export class NovaApi {
  readonly session: Session;
  readonly shell: Shell;

  /** Whether the requests' times are printed in the end. */
  readonly timings: boolean;

  constructor(session: Session, shell: Shell, timings: boolean) {
    this.session = session;
    this.shell = shell;
    this.timings = timings;
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
    const list = async (path: string): Promise<readonly Item[]> =>
      (await this.call<Record<string, Item[]>>('GET', path))[kind.many] ?? [];
    const named = (await list(kind.listPath(nameOrId))).filter((item) => nameOf(item) === nameOrId);
    // The name as a part of a URL finds it too, but only where no name is like that: the whole list is long.
    const matches =
      named.length > 0 || kind.slugPath === undefined
        ? named
        : (await list(kind.slugPath)).filter((item) => slugOf(nameOf(item)) === nameOrId);
    const [only] = matches;
    if (matches.length > 1)
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

  /** A table of things in the given order: each column is the attribute of that name; one that is missing is empty. */
  printItems(columns: readonly string[], items: readonly Readonly<Record<string, unknown>>[]): void {
    this.printList(
      columns,
      items.map((item) => columns.map((column) => valueOf(item, column))),
    );
  }

  /** A table of rows in the given order. */
  printList(columns: readonly string[], rows: readonly (readonly unknown[])[]): void {
    this.shell.out(drawTable({ columns, rows: rows.map((row) => row.map(listText)) }));
  }
}

/** `Public IP` is the attribute `public_ip`. */
const valueOf = (item: Readonly<Record<string, unknown>>, column: string): unknown => {
  const name = column.toLowerCase().replaceAll(' ', '_');
  const value = name in item ? item[name] : item[column];
  return value === undefined ? '' : value;
};

/** None is a dash; structures are JSON. */
const cellText = (value: unknown): string =>
  value === null || value === undefined ? '-' : typeof value === 'object' ? pyJson(value) : pyText(value);

/** In lists, structures are as Python writes them. */
const listText = (value: unknown): string => (value === null || value === undefined ? '-' : pyStr(value));

/** @throws CommandError for settings that are missing */
export async function connectNova(given: Given, shell: Shell, command: Command<NovaApi>): Promise<NovaApi> {
  const { env } = shell;
  const serviceType = firstOf(given.text('service-type'), command.serviceType) ?? 'compute';
  const settings = await requireCredentials(
    settingsOf(given, env, {
      endpoint: firstOf(given.text('bypass-url'), env['NOVACLIENT_BYPASS_URL']),
      endpointType: firstOf(given.text('endpoint-type'), env['NOVA_ENDPOINT_TYPE']),
      serviceName:
        serviceType === 'volume'
          ? firstOf(given.text('volume-service-name'), env['NOVA_VOLUME_SERVICE_NAME'])
          : firstOf(given.text('service-name'), env['NOVA_SERVICE_NAME']),
    }),
    shell,
    {
      ...usualMissing,
      password: 'Expecting a password provided via either --os-password, env[OS_PASSWORD], or prompted response',
      tenant:
        'You must provide a tenant name or tenant id via --os-tenant-name, --os-tenant-id, env[OS_TENANT_NAME] or env[OS_TENANT_ID]',
    },
    ['username', 'tenant', 'authUrl', 'password'],
  );
  const session = new Session(settings, shell, {
    serviceType,
    faultOf: faultText,
    badCredentials: 'Invalid OpenStack Nova credentials.',
  });
  return new NovaApi(session, shell, given.has('timings'));
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

/** `key=value`, or for what is deleted `key`. */
export function metadataOf(words: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(
    words.map((text) => {
      const equals = text.indexOf('=');
      return equals < 0 ? [text, null] : [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}
