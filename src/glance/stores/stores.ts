import type { HttpTransport } from '#common/api/transport.ts';
import type { Clock } from '#common/clock.ts';
import { StoreError, type ImageStore, type StoreWriting } from './driver.ts';
import type { UrlFilter } from './http/url-filter.ts';
import type { StoreSettings } from './options.ts';

/** What the stores of a glance-api need. */
export interface StoreDeps {
  /** This host's name: several may share a folder. */
  readonly host: string;
  readonly transport: HttpTransport;
  readonly clock: Clock;
  readonly urlFilter: UrlFilter;
}

/** One store as it is configured. */
export interface StoreSpec {
  /** As `x-image-meta-store` and `/v2/info/stores` name it. */
  readonly name: string;
  /** A key of the table of drivers, or an alias. */
  readonly driver: string;
  readonly settings: StoreSettings;
}

type Driver = (spec: StoreSpec, deps: StoreDeps) => Promise<ImageStore>;

/** Name → constructor; a store's code is loaded only when it is used. */
const drivers: Readonly<Record<string, () => Promise<Driver>>> = {
  file: async () => {
    const { createFileStore } = await import('./file/file-store.ts');
    return ({ name, settings }, { host }) =>
      createFileStore({ name, dataDir: settings.filesystem_store_datadir, host });
  },
  http: async () => {
    const { createHttpStore } = await import('./http/http-store.ts');
    return ({ name }, deps) => createHttpStore({ name, ...deps });
  },
  swift: async () => (await import('./swift/swift-store.ts')).createSwiftStore,
  s3: async () => (await import('./s3/s3-store.ts')).createS3Store,
};
const aliases: Readonly<Record<string, string>> = { filesystem: 'file', https: 'http' };

/** A store that can be written to. */
export interface WritableStore extends ImageStore {
  readonly writing: StoreWriting;
}

/** The stores of one glance-api. */
export interface Stores {
  readonly all: readonly ImageStore[];
  /** Receives uploads. */
  readonly default: WritableStore;
  /** By name. @throws StoreError `refused` when there is none or it is read-only */
  writable(name: string): WritableStore;
  /** The store that a URL's scheme belongs to. @throws StoreError `refused` */
  of(url: string): ImageStore;
  /** The store that has the data of a location: by name, or by scheme when that store is no more. @throws StoreError */
  at(location: { readonly url: string; readonly store: string }): ImageStore;
}

/** The driver's own name: `file` for `filesystem`. */
export const driverName = (name: string): string => aliases[name] ?? name;

/** @throws StoreError when a driver or the default store is unknown, or the default is read-only; StartupError */
export async function openStores(specs: readonly StoreSpec[], defaultName: string, deps: StoreDeps): Promise<Stores> {
  const all: ImageStore[] = [];
  for (const spec of specs) {
    const load = drivers[driverName(spec.driver)];
    if (!load) throw new StoreError('refused', `There is no store driver "${spec.driver}".`);
    all.push(await (await load())(spec, deps));
  }
  return storesOf(all, defaultName);
}

/** The choice among stores that are open already. */
export function storesOf(all: readonly ImageStore[], defaultName: string): Stores {
  const writable = (name: string): WritableStore => {
    const store = all.find((one) => one.name === name) ?? all.find((one) => one.name === driverName(name));
    if (!store?.writing) throw new StoreError('refused', `There is no store "${name}" that takes uploads.`);
    return store as WritableStore;
  };
  const of = (url: string): ImageStore => {
    const scheme = url.slice(0, url.indexOf(':'));
    const store = all.find((one) => one.schemes.includes(scheme));
    if (!store) throw new StoreError('refused', `No store handles locations of the scheme "${scheme}".`);
    return store;
  };
  return {
    all,
    default: writable(defaultName),
    writable,
    of,
    at: ({ url, store }) => all.find((one) => one.name === store) ?? of(url),
  };
}
