import type { RpcClient } from '#common/bus/bus.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { conductorRpc } from '../rpc.ts';
import type { ComputeDriver, GuestState, PowerState } from '../virt/driver.ts';
import type { VifPlugger, WiredPort } from '../virt/vif/vif.ts';
import type { BootRecord } from './boot-record.ts';
import { Superseded, type ServerLocks } from './server-locks.ts';

export interface ReconcilerDeps {
  readonly host: string;
  readonly driver: ComputeDriver;
  readonly vif: VifPlugger;
  readonly locks: ServerLocks;
  readonly conductor: RpcClient<(typeof conductorRpc)['methods']>;
  readonly log: Logger;
  readonly boot: BootRecord;
  readonly resumeGuests: boolean;
  /** Milliseconds after which something superfluous is looked at again, to be removed if it still is. */
  readonly confirmMs: number;
  readonly signal: AbortSignal;
}

interface Server {
  readonly id: string;
  readonly vmState: string;
  readonly taskState: string | null;
  readonly powerState: PowerState;
}

interface Aside {
  readonly id: string;
  readonly tag: string;
}

/** How long, and how often, guests are tried again that do not start after a reboot of the host (ms). */
const RESUME_FOR_MS = 300_000;
const RESUME_AGAIN_MS = 5_000;

/** States in which a server has a guest. */
const HAS_GUEST = new Set(['active', 'paused', 'suspended', 'stopped', 'rescued', 'resized', 'shelved', 'soft-delete']);
/** Those in which it runs unless somebody has stopped it. */
const RUNS = new Set(['active', 'rescued', 'resized']);

/**
 * Makes what is on this host agree with what should be: guests and wiring of deleted servers go, wiring that is missing comes
 * back, power states that differ are told. Nothing is done on doubt: when the conductor does not answer nothing is
 * removed, and what it does not know is removed only when it does not know it twice.
 */
