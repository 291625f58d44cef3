import type { Run } from './run.ts';

export interface IpSet {
  readonly family: 4 | 6;
  /** Addresses and networks. */
  readonly members: readonly string[];
}

/** Kernel sets of networks (`hash:net`) that packet-filter rules match against; changes take effect at once. */
export class IpSets {
  readonly #run: Run;
  readonly #owns: (name: string) => boolean;

  constructor(run: Run, owns: (name: string) => boolean) {
    this.#run = run;
    this.#owns = owns;
  }

  /** Our sets: name → members as the kernel prints them (a single address without /32). */
  async current(): Promise<Map<string, Set<string>>> {
    const sets = new Map<string, Set<string>>();
    for (const line of (await this.#run(['ipset', 'save'])).stdout.split('\n')) {
      const [command, name = '', member = ''] = line.split(' ');
      if (!this.#owns(name)) continue;
      if (command === 'create') sets.set(name, new Set());
      else if (command === 'add') sets.get(name)?.add(member);
    }
    return sets;
  }

  /**
   * These sets exist with exactly these members; other sets of ours stay (rules may still use them: see `prune`).
   * Returns the members that were taken away, by set.
   */
  async ensure(wanted: ReadonlyMap<string, IpSet>): Promise<Map<string, string[]>> {
    const present = await this.current();
    const removed = new Map<string, string[]>();
    const lines: string[] = [];
    for (const [name, { family, members }] of wanted) {
      const have = present.get(name);
      const want = new Set(members.flatMap(toEntries));
      if (!have) lines.push(`create ${name} hash:net family ${family === 4 ? 'inet' : 'inet6'}`);
      const gone = [...(have ?? [])].filter((member) => !want.has(member));
      lines.push(...[...want].filter((member) => !have?.has(member)).map((member) => `add ${name} ${member}`));
      lines.push(...gone.map((member) => `del ${name} ${member}`));
      if (gone.length > 0) removed.set(name, gone);
    }
    await this.#restore(lines);
    return removed;
  }

  /** Takes away our sets that are not in `keep`. Call it when no rule uses them any more. */
  async prune(keep: ReadonlySet<string>): Promise<void> {
    await this.#restore(
      [...(await this.current()).keys()].filter((name) => !keep.has(name)).map((name) => `destroy ${name}`),
    );
  }

  async #restore(lines: readonly string[]): Promise<void> {
    if (lines.length > 0) await this.#run(['ipset', 'restore', '-exist'], { input: `${lines.join('\n')}\n` });
  }
}

/** hash:net knows no /0, and prints a single address without its length. */
function toEntries(member: string): string[] {
  if (member === '0.0.0.0/0') return ['0.0.0.0/1', '128.0.0.0/1'];
  if (member === '::/0') return ['::/1', '8000::/1'];
  return [member.replace(/(?<=\..*)\/32$|(?<=:.*)\/128$/, '')];
}
