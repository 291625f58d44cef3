import type { Image } from '#api/image/images.ts';
import type { PatchStep } from '#api/image/changes.ts';

/** What of an image can be changed. */
export interface ImageValues {
  readonly name: string;
  readonly visibility: Image['visibility'];
  /** GiB */
  readonly min_disk: number;
  /** MiB */
  readonly min_ram: number;
  readonly protected: boolean;
  readonly os_hidden: boolean;
  readonly tags: readonly string[];
  readonly properties: readonly { readonly key: string; readonly value: string }[];
}

/** Attributes that every image has: whatever else stands beside them is somebody's property. */
const attributes: ReadonlySet<string> = new Set([
  ...['id', 'name', 'status', 'visibility', 'owner', 'protected', 'disk_format', 'container_format', 'size'],
  ...['virtual_size', 'min_disk', 'min_ram', 'checksum', 'created_at', 'updated_at', 'tags', 'os_hidden'],
  ...['os_hash_algo', 'os_hash_value', 'self', 'file', 'schema', 'stores', 'direct_url', 'locations', 'memberStatus'],
]);

export const propertiesOf = (image: Image): readonly { readonly key: string; readonly value: string }[] =>
  Object.entries(image)
    .filter(([key]) => !attributes.has(key) && !key.startsWith('os_glance_'))
    .map(([key, value]) => ({ key, value: typeof value === 'string' ? value : JSON.stringify(value) }))
    .toSorted((a, b) => a.key.localeCompare(b.key));

export const valuesOf = (image: Image): ImageValues => ({
  name: image.name ?? '',
  visibility: image.visibility,
  min_disk: image.min_disk,
  min_ram: image.min_ram,
  protected: image.protected,
  os_hidden: image.os_hidden,
  tags: image.tags,
  properties: propertiesOf(image),
});

const pointer = (key: string): string => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The steps that make `after` of `before`; none when nothing has changed. */
export function stepsBetween(before: ImageValues, after: ImageValues): readonly PatchStep[] {
  const steps: PatchStep[] = [];
  for (const key of ['name', 'visibility', 'min_disk', 'min_ram', 'protected', 'os_hidden'] as const)
    if (before[key] !== after[key]) steps.push({ op: 'replace', path: `/${key}`, value: after[key] });
  if ([...before.tags].sort().join('\n') !== [...after.tags].sort().join('\n'))
    steps.push({ op: 'replace', path: '/tags', value: after.tags });
  const old = new Map(before.properties.map(({ key, value }) => [key, value]));
  const wanted = new Map(after.properties.filter(({ key }) => key !== '').map(({ key, value }) => [key, value]));
  for (const key of old.keys()) if (!wanted.has(key)) steps.push({ op: 'remove', path: pointer(key) });
  for (const [key, value] of wanted)
    if (old.get(key) !== value) steps.push({ op: old.has(key) ? 'replace' : 'add', path: pointer(key), value });
  return steps;
}

/** Why they cannot be saved. */
export type PropertyTrouble = { readonly what: 'twice' | 'reserved'; readonly key: string } | null;

export function propertyTrouble({ properties }: ImageValues): PropertyTrouble {
  const keys = properties.map(({ key }) => key).filter((key) => key !== '');
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined) return { what: 'twice', key: twice };
  const reserved = keys.find((key) => attributes.has(key) || key.startsWith('os_glance_'));
  return reserved === undefined ? null : { what: 'reserved', key: reserved };
}

/** The words of `openstack image set` (and `unset`) for the steps. */
export function commandWords(
  before: ImageValues,
  after: ImageValues,
): {
  readonly set: readonly (readonly string[])[];
  readonly unset: readonly (readonly string[])[];
} {
  const set: string[][] = [];
  if (before.name !== after.name) set.push(['--name', after.name]);
  if (before.visibility !== after.visibility) set.push([`--${after.visibility}`]);
  if (before.min_disk !== after.min_disk) set.push(['--min-disk', `${after.min_disk}`]);
  if (before.min_ram !== after.min_ram) set.push(['--min-ram', `${after.min_ram}`]);
  if (before.protected !== after.protected) set.push([after.protected ? '--protected' : '--unprotected']);
  if (before.os_hidden !== after.os_hidden) set.push([after.os_hidden ? '--hidden' : '--unhidden']);
  for (const tag of after.tags) if (!before.tags.includes(tag)) set.push(['--tag', tag]);
  const unset = before.tags.filter((tag) => !after.tags.includes(tag)).map((tag) => ['--tag', tag]);
  const old = new Map(before.properties.map(({ key, value }) => [key, value]));
  const keys = after.properties.map(({ key }) => key);
  for (const { key, value } of after.properties)
    if (key !== '' && old.get(key) !== value) set.push(['--property', `${key}=${value}`]);
  for (const key of old.keys()) if (!keys.includes(key)) unset.push(['--property', key]);
  return { set, unset };
}
