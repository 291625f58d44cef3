import type { HttpTransport } from '#common/api/transport.ts';
import { StoreError, type ImageStore, type StoreWriting } from './driver.ts';
import type { UrlFilter } from './http/url-filter.ts';

/** What the stores of a glance-api need. */
export interface StoreDeps {
  /** Absolute folder of the file store. */
  readonly dataDir: string;
  /** This host's name: several may share the folder. */
  readonly host: string;
  readonly transport: HttpTransport;
  readonly urlFilter: UrlFilter;
}

/** Name → constructor; a store's code is loaded only when it is used. */
const drivers: Readonly<Record<string, () => Promise<(deps: StoreDeps) => Promise<ImageStore>>>> = {
  file: async () => (await import('./file/file-store.ts')).createFileStore,
  http: async () => (await import('./http/http-store.ts')).createHttpStore,
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
  /** The store that a location's scheme belongs to. @throws StoreError `refused` */
  of(location: string): ImageStore;
}

/** @throws StoreError when the default store is unknown or read-only */
export async function openStores(defaultName: string, deps: StoreDeps): Promise<Stores> {
  const all = await Promise.all(Object.values(drivers).map(async (load) => (await load())(deps)));
  return storesOf(all, defaultName);
}

/** The choice among stores that are open already. */
export function storesOf(all: readonly ImageStore[], defaultName: string): Stores {
  const writable = (name: string): WritableStore => {
    const store = all.find((one) => one.name === (aliases[name] ?? name));
    if (!store?.writing) throw new StoreError('refused', `There is no store "${name}" that takes uploads.`);
    return store as WritableStore;
  };
  return {
    all,
    default: writable(defaultName),
    writable,
    of(location) {
      const scheme = location.slice(0, location.indexOf(':'));
      const store = all.find((one) => one.schemes.includes(scheme));
      if (!store) throw new StoreError('refused', `No store handles locations of the scheme "${scheme}".`);
      return store;
    },
  };
}
