import { send, type ServiceKey } from './client.ts';

/** What a service says of itself, and how fast. */
export interface Probe {
  /** The API's version: `v3.14`; null when it does not tell. */
  readonly version: string | null;
  /** Microversions, both ends. */
  readonly range: { readonly least: string; readonly most: string } | null;
  /** Milliseconds until the whole answer was there, the dashboard's proxy included. */
  readonly tookMs: number;
  /** The service's clock when it answered, milliseconds since 1970, and how far that may be off. */
  readonly clock: { readonly atMs: number; readonly sentAtMs: number; readonly answeredAtMs: number } | null;
}

/** The cheapest question that each answers to whoever is signed in. */
const questions: Readonly<Record<ServiceKey, string>> = {
  identity: '/',
  compute: '/os-keypairs?limit=1',
  volume: '/types?limit=1',
  image: '/images?limit=1',
  network: '/',
  event: '/',
};
/** Microversions begin here by definition; the greatest is told to who asks for `latest`. */
const least: Readonly<Partial<Record<ServiceKey, string>>> = { compute: '2.1', volume: '3.0' };

/** Asks a service once. @throws ApiFault when it does not answer */
export async function probe(service: ServiceKey, url: string, signal?: AbortSignal): Promise<Probe> {
  const latest = { 'openstack-api-version': `${service} latest`, 'x-openstack-nova-api-version': 'latest' };
  const began = performance.now();
  const sentAtMs = Date.now();
  const answer = await send(service, questions[service], { signal, ...(least[service] && { headers: latest }) });
  const body = versionIn(await answer.text());
  const tookMs = performance.now() - began;
  const answeredAtMs = Date.now();
  const date = Date.parse(answer.headers.get('date') ?? '');
  const most = /[\d.]+$/.exec(answer.headers.get('openstack-api-version') ?? '')?.[0];
  const from = least[service];
  return {
    version: body ?? /\/(v[\d.]+)(\/|$)/.exec(url)?.[1] ?? null,
    range: from !== undefined && most !== undefined ? { least: from, most } : null,
    tookMs,
    clock: Number.isNaN(date) ? null : { atMs: date, sentAtMs, answeredAtMs },
  };
}

/** In a version document: `{version: {id}}`, `{versions: [{id, status: CURRENT}]}`. */
export function versionIn(text: string): string | null {
  try {
    const { version, versions } = JSON.parse(text) as {
      version?: { id?: string };
      versions?: { id: string; status: string }[];
    };
    return version?.id ?? versions?.find(({ status }) => status === 'CURRENT')?.id ?? null;
  } catch {
    return null;
  }
}
