/** What a value that differs from run to run looks like (names of the specification). */
const placeholders: Readonly<Record<string, string>> = {
  '<uuid>': '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  '<id32>': '[0-9a-f]{32}',
  '<time>': '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d',
  '<time-z>': '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ',
  '<time-us>': '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}',
  '<fingerprint>': '(?:[0-9a-f]{2}:){15}[0-9a-f]{2}',
  '<sha224>': '[0-9a-f]{56}',
  '<password12>': '[A-Za-z0-9]{12}',
  '<8 hex>': '[0-9a-f]{8}',
  '<any>': '.*',
};

/** What this run knows: values that earlier commands gave, and what its hosts are called. */
export interface Known {
  readonly refs: ReadonlyMap<string, string>;
  /** The host that a name of the manual (`compute1.magedu.com`) means here. */
  readonly hostOf: (manualName: string) => string;
  /** Name of the host that the command runs at. */
  readonly host: string;
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Puts in what earlier commands gave. @throws Error when nobody gave it */
export const fill = (text: string, refs: ReadonlyMap<string, string>): string =>
  text.replace(/<ref:([^>]+)>/g, (_, name: string) => {
    const value = refs.get(name);
    if (value === undefined) throw new Error(`no earlier command gave ${name}`);
    return value;
  });

/** A regular expression for a whole text with placeholders. */
export function matcher(text: string, { refs, hostOf, host }: Known): RegExp {
  const parts = fill(text, refs).split(/(<[^<>]+>|\b\w+\.magedu\.com\b)/);
  const patterns = parts.map((part) =>
    part === '<host>'
      ? literal(host)
      : part.endsWith('.magedu.com')
        ? literal(hostOf(part))
        : (placeholders[part] ?? literal(part)),
  );
  return new RegExp(`^${patterns.join('')}$`, 's');
}
