import type { Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { CinderConfig } from '../config.ts';
import type { Owner } from '../operations/journal.ts';
import type { CinderTables } from '../tables.ts';
import { listServices, type Service } from './rows.ts';

/** Which daemons there are and whether they live: what many parts ask all the time. */
export interface ServiceDirectory {
  services(): Promise<readonly Service[]>;
  /** Whether the daemon has reported lately. */
  isUp(service: Service): boolean;
  /** The cinder-volume of a back end, with or without its pool in the name. */
  backend(host: string): Promise<Service | null>;
  /** Zones of back ends, and whether any of a zone is enabled. */
  zones(): Promise<ReadonlyMap<string, boolean>>;
  /** Who takes new volumes: a scheduler that is up, this host's when none is. */
  scheduler(): Promise<Owner>;
  /** A cinder-backup that is up: the given host's before others; null when none is. */
  backup(preferred: string | null): Promise<Owner | null>;
}

/** Milliseconds after which what another process changed is seen here. */
const freshMs = 1000;

export function createServiceDirectory({
  db,
  clock,
  conf,
  host: ownHost,
}: {
  readonly db: Database<CinderTables>;
  readonly clock: Clock;
  readonly conf: CinderConfig;
  readonly host: string;
}): ServiceDirectory {
  let known: Promise<readonly Service[]> | undefined;
  let knownAt = 0;
  const services = (): Promise<readonly Service[]> => {
    const now = clock.now().getTime();
    if (known && now - knownAt < freshMs) return known;
    knownAt = now;
    known = listServices(db.query);
    known.catch(() => (known = undefined));
    return known;
  };
  const isUp = (service: Service): boolean =>
    clock.now().getTime() - Date.parse(`${service.lastSeen}Z`) <= conf.DEFAULT.service_down_time * 1000;
  const usable = async (binary: string): Promise<Service[]> =>
    (await services()).filter((service) => service.binary === binary && !service.disabled && isUp(service));
  let turn = 0;
  const oneOf = <T>(list: readonly T[]): T | undefined => list[turn++ % Math.max(list.length, 1)];
  return {
    services,
    isUp,
    async backend(host) {
      const bare = host.split('#')[0];
      return (await services()).find((service) => service.binary === 'cinder-volume' && service.host === bare) ?? null;
    },
    async zones() {
      const zones = new Map<string, boolean>();
      for (const service of await services())
        if (service.binary === 'cinder-volume')
          zones.set(
            service.availabilityZone,
            (zones.get(service.availabilityZone) ?? false) || (!service.disabled && isUp(service)),
          );
      return zones;
    },
    async scheduler() {
      const up = await usable('cinder-scheduler');
      const chosen = up.find((service) => service.host === ownHost) ?? oneOf(up);
      return { binary: 'cinder-scheduler', host: chosen?.host ?? ownHost };
    },
    async backup(preferred) {
      const up = await usable('cinder-backup');
      const chosen = up.find((service) => service.host === preferred) ?? oneOf(up);
      return chosen ? { binary: 'cinder-backup', host: chosen.host } : null;
    },
  };
}
