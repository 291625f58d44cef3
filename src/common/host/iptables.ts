import type { Run } from './run.ts';

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter';

/** What we want of one table. */
export interface TableRules {
  /** Our own chains: full name → rules (what follows `-A <chain>`). Write them as iptables-save prints them. */
  readonly chains: Readonly<Record<string, readonly string[]>>;
  /** Our rules in chains that are not ours, by chain: kept first in it, in this order. */
  readonly jumps: Readonly<Record<string, readonly string[]>>;
}
export type RuleSet = Readonly<Partial<Record<TableName, TableRules>>>;

export interface IptablesOptions {
  readonly run: Run;
  readonly family?: 4 | 6;
  readonly netns?: string;
  /** Whether a chain is ours, by its name: `(name) => name.startsWith('neutron-l3-agent-')`. */
  readonly owns: (chain: string) => boolean;
}

type Saved = Map<string, Map<string, string[]>>;

/**
 * Our part of a packet filter, declared as a whole. Reads all tables once, leaves everything that is foreign as it is,
 * and sends the difference in one `iptables-restore`, which the kernel takes at once or not at all.
 */
export class Iptables {
  readonly #options: IptablesOptions;
  /** How the kernel prints chains that we applied, for rules that it spells differently from us. */
  readonly #spelling = new Map<string, { readonly asked: string; readonly saved: string }>();

  constructor(options: IptablesOptions) {
    this.#options = options;
  }

  /**
   * Our chains and jumps are exactly these. Says whether something had to be changed.
   * @throws CommandError with the line that iptables did not take; nothing is changed then
   */
  async apply(wanted: RuleSet): Promise<boolean> {
    const saved = await this.#save();
    const input = [...new Set([...saved.keys(), ...Object.keys(wanted)])].flatMap((table) =>
      this.#tableChanges(
        table,
        saved.get(table) ?? new Map<string, string[]>(),
        wanted[table as TableName] ?? { chains: {}, jumps: {} },
      ),
    );
    if (input.length === 0) return false;
    await this.#exec('restore', ['--noflush', '-w', '10'], `${input.join('\n')}\n`);
    await this.#learnSpelling(wanted);
    return true;
  }

  /** Takes away all that is ours. Says whether there was something. */
  remove(): Promise<boolean> {
    return this.apply({});
  }

  /** Our chains as they are now: table → chain → rules. */
  async current(): Promise<Saved> {
    const ours: Saved = new Map();
    for (const [table, chains] of await this.#save())
      ours.set(table, new Map([...chains].filter(([chain]) => this.#options.owns(chain))));
    return ours;
  }

  #tableChanges(table: string, saved: Map<string, string[]>, wanted: TableRules): string[] {
    const { owns } = this.#options;
    const chains = Object.entries(wanted.chains).filter(
      ([chain, rules]) => !saved.has(chain) || !this.#equal(`${table} ${chain}`, rules, saved.get(chain)!),
    );
    const obsolete = [...saved.keys()].filter((chain) => owns(chain) && !(chain in wanted.chains));
    const foreign = new Set([...[...saved.keys()].filter((chain) => !owns(chain)), ...Object.keys(wanted.jumps)]);
    const jumps = [...foreign].flatMap((chain) => {
      const target = (rule: string): string => /(?:^| )-[jg] (\S+)/.exec(rule)?.[1] ?? '';
      const present = (saved.get(chain) ?? []).filter((rule) => owns(target(rule)));
      const asked = wanted.jumps[chain] ?? [];
      if (this.#equal(`${table} ${chain}`, asked, present)) return [];
      return [
        ...present.map((rule) => `-D ${chain} ${rule}`),
        ...asked.map((rule, i) => `-I ${chain} ${i + 1} ${rule}`),
      ];
    });
    if (chains.length + obsolete.length + jumps.length === 0) return [];
    return [
      `*${table}`,
      ...chains.map(([chain]) => `:${chain} - [0:0]`), // empties it when it exists
      ...obsolete.map((chain) => `-F ${chain}`),
      ...chains.flatMap(([chain, rules]) => rules.map((rule) => `-A ${chain} ${rule}`)),
      ...jumps,
      ...obsolete.map((chain) => `-X ${chain}`),
      'COMMIT',
    ];
  }

  #equal(key: string, asked: readonly string[], saved: readonly string[]): boolean {
    const [a, b] = [asked.join('\n'), saved.join('\n')];
    const spelling = this.#spelling.get(key);
    return a === b || (spelling?.asked === a && spelling.saved === b);
  }

  async #learnSpelling(wanted: RuleSet): Promise<void> {
    const saved = await this.#save();
    this.#spelling.clear();
    for (const [table, rules] of Object.entries(wanted)) {
      for (const [chain, asked] of Object.entries(rules.chains))
        this.#spelling.set(`${table} ${chain}`, {
          asked: asked.join('\n'),
          saved: (saved.get(table)?.get(chain) ?? []).join('\n'),
        });
    }
  }

  async #save(): Promise<Saved> {
    const tables: Saved = new Map();
    let chains = new Map<string, string[]>();
    for (const line of (await this.#exec('save', [])).split('\n')) {
      if (line.startsWith('*')) tables.set(line.slice(1), (chains = new Map<string, string[]>()));
      else if (line.startsWith(':')) chains.set(line.slice(1, line.indexOf(' ')), []);
      else if (line.startsWith('-A ')) {
        const end = line.indexOf(' ', 3);
        chains.get(line.slice(3, end))?.push(line.slice(end + 1));
      }
    }
    return tables;
  }

  async #exec(tool: 'save' | 'restore', args: readonly string[], input?: string): Promise<string> {
    const { run, netns, family } = this.#options;
    const options = { ...(netns !== undefined && { netns }), ...(input !== undefined && { input }) };
    return (await run([`${family === 6 ? 'ip6tables' : 'iptables'}-${tool}`, ...args], options)).stdout;
  }
}
