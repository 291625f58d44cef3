import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import type { OperationDefinition } from '#common/operations/operation.ts';
import type { CinderConfig } from '../config.ts';
import { insertMessage } from '../messages/rows.ts';
import type { Notify } from '../notifications.ts';
import { backendOf, type Journal } from '../operations/journal.ts';
import type { OperationInputs } from '../operations/kinds.ts';
import type { CinderTables } from '../tables.ts';
import { findVolume, updateVolume } from '../volumes/rows.ts';
import type { Chooser } from './choose.ts';

export interface SchedulerDeps {
  readonly db: Database<CinderTables>;
  readonly conf: CinderConfig;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly journal: Journal;
  readonly chooser: Chooser;
  readonly notify: Notify;
}

/** Chooses the back end of a new volume, and hands it over in one transaction: from then on it is the back end's. */
export function createVolumeOperation(
  deps: SchedulerDeps,
): OperationDefinition<OperationInputs['volume.create'], Record<string, never>> {
  const { db, clock, chooser, journal } = deps;
  const now = (): string => isoMicros(clock.now());
  return {
    kind: 'volume.create',
    action: 'create_volume',
    steps: [
      {
        name: 'schedule_create_volume',
        async run({ input, requestId }) {
          const { volumeId, hints, tried = [] } = input;
          const volume = await findVolume(db.query, volumeId);
          // Deleted meanwhile; or handed over already, before a crash.
          if (!volume || volume.deleted || volume.status !== 'creating' || volume.host !== null) return undefined;
          const { host } = await chooser.choose({ volume, typeId: volume.typeId, hints, tried });
          await db.transaction(async (trx) => {
            const current = await findVolume(trx, volumeId, true);
            if (!current || current.deleted || current.host !== null) return;
            await updateVolume(trx, volumeId, { host, updated_at: now() });
            const { projectId, userId } = current;
            const owner = backendOf(host);
            await journal.add(trx, { requestId, userId }, 'volume.build', { input, projectId, owner });
          });
          return undefined;
        },
      },
    ],
    async succeeded({ input, requestId, log }) {
      const volume = await findVolume(db.query, input.volumeId);
      if (volume?.host == null) return;
      await journal
        .launch(backendOf(volume.host), requestId)
        .catch((error: unknown) =>
          log.warn(`${volume.host} was not told of volume ${volume.id}; it looks itself`, error),
        );
    },
    async failed({ input, requestId }, { message, details }) {
      const { volumeId } = input;
      const volume = await findVolume(db.query, volumeId);
      if (!volume || volume.deleted) return;
      await db.transaction(async (trx) => {
        const change = { status: 'error', fault: message, updated_at: now() };
        if (!(await updateVolume(trx, volumeId, change, { status: ['creating'] }))) return;
        await insertMessage(trx, {
          id: deps.ids.uuid(),
          projectId: volume.projectId,
          requestId,
          resourceType: 'VOLUME',
          resourceId: volumeId,
          action: 'scheduleAllocateVolume',
          detail: Array.isArray(details) ? 'noBackendAvailable' : 'unknown',
          now: clock.now(),
          ttl: deps.conf.DEFAULT.message_ttl,
        });
      });
      await deps.notify.volume('create.error', volume, { reason: message });
    },
  };
}
