import { ApiError } from '#common/api/errors.ts';
import { isoMicros } from '#common/clock.ts';
import type { Flavor } from '../flavors/rows.ts';
import { done, type Ec2Action, type Ec2Call, type Ec2Deps } from './deps.ts';
import { Ec2Error, invalidValue, missingParameter } from './errors.ts';
import { ec2Id, serverUuids, uuidOf } from './ids.ts';
import { reservations, serversOf } from './instances.ts';
import { keepToken, reservationOfToken } from './rows.ts';
import { stateOf } from './states.ts';

/** Flavors are called by their names here. @throws Ec2Error */
async function flavorNamed({ flavors }: Ec2Deps, { ctx }: Ec2Call, name: string): Promise<Flavor> {
  const all = await flavors.list(ctx, {
    isPublic: null,
    minDisk: 0,
    minRam: 0,
    sortKey: 'flavorid',
    sortDir: 'asc',
    marker: undefined,
    limit: flavors.maxLimit,
  });
  const found = all.find((flavor) => flavor.name === name);
  if (!found) throw invalidValue(`Flavor with name ${name} could not be found.`);
  return found;
}

/** `BlockDeviceMapping.n` as the compute API has it, with the image's own disk first. */
async function blockDevices({ db }: Ec2Deps, { params }: Ec2Call, imageId: string): Promise<object[]> {
  const asked = params.records('BlockDeviceMapping');
  if (asked.length === 0) return [];
  const mapped = await Promise.all(
    asked.map(async (one) => {
      const device = one.required('DeviceName');
      const snapshot = one.text('Ebs.SnapshotId');
      const size = one.integer('Ebs.VolumeSize');
      const virtual = one.text('VirtualName');
      const keep = one.text('Ebs.DeleteOnTermination') !== null && !one.flag('Ebs.DeleteOnTermination');
      if (virtual !== null && /^(ephemeral\d+|swap)$/.test(virtual))
        return {
          source_type: 'blank',
          destination_type: 'local',
          device_name: device,
          boot_index: -1,
          delete_on_termination: true,
          ...(virtual === 'swap' && { guest_format: 'swap' }),
        };
      if (snapshot === null && size === null)
        throw invalidValue(`The block device ${device} names neither a snapshot nor a size.`);
      const volume = snapshot?.startsWith('vol-');
      return {
        ...(snapshot === null
          ? { source_type: 'blank' }
          : volume
            ? { source_type: 'volume', uuid: await uuidOf(db, 'volume', snapshot) }
            : { source_type: 'snapshot', uuid: await uuidOf(db, 'snapshot', snapshot) }),
        destination_type: 'volume',
        device_name: device,
        boot_index: -1,
        delete_on_termination: !keep,
        ...(size !== null && { volume_size: size }),
      };
    }),
  );
  return [
    {
      source_type: 'image',
      destination_type: 'local',
      uuid: imageId,
      boot_index: 0,
      delete_on_termination: true,
    },
    ...mapped,
  ];
}

const runInstances: Ec2Action = async (deps, call) => {
  const { db, conf, ids, clock, computeAs } = deps;
  const { ctx, params } = call;
  const projectId = ctx.projectId ?? '';
  const answer = async (reservationId: string) => {
    const made = await serversOf(deps, ctx, { equal: { project_id: projectId, reservation_id: reservationId } });
    const [reservation = {}] = await reservations(deps, ctx, made);
    return reservation;
  };
  const token = params.text('ClientToken');
  if (token !== null && token.length > 64) throw invalidValue('ClientToken has 64 characters at most.');
  const before = token === null ? null : await reservationOfToken(db.query, projectId, token);
  if (before !== null) return answer(before);

  const imageRef = await uuidOf(db, 'image', params.required('ImageId'));
  const flavor = await flavorNamed(deps, call, params.text('InstanceType') ?? conf.DEFAULT.default_flavor);
  if (params.text('KernelId') !== null || params.text('RamdiskId') !== null)
    throw new Ec2Error(400, 'Unsupported', 'A server takes the kernel and the RAM disk that its image names.');
  const [min, max] = [params.integer('MinCount') ?? 1, params.integer('MaxCount') ?? 1];
  if (min < 1 || max < min)
    throw invalidValue(`Invalid value '${min}' for MinCount: 1 to MaxCount (${max}) is possible.`);
  const groups = [...params.list('SecurityGroup'), ...params.list('SecurityGroupId')];
  const zone = params.text('Placement.AvailabilityZone');
  const devices = await blockDevices(deps, call, imageRef);
  const made = await computeAs(ctx)
    .json<{ reservation_id: string }>('POST', '/servers', {
      server: {
        name: `Server ${ids.uuid()}`,
        imageRef,
        flavorRef: flavor.id,
        min_count: min,
        max_count: max,
        return_reservation_id: true,
        ...(params.text('KeyName') !== null && { key_name: params.text('KeyName') }),
        ...(params.text('UserData') && { user_data: params.text('UserData') }),
        ...(zone !== null && { availability_zone: zone }),
        ...(groups.length > 0 && { security_groups: groups.map((name) => ({ name })) }),
        ...(devices.length > 0 && { block_device_mapping_v2: devices }),
      },
    })
    .catch((error: unknown) => {
      if (error instanceof ApiError && /image/i.test(error.message) && error.status === 400)
        throw new Ec2Error(404, 'InvalidAMIID.NotFound', `Image ${params.text('ImageId')} could not be found.`);
      if (error instanceof ApiError && /key_name/.test(error.message))
        throw new Ec2Error(404, 'InvalidKeyPair.NotFound', `Keypair ${params.text('KeyName')} not found.`);
      throw error;
    });
  if (token !== null) await keepToken(db.query, projectId, token, made.reservation_id, isoMicros(clock.now()));
  return answer(made.reservation_id);
};

/** The servers of `InstanceId.n`; all must be there before anything happens to one. @throws Ec2Error */
async function named({ db }: Ec2Deps, { ctx, params }: Ec2Call): Promise<{ instanceId: string; id: string }[]> {
  const asked = params.list('InstanceId');
  if (asked.length === 0) throw missingParameter('InstanceId is required');
  const ids = await serverUuids(db, ctx, asked);
  return asked.map((instanceId, index) => ({ instanceId, id: ids[index] as string }));
}

const act =
  (action: string, body: unknown): Ec2Action =>
  async (deps, call) => {
    for (const { id } of await named(deps, call))
      await deps.computeAs(call.ctx).json('POST', `/servers/${id}/action`, { [action]: body });
    return done;
  };

const terminateInstances: Ec2Action = async (deps, call) => {
  const { ctx } = call;
  const instancesSet = [];
  for (const { id } of await named(deps, call)) {
    const before = await deps.servers.show(ctx, id);
    await deps.computeAs(ctx).json('DELETE', `/servers/${id}`);
    const after = await deps.servers.show(ctx, id, { deleted: true });
    instancesSet.push({
      instanceId: ec2Id('i', before.num),
      previousState: stateOf(before),
      currentState: stateOf(after),
    });
  }
  return { instancesSet };
};

export const runActions = {
  RunInstances: runInstances,
  TerminateInstances: terminateInstances,
  StartInstances: act('os-start', null),
  StopInstances: act('os-stop', null),
  RebootInstances: act('reboot', { type: 'SOFT' }),
} satisfies Record<string, Ec2Action>;
