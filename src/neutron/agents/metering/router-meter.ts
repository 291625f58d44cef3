import { Iptables } from '#common/host/iptables.ts';
import type { Run } from '#common/host/run.ts';
import type { MeteredRouter } from '../../rpc.ts';
import { routerNamespace } from '../names.ts';
import { countsIn, meterRules, ownsMeterChain, type Count } from './meter-rules.ts';

const families = [4, 6] as const;

/** The counting chains in one router's namespace. */
export class RouterMeter {
  readonly #run: Run;
  readonly #netns: string;
  readonly #tables: Readonly<Record<4 | 6, Iptables>>;

  constructor(routerId: string, run: Run) {
    this.#run = run;
    this.#netns = routerNamespace(routerId);
    const tablesOf = (family: 4 | 6): Iptables =>
      new Iptables({ run, netns: this.#netns, family, owns: ownsMeterChain });
    this.#tables = { 4: tablesOf(4), 6: tablesOf(6) };
  }

  /** Idempotent; counters of labels that stay go on. */
  async apply(router: MeteredRouter): Promise<void> {
    for (const family of families) await this.#tables[family].apply(meterRules(router, family));
  }

  /** Idempotent. */
  async remove(): Promise<void> {
    for (const family of families) await this.#tables[family].remove();
  }

  /** By label chain, both families together, since the chain was made. */
  async read(): Promise<ReadonlyMap<string, Count>> {
    const total = new Map<string, Count>();
    for (const family of families) {
      const tool = family === 6 ? 'ip6tables-save' : 'iptables-save';
      const { stdout } = await this.#run([tool, '-c', '-t', 'filter'], { netns: this.#netns });
      for (const [chain, { pkts, bytes }] of countsIn(stdout)) {
        const before = total.get(chain) ?? { pkts: 0, bytes: 0 };
        total.set(chain, { pkts: before.pkts + pkts, bytes: before.bytes + bytes });
      }
    }
    return total;
  }
}
