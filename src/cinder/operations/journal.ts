import type { RequestContext } from '#common/auth/context.ts';
import type { Bus } from '#common/bus/bus.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Queryable } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import { insertOperation } from '#common/operations/rows.ts';
import { backupRpc, schedulerRpc, volumeRpc } from '../rpc.ts';
import type { CinderTables } from '../tables.ts';
import { operationActions, ownerOf, type OperationInputs, type OperationKind } from './kinds.ts';

/** Who is to run an operation; see `ownerOf`. */
export interface Owner {
  readonly binary: 'cinder-volume' | 'cinder-scheduler' | 'cinder-backup';
  /** A back end without its pool, or a daemon's host. */
  readonly host: string;
}

/** `stor1@lvm#pool` → the cinder-volume that has it. */
export const backendOf = (host: string): Owner => ({ binary: 'cinder-volume', host: host.split('#')[0] as string });

/** Journals operations together with the rows that they are about; their owners run them. */
export interface Journal {
  /** @returns the operation's id; `launch` its owner after the commit */
  add<K extends OperationKind>(
    trx: Queryable<CinderTables>,
    who: Pick<RequestContext, 'requestId' | 'userId'>,
    kind: K,
    operation: { readonly input: OperationInputs[K]; readonly projectId: string; readonly owner: Owner },
  ): Promise<string>;
  /** Wakes an owner. Should the message be lost, the journal is read at the owner's next look. */
  launch(owner: Owner, requestId: string): Promise<void>;
  /** What runs for a volume is no longer wanted. */
  cancel(volumeId: string, owner: Owner, reason: string): Promise<void>;
}

export function createJournal({
  ids,
  clock,
  bus,
}: {
  readonly ids: Ids;
  readonly clock: Clock;
  readonly bus: Bus;
}): Journal {
  const volume = bus.client(volumeRpc);
  const scheduler = bus.client(schedulerRpc);
  const backup = bus.client(backupRpc);
  return {
    async add(trx, { requestId, userId }, kind, { input, projectId, owner }) {
      const id = ids.uuid();
      await insertOperation(trx, {
        id,
        kind,
        action: operationActions[kind],
        owner: ownerOf(owner.binary, owner.host),
        input,
        resourceId: 'volumeId' in input ? input.volumeId : input.backupId,
        requestId,
        projectId,
        userId,
        now: isoMicros(clock.now()),
      });
      return id;
    },
    async launch({ binary, host }, requestId) {
      const options = { host, context: { ...anonymous, requestId } };
      if (binary === 'cinder-volume') await volume.cast('launch', {}, options);
      else if (binary === 'cinder-scheduler') await scheduler.cast('launch', {}, options);
      else await backup.cast('launch', {}, options);
    },
    async cancel(volumeId, { binary, host }, reason) {
      if (binary === 'cinder-volume') await volume.cast('cancel', { resourceId: volumeId, reason }, { host });
    },
  };
}

/** Nobody's rights are needed to look into one's own journal. */
const anonymous: RequestContext = {
  requestId: '',
  userId: null,
  userName: null,
  userDomainId: null,
  projectId: null,
  projectName: null,
  projectDomainId: null,
  roles: [],
  isAdmin: false,
  token: null,
};
