import type { VolumeSnapshot } from '#clients/volume.ts';
import { done, type Ec2Action, type Ec2Deps } from './deps.ts';
import { whenMissing } from './errors.ts';
import { ec2Ids, uuidOf } from './ids.ts';
import { filtered } from './params.ts';

const states: Readonly<Record<string, string>> = {
  creating: 'pending',
  available: 'completed',
  deleting: 'pending',
  error: 'error',
};

async function views(deps: Ec2Deps, snapshots: readonly VolumeSnapshot[], ownerId: string) {
  const idOf = await ec2Ids(
    deps.db,
    'snapshot',
    snapshots.map((one) => one.id),
  );
  const volumeOf = await ec2Ids(
    deps.db,
    'volume',
    snapshots.map((one) => one.volume_id),
  );
  return snapshots.map((one) => {
    const owner = one['os-extended-snapshot-attributes:project_id'];
    const progress = one['os-extended-snapshot-attributes:progress'];
    return {
      snapshotId: idOf(one.id),
      volumeId: volumeOf(one.volume_id),
      status: states[one.status] ?? one.status,
      startTime: new Date(/Z$/.test(one.created_at) ? one.created_at : `${one.created_at}Z`),
      progress: typeof progress === 'string' ? progress : one.status === 'available' ? '100%' : '0%',
      ownerId: typeof owner === 'string' ? owner : ownerId,
      volumeSize: one.size,
      description: one.description,
    };
  });
}

const missing = (id: string) => whenMissing('InvalidSnapshot.NotFound', `Snapshot ${id} could not be found.`);
const names = {
  'snapshot-id': 'snapshotId',
  'volume-id': 'volumeId',
  status: 'status',
  description: 'description',
} as const;

const describeSnapshots: Ec2Action = async (deps, { ctx, params }) => {
  const { snapshots } = deps.volumeAs(ctx);
  const asked = params.list('SnapshotId');
  const found =
    asked.length > 0
      ? await Promise.all(
          asked.map(async (id) => snapshots.show(await uuidOf(deps.db, 'snapshot', id)).catch(missing(id))),
        )
      : await snapshots.list();
  const snapshotSet = filtered(await views(deps, found, ctx.projectId ?? ''), params.filters(), (one, name) =>
    Object.hasOwn(names, name) ? [one[names[name as keyof typeof names]]] : null,
  );
  return { snapshotSet };
};

const createSnapshot: Ec2Action = async (deps, { ctx, params }) => {
  const volumeId = params.required('VolumeId');
  const description = params.text('Description');
  const made = await deps
    .volumeAs(ctx)
    .snapshots.create({
      volume_id: await uuidOf(deps.db, 'volume', volumeId),
      // Amazon's snapshots are of volumes in use, too.
      force: true,
      ...(description !== null && { description }),
    })
    .catch(whenMissing('InvalidVolume.NotFound', `Volume ${volumeId} could not be found.`));
  const [view = {}] = await views(deps, [made], ctx.projectId ?? '');
  return view;
};

const deleteSnapshot: Ec2Action = async (deps, { ctx, params }) => {
  const id = params.required('SnapshotId');
  await deps
    .volumeAs(ctx)
    .snapshots.delete(await uuidOf(deps.db, 'snapshot', id))
    .catch(missing(id));
  return done;
};

export const snapshotActions = {
  DescribeSnapshots: describeSnapshots,
  CreateSnapshot: createSnapshot,
  DeleteSnapshot: deleteSnapshot,
} satisfies Record<string, Ec2Action>;
