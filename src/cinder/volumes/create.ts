import { ApiError, badRequest, forbidden, notFound } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { customProperties, type Image } from '#clients/image.ts';
import { invalidInput, invalidSnapshot, invalidVolume, snapshotNotFound, volumeNotFound } from '../api/errors.ts';
import type { Kit } from '../api/kit.ts';
import { flagValue } from '../api/schemas.ts';
import { findGroup } from '../groups/rows.ts';
import { backendOf, type Owner } from '../operations/journal.ts';
import { findSnapshot, type Snapshot } from '../snapshots/rows.ts';
import { defaultType, isTrueSpec, requestedType } from '../types/choose.ts';
import { findType, type VolumeType } from '../types/rows.ts';
import type { Volume } from './model.ts';
import { findVolume, insertVolume } from './rows.ts';
import type { VolumeRequest } from './schema.ts';

const gib = 1024 ** 3;
const isId = (text: string): boolean => /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text);

/** What a new volume is made of; at most one of snapshot, volume and image. */
interface Source {
  readonly snapshot: Snapshot | null;
  readonly volume: Volume | null;
  readonly image: Image | null;
  /** The volume whose bytes it begins with: the source volume, or the snapshot's. */
  readonly original: Volume | null;
}

export interface NewVolume {
  readonly request: VolumeRequest;
  readonly hints: Readonly<Record<string, unknown>>;
}

/**
 * Makes the row and journals the work: the scheduler's for a volume that may be anywhere, the back end's own for one that
 * begins as a copy of what is there.
 * @throws ApiError 400, 403, 404, 413
 */
export async function createVolume(kit: Kit, ctx: RequestContext, { request, hints }: NewVolume): Promise<Volume> {
  const { db, quotas } = kit;
  const { projectId, userId } = ownerOfVolume(ctx, request);
  const source = await findSource(kit, ctx, request);
  const { snapshot, volume, image, original } = source;
  const type = await chooseType(kit, ctx, projectId, request, source);
  if (type?.encryption)
    throw invalidInput(
      `Volume type ${type.name} asks for encryption, and this cloud has no key manager. Choose a type without.`,
    );
  const sizeGb = sizeOf(request, source);
  checkImage(image, sizeGb);
  await quotas.checkSize(projectId, sizeGb);
  const zone = await chooseZone(kit, request.availability_zone ?? '', source);
  const groupId = await joinGroup(kit, ctx, request.group_id ?? request.consistencygroup_id, type);
  const multiattach = isTrueSpec(type?.extraSpecs['multiattach']) || flagValue(request.multiattach ?? false);
  if (multiattach) kit.authorize(ctx, 'volume:multiattach');
  const imageMetadata = image ? metadataOfImage(image) : (original?.imageMetadata ?? null);

  const id = kit.ids.uuid();
  // A copy begins in the back end that has the original.
  const host = original?.host ?? null;
  const owner: Owner = host === null ? await kit.directory.scheduler() : backendOf(host);
  await quotas.transaction(projectId, async (trx, claim) => {
    await claim(quotas.ofVolume(sizeGb, type?.name ?? null));
    await insertVolume(trx, {
      id,
      project_id: projectId,
      user_id: userId,
      name: trimmed(request.name ?? request.display_name),
      description: trimmed(request.description ?? request.display_description),
      status: 'creating',
      size_gb: sizeGb,
      host,
      availability_zone: zone,
      volume_type_id: type?.id ?? null,
      snapshot_id: snapshot?.id ?? null,
      source_volume_id: volume?.id ?? null,
      image_id: image?.id ?? null,
      image_metadata: imageMetadata && JSON.stringify(imageMetadata),
      bootable: original?.bootable ? 1 : 0,
      multiattach: multiattach ? 1 : 0,
      readonly: 0,
      encrypted: 0,
      metadata: JSON.stringify(request.metadata ?? {}),
      admin_metadata: '{}',
      group_id: groupId,
      created_at: kit.now(),
      deleted: 0,
    });
    if (host === null)
      await kit.journal.add(trx, ctx, 'volume.create', { input: { volumeId: id, hints }, projectId, owner });
    else await kit.journal.add(trx, ctx, 'volume.build', { input: { volumeId: id }, projectId, owner });
  });
  await kit.launch(owner, ctx);
  return (await findVolume(db.query, id)) as Volume;
}

