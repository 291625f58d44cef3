import { badRequest, type ApiError } from '#common/api/errors.ts';
import { novaFaults } from '#common/api/faults.ts';
import type { ApiVersion } from '#common/api/version.ts';
import { flagValue } from '../api/schemas.ts';
import { withFolder, withoutFolder } from './device-names.ts';
import type { DiskBus, NewBlockDevice } from './model.ts';
import type { LegacyMapping, MappingV2 } from './schema.ts';

/** What a request says of one disk, before anything is looked up. `drop` takes a disk away that the image would give. */
export type Mapping = NewBlockDevice & { readonly drop: boolean };

export const invalid = (details = ''): ApiError =>
  badRequest(`Block Device Mapping is Invalid${details === '' ? '.' : `: ${details}`}`);

const none: Mapping = {
  sourceType: 'blank',
  destinationType: 'local',
  bootIndex: null,
  deviceName: null,
  diskBus: null,
  deviceType: null,
  guestFormat: null,
  volumeId: null,
  imageId: null,
  snapshotId: null,
  volumeSize: null,
  volumeType: null,
  deleteOnTermination: false,
  tag: null,
  shared: false,
  drop: false,
};

const flag = (value: boolean | string | number | undefined): boolean => value !== undefined && flagValue(value);

/** @throws ApiError 400 */
function sizeOf(value: number | string | null | undefined): number | null {
  if (value === undefined || value === null || value === '') return null;
  const size = Number(value);
  if (!Number.isSafeInteger(size) || size < 0) throw invalid('Invalid volume_size.');
  return size === 0 ? null : size;
}

/** @throws ApiError 400 */
function nameOf(value: string | null | undefined): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (/\s/.test(value)) throw invalid('Device name contains spaces.');
  return withFolder(value);
}

/**
 * The legacy form: volumes, snapshots, `ephemeralN` and `swap` by the names of their devices.
 * @param rootName `/dev/vda`: the device of this name is the one to boot from
 * @throws ApiError 400
 */
export function parseLegacy(given: LegacyMapping, rootName: string): Mapping {
  const deviceName = nameOf(given.device_name);
  if (given.no_device !== undefined && given.no_device !== null && given.no_device !== false)
    return { ...none, deviceName, drop: true };
  const virtual = given.virtual_name;
  const size = sizeOf(given.volume_size);
  if (virtual !== undefined && /^(swap|ephemeral\d+)$/.test(virtual))
    return {
      ...none,
      deviceName,
      volumeSize: size,
      guestFormat: virtual === 'swap' ? 'swap' : null,
      deleteOnTermination: true,
    };
  const common = {
    ...none,
    deviceName,
    volumeSize: size,
    destinationType: 'volume' as const,
    deleteOnTermination: flag(given.delete_on_termination),
    bootIndex: deviceName !== null && withoutFolder(deviceName) === withoutFolder(rootName) ? 0 : null,
  };
  if (given.snapshot_id !== undefined) return { ...common, sourceType: 'snapshot', snapshotId: given.snapshot_id };
  if (given.volume_id !== undefined) return { ...common, sourceType: 'volume', volumeId: given.volume_id };
  throw invalid('Unrecognized legacy format.');
}

const buses: readonly DiskBus[] = ['virtio', 'ide', 'scsi'];

/**
 * The second form.
 * @param hasImage whether the request names an image too
 * @param version of a request; undefined for what an image says
 * @throws ApiError 400
 */
export function parseV2(given: MappingV2, hasImage: boolean, version: ApiVersion | undefined): Mapping {
  checkVersion(given, version);
  const deviceName = nameOf(given.device_name);
  if (given.no_device !== undefined && given.no_device !== null && flag(given.no_device as boolean))
    return { ...none, deviceName, drop: true };
  const { source_type: sourceType } = given;
  if (sourceType === undefined) throw invalid('Invalid source_type field.');
  const byName = { image: given.image_id, volume: given.volume_id, snapshot: given.snapshot_id, blank: undefined };
  const uuid = given.uuid ?? byName[sourceType];
  if (sourceType === 'blank' && uuid !== undefined) throw invalid('Invalid device UUID.');
  if (sourceType !== 'blank' && uuid === undefined) throw invalid('Missing device UUID.');
  const destinationType =
    given.destination_type ?? (sourceType === 'volume' || sourceType === 'snapshot' ? 'volume' : 'local');
  const index = given.boot_index ?? null;
  const bootIndex = index === null || index === '' || Number(index) < 0 ? null : Number(index);
  if (sourceType === 'image' && destinationType === 'local' && !(hasImage && bootIndex === 0))
    throw invalid('Mapping image to local is not supported.');
  if (destinationType === 'local' && (sourceType === 'volume' || sourceType === 'snapshot'))
    throw invalid(`Mapping ${sourceType} to local is not supported.`);
  const diskBus = buses.find((one) => one === given.disk_bus) ?? null;
  if (given.disk_bus && diskBus === null)
    throw invalid(`the disk bus ${given.disk_bus} is not known here; it is one of ${buses.join(', ')}.`);
  return {
    ...none,
    sourceType,
    destinationType,
    bootIndex,
    deviceName,
    diskBus,
    deviceType: given.device_type ?? null,
    guestFormat: given.guest_format ?? null,
    volumeId: sourceType === 'volume' ? (uuid ?? null) : null,
    imageId: sourceType === 'image' ? (uuid ?? null) : null,
    snapshotId: sourceType === 'snapshot' ? (uuid ?? null) : null,
    volumeSize: sizeOf(given.volume_size),
    volumeType: given.volume_type ?? null,
    deleteOnTermination: flag(given.delete_on_termination),
    tag: given.tag ?? null,
  };
}

/** Fields that came (and went) with a version. @throws ApiError 400 */
function checkVersion(given: MappingV2, version: ApiVersion | undefined): void {
  if (!version) return;
  const refuse = (name: string): never => {
    throw novaFaults.invalid(
      'block_device_mapping_v2',
      JSON.stringify(given),
      `Additional properties are not allowed ('${name}' was unexpected)`,
    );
  };
  const tags = version.atLeast('2.42') || (version.atLeast('2.32') && !version.atLeast('2.37'));
  if (given.tag !== undefined && !tags) refuse('tag');
  if (given.volume_type !== undefined && !version.atLeast('2.67')) refuse('volume_type');
}

/** What an image says of disks: volume-backed servers are saved as snapshots of their volumes, with this in the image. */
export function parseImageDefined(properties: Readonly<Record<string, string>>, rootName: string): Mapping[] {
  const text = properties['block_device_mapping'];
  if (text === undefined) return [];
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    throw invalid("the image's property block_device_mapping is no JSON.");
  }
  if (!Array.isArray(list)) return [];
  return /^(true|1)$/i.test(properties['bdm_v2'] ?? '')
    ? (list as MappingV2[]).map((one) => parseV2(one, false, undefined))
    : (list as LegacyMapping[]).map((one) => parseLegacy(one, rootName));
}

/** A request's disks with those of its image: the request's win over the image's of the same name. */
export function mergeMappings(asked: readonly Mapping[], ofImage: readonly Mapping[]): Mapping[] {
  const names = new Set(asked.flatMap((one) => (one.deviceName === null ? [] : [withoutFolder(one.deviceName)])));
  const kept = ofImage.filter((one) => one.deviceName === null || !names.has(withoutFolder(one.deviceName)));
  return [...asked, ...kept].filter((one) => !one.drop);
}
