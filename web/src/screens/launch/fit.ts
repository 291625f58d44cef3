import type { Flavor } from '#api/compute/flavors.ts';
import type { FitReason, FitWish, FlavorFit } from '#api/compute/launch.ts';
import type { ComputeUsage, VolumeUsage } from '#api/usage/limits.ts';
import { diskNeeded, type Choices } from './choices.ts';
import { MAX_COUNT, type LaunchForm } from './form.ts';

/** What `POST /os-server-fit` is asked. */
export function wishOf(form: LaunchForm, choices: Choices): FitWish {
  const { source } = form;
  return {
    image: source === 'image' || source === 'newVolume' ? (choices.image?.id ?? null) : null,
    count: Math.min(MAX_COUNT, Math.max(1, form.count)),
    availability_zone: form.zone === '' ? null : form.zone,
    volume_size: source === 'image' ? null : source === 'volume' ? 0 : (choices.volumeSize ?? 0),
    scheduler_hints: form.groupId === null ? null : { group: form.groupId },
  };
}

export interface Usages {
  readonly compute: ComputeUsage | undefined;
  readonly volume: VolumeUsage | undefined;
}

/** How much of a quota a launch leaves. */
export interface Standing {
  readonly resource: 'instances' | 'cores' | 'ram' | 'volumes' | 'gigabytes';
  readonly used: number;
  readonly needed: number;
  /** Null: without limit. */
  readonly limit: number | null;
}

/** The quotas that a launch touches, with what it takes of them. */
export function standings(form: LaunchForm, choices: Choices, flavor: Flavor | null, usages: Usages): Standing[] {
  const { count } = form;
  const { compute, volume } = usages;
  const found: Standing[] = [];
  if (compute)
    found.push(
      { resource: 'instances', ...compute.instances, needed: count },
      { resource: 'cores', ...compute.cores, needed: count * (flavor?.vcpus ?? 0) },
      { resource: 'ram', ...compute.ram, needed: count * (flavor?.ram ?? 0) },
    );
  if (volume && (form.source === 'newVolume' || form.source === 'snapshot'))
    found.push(
      { resource: 'volumes', ...volume.volumes, needed: count },
      { resource: 'gigabytes', ...volume.gigabytes, needed: count * (choices.volumeSize ?? 0) },
    );
  return found;
}

export const isOver = ({ used, needed, limit }: Standing): boolean => limit !== null && used + needed > limit;

/** What can be told without the scheduler: by quota and by the image. For clouds without `os-server-fit`. */
export function localFits(
  form: LaunchForm,
  choices: Choices,
  flavors: readonly Flavor[],
  usages: Usages,
): readonly FlavorFit[] {
  const image = form.source === 'image' || form.source === 'newVolume' ? choices.image : null;
  return flavors.map((flavor) => {
    const reasons: FitReason[] = standings(form, choices, flavor, usages)
      .filter(isOver)
      .map(({ resource, used, needed, limit }) => ({
        kind: 'quota',
        message: resource,
        ...{ resource, used, needed, limit: limit ?? -1 },
      }));
    if (image && image.min_ram > flavor.ram)
      reasons.push({ kind: 'image', message: 'ram', resource: 'ram', limit: flavor.ram, needed: image.min_ram });
    // A flavor without a disk of its own takes what the image needs.
    const room = form.source === 'image' ? flavor.disk : (choices.volumeSize ?? 0);
    if (image && room > 0 && diskNeeded(image) > room)
      reasons.push({ kind: 'image', message: 'disk', resource: 'disk', limit: room, needed: diskNeeded(image) });
    return { flavor_id: flavor.id, fits: reasons.length === 0, hosts: 0, reasons, host_verdicts: [] };
  });
}

/** Whether the API would refuse it at once. What only lacks hosts is taken, and may find one by then. */
export const isRefused = (fit: FlavorFit | undefined): boolean =>
  fit?.reasons.some(({ kind }) => kind !== 'hosts') ?? false;
