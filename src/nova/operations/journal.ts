import type { RpcClient } from '#common/bus/bus.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database, Queryable } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import { insertOperation, setOperationStatus } from '#common/operations/rows.ts';
import type { HostDirectory } from '../hosts/directory.ts';
import type { conductorRpc } from '../rpc.ts';
import type { NovaTables } from '../tables.ts';
import { operationActions, type OperationInputs, type OperationKind } from './kinds.ts';
import { openOperations } from './rows.ts';

/** `nova-conductor@host`: who runs an operation, and resumes it. */
export const ownerOf = (host: string): string => `nova-conductor@${host}`;
const hostOf = (owner: string): string => owner.slice(owner.indexOf('@') + 1);

/** The API's side of operations: it journals them together with the rows it makes; a conductor runs them. */
export interface Journal {
  /** A conductor for new work: one that is up, or this host's when none is. */
  owner(): Promise<string>;
  /**
   * Journals an operation. One server's operations have one owner, so that they run one after the other.
   * @returns its id, and whose it is: `launch` that owner after the commit
   */
  add<K extends OperationKind>(
    trx: Queryable<NovaTables>,
    ctx: RequestContext,
    kind: K,
    operation: {
      readonly input: OperationInputs[K];
      readonly projectId: string;
      readonly owner: string;
      readonly fresh?: boolean;
    },
  ): Promise<{ id: string; owner: string }>;
  /** Journals something that is done already, for the history that the API shows. */
  note(
    trx: Queryable<NovaTables>,
    ctx: RequestContext,
    action: string,
    server: { readonly id: string; readonly projectId: string },
  ): Promise<void>;
  /** Wakes an owner. Should the message be lost, the journal is read at the conductor's next look. */
  launch(owner: string, ctx: RequestContext): Promise<void>;
  /** What runs for a server is no longer wanted. @param operationId only this one */
  cancel(serverId: string, reason: string, operationId?: string): Promise<void>;
}

export function createJournal(deps: {
  readonly db: Database<NovaTables>;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly host: string;
  readonly directory: HostDirectory;
  readonly conductor: RpcClient<(typeof conductorRpc)['methods']>;
}): Journal {
  const { ids, clock, directory, conductor } = deps;
  let turn = 0;
  return {
    async owner() {
      const up = (await directory.services()).filter(
        (service) => service.binary === 'nova-conductor' && directory.isUp(service) && !service.disabled,
      );
      const chosen = up.find((service) => service.host === deps.host) ?? up[turn++ % Math.max(up.length, 1)];
      return ownerOf(chosen?.host ?? deps.host);
    },
    async add(trx, ctx, kind, { input, projectId, owner: wanted, fresh = false }) {
      const { serverId } = input;
      // A server that is just being made has no operations yet.
      const owner = fresh ? wanted : ((await openOperations(trx, serverId)).at(-1)?.owner ?? wanted);
      const id = ids.uuid();
      await insertOperation(trx, {
        id,
        kind,
        action: operationActions[kind],
        owner,
        input,
        resourceId: serverId,
        requestId: ctx.requestId,
        projectId,
        userId: ctx.userId,
        now: isoMicros(clock.now()),
      });
      return { id, owner };
    },
    async note(trx, ctx, action, server) {
      const now = isoMicros(clock.now());
      const id = ids.uuid();
      await insertOperation(trx, {
        id,
        kind: `server.${action}`,
        action,
        owner: ownerOf(deps.host),
        input: { serverId: server.id },
        resourceId: server.id,
        requestId: ctx.requestId,
        projectId: server.projectId,
        userId: ctx.userId,
        now,
      });
      await setOperationStatus(trx, id, 'succeeded', null, now);
    },
    async launch(owner, { requestId }) {
      const context = { ...anonymous, requestId };
      await conductor.cast('launch', {}, { host: hostOf(owner), context });
    },
    cancel: (serverId, reason, operationId) =>
      conductor.fanout('cancel', { serverId, reason, ...(operationId !== undefined && { operationId }) }),
  };
}

/** The conductor needs nobody's rights to look into its own journal. */
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
