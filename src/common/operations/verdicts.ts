/** Why a host, or a back end, was not chosen. */
export interface Verdict {
  readonly host: string;
  readonly filter: string;
  readonly reason: string;
}

/** What a filter says of a host, as an answer shows it. */
export interface ShownVerdict {
  /** Its name; `host 1` for those who may not know it. */
  readonly host: string;
  readonly passed: boolean;
  /** The filter that refuses it; null when it passes. */
  readonly filter: string | null;
  readonly reason: string | null;
}

export interface Judged {
  readonly passed: readonly string[];
  readonly verdicts: readonly Verdict[];
}

export interface VerdictWords {
  /** What hosts are called towards those who may not know their names: `host`, `back end`. */
  readonly noun: string;
  /** Filters whose reasons hold words of administrators: others read that the host is not in service. */
  readonly guarded: ReadonlySet<string>;
}

/** Stands for "all of them", where there is none. */
const nobody = '-';

const anyOf = (names: readonly string[]): RegExp => {
  const longestFirst = [...names].sort((a, b) => b.length - a.length);
  const escaped = longestFirst.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`(?<![\\w.-])(?:${escaped.join('|')})(?![\\w-])`, 'g');
};

/**
 * Makes the function that shows verdicts on hosts. Hosts keep their number throughout one answer.
 * @param named whether the caller may know the hosts' names
 * @param all every judgement that the answer is to show
 */
export function createVerdictView(
  { noun, guarded }: VerdictWords,
  named: boolean,
  all: readonly Judged[],
): (judged: Judged) => ShownVerdict[] {
  const mentioned = all.flatMap(({ passed, verdicts }) => [...passed, ...verdicts.map((verdict) => verdict.host)]);
  const names = [...new Set(mentioned)].filter((name) => name !== nobody).sort();
  const numbers = new Map(names.map((name, index) => [name, index + 1]));
  const label = (name: string): string => (named || name === nobody ? name : `${noun} ${numbers.get(name)}`);
  const anyName = names.length === 0 ? null : anyOf(names);
  const words = ({ filter, reason }: Verdict): string => {
    if (named) return reason;
    if (guarded.has(filter)) return 'is not in service';
    return anyName ? reason.replace(anyName, label) : reason;
  };
  const order = (name: string): number => numbers.get(name) ?? 0;
  return ({ passed, verdicts }) =>
    [
      ...passed.map((host) => ({ host, passed: true, filter: null, reason: null })),
      ...verdicts.map((verdict) => ({ ...verdict, passed: false, reason: words(verdict) })),
    ]
      .sort((a, b) => order(a.host) - order(b.host))
      .map(({ host, passed: passes, filter, reason }) => ({ host: label(host), passed: passes, filter, reason }));
}
