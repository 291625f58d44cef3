import type { Given } from '../base/arguments.ts';
import { CommandError } from '../base/errors.ts';
import { byBytes, pyStr, pyText } from '../base/python.ts';
import { Session } from '../base/session.ts';
import { firstOf, requireCredentials, settingsOf, usualMissing } from '../base/settings.ts';
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

/** What the commands of `glance` work with, of either version of the API. */
export class GlanceApi {
  readonly session: Session;
  readonly shell: Shell;
  /** `-v`, `-f` */
  readonly verbose: boolean;
  readonly force: boolean;
  /** Older commands say what they would do. */
  readonly dryRun: boolean;

  constructor(session: Session, shell: Shell, options: { verbose: boolean; force: boolean; dryRun: boolean }) {
    this.session = session;
    this.shell = shell;
    this.verbose = options.verbose;
    this.force = options.force;
    this.dryRun = options.dryRun;
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

  /** The id of what `findImage` finds. */
  async find(nameOrId: string): Promise<string> {
    return (await this.findImage(nameOrId)).id;
  }

  /** By id when it is one, then by name. @throws CommandError */
  async findImage(nameOrId: string): Promise<Image> {
    if (/^[0-9a-f-]{32,36}$/i.test(nameOrId)) {
      try {
        return await this.head(nameOrId);
      } catch (error) {
        if ((error as { status?: number }).status !== 404) throw error;
      }
    }
    const found: Image[] = [];
    for await (const image of this.images({ name: nameOrId })) found.push(image);
    const [only] = found;
    if (found.length > 1)
      throw new CommandError(`Multiple image matches found for '${nameOrId}', use an ID to be more specific.`);
    if (!only) throw new CommandError(`No image with a name or ID of '${nameOrId}' exists.`);
    return only;
  }

  /** A table of attributes and values; custom properties have rows of their own. */
  printImage(image: Image, sizeOf: (size: unknown) => string = pyText): void {
    const { properties, ...fields } = image;
    this.printFields({
      ...fields,
      ...('size' in fields && { size: sizeOf(fields['size']) }),
      ...Object.fromEntries(Object.entries(properties).map(([name, value]) => [`Property '${name}'`, value])),
    });
  }

  /** A table of names and values, by name. */
  printFields(fields: Readonly<Record<string, unknown>>): void {
    const rows = Object.entries(fields)
      .toSorted(([a], [b]) => byBytes(a, b))
      .map(([name, value]) => [name, pyStr(value)]);
    this.shell.out(drawTable({ columns: ['Property', 'Value'], rows }));
  }

  /** A table; what is None, zero or false is an empty cell. */
  printList(columns: readonly string[], rows: readonly (readonly unknown[])[]): void {
    this.shell.out(
      drawTable({ columns, rows: rows.map((row) => row.map((cell) => (isEmpty(cell) ? '' : pyStr(cell)))) }),
    );
  }
}

/** What Python takes as false. */
const isEmpty = (value: unknown): boolean => !value || (Array.isArray(value) && value.length === 0);

/** `12268032` or, for `--human-readable`, `11.7MB`. */
export function humanSize(size: unknown): string {
  let value = Number(size);
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB'];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${value.toFixed(1).replace(/\.0$/, '')}${units[unit]}`;
}

/** Which version of the API the options and the environment ask for. @throws CommandError for one that there is not */
export function versionOf(given: Given, env: Shell['env']): '1' | '2' {
  const asked = firstOf(given.text('os-image-api-version'), env['OS_IMAGE_API_VERSION']) ?? '1';
  if (asked === '1' || asked === '2') return asked;
  throw new CommandError(`Unknown API version '${asked}': 1 and 2 are there.`);
}

/** @throws CommandError for settings that are missing */
export async function connectGlance(given: Given, shell: Shell): Promise<GlanceApi> {
  const { env } = shell;
  const version = versionOf(given, env);
  const endpoint = firstOf(given.text('os-image-url'), env['OS_IMAGE_URL']);
  const own = settingsOf(given, env, {
    endpointType: firstOf(given.text('os-endpoint-type'), env['OS_ENDPOINT_TYPE']),
    endpoint: endpoint === undefined ? undefined : versioned(endpoint, version),
  });
  const settings = await requireCredentials(
    {
      ...own,
      debug: own.debug || firstOf(env['GLANCECLIENT_DEBUG']) !== undefined,
      tls: {
        ...own.tls,
        certFile: given.text('cert-file') ?? own.tls.certFile,
        keyFile: given.text('key-file') ?? own.tls.keyFile,
      },
    },
    shell,
    {
      ...usualMissing,
      tenant: 'You must provide a tenant_id via either --os-tenant-id or via env[OS_TENANT_ID]',
      authUrl: 'You must provide an auth url via either --os-auth-url or via env[OS_AUTH_URL]',
    },
  );
  const session = new Session(settings, shell, {
    serviceType: firstOf(given.text('os-service-type'), env['OS_SERVICE_TYPE']) ?? 'image',
    accept: '*/*',
    endpointOf: (url) => versioned(url, version),
    faultOf: (status, body) => `${body.replaceAll('\n\n', '\n').trim()} (HTTP ${status})`,
    badCredentials: 'Invalid OpenStack Identity credentials.',
  });
  return new GlanceApi(session, shell, {
    verbose: given.has('verbose'),
    force: given.has('force'),
    dryRun: given.has('dry-run'),
  });
}

/** The catalogue's URL may or may not name a version. */
const versioned = (url: string, version: '1' | '2'): string =>
  `${url.replace(/\/+$/, '').replace(/\/v\d(\.\d)?$/, '')}/v${version}`;
