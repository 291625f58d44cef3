import { isServiceAway } from '#clients/rest.ts';
import type { OperationDefinition, Step } from '#common/operations/operation.ts';
import {
  operationActions,
  type OperationInputs,
  type ServerInput,
  type SnapshotInput,
} from '../../operations/kinds.ts';
import { findServer } from '../../servers/rows.ts';
import type { TaskState } from '../../servers/states.ts';
import { nowOf, type ConductorDeps } from '../deps.ts';
import { placedServer, save, saveIfWanted } from '../guest-work.ts';
import { awaitImage, awaitMs, copyDisk, deleteImage, discardCopy, isAwaited, uploadCopy } from '../images.ts';
import { faultOf } from './create.ts';

type Nothing = Record<string, never>;
type Input = ServerInput & SnapshotInput;
type BackupInput = OperationInputs['server.create_backup'];

/**
 * An image of a server's root disk: copied on its host while the guest goes on, then given to Glance. An image that cannot be
 * filled is deleted.
 */
function snapshotOperation<I extends Input>(
  deps: ConductorDeps,
  kind: 'server.create_image' | 'server.create_backup',
  more: readonly Step<I, Nothing>[] = [],
): OperationDefinition<I, Nothing> {
  const { db } = deps;
  return {
    kind,
    action: operationActions[kind],
    steps: [
      {
        name: 'glance_create_image',
        transient: (error) => isAwaited(error) || isServiceAway(error),
        patienceMs: awaitMs,
        async run(op) {
          const server = await placedServer(deps, op.input.serverId);
          await deps.notify('compute.instance.snapshot.start', server);
          await awaitImage(deps, op.input.imageId);
          return undefined;
        },
        undo: (op) => deleteImage(deps, op.input.imageId),
      },
      {
        name: 'compute_snapshot_instance',
        async run(op) {
          const server = await placedServer(deps, op.input.serverId);
          if (kind === 'server.create_image') await save(deps, server.id, { task_state: 'image_snapshot' });
          await copyDisk(deps, server, op.input, op.signal);
          return undefined;
        },
        async undo(op) {
          const server = await findServer(db.query, op.input.serverId);
          if (server?.host) await discardCopy(deps, server.host, op.input.imageId, op.log);
        },
      },
      {
        name: 'compute_upload_image',
        transient: isServiceAway,
        async run(op) {
          const server = await placedServer(deps, op.input.serverId);
          const during: TaskState[] = ['image_pending_upload', 'image_uploading'];
          if (kind === 'server.create_image')
            for (const task of during) await save(deps, server.id, { task_state: task });
          await uploadCopy(deps, server, op.input, op.signal);
          return undefined;
        },
      },
      ...more,
    ],
    async succeeded(op) {
      await saveIfWanted(deps, op.input.serverId, { task_state: null });
      const server = await findServer(db.query, op.input.serverId);
      if (server) await deps.notify('compute.instance.snapshot.end', server);
    },
    async failed(op, error) {
      await saveIfWanted(deps, op.input.serverId, {
        task_state: null,
        fault: JSON.stringify(faultOf(error, nowOf(deps))),
      });
    },
  };
}

export const createImageOperation = (deps: ConductorDeps): OperationDefinition<Input, Nothing> =>
  snapshotOperation(deps, 'server.create_image');

/** As an image, and then the oldest of its kind beyond `rotation` are deleted. */
export const createBackupOperation = (deps: ConductorDeps): OperationDefinition<BackupInput, Nothing> =>
  snapshotOperation<BackupInput>(deps, 'server.create_backup', [
    {
      name: 'compute_rotate_backups',
      transient: isServiceAway,
      async run(op) {
        const { serverId, backupType, rotation } = op.input;
        const filters = { instance_uuid: serverId, image_type: 'backup', backup_type: backupType };
        const ids: string[] = [];
        // Glance lists the newest first.
        for (let marker: string | null = null; ;) {
          const page = await deps.images.list({ filters, ...(marker !== null && { marker }) });
          ids.push(...page.images.map((image) => image.id));
          marker = page.next;
          if (marker === null) break;
        }
        for (const id of ids.slice(rotation)) await deleteImage(deps, id);
        return undefined;
      },
    },
  ]);
