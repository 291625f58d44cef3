import { proxied, send, type ServiceKey } from './client.ts';

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
  const path = questions[service];
  const timed = watch(new URL(proxied(service, path), location.href).href);
  const began = performance.now();
  const sentAtMs = Date.now();
  const answer = await send(service, path, { signal, ...(least[service] && { headers: latest }) }).catch(
    async (error: unknown) => {
      await timed();
      throw error;
    },
  );
  const body = versionIn(await answer.text());
  const answeredAtMs = Date.now();
  const asSeen = performance.now() - began;
  const tookMs = (await timed()) ?? asSeen;
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

/** The browser tells timings a moment after the answer. */
const TOLD_MS = 250;

/**
 * Watches how long the next request for an address takes from its sending: what the browser makes it wait for a free
 * connection is none of the service's.
 * @returns ends the watch, with milliseconds, or null when the browser did not tell
 */
function watch(url: string): () => Promise<number | null> {
  let took: number | null = null;
  let tell = (): void => undefined;
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const observer = new PerformanceObserver((list) => {
    const entry = list.getEntries().find(({ name }) => name === url) as PerformanceResourceTiming | undefined;
    if (!entry) return;
    if (entry.requestStart > 0) took = entry.responseEnd - entry.requestStart;
    tell();
  });
  observer.observe({ type: 'resource' });
  return async () => {
    await Promise.race([told, new Promise((resolve) => setTimeout(resolve, TOLD_MS))]);
    observer.disconnect();
    return took;
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
