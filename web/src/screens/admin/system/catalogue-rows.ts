import type { ServiceKey } from '#api/client.ts';
import type { CatalogEntry } from '../../../../../src/dashboard/session-document.ts';

/** An endpoint of the catalogue, and which of the console's services it is, if any. */
export interface CatalogueRow {
  readonly type: string;
  readonly name: string;
  readonly url: string;
  readonly key: ServiceKey | null;
}

/** The region's public endpoints; first those that the console asks. */
export const catalogueRows = (
  catalog: readonly CatalogEntry[],
  region: string,
  services: Readonly<Partial<Record<ServiceKey, { readonly url: string }>>>,
): readonly CatalogueRow[] => {
  const left = new Map(Object.entries(services) as [ServiceKey, { readonly url: string }][]);
  const rows = catalog
    .flatMap(({ type, name, endpoints }) =>
      endpoints
        .filter((one) => one.interface === 'public' && one.region === region)
        .map(({ url }) => ({ type, name, url })),
    )
    .toSorted((a, b) => a.type.localeCompare(b.type));
  const keyOf = ({ type, url }: { readonly type: string; readonly url: string }): ServiceKey | null => {
    for (const [key, service] of left) {
      // Keystone's and Glance's endpoints in the catalogue may lack the version that the console adds.
      if (type.replace(/v\d+$/, '') !== key || !service.url.startsWith(url.replace(/\/(v\d[\d.]*)?\/?$/, ''))) continue;
      if (key === 'volume' && service.url !== url) continue;
      left.delete(key);
      return key;
    }
    return null;
  };
  const all = rows.map((row) => ({ ...row, key: keyOf(row) }));
  return [...all.filter(({ key }) => key !== null), ...all.filter(({ key }) => key === null)];
};
