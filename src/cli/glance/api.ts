import type { Given } from '../base/arguments.ts';
import { requireCredentials, settingsOf } from '../base/client.ts';
import { CommandError } from '../base/errors.ts';
import { byBytes, pyText } from '../base/python.ts';
import { Session } from '../base/session.ts';
import type { Shell } from '../base/shell.ts';
import { drawTable } from '../base/table.ts';

/** An image as v1 shows it. */
export type Image = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly name: string | null;
  readonly properties: Readonly<Record<string, string>>;
};

const prefix = 'x-image-meta-';
const propertyPrefix = 'x-image-meta-property-';
const booleans = ['protected', 'is_public', 'deleted'];

/** What the commands of `glance` work with: version 1 of the API, as the manual's. */
export class GlanceApi {
  readonly session: Session;
  readonly shell: Shell;
  /** `-v`, `-f` */
  readonly verbose: boolean;
  readonly force: boolean;

  constructor(session: Session, shell: Shell, verbose: boolean, force: boolean) {
    this.session = session;
    this.shell = shell;
    this.verbose = verbose;
    this.force = force;
  }

  /** Lists images page by page. */
  async *images(query: Readonly<Record<string, string>>, pageSize = 20): AsyncGenerator<Image> {
    for (let marker: string | undefined; ;) {
      const words = new URLSearchParams({ ...query, limit: String(pageSize), ...(marker !== undefined && { marker }) });
      const path = `/images/detail?${words}`;
      const { images } = await this.session.call<{ images: Image[] }>({ method: 'GET', path });
      yield* images;
      marker = images.at(-1)?.id;
      if (images.length < pageSize || marker === undefined) return;
    }
  }

  /** The image's attributes from the headers of a HEAD request: what is null is missing. */
  async head(id: string): Promise<Image> {
    const headers = await this.session.headers({ method: 'HEAD', path: `/images/${encodeURIComponent(id)}` });
    const image: Record<string, unknown> = {};
    const properties: Record<string, string> = {};
    for (const [name, raw] of Object.entries(headers)) {
      const value = Buffer.from(raw, 'latin1').toString('utf8');
      if (name.startsWith(propertyPrefix)) properties[name.slice(propertyPrefix.length)] = value;
      else if (name.startsWith(prefix)) {
        const key = name.slice(prefix.length);
        image[key] = booleans.includes(key) ? value.toLowerCase() === 'true' : value;
      }
    }
    return { ...image, properties } as Image;
  }

  /** By id when it is one, then by name. @throws CommandError */
  async find(nameOrId: string): Promise<string> {
    if (/^[0-9a-f-]{32,36}$/i.test(nameOrId)) {
      try {
        return (await this.head(nameOrId)).id;
      } catch (error) {
        if ((error as { status?: number }).status !== 404) throw error;
      }
    }
    const found: Image[] = [];
    for await (const image of this.images({ name: nameOrId, sort_key: 'name', sort_dir: 'asc' })) found.push(image);
    const [only] = found;
    if (found.length > 1)
      throw new CommandError(`Multiple image matches found for '${nameOrId}', use an ID to be more specific.`);
    if (!only) throw new CommandError(`No image with a name or ID of '${nameOrId}' exists.`);
    return only.id;
  }

  /** A table of attributes and values; custom properties have rows of their own. */
  printImage(image: Image, sizeOf: (size: unknown) => string = pyText): void {
    const { properties, ...fields } = image;
    const rows = [
      ...Object.entries(fields).map(([name, value]) => [name, name === 'size' ? sizeOf(value) : pyText(value)]),
      ...Object.entries(properties).map(([name, value]) => [`Property '${name}'`, value]),
    ];
    this.shell.out(
      drawTable({
        columns: ['Property', 'Value'],
        rows: rows.toSorted(([a], [b]) => byBytes(a as string, b as string)),
      }),
    );
  }

  /** A table; what is None, zero or false is an empty cell. */
  printList(columns: readonly string[], rows: readonly (readonly unknown[])[]): void {
    this.shell.out(drawTable({ columns, rows: rows.map((row) => row.map((cell) => (cell ? pyText(cell) : ''))) }));
  }
}

/** `12268032` or, for `--human-readable`, `11.7MB`. */
export function humanSize(size: unknown): string {
  let value = Number(size);
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${value.toFixed(1).replace(/\.0$/, '')}${units[unit]}`;
}

/** @throws CommandError for settings that are missing */
export function connectGlance(given: Given, shell: Shell): GlanceApi {
  const endpoint = given.text('os-image-url') ?? shell.env['OS_IMAGE_URL'];
  const settings = settingsOf(given, shell.env, {
    endpointType: given.text('os-endpoint-type') ?? shell.env['OS_ENDPOINT_TYPE'],
    endpoint: endpoint === undefined ? undefined : versioned(endpoint),
  });
  requireCredentials(settings, 'a tenant_id via either --os-tenant-id or via env[OS_TENANT_ID]');
  const session = new Session(settings, shell, {
    serviceType: 'image',
    accept: '*/*',
    endpointOf: versioned,
    faultOf: (status, body) => `${body.replaceAll('\n\n', '\n').trim()} (HTTP ${status})`,
    badCredentials: 'Invalid OpenStack Identity credentials.',
  });
  return new GlanceApi(session, shell, given.has('verbose'), given.has('force'));
}

/** The catalogue's URL may or may not name a version; these commands speak the first. */
const versioned = (url: string): string => `${url.replace(/\/+$/, '').replace(/\/v\d(\.\d)?$/, '')}/v1`;
