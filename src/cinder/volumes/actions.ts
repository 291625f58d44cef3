import { Type } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import type { Connector } from '#clients/volume.ts';
import { actionsFor, type ResourceAction } from '../api/actions.ts';
import { Flag, flagValue, Metadata, Size, strict, Text, Uuid, UuidOrNull } from '../api/schemas.ts';
import { invalidVolume } from '../api/errors.ts';
import { findType } from '../types/rows.ts';
import { deleteAttachment, attachmentsOfVolume } from '../attachments/rows.ts';
import * as attaching from './attaching.ts';
import * as jobs from './jobs.ts';
import { updateVolume } from './rows.ts';
import type { VolumeService } from './service.ts';
import { volumeStatuses, type VolumeStatus } from './states.ts';

const action = actionsFor<VolumeService>();
const onVolume = 'volume_extension:volume_actions:';
const asAdmin = 'volume_extension:volume_admin_actions:';

/** What hosts say of themselves is theirs: whatever os-brick sends. */
const AnyConnector = Type.Record(Type.String(), Type.Unknown());
const Mode = Type.Unsafe<'rw' | 'ro'>({ type: 'string', enum: ['rw', 'ro'] });
const connectorOf = (value: unknown): Connector => value as Connector;

const done = async (work: Promise<unknown>): Promise<undefined> => {
  await work;
  return undefined;
};

