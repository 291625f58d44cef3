import type { FilterVerdict } from '../rpc.ts';

/** What a filter says of a host, as an answer shows it. */
export interface HostVerdict {
  /** Its name; `host 1` for those who may not know it. */
  readonly host: string;
  readonly passed: boolean;
  /** The filter that refuses it; null when it passes. */
  readonly filter: string | null;
  readonly reason: string | null;
}

export interface Judged {
  readonly passed: readonly string[];
  readonly verdicts: readonly FilterVerdict[];
}

const pattern = (names: readonly string[]): RegExp => {
  const longestFirst = [...names].sort((a, b) => b.length - a.length);
  const escaped = longestFirst.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`(?<![\\w.-])(?:${escaped.join('|')})(?![\\w-])`, 'g');
};

/**
 * Makes the function that shows verdicts on hosts. Hosts keep their number throughout one answer.
 * @param named whether the caller may know the hosts' names; others see `host 1` and no words of administrators
 * @param all every judgement that the answer is to show
 */
export function createVerdictView(named: boolean, all: readonly Judged[]): (judged: Judged) => HostVerdict[] {
  const names = [
    ...new Set(all.flatMap(({ passed, verdicts }) => [...passed, ...verdicts.map((verdict) => verdict.host)])),
  ].sort();
  const numbers = new Map(names.map((name, index) => [name, index]));
  const aliases = new Map(names.map((name, index) => [name, `host ${index + 1}`]));
  const label = (name: string): string => (named ? name : (aliases.get(name) as string));
  const anyName = names.length === 0 ? null : pattern(names);
  const words = ({ filter, reason }: FilterVerdict): string => {
    if (named) return reason;
    // Who disabled a host, why, and since when it is silent, is between administrators.
    if (filter === 'ComputeFilter') return 'is not in service';
    return anyName ? reason.replace(anyName, (name) => label(name)) : reason;
  };
  return ({ passed, verdicts }) =>
    [
      ...passed.map((host) => ({ host, shown: { host: label(host), passed: true, filter: null, reason: null } })),
      ...verdicts.map((verdict) => ({
        host: verdict.host,
        shown: { host: label(verdict.host), passed: false, filter: verdict.filter, reason: words(verdict) },
      })),
    ]
      .sort((a, b) => (numbers.get(a.host) as number) - (numbers.get(b.host) as number))
      .map(({ shown }) => shown);
}
