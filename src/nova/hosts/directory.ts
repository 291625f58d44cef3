import type { Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { NovaConfig } from '../config.ts';
import type { NovaTables } from '../tables.ts';
import { aggregatesVersion, listAggregates, type Aggregate } from './aggregates-rows.ts';
import { listServices, type Service } from './services-rows.ts';

/** Which hosts there are, in which zones, and whether they live: what many parts ask all the time. */
export interface HostDirectory {
  aggregates(): Promise<readonly Aggregate[]>;
  /** Gives the zone of a host. */
  zones(): Promise<(host: string) => string>;
  services(): Promise<readonly Service[]>;
  /** Whether the daemon has reported lately and nobody has declared it down. */
  isUp(service: Service): boolean;
  /** Whether a host's nova-compute is up, asked of the database now. */
  computeIsUp(host: string): Promise<boolean>;
}

/** Milliseconds after which what another process changed is seen here. */
const freshMs = 1000;

export const zoneOfAggregate = (aggregate: Aggregate): string | undefined => aggregate.metadata['availability_zone'];

export function createHostDirectory(deps: {
  readonly db: Database<NovaTables>;
  readonly clock: Clock;
  readonly conf: NovaConfig;
}): HostDirectory {
  const { db, clock, conf } = deps;
  const cached = <T>(load: (before: T | undefined) => Promise<T>): (() => Promise<T>) => {
    let value: Promise<T> | undefined;
    let at = 0;
    return async () => {
      const now = clock.now().getTime();
      if (value && now - at < freshMs) return value;
      at = now;
      const before = await value?.catch(() => undefined);
      value = load(before);
      value.catch(() => (value = undefined));
      return value;
    };
  };
  const known = cached<{ version: number; aggregates: readonly Aggregate[]; zones: Map<string, string> }>(
    async (before) => {
      const version = await aggregatesVersion(db.query);
      if (before?.version === version) return before;
      const aggregates = await listAggregates(db.query);
      const zones = new Map<string, string>();
      for (const aggregate of aggregates) {
        const zone = zoneOfAggregate(aggregate);
        if (zone !== undefined) for (const host of aggregate.hosts) zones.set(host, zone);
      }
      return { version, aggregates, zones };
    },
  );
  const services = cached(() => listServices(db.query));
  const isUp = (service: Service): boolean =>
    !service.forcedDown &&
    clock.now().getTime() - Date.parse(`${service.lastSeen}Z`) <= conf.DEFAULT.service_down_time * 1000;
  return {
    aggregates: async () => (await known()).aggregates,
    async zones() {
      const { zones } = await known();
      return (host) => zones.get(host) ?? conf.DEFAULT.default_availability_zone;
    },
    services,
    isUp,
    async computeIsUp(host) {
      const [service] = await listServices(db.query, { binary: 'nova-compute', host });
      return service !== undefined && isUp(service);
    },
  };
}
