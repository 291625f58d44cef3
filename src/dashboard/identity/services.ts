import type { CatalogEntry, ServiceDocument, ServiceKey } from '../session-document.ts';

export type Services = Partial<Record<ServiceKey, ServiceDocument>>;

/** Service types of the catalogue, the best first. */
const types: Readonly<Record<ServiceKey, readonly string[]>> = {
  identity: ['identity'],
  compute: ['compute'],
  image: ['image'],
  network: ['network'],
  volume: ['volumev3', 'block-storage', 'volumev2', 'volume'],
  event: ['event'],
};
export const serviceKeys = Object.keys(types) as readonly ServiceKey[];

/** The API versions that the dashboard speaks, whichever the catalogue names: the manual's names the oldest. */
const urlOf: Readonly<Record<ServiceKey, (url: string) => string>> = {
  identity: (url) => `${rootOf(url)}/v3`,
  compute: (url) => url.replace(/\/v2(?=\/|$)/, '/v2.1'),
  image: (url) => `${rootOf(url)}/v2`,
  network: (url) => `${rootOf(url)}/v2.0`,
  volume: (url) => url.replace(/\/v[12](?=\/|$)/, '/v3'),
  event: (url) => `${rootOf(url)}/v1`,
};
const rootOf = (url: string): string => url.replace(/\/v\d+(\.\d+)?$/, '');

/** Regions with public endpoints, in the catalogue's order. */
export function regionsOf(catalog: readonly CatalogEntry[]): readonly string[] {
  const faces = catalog.flatMap(({ endpoints }) => endpoints.filter((one) => one.interface === 'public'));
  return [...new Set(faces.map(({ region }) => region))];
}

/** The region that a session begins with: the wanted one if there is such, else where servers are. */
export function startRegion(catalog: readonly CatalogEntry[], wanted?: string): string {
  const regions = regionsOf(catalog);
  if (wanted !== undefined && regions.includes(wanted)) return wanted;
  const [compute] = regionsOf(catalog.filter(({ type }) => type === 'compute'));
  return compute ?? regions[0] ?? '';
}

/**
 * What `/proxy/KEY` stands for in a region.
 * @param keystoneUrl the Identity service where the catalogue names none
 */
export function servicesOf(catalog: readonly CatalogEntry[], region: string, keystoneUrl: string): Services {
  const services: Services = { identity: { url: keystoneUrl } };
  for (const key of serviceKeys) {
    const url = publicUrl(catalog, key, region);
    if (url !== null) services[key] = { url: urlOf[key](url.replace(/\/+$/, '')) };
  }
  return services;
}

function publicUrl(catalog: readonly CatalogEntry[], key: ServiceKey, region: string): string | null {
  for (const type of types[key]) {
    const faces = catalog
      .filter((entry) => entry.type === type)
      .flatMap(({ endpoints }) => endpoints)
      .filter((one) => one.interface === 'public' && URL.canParse(one.url));
    // One Identity service often serves all regions.
    const face = faces.find((one) => one.region === region) ?? (key === 'identity' ? faces[0] : undefined);
    if (face) return face.url;
  }
  return null;
}
