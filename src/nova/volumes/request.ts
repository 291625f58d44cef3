import { ApiError, badRequest, conflict } from '#common/api/errors.ts';
import type { ApiVersion } from '#common/api/version.ts';
import { customProperties, type ImageClient } from '#clients/image.ts';
import type { VolumeClient } from '#clients/volume.ts';
import type { Flavor } from '../flavors/rows.ts';
import { checkMemory, checkRootDisk, imageSnapshot, showImage } from '../servers/create-checks.ts';
import type { ImageSnapshot } from '../servers/model.ts';
import type { NewServer } from '../servers/schema.ts';
import { checkFree, checkMultiattach, deviceOfVolume } from './attach.ts';
import { layOut, type DiskOwner } from './layout.ts';
import { invalid, mergeMappings, parseImageDefined, parseLegacy, parseV2, type Mapping } from './mapping.ts';
import { isEphemeral, isRoot, isSwap, type NewBlockDevice } from './model.ts';

export interface DiskRequest {
  readonly server: NewServer;
  readonly flavor: Flavor;
  /** Servers that are asked for at most. */
  readonly count: number;
  readonly version: ApiVersion | undefined;
}
export interface DiskClients {
  readonly images: ImageClient;
  readonly volumes: VolumeClient;
  /** `max_local_block_devices` */
  readonly maxLocal: number;
}

/** The disks that a new server is to have. */
export interface RequestedDisks {
  /** What the server boots from: of a volume, what it was made of. Null when nobody knows. */
  readonly image: ImageSnapshot | null;
  /** Null when it boots from a volume. */
  readonly imageId: string | null;
  /** Those that get a row, with their names. */
  readonly devices: readonly (NewBlockDevice & { readonly deviceName: string })[];
}

const bootSequence = (): ApiError =>
  invalid('Boot sequence for the instance and image/block device mapping combination is not valid.');

/**
 * Everything that a request says of disks, checked as far as can be now.
 * @throws ApiError 400 with Nova's words, 409 for two devices of one name
 */
export async function resolveDisks(clients: DiskClients, request: DiskRequest): Promise<RequestedDisks> {
  const { server, flavor } = request;
  const legacy = server.block_device_mapping ?? [];
  const second = server.block_device_mapping_v2 ?? [];
  if (legacy.length > 0 && second.length > 0)
    throw badRequest('Using different block_device_mapping syntaxes is not allowed in the same request.');
  const reference = (server.imageRef ?? '').split('/').at(-1) as string;
  if (reference === '' && legacy.length + second.length === 0) throw badRequest('Missing imageRef attribute');
  const given = reference === '' ? null : await showImage(clients.images, reference);
  const rootName = 'vda';
  const ofImage = given ? parseImageDefined(customProperties(given), rootName) : [];
  let asked =
    legacy.length > 0
      ? legacy.map((one) => parseLegacy(one, rootName))
      : second.map((one) => parseV2(one, given !== null, request.version));
  const rootOfImage = ofImage.some(isRoot);
  // A client puts the image itself first; where the image says to boot from a volume, that counts.
  if (rootOfImage) asked = asked.filter((one) => !(isRoot(one) && one.sourceType === 'image'));
  if (asked.some((one) => one.sourceType === 'image' && one.destinationType === 'local' && one.imageId !== given?.id))
    throw invalid('Mapping image to local is not supported.');
  const all = mergeMappings(asked, ofImage);
  // The second form says itself which device is the first; without it, and in the first form, the image is.
  const implied = second.length === 0 && given !== null && !all.some(isRoot);
  if (all.length > 0 || given === null) checkBootSequence(all, implied);
  if (request.count > 1 && all.some((one) => one.sourceType === 'volume'))
    throw badRequest('Cannot attach one or more volumes to multiple instances');
  checkLocal(all, flavor, clients.maxLocal, implied);

  const local = all.some((one) => one.sourceType === 'image' && one.destinationType === 'local') || implied;
  const volumes = all.filter((one) => one.destinationType === 'volume');
  await checkTypes(clients.volumes, volumes);
  const looked = new Map(
    await Promise.all(volumes.map(async (one) => [one, await lookUp(clients, request, one)] as const)),
  );
  const root = volumes.find(isRoot);
  const image = local ? given && imageSnapshot(given) : ((root && looked.get(root)?.image) ?? null);
  if (given) checkMemory(given, flavor);
  if (given && local) checkRootDisk(given, flavor);
  const devices = all
    .filter((one) => one.destinationType === 'volume' || one.sourceType === 'blank')
    .map((one) => looked.get(one)?.device ?? withoutDrop(one));
  const imageId = local ? (given?.id ?? null) : null;
  return { image, imageId, devices: named({ flavor: { ...flavor }, image, imageId }, devices) };
}

const withoutDrop = ({ drop: _, ...device }: Mapping): NewBlockDevice => device;

/** From 0 on, without a gap, each but once. */
function checkBootSequence(all: readonly Mapping[], implied: boolean): void {
  const indexes = all.flatMap((one) => (one.bootIndex === null ? [] : [one.bootIndex])).sort((a, b) => a - b);
  const complete = implied ? [0, ...indexes] : indexes;
  if (complete.length === 0 || complete.some((index, at) => index !== at)) throw bootSequence();
}