const trimmed = (value: string | null | undefined): string | null => value?.trim() ?? null;

/** Service accounts act for others: whose it is, they say. */
function ownerOfVolume(ctx: RequestContext, request: VolumeRequest): { projectId: string; userId: string } {
  const other = request.project_id != null && request.project_id !== ctx.projectId;
  if (other && !ctx.isAdmin) throw forbidden("Policy doesn't allow volume:create for another project to be performed.");
  return {
    projectId: (ctx.isAdmin ? request.project_id : null) ?? ctx.projectId ?? '',
    userId: (ctx.isAdmin ? request.user_id : null) ?? ctx.userId ?? '',
  };
}

async function findSource(kit: Kit, ctx: RequestContext, request: VolumeRequest): Promise<Source> {
  const { db } = kit;
  const { snapshot_id: snapshotId, source_volid: volumeId } = request;
  const imageRef = request.imageRef ?? request.image_id ?? null;
  if ([snapshotId, volumeId, imageRef].filter((given) => given != null && given !== '').length > 1)
    throw invalidInput('May specify only one of snapshot, imageRef or source volume');
  let snapshot: Snapshot | null = null;
  let volume: Volume | null = null;
  if (snapshotId != null) {
    snapshot = await findSnapshot(db.query, snapshotId);
    if (!snapshot || !kit.sees(ctx, snapshot)) throw snapshotNotFound(snapshotId);
    if (snapshot.status !== 'available')
      throw invalidSnapshot(`Originating snapshot status must be one of 'available' values`);
  }
  if (volumeId != null) {
    volume = await findVolume(db.query, volumeId);
    if (!volume || !kit.sees(ctx, volume)) throw volumeNotFound(volumeId);
    if (volume.status !== 'available' && volume.status !== 'in-use')
      throw invalidVolume(`Originating volume status must be one of 'available', 'in-use' values`);
  }
  return {
    snapshot,
    volume,
    image: imageRef ? await findImage(kit, ctx, imageRef) : null,
    original: volume ?? (snapshot && (await findVolume(db.query, snapshot.volumeId))),
  };
}

/** By id, or by a name that only one image has. @throws ApiError 400, 409 */
async function findImage(kit: Kit, ctx: RequestContext, reference: string): Promise<Image> {
  kit.authorize(ctx, 'volume:create_from_image');
  const images = kit.imageAs(ctx);
  const wanted = reference.slice(reference.lastIndexOf('/') + 1);
  const missing = () => badRequest('Invalid image identifier or unable to access requested image.');
  let id = wanted;
  if (!isId(wanted)) {
    const { images: named } = await images.list({ limit: 2, filters: { name: wanted } });
    if (named.length > 1)
      throw new ApiError(409, `Multiple matches found for '${wanted}', use an ID to be more specific.`);
    if (!named[0]) throw missing();
    id = named[0].id;
  }
  return images.show(id).catch((error: unknown) => {
    throw error instanceof ApiError && (error.status === 404 || error.status === 403) ? missing() : error;
  });
}

/** What of an image stays with its volumes: Glance's own fields under their names, and what people have set. */
export function metadataOfImage(image: Image): Record<string, string> {
  const kept: Record<string, string> = { image_id: image.id };
  if (image.name !== null) kept['image_name'] = image.name;
  for (const field of ['checksum', 'container_format', 'disk_format', 'min_disk', 'min_ram', 'size'] as const) {
    const value = image[field];
    if (value !== null && value !== undefined) kept[field] = String(value);
  }
  return { ...kept, ...customProperties(image) };
}

