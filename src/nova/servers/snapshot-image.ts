import type { RequestContext } from '#common/auth/context.ts';
import type { Server } from './model.ts';
import type { Prepared, ServerService } from './service.ts';

/** What an image is made of that is a copy of a server's disk. */
export interface SnapshotImage {
  readonly id: string;
  readonly format: 'qcow2' | 'raw';
  /**
   * Makes the image at Glance, as the user, when the work that fills it is journalled, and has that begun then: should we die
   * between the two, whoever does the work misses the image and gives up; the other way round an image would stay empty for ever.
   * @throws ApiError with what `prepare` or Glance refuses
   */
  makeAround(prepare: () => Promise<Prepared>): Promise<void>;
}

/** What an image of a server does not inherit from the image that the server was made of. */
export const notInherited =
  /^(cache_in_nova|bittorrent|min_ram|min_disk|img_signature.*|signature_verified|os_hash_.*|owner_specified\..*|boot_roles|owner_.*|base_image_ref|image_(type|location|state)|instance_uuid|user_id|backup_type|(img_)?(mappings|block_device_mapping)|bdm_v2|root_device_name|stores|direct_url|os_glance_.*)$/;

/** @param extra wins over what Nova sets */
export function imageOfServer(
  servers: ServerService,
  ctx: RequestContext,
  server: Server,
  name: string,
  extra: Readonly<Record<string, string>>,
): SnapshotImage {
  const { ids } = servers.deps;
  const glance = servers.deps.imageAs(ctx);
  const id = ids.uuid();
  const format = 'qcow2' as const;
  const { image, flavor } = server;
  const inherited = Object.fromEntries(
    Object.entries(image?.properties ?? {}).filter(([key]) => !notInherited.test(key)),
  );
  const foreign = ctx.projectId !== server.projectId;
  const properties: Record<string, string> = {
    ...inherited,
    ...(image?.kernelId && { kernel_id: image.kernelId }),
    ...(image?.ramdiskId && { ramdisk_id: image.ramdiskId }),
    base_image_ref: image?.id ?? '',
    boot_roles: ctx.roles.join(','),
    owner_project_name: ctx.projectName ?? '',
    owner_user_name: ctx.userName ?? '',
    owner_id: server.projectId,
    image_location: 'snapshot',
    image_state: 'available',
    instance_uuid: server.id,
    user_id: ctx.userId ?? '',
    ...(foreign && { instance_owner: server.projectId }),
    ...extra,
  };
  return {
    id,
    format,
    async makeAround(prepare) {
      const work = await prepare();
      try {
        await glance.create({
          ...properties,
          id,
          name,
          visibility: foreign ? 'shared' : 'private',
          disk_format: format,
          container_format: 'bare',
          min_ram: Number(image?.properties['min_ram'] ?? 0),
          min_disk: Math.max(Number(image?.properties['min_disk'] ?? 0), flavor.rootGb),
        });
        if (foreign) await glance.addMember(id, server.projectId);
      } catch (error) {
        const why = `Its image could not be made: ${(error as Error).message}`;
        await work.abandon(why);
        throw error;
      }
      await work.launch();
    },
  };
}
