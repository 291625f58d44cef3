import type { Image } from '#clients/image.ts';
import type { VolumeLimits } from '#clients/volume.ts';
import type { Flavor } from '../flavors/rows.ts';
import { exceeded, type Standing } from '../quotas/quotas.ts';
import type { FlavorRoom } from '../rpc.ts';
import { checkMemory, checkRootDisk } from '../servers/create-checks.ts';

/** Why servers of a flavor cannot be made now. */
export interface Reason {
  readonly kind: 'quota' | 'image' | 'hosts';
  readonly message: string;
  /** `cores`, `ram` (MiB), `disk` (GiB), `instances`, `volumes`, `gigabytes`, `hosts` */
  readonly resource: string;
  /** What there is in all; of hosts, the servers for which there is room. */
  readonly limit: number;
  readonly used?: number;
  readonly needed: number;
}

const units: Readonly<Record<string, string>> = { ram: ' MB', gigabytes: ' GB' };

const overLimit = (resource: string, limit: number, used: number, needed: number): Reason => {
  const unit = units[resource] ?? '';
  const left = Math.max(0, limit - used);
  return {
    kind: 'quota',
    message: `The project's quota of ${resource} is ${limit}${unit}, of which ${used}${unit} are used: ${left}${unit} are left, ${needed}${unit} are needed.`,
    ...{ resource, limit, used, needed },
  };
};

/** What the compute quota says to so many servers of a flavor. */
export function quotaReasons(flavor: Flavor, count: number, { used, limits }: Standing): Reason[] {
  const asked = { instances: count, cores: count * flavor.vcpus, ram: count * flavor.memoryMb };
  const inUse: Readonly<Partial<Record<string, number>>> = { ...used };
  return exceeded(asked, used, limits).map((name) =>
    overLimit(name, limits[name], inUse[name] ?? 0, asked[name as keyof typeof asked]),
  );
}

/** What Cinder's quota says to a new volume for each server. */
export function volumeReasons(sizeGb: number, count: number, limits: VolumeLimits): Reason[] {
  const kinds = [
    ['volumes', limits.maxTotalVolumes, limits.totalVolumesUsed, count],
    ['gigabytes', limits.maxTotalVolumeGigabytes, limits.totalGigabytesUsed, count * sizeGb],
  ] as const;
  return kinds.flatMap(([name, limit, used, needed]) =>
    limit >= 0 && used + needed > limit ? [overLimit(name, limit, used, needed)] : [],
  );
}

/** Whether a check refuses. */
const refuses = (check: () => void): boolean => {
  try {
    check();
    return false;
  } catch {
    return true;
  }
};

const gibibyte = 1024 ** 3;
/** GiB of the disk that an image asks for. */
const diskOf = (image: Image): number =>
  Math.max(image.min_disk, Math.ceil(Math.max(image.size ?? 0, image.virtual_size ?? 0) / gibibyte));

/** What an image says to a flavor. @param volumeGb of the volume that it is put on; null when that is the flavor's own disk */
export function imageReasons(image: Image, flavor: Flavor, volumeGb: number | null): Reason[] {
  const reasons: Reason[] = [];
  if (refuses(() => checkMemory(image, flavor)))
    reasons.push({
      kind: 'image',
      message: `The image needs ${image.min_ram} MB of memory, the flavor has ${flavor.memoryMb} MB.`,
      ...{ resource: 'ram', limit: flavor.memoryMb, needed: image.min_ram },
    });
  const onDisk = volumeGb === null;
  // Of volumes too: a flavor without a disk of its own takes what the image needs.
  if (onDisk ? refuses(() => checkRootDisk(image, flavor)) : volumeGb > 0 && diskOf(image) > volumeGb) {
    const [what, limit] = onDisk ? ["the flavor's", flavor.rootGb] : ['the volume', volumeGb];
    reasons.push({
      kind: 'image',
      message: onDisk
        ? `The image needs a disk of ${diskOf(image)} GB, ${what} has ${limit} GB.`
        : `The image needs ${diskOf(image)} GB, ${what} is to have ${limit} GB.`,
      ...{ resource: 'disk', limit, needed: diskOf(image) },
    });
  }
  return reasons;
}

/** What the filters say, in one sentence. */
export function hostReasons({ passed, places, verdicts }: FlavorRoom, count: number): Reason[] {
  if (places >= count) return [];
  const filters = [...Map.groupBy(verdicts, (verdict) => verdict.filter)]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([filter, refused]) => `${filter} refuses ${refused.length}`);
  const hosts = passed.length + verdicts.length;
  const message =
    hosts === 0
      ? 'There is no compute host.'
      : places > 0
        ? `The hosts have room for ${places} of ${count} servers.`
        : `None of ${hosts === 1 ? 'the one host' : `${hosts} hosts`} takes it: ${filters.join(', ')}.`;
  return [{ kind: 'hosts', message, resource: 'hosts', limit: places, needed: count }];
}