function checkImage(image: Image | null, sizeGb: number): void {
  if (!image) return;
  if (image.status !== 'active') throw invalidInput(`Image ${image.id} is not active.`);
  const imageGb = Math.ceil((image.size ?? 0) / gib);
  if (imageGb > sizeGb)
    throw invalidInput(`Size of specified image ${imageGb}GB is larger than volume size ${sizeGb}GB.`);
  if (image.min_disk > sizeGb)
    throw invalidInput(`Volume size ${sizeGb}GB cannot be smaller than the image minDisk size ${image.min_disk}GB.`);
}

function sizeOf({ size }: VolumeRequest, { snapshot, volume }: Source): number {
  const least = snapshot?.sizeGb ?? volume?.sizeGb;
  if (size === null || size === undefined) {
    if (least === undefined) throw invalidInput(`Volume size 'None' must be an integer and greater than 0`);
    return least;
  }
  const sizeGb = Number(size);
  if (!Number.isInteger(sizeGb) || sizeGb < 1)
    throw badRequest(`Invalid input for field/attribute size. Value: ${size}. ${size} is less than the minimum of 1`);
  if (snapshot && sizeGb < snapshot.sizeGb)
    throw invalidInput(
      `Volume size '${sizeGb}'GB cannot be smaller than the snapshot size ${snapshot.sizeGb}GB. They must be >= original snapshot size.`,
    );
  if (volume && sizeGb < volume.sizeGb)
    throw invalidInput(
      `Volume size '${sizeGb}'GB cannot be smaller than original volume size ${volume.sizeGb}GB. They must be >= original volume size.`,
    );
  return sizeGb;
}

async function chooseType(
  kit: Kit,
  ctx: RequestContext,
  projectId: string,
  request: VolumeRequest,
  { snapshot, volume, image }: Source,
): Promise<VolumeType | null> {
  const db = kit.db.query;
  const original = snapshot ?? volume;
  const wanted = request.volume_type;
  if (wanted) {
    const type = await requestedType(db, ctx, wanted);
    const from = original?.typeId == null ? null : await findType(db, original.typeId);
    const backend = 'volume_backend_name';
    if (original && type.id !== from?.id && type.extraSpecs[backend] !== from?.extraSpecs[backend])
      throw invalidInput(
        `${type.id} (requested type is not compatible; either match source ${snapshot ? 'snapshot' : 'volume'}, or omit type argument).`,
      );
    return type;
  }
  if (original) return original.typeId === null ? null : findType(db, original.typeId);
  const ofImage = image?.['cinder_img_volume_type'];
  if (typeof ofImage === 'string' && ofImage !== '') return requestedType(db, ctx, ofImage);
  return defaultType(db, projectId, kit.conf.DEFAULT.default_volume_type);
}

/** @param asked empty when the request names none */
async function chooseZone(kit: Kit, asked: string, { snapshot, original }: Source): Promise<string> {
  const { DEFAULT: conf } = kit.conf;
  const there = conf.cloned_volume_same_az ? original?.availabilityZone : undefined;
  if (there != null) {
    if (asked !== '' && asked !== there)
      throw invalidInput(
        `Volume must be in the same availability zone as the ${snapshot ? 'snapshot' : 'source volume'}`,
      );
    return there;
  }
  const usual = conf.default_availability_zone ?? conf.storage_availability_zone;
  if (asked === '' || asked === usual) return usual;
  if ((await kit.directory.zones()).get(asked)) return asked;
  if (conf.allow_availability_zone_fallback) return usual;
  throw invalidInput(`Availability zone '${asked}' is invalid.`);
}

/** @returns the group's id */
async function joinGroup(
  kit: Kit,
  ctx: RequestContext,
  id: string | null | undefined,
  type: VolumeType | null,
): Promise<string | null> {
  if (id == null) return null;
  const group = await findGroup(kit.db.query, id);
  if (!group || !kit.sees(ctx, group)) throw notFound(`Group ${id} could not be found.`);
  if (type === null || !group.volumeTypes.includes(type.id))
    throw invalidInput(
      `Invalid volume_type provided: ${type?.id ?? 'None'} (requested type must be supported by this group).`,
    );
  return id;
}
