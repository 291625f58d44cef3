import { conflict, forbidden, notFound, overLimit } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import { enforce } from '../images/access.ts';
import type { Image } from '../images/image.ts';
import type { ImageService } from '../images/service.ts';
import type { GlanceTables } from '../tables.ts';
import * as rows from './rows.ts';

export interface MemberServiceDeps {
  readonly db: Database<GlanceTables>;
  readonly enforcer: Enforcer;
  readonly clock: Clock;
  readonly images: ImageService;
  /** Most members of one image; -1 is no limit. */
  readonly quota: number;
}

export type MemberService = ReturnType<typeof createMemberService>;

/** Sharing: the owner names projects, each of which accepts or rejects. */
export function createMemberService({ db, enforcer, clock, images, quota }: MemberServiceDeps) {
  const now = (): string => isoMicros(clock.now());
  const isOwner = (ctx: RequestContext, image: Image): boolean => ctx.isAdmin || image.owner === ctx.projectId;

  /** What the caller may know of an image's members: the owner all, a member itself. */
  const known = async (ctx: RequestContext, image: Image): Promise<readonly rows.Member[]> => {
    const all = await rows.membersOf(db.query, image.id);
    return isOwner(ctx, image) ? all : all.filter((member) => member.projectId === ctx.projectId);
  };
  const one = async (ctx: RequestContext, image: Image, projectId: string): Promise<rows.Member> => {
    const member = (await known(ctx, image)).find((candidate) => candidate.projectId === projectId);
    if (!member) throw notFound(`${projectId} not found in the member list of the image ${image.id}.`);
    return member;
  };
  const shared = (image: Image): void => {
    if (image.visibility !== 'shared') throw forbidden('Only shared images have members.');
  };
  const checkQuota = (attempted: number): void => {
    if (quota >= 0 && attempted > quota)
      throw overLimit(
        `The limit has been exceeded on the number of allowed image members for this image. Attempted: ${attempted}, Maximum: ${quota}`,
      );
  };

  return {
    async list(ctx: RequestContext, imageId: string): Promise<readonly rows.Member[]> {
      const image = await images.visible(ctx, imageId);
      if (image.visibility !== 'shared') {
        // Those who may not know the members are told that there is nothing.
        if (!isOwner(ctx, image)) throw notFound('Only shared images have members.');
        return [];
      }
      return known(ctx, image);
    },

    async show(ctx: RequestContext, imageId: string, projectId: string): Promise<rows.Member> {
      return one(ctx, await images.visible(ctx, imageId), projectId);
    },

    /** @throws ApiError 403 not shared or not the owner's, 409 there already, 413 */
    async add(ctx: RequestContext, imageId: string, projectId: string, canShare = false): Promise<rows.Member> {
      const image = await images.visible(ctx, imageId);
      enforce(enforcer, 'add_member', ctx, image);
      shared(image);
      checkQuota((await rows.membersOf(db.query, imageId)).length + 1);
      try {
        await rows.insertMember(db.query, { imageId, projectId, canShare }, now());
      } catch (error) {
        if (isDuplicateKey(error))
          throw conflict(`The target member ${projectId} is already associated with image ${imageId}.`);
        throw error;
      }
      return one(ctx, image, projectId);
    },

    /** v1: of an image of any visibility. */
    listAny: async (ctx: RequestContext, imageId: string): Promise<readonly rows.Member[]> =>
      known(ctx, await images.visible(ctx, imageId)),

    /** v1: adds it or sets what it may do. v1 knows no visibility but public, and members of a public image are kept too. */
    async put(ctx: RequestContext, imageId: string, projectId: string, canShare: boolean | undefined): Promise<void> {
      const image = await images.visible(ctx, imageId);
      enforce(enforcer, 'add_member', ctx, image);
      const change = canShare === undefined ? {} : { canShare };
      if (await rows.updateMember(db.query, imageId, projectId, change, now())) return;
      checkQuota((await rows.membersOf(db.query, imageId)).length + 1);
      await rows.insertMember(db.query, { imageId, projectId, canShare: canShare ?? false }, now());
    },

    /** v1: exactly these. Those that stay keep their answer. */
    async replace(
      ctx: RequestContext,
      imageId: string,
      wanted: readonly { readonly projectId: string; readonly canShare: boolean }[],
    ): Promise<void> {
      const image = await images.visible(ctx, imageId);
      enforce(enforcer, 'add_member', ctx, image);
      checkQuota(wanted.length);
      await db.transaction(async (trx) => {
        const before = await rows.membersOf(trx, imageId);
        for (const { projectId } of before)
          if (!wanted.some((member) => member.projectId === projectId))
            await rows.deleteMember(trx, imageId, projectId);
        for (const { projectId, canShare } of wanted)
          if (!(await rows.updateMember(trx, imageId, projectId, { canShare }, now())))
            await rows.insertMember(trx, { imageId, projectId, canShare }, now());
      });
    },

    /** The member's own answer. @throws ApiError 403 for the owner, who must not answer for others */
    async answer(
      ctx: RequestContext,
      imageId: string,
      projectId: string,
      status: rows.MemberStatus,
    ): Promise<rows.Member> {
      const image = await images.visible(ctx, imageId);
      const member = await one(ctx, image, projectId);
      if (!ctx.isAdmin && member.projectId !== ctx.projectId)
        throw forbidden('You are not permitted to modify this member.');
      await rows.updateMember(db.query, imageId, projectId, { status }, now());
      return { ...member, status, updatedAt: now() };
    },

    async remove(ctx: RequestContext, imageId: string, projectId: string): Promise<void> {
      const image = await images.visible(ctx, imageId);
      enforce(enforcer, 'delete_member', ctx, image);
      if (!(await rows.deleteMember(db.query, imageId, projectId)))
        throw notFound(`${projectId} not found in the member list of the image ${imageId}.`);
    },

    /** v1: what is shared with a project; a caller who is neither that project nor an administrator sees its own only. */
    sharedWith: (ctx: RequestContext, projectId: string) =>
      rows.sharedWith(db.query, projectId, ctx.isAdmin ? null : ctx.projectId),
  };
}
