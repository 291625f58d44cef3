/** The driver's version as Nova packs it: 7002000 is 7.2.0. */
export const versionOf = (packed: number): string =>
  packed < 1000 ? String(packed) : [packed / 1e6, (packed / 1e3) % 1e3, packed % 1e3].map(Math.floor).join('.');

export interface Processor {
  readonly model: string | null;
  readonly topology: string | null;
}
/** Of `cpu_info`, which some drivers tell as JSON in a text, and some not at all. */
export function processorOf(info: unknown): Processor {
  const known = parsed(info) as {
    readonly vendor?: string;
    readonly model?: string;
    readonly arch?: string;
    readonly topology?: { readonly sockets?: number; readonly cores?: number; readonly threads?: number };
  } | null;
  const words = [known?.vendor, known?.model, known?.arch].filter(Boolean);
  const { sockets, cores, threads } = known?.topology ?? {};
  return {
    model: words.length === 0 ? null : words.join(' '),
    topology: cores === undefined ? null : [sockets ?? 1, cores, threads ?? 1].join(' × '),
  };
}

function parsed(info: unknown): unknown {
  if (typeof info !== 'string') return info ?? null;
  try {
    return JSON.parse(info);
  } catch {
    return null;
  }
}

/** An agent's configuration as rows; what is nested as JSON. */
export const rowsOf = (configurations: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] =>
  Object.entries(configurations)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
