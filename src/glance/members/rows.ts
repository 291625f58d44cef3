import type { Queryable } from '#common/db/database.ts';
import type { GlanceTables } from '../tables.ts';

type Db = Queryable<GlanceTables>;

/** A project that an image is shared with. */
export interface Member {
  readonly imageId: string;
  readonly projectId: string;
  readonly status: MemberStatus;
  /** v1 only; kept and shown, without effect since v2. */
  readonly canShare: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}
export const memberStatuses = ['pending', 'accepted', 'rejected'] as const;
export type MemberStatus = (typeof memberStatuses)[number];

export async function membersOf(db: Db, imageId: string): Promise<readonly Member[]> {
  const found = await db
    .selectFrom('image_members')
    .selectAll()
    .where('image_id', '=', imageId)
    .orderBy('created_at')
    .orderBy('member')
    .execute();
  return found.map((row) => ({
    imageId: row.image_id,
    projectId: row.member,
    status: row.status as MemberStatus,
    canShare: row.can_share === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }));
}

export async function isMemberOf(db: Db, imageId: string, projectId: string): Promise<boolean> {
  const row = await db
    .selectFrom('image_members')
    .select('member')
    .where('image_id', '=', imageId)
    .where('member', '=', projectId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Throws the engine's duplicate-key error when it is there. */
export async function insertMember(
  db: Db,
  member: Pick<Member, 'imageId' | 'projectId' | 'canShare'>,
  now: string,
): Promise<void> {
  await db
    .insertInto('image_members')
    .values({
      image_id: member.imageId,
      member: member.projectId,
      status: 'pending' satisfies MemberStatus,
      can_share: Number(member.canShare),
      created_at: now,
      updated_at: now,
    })
    .execute();
}

/** Says whether it was there. */
export async function updateMember(
  db: Db,
  imageId: string,
  projectId: string,
  change: { readonly status?: MemberStatus; readonly canShare?: boolean },
  now: string,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('image_members')
    .set({
      ...(change.status !== undefined && { status: change.status }),
      ...(change.canShare !== undefined && { can_share: Number(change.canShare) }),
      updated_at: now,
    })
    .where('image_id', '=', imageId)
    .where('member', '=', projectId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Says whether it was there. */
export async function deleteMember(db: Db, imageId: string, projectId: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('image_members')
    .where('image_id', '=', imageId)
    .where('member', '=', projectId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Images that are shared with a project, of those that `viewer` owns (null: of all). */
export async function sharedWith(
  db: Db,
  projectId: string,
  viewer: string | null,
): Promise<readonly { readonly imageId: string; readonly canShare: boolean }[]> {
  const found = await db
    .selectFrom('image_members')
    .innerJoin('images', 'images.id', 'image_members.image_id')
    .select(['image_members.image_id', 'image_members.can_share'])
    .where('image_members.member', '=', projectId)
    .$if(viewer !== null && viewer !== projectId, (query) => query.where('images.owner', '=', viewer))
    .orderBy('image_members.image_id')
    .execute();
  return found.map((row) => ({ imageId: row.image_id, canShare: row.can_share === 1 }));
}
