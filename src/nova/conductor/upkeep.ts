import type { OperationRunner } from '#common/operations/runner.ts';
import { isoMicros } from '#common/clock.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { operationActions, OperationInputs, OperationKind } from '../operations/kinds.ts';
import { openOperations } from '../operations/rows.ts';
import { unconfirmedSince, updateMigration } from '../server-migrations/rows.ts';
import { findServer, serversInState, updateServer } from '../servers/rows.ts';
import { actions, type ActionKey } from '../servers/states.ts';
import { nowOf, type ConductorDeps } from './deps.ts';

export interface UpkeepDeps extends Pick<ConductorDeps, 'db' | 'conf' | 'clock'> {
  readonly runner: OperationRunner;
  readonly log: Logger;
  /** A request id for what nobody asked for. */
  readonly requestId: () => string;
}

/**
 * What is due by the clock: moves that nobody confirmed (`resize_confirm_window`), shelved servers that leave their hosts
 * (`shelved_offload_time`), soft-deleted ones that are deleted (`reclaim_instance_interval`).
 */
export async function keepUp(deps: UpkeepDeps): Promise<void> {
  const { db, conf, clock, log } = deps;
  const {
    resize_confirm_window: confirm,
    shelved_offload_time: offload,
    reclaim_instance_interval: reclaim,
  } = conf.DEFAULT;
  const before = (seconds: number): string => isoMicros(new Date(clock.now().getTime() - seconds * 1000));
  if (confirm > 0)
    for (const { uuid, serverId } of await unconfirmedSince(db.query, before(confirm)))
      if (await begin(deps, serverId, 'confirmResize', 'server.confirm_resize', { migrationId: uuid })) {
        await updateMigration(db.query, uuid, { status: 'confirming', updated_at: nowOf(deps) });
        log.info(`The resize of server ${serverId} has waited ${confirm} s: it is confirmed`);
      }
  if (offload > 0)
    for (const server of await serversInState(db.query, 'shelved'))
      if ((server.systemMetadata['shelved_at'] ?? '') <= before(offload))
        await begin(deps, server.id, 'shelveOffload', 'server.shelve_offload', {});
  if (reclaim > 0)
    for (const server of await serversInState(db.query, 'soft-delete'))
      if (server.deletedAt !== null && server.deletedAt <= before(reclaim)) await reclaimServer(deps, server.id);
}

/** Journals an operation that nobody asked for, if the server's state allows it. Says whether it did. */
async function begin<K extends OperationKind>(
  deps: UpkeepDeps,
  serverId: string,
  action: ActionKey,
  kind: K,
  input: Omit<OperationInputs[K], 'serverId'>,
): Promise<boolean> {
  const rule: { readonly vm: string | readonly string[]; readonly becomes: string | null } = actions[action];
  const begun = await deps.db.transaction(async (trx) => {
    const server = await findServer(trx, serverId, true);
    if (!server || server.deleted || server.taskState !== null || !rule.vm.includes(server.vmState)) return false;
    await updateServer(trx, serverId, { task_state: rule.becomes, updated_at: nowOf(deps) });
    await journal(deps, trx, kind, serverId, input, server);
    return true;
  });
  if (begun) deps.runner.launch();
  return begun;
}

async function reclaimServer(deps: UpkeepDeps, serverId: string): Promise<void> {
  await deps.db.transaction(async (trx) => {
    const server = await findServer(trx, serverId, true);
    if (!server || server.deleted || server.vmState !== 'soft-delete') return;
    if ((await openOperations(trx, serverId)).length > 0) return;
    await updateServer(trx, serverId, { task_state: 'deleting', updated_at: nowOf(deps) });
    await journal(deps, trx, 'server.delete', serverId, {}, server);
  });
  deps.runner.launch();
}

const journal = <K extends OperationKind>(
  deps: UpkeepDeps,
  trx: Parameters<OperationRunner['journal']>[2],
  kind: K & keyof typeof operationActions,
  serverId: string,
  input: Omit<OperationInputs[K], 'serverId'>,
  server: { readonly projectId: string; readonly userId: string },
): Promise<string> =>
  deps.runner.journal(
    kind,
    {
      input: { ...input, serverId },
      resourceId: serverId,
      requestId: deps.requestId(),
      projectId: server.projectId,
      userId: server.userId,
    },
    trx,
  );
