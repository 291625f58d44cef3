import type { Call } from '#common/api/route.ts';

/** The part of a list that a client asks for. */
export interface ListPage {
  readonly limit?: number | undefined;
  /** The id of the last item of the page before. */
  readonly marker?: string | undefined;
}

/** Whether a flag in a query is set: `?effective`, `?effective=1`, but not `?effective=0`. Undefined when absent. */
export const flagOf = (value: string | undefined): boolean | undefined =>
  value === undefined ? undefined : !/^(0|false|no|off)$/i.test(value);

type Item = Readonly<Record<string, unknown>>;
type ListCall = Pick<Call<unknown, unknown, unknown>, 'host' | 'url' | 'query'>;

/** `{projects: […], links: {next, self, previous}}`, after the filters that compare parts of a text. */
export function collection<K extends string, T extends Item>(
  call: ListCall,
  key: K,
  items: readonly T[],
): Record<K, T[]> & { links: { next: string | null; self: string; previous: null } } {
  const query = call.query as Readonly<Record<string, unknown>>;
  const limit = Number(query['limit']);
  const last = items.at(-1);
  const next = limit > 0 && items.length >= limit && last ? nextUrl(call, String(last['id'])) : null;
  const shown = items.filter((item) => matches(item, query));
  const links = { next, self: call.host + call.url, previous: null };
  return { [key]: shown, links } as Record<K, T[]> & { links: typeof links };
}

function nextUrl({ host, url }: ListCall, marker: string): string {
  const next = new URL(url, host);
  next.searchParams.set('marker', marker);
  return host + next.pathname + next.search;
}

const inexact = /^(\w+?)__(i?)(contains|startswith|endswith)$/;

function matches(item: Item, query: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(query).every(([name, wanted]) => {
    const [, attribute, caseless, how] = inexact.exec(name) ?? [];
    if (attribute === undefined) return true;
    const fold = (text: unknown): string => (caseless ? String(text ?? '').toLowerCase() : String(text ?? ''));
    const [value, part] = [fold(item[attribute]), fold(wanted)];
    if (how === 'contains') return value.includes(part);
    return how === 'startswith' ? value.startsWith(part) : value.endsWith(part);
  });
}
