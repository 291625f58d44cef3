import type { Given } from '../base/arguments.ts';
import { faultText } from '../base/faults.ts';
import { CommandError, HttpError } from '../base/errors.ts';
import { pyCompare, pyStr } from '../base/python.ts';
import { Session, type ApiRequest } from '../base/session.ts';
import { firstOf, requireCredentials, settingsOf, usualMissing } from '../base/settings.ts';
import type { Shell } from '../base/shell.ts';
import { drawTable } from '../base/table.ts';

/** Version of the API: they differ in the names of names, and a little in what they can. */
export type Version = '1' | '2';

/** A volume, snapshot, type … as the service shows it. */
export type Item = Readonly<Record<string, unknown>> & { readonly id: string };

/** Kinds of things that are found by id or name. */
export interface Kind {
  /** `/volumes` */
  readonly path: string;
  readonly one: string;
  readonly many: string;
  /** How messages call it. */
  readonly label: string;
  /** The list that has the names. */
  readonly list: string;
}

export const kinds = {
  volume: { path: '/volumes', one: 'volume', many: 'volumes', label: 'volume', list: '/volumes/detail?all_tenants=1' },
  snapshot: {
    path: '/snapshots',
    one: 'snapshot',
    many: 'snapshots',
    label: 'snapshot',
    list: '/snapshots/detail?all_tenants=1',
  },
  backup: { path: '/backups', one: 'backup', many: 'backups', label: 'volumebackup', list: '/backups/detail' },
  transfer: {
    path: '/os-volume-transfer',
    one: 'transfer',
    many: 'transfers',
    label: 'volumetransfer',
    list: '/os-volume-transfer/detail',
  },
  type: { path: '/types', one: 'volume_type', many: 'volume_types', label: 'volumetype', list: '/types' },
  qos: { path: '/qos-specs', one: 'qos_specs', many: 'qos_specs', label: 'qosspecs', list: '/qos-specs' },
} as const satisfies Record<string, Kind>;

const isId = (text: string): boolean => /^(\d+|[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12})$/i.test(text);
/** A name or id as a part of a path. */
export const word = encodeURIComponent;

/** What the commands of `cinder` work with. */
export class CinderApi {
  readonly session: Session;
  readonly shell: Shell;
  readonly version: Version;

  constructor(session: Session, shell: Shell, version: Version) {
    this.session = session;
    this.shell = shell;
    this.version = version;
  }

  call<T = Record<string, unknown>>(method: ApiRequest['method'], path: string, json?: unknown): Promise<T> {
    return this.session.call<T>({ method, path, ...(json !== undefined && { json }) });
  }

  /** One thing by its id. */
  async get(kind: Kind, id: string): Promise<Item> {
    return (await this.call<Record<string, Item>>('GET', `${kind.path}/${word(id)}`))[kind.one] as Item;
  }

  /** By id, then by name. @throws CommandError when there is none, or several of that name */
  async find(kind: Kind, nameOrId: string): Promise<Item> {
    if (isId(nameOrId)) {
      try {
        return await this.get(kind, nameOrId);
      } catch (error) {
        if (!(error instanceof HttpError) || error.status !== 404) throw error;
      }
    }
    const listed = (await this.call<Record<string, Item[]>>('GET', kind.list))[kind.many] ?? [];
    const named = listed.filter((item) => (item['display_name'] ?? item['name']) === nameOrId);
    const [only] = named;
    if (named.length > 1)
      throw new CommandError(`Multiple ${kind.label} matches found for '${nameOrId}', use an ID to be more specific.`);
    if (!only) throw new CommandError(`No ${kind.label} with a name or ID of '${nameOrId}' exists.`);
    return only;
  }

  async idOf(kind: Kind, nameOrId: string): Promise<string> {
    return (await this.find(kind, nameOrId)).id;
  }

  /** An action on a volume or snapshot: `{"os-extend": {…}}`. */
  async act<T = Record<string, unknown>>(kind: Kind, id: string, action: string, argument: unknown = null): Promise<T> {
    return this.call<T>('POST', `${kind.path}/${word(id)}/action`, { [action]: argument });
  }

  /** A table of properties and values, by name, centred. */
  printItem(item: Readonly<Record<string, unknown>>, heading = 'Property'): void {
    const rows = Object.entries(item)
      .toSorted(([a], [b]) => pyCompare(a, b))
      .map(([name, value]) => [name, pyStr(value)]);
    this.shell.out(drawTable({ columns: [heading, 'Value'], rows, align: 'centre' }));
  }

  /** A table of rows, sorted by the first column, centred. */
  printList(columns: readonly string[], rows: readonly (readonly unknown[])[]): void {
    const sorted = rows.toSorted((a, b) => pyCompare(a, b)).map((row) => row.map(pyStr));
    this.shell.out(drawTable({ columns, rows: sorted, align: 'centre' }));
  }

  /** A table of things: each column is the attribute of that name; one that is missing is empty. */
  printItems(columns: readonly string[], items: readonly Readonly<Record<string, unknown>>[]): void {
    this.printList(
      columns,
      items.map((item) => columns.map((column) => valueOf(item, column))),
    );
  }
}

function valueOf(item: Readonly<Record<string, unknown>>, column: string): unknown {
  const value = item[column.toLowerCase().replaceAll(' ', '_')];
  return value === undefined ? '' : value;
}

/** `key=value`, or for what is unset `key`; a key that is given twice has the last value. */
export function metadataOf(words: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(
    words.map((text) => {
      const equals = text.indexOf('=');
      return equals < 0 ? [text, null] : [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

/** Query words: what is given and not empty. */
export function queryOf(values: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams(
    Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ''),
  );
  return query.size > 0 ? `?${query}` : '';
}

/** Which version of the API the options and the environment ask for. @throws CommandError for one that there is not */
export function versionOf(given: Given, env: Shell['env']): Version {
  const asked = firstOf(given.text('os-volume-api-version'), env['OS_VOLUME_API_VERSION']) ?? '1';
  const version = asked.replace(/^v/, '').replace(/\.0$/, '');
  if (version !== '1' && version !== '2')
    throw new CommandError(`Invalid client version '${asked}'. must be one of: 1, 2`);
  return version;
}

/** @throws CommandError for settings that are missing, and for a catalogue whose endpoint is of the other version */
export async function connectCinder(given: Given, shell: Shell): Promise<CinderApi> {
  const { env } = shell;
  const version = versionOf(given, env);
  const settings = await requireCredentials(
    settingsOf(given, env, {
      endpointType: firstOf(given.text('endpoint-type'), env['CINDER_ENDPOINT_TYPE']),
      serviceName: firstOf(
        given.text('volume-service-name'),
        env['CINDER_VOLUME_SERVICE_NAME'],
        given.text('service-name'),
        env['CINDER_SERVICE_NAME'],
      ),
    }),
    shell,
    { ...usualMissing, password: 'You must provide a password via either --os-password or via env[OS_PASSWORD]' },
  );
  const session = new Session(settings, shell, {
    serviceType: given.text('service-type') ?? (version === '1' ? 'volume' : 'volumev2'),
    faultOf: faultText,
    badCredentials: 'Invalid OpenStack Cinder credentials.',
  });
  const found = /\/v(\d)(\.\d)?(\/|$)/.exec(await session.endpoint())?.[1];
  if (found !== undefined && found !== version)
    throw new CommandError(
      `Volume API version is set to ${version} but you are accessing a ${found} endpoint. Change its value via either --os-volume-api-version or env[OS_VOLUME_API_VERSION]`,
    );
  return new CinderApi(session, shell, version);
}
