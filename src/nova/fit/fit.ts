import { RpcTimeout, type RpcClient } from '#common/bus/bus.ts';
import { ApiError, badRequest } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { createVerdictView, type ShownVerdict } from '#common/operations/verdicts.ts';
import type { ImageClient } from '#clients/image.ts';
import type { VolumeClient } from '#clients/volume.ts';
import type { Flavor } from '../flavors/rows.ts';
import type { FlavorService } from '../flavors/service.ts';
import { hostWords } from '../operations/words.ts';
import type { Quotas } from '../quotas/quotas.ts';
import type { FlavorRoom, RoomRequest, schedulerRpc } from '../rpc.ts';
import { findGroup } from '../server-groups/rows.ts';
import { placement, type CreateDeps } from '../servers/create.ts';
import { imageSnapshot, showImage } from '../servers/create-checks.ts';
import { localDiskGb } from '../servers/model.ts';
import { hostReasons, imageReasons, quotaReasons, volumeReasons, type Reason } from './reasons.ts';

export interface FitDeps extends Pick<CreateDeps, 'db' | 'conf' | 'enforcer' | 'directory'> {
  readonly quotas: Quotas;
  readonly flavors: FlavorService;
  /** Glance and Cinder as the user who asks. */
  readonly imageAs: (ctx: RequestContext) => ImageClient;
  readonly volumeAs: (ctx: RequestContext) => VolumeClient;
  readonly scheduler: RpcClient<(typeof schedulerRpc)['methods']>;
}

/** Servers that somebody thinks of making. */
export interface Wish {
  /** Null: all that the caller may use. */
  readonly flavorIds: readonly string[] | null;
  readonly imageId: string | null;
  readonly count: number;
  /** As new servers give it: `zone`, and for administrators `zone:host`. */
  readonly zone: string | null;
  /** GiB of a new volume from which each boots; 0 boots from a volume that is there; null boots from the flavor's disk. */
  readonly volumeGb: number | null;
  readonly hints: Readonly<Record<string, unknown>>;
}

export interface Fit {
  readonly flavorId: string;
  readonly reasons: readonly Reason[];
  /** Hosts that take one. */
  readonly hosts: number;
  readonly verdicts: readonly ShownVerdict[];
}

/**
 * Which flavors would fit now: by the project's quota, by the image, and by the scheduler's filters. Nothing is claimed and
 * nothing written, so it may be otherwise a moment later.
 * @throws ApiError 400 for a flavor, an image, a zone or a server group that the caller cannot use, 503 without a scheduler
 */
export async function fit(deps: FitDeps, ctx: RequestContext, wish: Wish): Promise<Fit[]> {
  const { count, volumeGb } = wish;
  const [flavors, place, image] = await Promise.all([
    flavorsFor(deps, ctx, wish.flavorIds),
    placement(deps, ctx, { availability_zone: wish.zone }),
    wish.imageId === null ? null : showImage(deps.imageAs(ctx), wish.imageId),
    checkGroup(deps, ctx, wish.hints['group']),
  ]);
  const newVolumes = volumeGb !== null && volumeGb > 0;
  const [standing, volumeLimits, rooms] = await Promise.all([
    deps.quotas.standing(ctx.projectId ?? '', ctx.userId),
    newVolumes ? deps.volumeAs(ctx).limits() : null,
    roomsFor(deps, {
      projectId: ctx.projectId ?? '',
      flavors: flavors.map((flavor) => ({
        id: flavor.id,
        name: flavor.name,
        vcpus: flavor.vcpus,
        memoryMb: flavor.memoryMb,
        diskGb: localDiskGb({ flavor, imageId: volumeGb === null ? '' : null }),
        extraSpecs: flavor.extraSpecs,
      })),
      image: image && { properties: imageSnapshot(image).properties },
      availabilityZone: place.zone,
      forceHost: place.host,
      hints: wish.hints,
      count,
    }),
  ]);
  const ofVolumes = volumeLimits ? volumeReasons(volumeGb ?? 0, count, volumeLimits) : [];
  const shown = createVerdictView(hostWords, deps.enforcer.allows('os_compute_api:os-server-fit:hosts', ctx), rooms);
  return flavors.map((flavor, index) => {
    const room = rooms[index] as FlavorRoom;
    return {
      flavorId: flavor.id,
      reasons: [
        ...quotaReasons(flavor, count, standing),
        ...ofVolumes,
        ...(image ? imageReasons(image, flavor, volumeGb) : []),
        ...hostReasons(room, count),
      ],
      hosts: room.passed.length,
      verdicts: shown(room),
    };
  });
}

async function flavorsFor(
  { flavors }: FitDeps,
  ctx: RequestContext,
  ids: readonly string[] | null,
): Promise<readonly Flavor[]> {
  if (ids === null)
    return flavors.list(ctx, {
      ...{ isPublic: true, minDisk: 0, minRam: 0 },
      ...{ sortKey: 'memory_mb', sortDir: 'asc', marker: undefined, limit: Number.POSITIVE_INFINITY },
    });
  const wanted = [...new Set(ids)].map((id) => flavors.show(ctx, id));
  return Promise.all(wanted).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) throw badRequest(error.message);
    throw error;
  });
}

async function checkGroup({ db }: FitDeps, ctx: RequestContext, id: unknown): Promise<void> {
  if (typeof id !== 'string') return;
  const group = await findGroup(db.query, id);
  if (!group || (!ctx.isAdmin && group.projectId !== ctx.projectId))
    throw badRequest(`Instance group ${id} could not be found.`);
}

async function roomsFor({ scheduler }: FitDeps, request: RoomRequest): Promise<readonly FlavorRoom[]> {
  const answer = await scheduler.call('tryFlavors', { request }).catch((error: unknown) => {
    if (error instanceof RpcTimeout)
      throw new ApiError(503, 'No scheduler answers, so nobody can say what fits. Try again shortly.', {
        cause: error,
      });
    throw error;
  });
  return answer.flavors;
}