/** @throws ApiError 400 when the flavor has no such room */
function checkLocal(all: readonly Mapping[], flavor: Flavor, maxLocal: number, implied: boolean): void {
  const ephemeral = all.filter(isEphemeral).reduce((sum, one) => sum + (one.volumeSize ?? flavor.ephemeralGb), 0);
  if (ephemeral > flavor.ephemeralGb)
    throw badRequest(
      'Ephemeral disks requested are larger than the instance type allows. If no size is given in one block device mapping, flavor ephemeral size will be used.',
    );
  const swaps = all.filter(isSwap);
  if (swaps.length > 1) throw invalid('More than one swap drive requested.');
  if ((swaps[0]?.volumeSize ?? 0) > flavor.swapMb)
    throw badRequest('Swap drive requested is larger than instance type allows.');
  const locals = all.filter((one) => one.destinationType === 'local').length + (implied ? 1 : 0);
  if (maxLocal >= 0 && locals > maxLocal) throw invalid('You specified more local devices than the limit allows');
}

/** @throws ApiError 400 */
async function checkTypes(cinder: VolumeClient, devices: readonly Mapping[]): Promise<void> {
  const wanted = [...new Set(devices.flatMap((one) => (one.volumeType === null ? [] : [one.volumeType])))];
  if (wanted.length === 0) return;
  const known = await cinder.types();
  for (const type of wanted)
    if (!known.some((one) => one.id === type || one.name === type))
      throw badRequest(`Volume type ${type} could not be found.`);
}

interface LookedUp {
  readonly device: NewBlockDevice;
  /** What a root volume was, or is to be, made of. */
  readonly image: ImageSnapshot | null;
}

/** 404 and the like become Nova's own words; a Cinder that is away stays one. */
async function orInvalid<T>(work: Promise<T>, message: string): Promise<T> {
  return work.catch((error: unknown) => {
    if (error instanceof ApiError && [400, 403, 404].includes(error.status)) throw invalid(message);
    throw error;
  });
}

/** One volume that is there or is to be made. @throws ApiError 400 */
async function lookUp(clients: DiskClients, request: DiskRequest, one: Mapping): Promise<LookedUp> {
  const device = withoutDrop(one);
  switch (one.sourceType) {
    case 'volume': {
      const id = one.volumeId as string;
      const volume = await orInvalid(clients.volumes.show(id), `failed to get volume ${id}.`);
      checkMultiattach(volume, request.version);
      checkFree(volume);
      if (isRoot(one) && volume.bootable !== 'true') throw badRequest(`Block Device ${id} is not bootable.`);
      const image = isRoot(one) ? ofVolume(volume.volume_image_metadata, request.flavor, volume.size) : null;
      const { sourceType: _, volumeId: _id, volumeSize: _size, shared: _shared, ...asked } = device;
      return { device: deviceOfVolume(volume, asked), image };
    }
    case 'snapshot': {
      const id = one.snapshotId as string;
      const snapshot = await orInvalid(clients.volumes.snapshots.show(id), `failed to get snapshot ${id}.`);
      const size = one.volumeSize ?? snapshot.size;
      if (size < snapshot.size)
        throw badRequest(
          `Invalid input received: Volume size ${size}GB cannot be smaller than the snapshot size ${snapshot.size}GB. They must be >= original snapshot size.`,
        );
      const image = isRoot(one)
        ? ofVolume(
            // A snapshot outlives what its volume says of itself only as long as the volume is there.
            (await clients.volumes.show(snapshot.volume_id).catch(() => null))?.volume_image_metadata,
            request.flavor,
            size,
          )
        : null;
      return { device: { ...device, volumeSize: size }, image };
    }
    case 'image': {
      const id = one.imageId as string;
      const image = await orInvalid(showImage(clients.images, id), `failed to get image ${id}.`);
      if (one.volumeSize === null)
        throw invalid("Images with destination_type 'volume' need to have a non-zero size specified");
      checkMemory(image, request.flavor);
      checkVolumeSize(image.min_disk, one.volumeSize);
      return { device, image: isRoot(one) ? { ...imageSnapshot(image), id: '' } : null };
    }
    case 'blank':
      if (one.volumeSize === null)
        throw invalid("Blank volumes (source: 'blank', dest: 'volume') need to have non-zero size");
      return { device, image: null };
  }
}

/** @throws ApiError 400 */
function checkVolumeSize(minDisk: number, size: number): void {
  const gibibyte = 1024 ** 3;
  if (minDisk > size)
    throw badRequest(
      `Volume is smaller than the minimum size specified in image metadata. Volume size is ${size * gibibyte} bytes, minimum size is ${minDisk * gibibyte} bytes.`,
    );
}

/** What a volume tells of the image that it was made of; null when it tells nothing. */
function ofVolume(
  metadata: Readonly<Record<string, string>> | undefined,
  flavor: Flavor,
  size: number,
): ImageSnapshot | null {
  if (!metadata) return null;
  const { kernel_id: kernel, ramdisk_id: ramdisk, image_name: name, image_id: _, ...properties } = metadata;
  checkMemory({ min_ram: Number(properties['min_ram'] ?? 0) }, flavor);
  checkVolumeSize(Number(properties['min_disk'] ?? 0), size);
  return { id: '', name: name ?? '', properties, kernelId: kernel || null, ramdiskId: ramdisk || null };
}

/** Every device gets its name. @throws ApiError 409 when two are to have the same, 400 */
function named(
  owner: DiskOwner,
  devices: readonly NewBlockDevice[],
): (NewBlockDevice & { readonly deviceName: string })[] {
  const seen = new Set<string>();
  for (const { deviceName } of devices) {
    if (deviceName === null) continue;
    if (seen.has(deviceName)) throw conflict(`The supplied device path (${deviceName}) is in use.`);
    seen.add(deviceName);
  }
  const placed = layOut(owner, devices);
  return devices.map((device) => ({
    ...device,
    deviceName: placed.find((one) => one.device === device)?.name ?? (device.deviceName as string),
  }));
}
