import type { Bus, RpcClient } from '#common/bus/bus.ts';
import type { Clock } from '#common/clock.ts';
import { NetworkNamespaces } from '#common/host/netns.ts';
import type { Run } from '#common/host/run.ts';
import type { MeteredRouter, MeteringLabelSpec, meteringRpc } from '../../rpc.ts';
import { eachOf } from '../each-of.ts';
import { routerNamespace } from '../names.ts';
import { PartialFailure } from '../reconciler.ts';
import { labelChain } from './meter-rules.ts';
import type { Readings } from './readings.ts';
import { RouterMeter } from './router-meter.ts';

export interface MeteringAgentDeps {
  readonly host: string;
  readonly run: Run;
  readonly bus: Pick<Bus, 'notify'>;
  readonly plugin: RpcClient<(typeof meteringRpc)['methods']>;
  readonly clock: Clock;
  readonly readings: Readings;
  /** Seconds between two reports. */
  readonly reportInterval: number;
}

/** What a label counted since the last report. */
interface Tally {
  readonly projectId: string;
  pkts: number;
  bytes: number;
  /** Seconds that this is about. */
  time: number;
  /** Unix seconds. */
  readonly firstUpdate: number;
  lastUpdate: number;
}

/** Counts the traffic of this host's routers by label, and reports it as notifications `l3.meter`. */
export class MeteringAgent {
  readonly #deps: MeteringAgentDeps;
  readonly #namespaces: NetworkNamespaces;
  readonly #meters = new Map<string, RouterMeter>();
  readonly #tallies = new Map<string, Tally>();
  #labels: ReadonlyMap<string, MeteringLabelSpec> = new Map();
  #lastReport: number;

  constructor(deps: MeteringAgentDeps) {
    this.#deps = deps;
    this.#namespaces = new NetworkNamespaces(deps.run);
    this.#lastReport = this.#now();
  }

  /** Asks what is to be counted, reads the counters, reports when it is time. With nothing to count it runs no program. */
  async round(): Promise<void> {
    const { plugin, host, readings } = this.#deps;
    const { routers } = await plugin.call('meters', { host });
    const labels = new Map(routers.flatMap((router) => router.labels.map((label) => [label.id, label] as const)));
    // Labels that are gone have counted until now.
    this.#labels = new Map([...this.#labels, ...labels]);
    const wanted = new Map(routers.map((router) => [router.id, router]));
    const ids = [...new Set([...wanted.keys(), ...readings.routers])];
    const present = new Set(ids.length > 0 ? await this.#namespaces.list() : []);
    const failures = await eachOf(ids, (id) => this.#bring(id, wanted.get(id), present.has(routerNamespace(id))));
    if (failures.size === 0) this.#labels = labels;
    if (this.#now() - this.#lastReport >= this.#deps.reportInterval) await this.#report();
    if (failures.size > 0) throw new PartialFailure(failures);
  }

  async #bring(id: string, router: MeteredRouter | undefined, present: boolean): Promise<void> {
    const { readings } = this.#deps;
    if (!present) {
      // The L3 agent makes it; the next round looks again.
      this.#meters.delete(id);
      if (!router) await readings.remove(id);
      return;
    }
    const meter = this.#meter(id);
    if (readings.routers.includes(id)) await this.#read(id, meter);
    if (router) {
      await readings.add(id);
      await meter.apply(router);
      readings.keep(id, new Set(router.labels.map((label) => labelChain(label.id))));
      return;
    }
    await meter.remove();
    this.#meters.delete(id);
    await readings.remove(id);
  }

  async #read(routerId: string, meter: RouterMeter): Promise<void> {
    const counts = await meter.read();
    for (const label of this.#labels.values()) {
      const chain = labelChain(label.id);
      const count = counts.get(chain);
      if (!count) continue;
      const { pkts, bytes } = this.#deps.readings.advance(routerId, chain, count);
      const now = this.#now();
      let tally = this.#tallies.get(label.id);
      if (!tally) {
        tally = { projectId: label.projectId, pkts: 0, bytes: 0, time: 0, firstUpdate: now, lastUpdate: now };
        this.#tallies.set(label.id, tally);
      }
      tally.pkts += pkts;
      tally.bytes += bytes;
      tally.time += now - tally.lastUpdate;
      tally.lastUpdate = now;
    }
  }

  async #report(): Promise<void> {
    const { bus, host, readings, reportInterval } = this.#deps;
    if (this.#tallies.size === 0) return;
    const now = this.#now();
    for (const [labelId, tally] of this.#tallies) {
      await bus.notify({
        eventType: 'l3.meter',
        publisherId: `metering.${host}`,
        priority: 'INFO',
        projectId: tally.projectId,
        payload: {
          label_id: labelId,
          tenant_id: tally.projectId,
          pkts: tally.pkts,
          bytes: tally.bytes,
          time: tally.time,
          first_update: tally.firstUpdate,
          last_update: tally.lastUpdate,
          host,
        },
      });
      Object.assign(tally, { pkts: 0, bytes: 0, time: 0 });
      if (tally.lastUpdate < now - reportInterval) this.#tallies.delete(labelId);
    }
    await readings.settle();
    this.#lastReport = now;
  }

  #meter(id: string): RouterMeter {
    let meter = this.#meters.get(id);
    if (!meter) this.#meters.set(id, (meter = new RouterMeter(id, this.#deps.run)));
    return meter;
  }

  #now(): number {
    return Math.floor(this.#deps.clock.now().getTime() / 1000);
  }
}