export class Reconciler {
  readonly #deps: ReconcilerDeps;
  /** Superfluous at the last look. */
  #suspects = new Set<string>();
  #forgettable = new Set<string>();
  /** Guests that ran before the host went down are to be started: in the first round after a reboot. */
  #resuming: boolean;
  /** Guests that could not be started then: the storage of their volumes may come up later than this host. Until when (ms). */
  readonly #resumeLater = new Map<string, number>();

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
    this.#resuming = deps.boot.rebooted && deps.resumeGuests;
  }

  /**
   * One round. @returns milliseconds after which the next should be, when sooner than usual
   * @throws Error when the conductor does not answer
   */
  async run(): Promise<number | undefined> {
    const { driver, vif, conductor, host, signal } = this.#deps;
    // The host first, then the database: a server that is made in between is known to neither or to the database.
    const [guests, wired, asides] = await Promise.all([driver.list(), vif.listOurs(), driver.listAside()]);
    const { servers, asides: wanted } = await conductor.call('serversOnHost', { host }, { timeoutMs: 15_000, signal });
    const known = new Map(servers.map((server) => [server.id, server]));
    const doubtful = await this.#removeSuperfluous(guests, wired, known);
    const unsure = await this.#forgetAsides(asides, wanted);
    await this.#agreeOnPower(guests, known);
    this.#resuming = false;
    await this.#deps.boot.acknowledge();
    await driver.rewire(signal);
    if (this.#resumeLater.size > 0) return RESUME_AGAIN_MS;
    return doubtful || unsure ? this.#deps.confirmMs : undefined;
  }

  /** Says whether something is to be confirmed. */
  async #removeSuperfluous(
    guests: readonly GuestState[],
    wired: readonly WiredPort[],
    known: ReadonlyMap<string, Server>,
  ): Promise<boolean> {
    const { driver, vif, locks, log } = this.#deps;
    const before = this.#suspects;
    this.#suspects = new Set();
    const confirmed = (key: string): boolean => {
      if (before.has(key)) return true;
      this.#suspects.add(key);
      return false;
    };
    for (const { id, name } of guests) {
      if (known.has(id) || locks.busy(id) || !confirmed(id)) continue;
      log.warn(`Instance ${id} (${name}) runs on this host and its server does not exist: destroying it`);
      await this.#attempt(id, () => locks.run(id, (signal) => driver.destroy(id, signal)));
    }
    const present = new Set(guests.map(({ id }) => id));
    for (const port of wired) {
      const { guestId } = port;
      if (present.has(guestId) || locks.busy(guestId) || !confirmed(`${guestId} ${port.port}`)) continue;
      log.warn(`Devices of port ${port.port} are left of instance ${guestId}, which is not here: removing them`);
      await this.#attempt(guestId, () =>
        locks.run(guestId, async () => {
          if ((await driver.state(guestId)) === null) await vif.remove([port]);
        }),
      );
    }
    return this.#suspects.size > 0;
  }

  /** What is set aside for a move goes when nobody knows of the move any more: it was confirmed while we were away. */
  async #forgetAsides(present: readonly Aside[], wanted: readonly Aside[]): Promise<boolean> {
    const { driver, locks, log } = this.#deps;
    const keyOf = ({ id, tag }: Aside): string => `${id} ${tag}`;
    const keep = new Set(wanted.map(keyOf));
    const before = this.#forgettable;
    this.#forgettable = new Set();
    for (const aside of present) {
      const key = keyOf(aside);
      if (keep.has(key) || locks.busy(aside.id)) continue;
      if (!before.has(key)) {
        this.#forgettable.add(key);
        continue;
      }
      log.warn(
        `What was set aside of instance ${aside.id} for migration ${aside.tag} is no longer needed: removing it`,
      );
      await this.#attempt(aside.id, () => locks.run(aside.id, () => driver.discardAside(aside.id, aside.tag)));
    }
    return this.#forgettable.size > 0;
  }

  async #agreeOnPower(guests: readonly GuestState[], known: ReadonlyMap<string, Server>): Promise<void> {
    const { locks } = this.#deps;
    const actual = new Map(guests.map(({ id, power }) => [id, power]));
    for (const server of known.values()) {
      const power = actual.get(server.id) ?? 'nostate';
      const idle = server.taskState === null && !locks.busy(server.id);
      if (!idle || !HAS_GUEST.has(server.vmState) || power === server.powerState) continue;
      const ran = RUNS.has(server.vmState) && server.powerState === 'running';
      const off = power === 'shutdown' || power === 'crashed';
      const later = this.#resumeLater.has(server.id);
      if ((this.#resuming || later) && ran && off) await this.#resume(server.id);
      else await this.tell(server.id);
    }
  }

  async #resume(id: string): Promise<void> {
    const { locks, driver, log } = this.#deps;
    const until = this.#resumeLater.get(id) ?? performance.now() + RESUME_FOR_MS;
    this.#resumeLater.delete(id);
    log.info(`Instance ${id} ran before the host was restarted: starting it again`);
    try {
      await locks.run(id, (signal) => driver.powerOn(id, signal));
    } catch (error) {
      if (error instanceof Superseded) return;
      if (performance.now() < until) {
        this.#resumeLater.set(id, until);
        log.warn(`Instance ${id} does not start yet; it is tried again`, error);
        return;
      }
      log.error(`Instance ${id} cannot be started again; it stays SHUTOFF`, error);
    }
    await this.tell(id);
  }

  /** Tells the conductor a guest's power as it is now, after what is being done to it. */
  async tell(id: string): Promise<void> {
    const { locks, driver, conductor, host } = this.#deps;
    await this.#attempt(id, () =>
      locks.run(id, async () => {
        const power = (await driver.state(id))?.power ?? 'nostate';
        await conductor.cast('lifecycle', { host, id, power });
      }),
    );
  }

  /** One guest's trouble must not keep the others waiting. */
  async #attempt(id: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Superseded)) this.#deps.log.error(`Instance ${id} cannot be put right`, error);
    }
  }
}
