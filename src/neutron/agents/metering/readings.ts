import { ensureFolder, readIfExists, writeFileAtomic } from '#common/host/files.ts';
import { dirname } from 'node:path';
import type { Count } from './meter-rules.ts';

const zero: Count = { pkts: 0, bytes: 0 };

/** Router → chain → what its counter stood at. */
type Standing = Map<string, Map<string, Count>>;

/**
 * Where counters stood when they were last read, and when they were last reported. The latter is on disk: what was counted
 * but not reported when the agent died is reported by the next one. It names the routers that have chains of ours, too.
 */
export class Readings {
  readonly #path: string;
  #last: Standing = new Map();
  #reported: Standing = new Map();

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<void> {
    const text = await readIfExists(this.#path);
    if (text === undefined) return;
    const stored = JSON.parse(text) as Record<string, Record<string, Count>>;
    const standing = (): Standing =>
      new Map(Object.entries(stored).map(([router, chains]) => [router, new Map(Object.entries(chains))]));
    [this.#last, this.#reported] = [standing(), standing()];
  }

  /** Routers that may have chains of ours. */
  get routers(): readonly string[] {
    return [...this.#reported.keys()];
  }

  /** Before the first chain is made in a router. */
  async add(router: string): Promise<void> {
    if (this.#reported.has(router)) return;
    this.#reported.set(router, new Map());
    await this.#save();
  }

  /** After the last chain is gone from it. */
  async remove(router: string): Promise<void> {
    this.#last.delete(router);
    if (this.#reported.delete(router)) await this.#save();
  }

  /** How much more it is than at the last reading. A counter that went back began anew. */
  advance(router: string, chain: string, now: Count): Count {
    let chains = this.#last.get(router);
    if (!chains) this.#last.set(router, (chains = new Map()));
    const before = chains.get(chain) ?? zero;
    chains.set(chain, now);
    const base = now.pkts < before.pkts || now.bytes < before.bytes ? zero : before;
    return { pkts: now.pkts - base.pkts, bytes: now.bytes - base.bytes };
  }

  /** Chains that are no more count from nothing when they come again. */
  keep(router: string, chains: ReadonlySet<string>): void {
    const last = this.#last.get(router);
    for (const chain of last?.keys() ?? []) if (!chains.has(chain)) last?.delete(chain);
  }

  /** All that was read has been reported. */
  async settle(): Promise<void> {
    this.#reported = new Map(this.routers.map((router) => [router, new Map(this.#last.get(router))]));
    await this.#save();
  }

  async #save(): Promise<void> {
    await ensureFolder(dirname(this.#path));
    const plain = Object.fromEntries([...this.#reported].map(([id, chains]) => [id, Object.fromEntries(chains)]));
    await writeFileAtomic(this.#path, JSON.stringify(plain));
  }
}