/** Everything that can be done to a volume by `POST …/action`. What is not here is no action. */
export const volumeActionTable: readonly ResourceAction<VolumeService>[] = [
  action({
    name: 'os-attach',
    policy: `${onVolume}attach`,
    input: strict({
      instance_uuid: Type.Optional(UuidOrNull),
      host_name: Type.Optional(Text),
      mountpoint: Type.String({ minLength: 1, maxLength: 255 }),
      mode: Type.Optional(Mode),
    }),
    run: (volumes, { ctx, params, api }, { instance_uuid: serverId, host_name: hostName, mountpoint, mode }) => {
      if (serverId != null && hostName != null && api === 'v1')
        throw badRequest('Invalid request to attach volume to an instance and a host simultaneously.');
      return done(
        attaching.attach(volumes, ctx, params.id, {
          serverId: serverId ?? null,
          hostName: hostName ?? null,
          mountpoint,
          mode: mode ?? 'rw',
        }),
      );
    },
  }),
  action({
    name: 'os-detach',
    policy: `${onVolume}detach`,
    input: Type.Unsafe<{ attachment_id?: string | null } | null>({
      type: ['object', 'null'],
      properties: { attachment_id: UuidOrNull },
    }),
    run: (volumes, { ctx, params }, input) =>
      done(attaching.detach(volumes, ctx, params.id, input?.attachment_id ?? null)),
  }),
  action({
    name: 'os-reserve',
    policy: `${onVolume}reserve`,
    run: (volumes, { ctx, params }) => done(attaching.reserve(volumes, ctx, params.id)),
  }),
  action({
    name: 'os-unreserve',
    policy: `${onVolume}unreserve`,
    run: (volumes, { ctx, params }) => done(attaching.unreserve(volumes, ctx, params.id)),
  }),
  action({
    name: 'os-begin_detaching',
    policy: `${onVolume}begin_detaching`,
    run: (volumes, { ctx, params }) => done(attaching.beginDetaching(volumes, ctx, params.id)),
  }),
  action({
    name: 'os-roll_detaching',
    policy: `${onVolume}roll_detaching`,
    run: (volumes, { ctx, params }) => done(attaching.rollDetaching(volumes, ctx, params.id)),
  }),
  action({
    name: 'os-initialize_connection',
    policy: `${onVolume}initialize_connection`,
    status: 200,
    input: strict({ connector: AnyConnector }),
    run: async (volumes, { ctx, params }, { connector }) => {
      const volume = await volumes.find(ctx, params.id);
      const connection = await attaching.connect(volumes, volume, {
        attachmentId: null,
        connector: connectorOf(connector),
        mode: connector['mode'] === 'ro' ? 'ro' : 'rw',
      });
      return { connection_info: connection };
    },
  }),
  action({
    name: 'os-terminate_connection',
    policy: `${onVolume}terminate_connection`,
    input: strict({ connector: Type.Union([AnyConnector, Type.Null()]), force: Type.Optional(Flag) }),
    run: async (volumes, { ctx, params }, { connector, force }) => {
      const volume = await volumes.find(ctx, params.id);
      await attaching.disconnect(volumes, volume, {
        attachmentId: null,
        connector: connector && connectorOf(connector),
        force: flagValue(force),
      });
      return undefined;
    },
  }),
  action({
    name: 'os-extend',
    policy: 'volume:extend',
    input: strict({ new_size: Size }),
    run: (volumes, { ctx, params, version }, { new_size: size }) =>
      done(jobs.extend(volumes, ctx, params.id, Number(size), version.atLeast('3.42'))),
  }),
  action({
    name: 'os-volume_upload_image',
    policy: `${onVolume}upload_image`,
    input: Type.Object({
      image_name: Type.String({ minLength: 1, maxLength: 255 }),
      force: Type.Optional(Flag),
      disk_format: Type.Optional(
        Type.Unsafe<string>({
          type: 'string',
          enum: ['raw', 'vmdk', 'vdi', 'qcow2', 'vhd', 'vhdx', 'ploop'],
        }),
      ),
      container_format: Type.Optional(Type.String({ maxLength: 255 })),
      visibility: Type.Optional(
        Type.Unsafe<string>({ type: 'string', enum: ['community', 'public', 'private', 'shared'] }),
      ),
      protected: Type.Optional(Flag),
    }),
    run: async (volumes, { ctx, params, version }, input) => {
      const later = version.atLeast('3.1');
      const request = {
        imageName: input.image_name,
        containerFormat: input.container_format ?? 'bare',
        diskFormat: input.disk_format ?? 'raw',
        force: flagValue(input.force),
        visibility: later ? (input.visibility ?? 'private') : 'private',
        protected: later && flagValue(input.protected),
      };
      const { imageId, volume } = await jobs.upload(volumes, ctx, params.id, request);
      const type = volume.typeId === null ? null : await findType(volumes.kit.db.query, volume.typeId);
      return {
        'os-volume_upload_image': {
          id: volume.id,
          updated_at: volume.updatedAt,
          status: 'uploading',
          display_description: volume.description,
          size: volume.sizeGb,
          volume_type: type && {
            id: type.id,
            name: type.name,
            description: type.description,
            is_public: type.isPublic,
            extra_specs: type.extraSpecs,
            qos_specs_id: type.qosSpecsId,
            created_at: type.createdAt,
            updated_at: type.updatedAt,
            deleted: false,
            deleted_at: null,
          },
          image_id: imageId,
          container_format: request.containerFormat,
          disk_format: request.diskFormat,
          image_name: request.imageName,
          ...(later && { visibility: request.visibility, protected: request.protected }),
        },
      };
    },
  }),
  action({
    name: 'os-update_readonly_flag',
    policy: 'volume:update_readonly_flag',
    input: strict({ readonly: Flag }),
    run: async (volumes, { ctx, params }, input) => {
      const readonly = flagValue(input.readonly);
      await volumes.kit.db.transaction(async (trx) => {
        const volume = await volumes.find(ctx, params.id, trx, true);
        if (volume.status !== 'available')
          throw invalidVolume(
            `Volume ${volume.id} status must be available to update readonly flag, but current status is: ${volume.status}.`,
          );
        await updateVolume(trx, volume.id, {
          readonly: readonly ? 1 : 0,
          admin_metadata: JSON.stringify({ ...volume.adminMetadata, readonly: readonly ? 'True' : 'False' }),
          updated_at: volumes.kit.now(),
        });
      });
      return undefined;
    },
  }),
  action({
    name: 'os-set_bootable',
    policy: `${onVolume}set_bootable`,
    status: 200,
    input: strict({ bootable: Flag }),
    run: async (volumes, { ctx, params }, { bootable }) => {
      const volume = await volumes.find(ctx, params.id);
      await updateVolume(volumes.kit.db.query, volume.id, {
        bootable: flagValue(bootable) ? 1 : 0,
        updated_at: volumes.kit.now(),
      });
      return undefined;
    },
  }),
  action({
    name: 'os-set_image_metadata',
    policy: 'volume_extension:volume_image_metadata:set',
    status: 200,
    input: strict({ metadata: Metadata }),
    run: async (volumes, { ctx, params }, { metadata }) => ({
      metadata: await changeImageMetadata(volumes, ctx, params.id, (known) => ({ ...known, ...metadata })),
    }),
  }),
  action({
    name: 'os-unset_image_metadata',
    policy: 'volume_extension:volume_image_metadata:remove',
    status: 200,
    input: strict({ key: Type.String({ minLength: 1, maxLength: 255 }) }),
    run: async (volumes, { ctx, params }, { key }) => {
      await changeImageMetadata(volumes, ctx, params.id, ({ [key]: gone, ...rest }) => {
        if (gone === undefined) throw badRequest('Metadata item was not found.');
        return rest;
      });
      return undefined;
    },
  }),
  action({
    name: 'os-show_image_metadata',
    policy: 'volume_extension:volume_image_metadata:show',
    status: 200,
    run: async (volumes, { ctx, params }) => ({
      metadata: (await volumes.find(ctx, params.id)).imageMetadata ?? {},
    }),
  }),
  action({
    name: 'os-retype',
    policy: 'volume:retype',
    input: Type.Object({
      new_type: Type.String({ minLength: 1, maxLength: 255 }),
      migration_policy: Type.Optional(
        Type.Unsafe<'never' | 'on-demand' | null>({ type: ['string', 'null'], enum: ['on-demand', 'never', null] }),
      ),
    }),
    run: (volumes, { ctx, params }, { new_type: newType, migration_policy: migration }) =>
      done(jobs.retype(volumes, ctx, params.id, { newType, migration: migration ?? 'never' })),
  }),
  action({
    name: 'os-reset_status',
    policy: `${asAdmin}reset_status`,
    input: Type.Object({
      status: Type.Optional(Type.Unsafe<VolumeStatus>({ type: 'string', enum: [...volumeStatuses] })),
      attach_status: Type.Optional(
        Type.Unsafe<'attached' | 'detached'>({ type: 'string', enum: ['attached', 'detached'] }),
      ),
      migration_status: Type.Optional(
        Type.Unsafe<string | null>({
          type: ['string', 'null'],
          enum: ['migrating', 'error', 'success', 'completing', 'none', 'starting', null],
        }),
      ),
    }),
    run: async (volumes, { ctx, params }, input) => {
      const { status, attach_status: attach, migration_status: migration } = input;
      if (status === undefined && attach === undefined && migration === undefined)
        throw badRequest("Must specify 'status', 'attach_status' or 'migration_status' for update.");
      await volumes.kit.db.transaction(async (trx) => {
        const { id } = await volumes.find(ctx, params.id, trx, true);
        await updateVolume(trx, id, {
          ...(status !== undefined && { status }),
          ...(migration !== undefined && { migration_status: migration === 'none' ? null : migration }),
          updated_at: volumes.kit.now(),
        });
        if (attach === 'detached')
          for (const one of await attachmentsOfVolume(trx, id)) await deleteAttachment(trx, one.id);
      });
      return undefined;
    },
  }),
  action({
    name: 'os-force_delete',
    policy: `${asAdmin}force_delete`,
    run: (volumes, { ctx, params }) => done(volumes.delete(ctx, params.id, { cascade: false, force: true })),
  }),
  action({
    name: 'os-force_detach',
    policy: `${asAdmin}force_detach`,
    input: Type.Object({
      attachment_id: Type.Optional(UuidOrNull),
      connector: Type.Optional(Type.Union([AnyConnector, Type.Null()])),
    }),
    run: (volumes, { ctx, params }, { attachment_id: attachmentId, connector }) =>
      done(
        attaching.forceDetach(volumes, ctx, params.id, {
          attachmentId: attachmentId ?? null,
          connector: connector ? connectorOf(connector) : null,
        }),
      ),
  }),
  action({
    name: 'os-migrate_volume',
    policy: `${asAdmin}migrate_volume`,
    input: Type.Object({
      host: Type.String({ minLength: 1, maxLength: 255 }),
      force_host_copy: Type.Optional(Flag),
      lock_volume: Type.Optional(Flag),
    }),
    run: (volumes, { ctx, params }, { host, lock_volume: lock }) =>
      done(jobs.migrate(volumes, ctx, params.id, { host, lock: flagValue(lock) })),
  }),
  action({
    name: 'os-migrate_volume_completion',
    policy: `${asAdmin}migrate_volume_completion`,
    status: 200,
    input: strict({ new_volume: Uuid, error: Type.Optional(Type.Union([Flag, Type.Null()])) }),
    run: async (volumes, { ctx, params }, { new_volume: newVolumeId, error }) => ({
      save_volume_id: await jobs.completeSwap(volumes, ctx, params.id, {
        newVolumeId,
        failed: flagValue(error ?? false),
      }),
    }),
  }),
  action({
    name: 'os-unmanage',
    policy: 'volume_extension:volume_unmanage',
    run: (volumes, { ctx, params }) => done(jobs.unmanage(volumes, ctx, params.id)),
  }),
  action({
    name: 'revert',
    policy: 'volume:revert_to_snapshot',
    min: '3.40',
    input: strict({ snapshot_id: Uuid }),
    run: (volumes, { ctx, params }, { snapshot_id: snapshotId }) =>
      done(jobs.revert(volumes, ctx, params.id, snapshotId)),
  }),
  action({
    name: 'os-reimage',
    policy: 'volume:reimage',
    min: '3.68',
    input: strict({ image_id: Uuid, reimage_reserved: Type.Optional(Flag) }),
    run: (volumes, { ctx, params }, { image_id: imageId, reimage_reserved: reserved }) =>
      jobs.reimage(volumes, ctx, params.id, { imageId, reserved: flagValue(reserved) }),
  }),
];

async function changeImageMetadata(
  volumes: VolumeService,
  ctx: Parameters<VolumeService['find']>[0],
  id: string,
  change: (known: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  return volumes.kit.db.transaction(async (trx) => {
    const volume = await volumes.find(ctx, id, trx, true);
    const metadata = change(volume.imageMetadata ?? {});
    await updateVolume(trx, id, { image_metadata: JSON.stringify(metadata), updated_at: volumes.kit.now() });
    return metadata;
  });
}
