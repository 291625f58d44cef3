import type { Volume } from '#clients/volume.ts';
import { ApiError } from '#common/api/errors.ts';
import { done, type Ec2Action, type Ec2Call, type Ec2Deps } from './deps.ts';
import { Ec2Error, missingParameter, whenMissing } from './errors.ts';
import { ec2Id, ec2Ids, serverUuids, uuidOf } from './ids.ts';
import { filtered } from './params.ts';
import { serverNumbers } from './rows.ts';
import type { Xml } from './xml.ts';

/** Cinder's states that EC2 knows by another name. */
const states: Readonly<Record<string, string>> = { attaching: 'in-use', detaching: 'in-use' };

async function views(deps: Ec2Deps, volumes: readonly Volume[]) {
  const idOf = await ec2Ids(
    deps.db,
    'volume',
    volumes.map((volume) => volume.id),
  );
  const snapshotOf = await ec2Ids(
    deps.db,
    'snapshot',
    volumes.map((volume) => volume.snapshot_id),
  );
  const numbers = await serverNumbers(
    deps.db.query,
    volumes.flatMap((volume) => volume.attachments.map((one) => one.server_id)),
  );
  return volumes.map((volume) => ({
    volumeId: idOf(volume.id),
    size: volume.size,
    snapshotId: snapshotOf(volume.snapshot_id),
    availabilityZone: volume.availability_zone,
    status: states[volume.status] ?? volume.status,
    createTime: new Date(/Z$/.test(volume.created_at) ? volume.created_at : `${volume.created_at}Z`),
    displayName: volume.name,
    displayDescription: volume.description,
    volumeType: volume.volume_type ?? 'standard',
    attachmentSet: volume.attachments.map((one) => {
      const num = numbers.get(one.server_id);
      return {
        volumeId: idOf(volume.id),
        instanceId: num === undefined ? null : ec2Id('i', num),
        device: one.device,
        status: volume.status === 'in-use' ? 'attached' : volume.status,
        deleteOnTermination: false,
      };
    }),
    tagSet: Object.entries(volume.metadata).map(([key, value]) => ({ key, value })),
  }));
}

const missing = (id: string) => whenMissing('InvalidVolume.NotFound', `Volume ${id} could not be found.`);

/** The volume of `VolumeId`. @throws Ec2Error */
async function theVolume(deps: Ec2Deps, { ctx, params }: Ec2Call): Promise<{ volumeId: string; volume: Volume }> {
  const volumeId = params.required('VolumeId');
  const id = await uuidOf(deps.db, 'volume', volumeId);
  return { volumeId, volume: await deps.volumeAs(ctx).show(id).catch(missing(volumeId)) };
}

const names = {
  'volume-id': 'volumeId',
  status: 'status',
  size: 'size',
  'snapshot-id': 'snapshotId',
  'availability-zone': 'availabilityZone',
} as const;

const describeVolumes: Ec2Action = async (deps, { ctx, params }) => {
  const asked = params.list('VolumeId');
  const cinder = deps.volumeAs(ctx);
  const volumes =
    asked.length > 0
      ? await Promise.all(asked.map(async (id) => cinder.show(await uuidOf(deps.db, 'volume', id)).catch(missing(id))))
      : await cinder.list();
  const volumeSet = filtered(await views(deps, volumes), params.filters(), (volume, name) => {
    if (name === 'attachment.instance-id') return volume.attachmentSet.map((one) => one.instanceId);
    if (!Object.hasOwn(names, name)) return null;
    const value = volume[names[name as keyof typeof names]];
    return [value === null ? null : String(value)];
  });
  return { volumeSet };
};

const createVolume: Ec2Action = async (deps, { ctx, params }) => {
  const cinder = deps.volumeAs(ctx);
  const snapshotId = params.text('SnapshotId');
  const size = params.integer('Size');
  const zone = params.text('AvailabilityZone');
  const snapshot =
    snapshotId === null
      ? null
      : await cinder.snapshots
          .show(await uuidOf(deps.db, 'snapshot', snapshotId))
          .catch(whenMissing('InvalidSnapshot.NotFound', `Snapshot ${snapshotId} could not be found.`));
  if (size === null && snapshot === null) throw missingParameter('Size or SnapshotId is required');
  const made = await cinder.create({
    size: size ?? (snapshot?.size as number),
    ...(snapshot && { snapshot_id: snapshot.id }),
    ...(zone !== null && { availability_zone: zone }),
  });
  const [view = {}] = await views(deps, [made]);
  return view;
};

const deleteVolume: Ec2Action = async (deps, call) => {
  const { volume } = await theVolume(deps, call);
  await deps
    .volumeAs(call.ctx)
    .delete(volume.id)
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 400)
        throw new Ec2Error(400, 'IncorrectState', error.message, { cause: error });
      throw error;
    });
  return done;
};

const attachment = (call: Ec2Call, at: Date, fields: Readonly<Record<string, Xml>>): Record<string, Xml> => ({
  attachTime: at,
  requestId: call.requestId,
  ...fields,
});

const attachVolume: Ec2Action = async (deps, call) => {
  const { ctx, params } = call;
  const { volumeId, volume } = await theVolume(deps, call);
  const instanceId = params.required('InstanceId');
  const [serverId = ''] = await serverUuids(deps.db, ctx, [instanceId]);
  const device = params.text('Device');
  const made = await deps
    .computeAs(ctx)
    .json<{ volumeAttachment: { device: string | null } }>('POST', `/servers/${serverId}/os-volume_attachments`, {
      volumeAttachment: { volumeId: volume.id, ...(device !== null && { device }) },
    });
  return attachment(call, deps.clock.now(), {
    device: made.volumeAttachment.device ?? device,
    instanceId,
    status: 'attaching',
    volumeId,
  });
};

const detachVolume: Ec2Action = async (deps, call) => {
  const { volumeId, volume } = await theVolume(deps, call);
  const [tie] = volume.attachments;
  if (!tie) throw new Ec2Error(400, 'IncorrectState', `Volume ${volumeId} is not attached.`);
  const numbers = await serverNumbers(deps.db.query, [tie.server_id]);
  await deps.computeAs(call.ctx).json('DELETE', `/servers/${tie.server_id}/os-volume_attachments/${volume.id}`);
  const num = numbers.get(tie.server_id);
  return attachment(call, deps.clock.now(), {
    device: tie.device,
    instanceId: num === undefined ? null : ec2Id('i', num),
    status: 'detaching',
    volumeId,
  });
};

export const volumeActions = {
  DescribeVolumes: describeVolumes,
  CreateVolume: createVolume,
  DeleteVolume: deleteVolume,
  AttachVolume: attachVolume,
  DetachVolume: detachVolume,
} satisfies Record<string, Ec2Action>;
