import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { NovaConfig } from '../config.ts';
import { aggregatesVersion, listAggregates, type Aggregate } from '../hosts/aggregates-rows.ts';
import { listNodes, type ComputeNode } from '../hosts/nodes-rows.ts';
import { listServices, type Service } from '../hosts/services-rows.ts';
import type { NovaTables } from '../tables.ts';
import { capacityOf } from './capacity.ts';
import type { Room } from './claims-rows.ts';

/** A compute host as filters and weighers see it. */
export interface HostState {
  readonly host: string;
  readonly node: ComputeNode;
  readonly service: Service | null;
  readonly aggregates: readonly Aggregate[];
  readonly zone: string;
  /** What may be claimed at most: what it has, times the allocation ratio, less what is reserved. */
  readonly capacity: Room;
  /** Claimed already. */
  readonly used: Room;
}

/** Milliseconds between two looks at what changed; a claim is checked against the database in any case. */
const freshMs = 1000;
/** Rows are stamped by several machines' clocks, and seen when their transaction ends. */
const overlapMs = 10_000;

/** All compute hosts in memory, kept current by reading only what changed since the last look. */
export class HostView {
  readonly #deps: { readonly db: Database<NovaTables>; readonly clock: Clock; readonly conf: NovaConfig };
  readonly #hosts = new Map<string, HostState>();
  readonly #services = new Map<string, Service>();
  #aggregates = { version: -1, byHost: new Map<string, Aggregate[]>() };
  #lookedAt: number | null = null;
  #looking: Promise<void> | undefined;

  constructor(deps: { readonly db: Database<NovaTables>; readonly clock: Clock; readonly conf: NovaConfig }) {
    this.#deps = deps;
  }

  /** @param whole reads everything again, also what has disappeared */
  async refresh(whole = false): Promise<void> {
    const now = this.#deps.clock.now().getTime();
    if (!whole && this.#lookedAt !== null && now - this.#lookedAt < freshMs) return this.#looking;
    const before = this.#lookedAt;
    this.#lookedAt = now;
    const waitFor = this.#looking ?? Promise.resolve();
    const look = waitFor
      .catch(() => undefined)
      .then(() => this.#look(whole || before === null ? null : before))
      .catch((error: unknown) => {
        this.#lookedAt = null;
        throw error;
      })
      .finally(() => {
        if (this.#looking === look) this.#looking = undefined;
      });
    this.#looking = look;
    return look;
  }

  async #look(since: number | null): Promise<void> {
    const { db } = this.#deps;
    const changed = since === null ? {} : { changedSince: isoMicros(new Date(since - overlapMs)) };
    const [nodes, services, version] = [
      await listNodes(db.query, changed),
      await listServices(db.query, { binary: 'nova-compute', ...changed }),
      await aggregatesVersion(db.query),
    ];
    if (since === null) {
      this.#hosts.clear();
      this.#services.clear();
    }
    for (const service of services) this.#services.set(service.host, service);
    const regrouped = version !== this.#aggregates.version;
    if (regrouped) {
      const byHost = new Map<string, Aggregate[]>();
      for (const aggregate of await listAggregates(db.query))
        for (const host of aggregate.hosts) byHost.set(host, [...(byHost.get(host) ?? []), aggregate]);
      this.#aggregates = { version, byHost };
    }
    const touched = new Set([...nodes.map((node) => node.host), ...services.map((service) => service.host)]);
    for (const node of nodes) this.#set(node);
    for (const [host, state] of this.#hosts) if (regrouped || touched.has(host)) this.#set(state.node);
  }

  #set(node: ComputeNode): void {
    const { host } = node;
    const aggregates = this.#aggregates.byHost.get(host) ?? [];
    const conf = this.#deps.conf.DEFAULT;
    const zone = aggregates.map((one) => one.metadata['availability_zone']).find((one) => one !== undefined);
    const { vcpus, memoryMb, diskGb } = capacityOf(node, aggregates, conf);
    this.#hosts.set(host, {
      host,
      node,
      service: this.#services.get(host) ?? null,
      aggregates,
      zone: zone ?? conf.default_availability_zone,
      capacity: { vcpus: vcpus.limit, memoryMb: memoryMb.limit, diskGb: diskGb.limit },
      used: { vcpus: node.vcpusUsed, memoryMb: node.memoryMbUsed, diskGb: node.diskGbUsed },
    });
  }

  all(): readonly HostState[] {
    return [...this.#hosts.values()];
  }

  /** Counts a claim that is being made, until the next look finds it in the database. */
  count(host: string, room: Room): void {
    const state = this.#hosts.get(host);
    if (!state) return;
    this.#set({
      ...state.node,
      vcpusUsed: state.used.vcpus + room.vcpus,
      memoryMbUsed: state.used.memoryMb + room.memoryMb,
      diskGbUsed: state.used.diskGb + room.diskGb,
    });
  }

  /** Reads one host again. */
  async reread(host: string): Promise<void> {
    for (const node of await listNodes(this.#deps.db.query, { hosts: [host] })) this.#set(node);
  }
}
