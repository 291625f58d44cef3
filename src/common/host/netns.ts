import { Ip } from './ip.ts';
import type { Run } from './run.ts';

/** The machine's named network namespaces (`ip netns`). */
export class NetworkNamespaces {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  async list(): Promise<string[]> {
    const { stdout } = await this.#run(['ip', 'netns', 'list']);
    // `name (id: 3)`; a name that ip cannot open is listed all the same.
    return stdout.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim().split(' ')[0]!]));
  }

  async exists(name: string): Promise<boolean> {
    return (await this.list()).includes(name);
  }

  /** The namespace exists and its loopback is up. One that was left half-made is made anew. Says whether it was made now. */
  async ensure(name: string): Promise<boolean> {
    const present = await this.exists(name);
    if (present) {
      const loopback = await new Ip(this.#run, name).link('lo').catch(() => undefined);
      if (loopback?.up) return false;
      if (loopback === undefined) await this.delete(name); // a name without a namespace behind it
    }
    if (!(await this.exists(name))) await this.#run(['ip', 'netns', 'add', name]);
    await new Ip(this.#run, name).batch(['link set lo up']);
    return true;
  }

  /** Takes the name away. The namespace itself, with its devices, goes when no process is in it. Absent is no error. */
  async delete(name: string): Promise<void> {
    if (await this.exists(name)) await this.#run(['ip', 'netns', 'del', name]);
  }

  /** The processes that run inside. */
  async pids(name: string): Promise<number[]> {
    const { stdout } = await this.#run(['ip', 'netns', 'pids', name]);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map(Number);
  }
}
