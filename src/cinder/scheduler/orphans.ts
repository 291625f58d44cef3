import type { Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { CinderConfig } from '../config.ts';
import { adopt, ownersOfOpenOperations } from '../operations/rows.ts';
import { ownerOf } from '../operations/kinds.ts';
import { listServices } from '../services/rows.ts';
import type { CinderTables } from '../tables.ts';

/** Takes over what schedulers have left undone that have been silent for long: they do not come back. */
export async function adoptOrphans({
  db,
  clock,
  conf,
  log,
  host,
}: {
  readonly db: Database<CinderTables>;
  readonly clock: Clock;
  readonly conf: CinderConfig;
  readonly log: Logger;
  readonly host: string;
}): Promise<void> {
  const own = ownerOf('cinder-scheduler', host);
  const others = (await ownersOfOpenOperations(db.query)).filter(
    (owner) => owner.startsWith('cinder-scheduler@') && owner !== own,
  );
  if (others.length === 0) return;
  const silentSince = clock.now().getTime() - 3 * conf.DEFAULT.service_down_time * 1000;
  const alive = new Set(
    (await listServices(db.query, { binary: 'cinder-scheduler' }))
      .filter(({ lastSeen }) => Date.parse(`${lastSeen}Z`) >= silentSince)
      .map((service) => ownerOf('cinder-scheduler', service.host)),
  );
  for (const owner of others)
    if (!alive.has(owner)) {
      log.warn(`${owner} has been silent for long: its unfinished operations are taken over`);
      await adopt(db.query, owner, own);
    }
}
