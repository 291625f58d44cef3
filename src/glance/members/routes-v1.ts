import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import type { MemberService } from './service.ts';

const route = routesFor<{ readonly members: MemberService }>();
const ImageId = Type.Object({ image_id: Type.String() });
const MemberId = Type.Object({ image_id: Type.String(), member_id: Type.String() });

/** v1's sharing; the registry serves the same. */
export const memberRoutesV1 = [
  route({
    id: 'members.list',
    summary: 'List the projects that an image is shared with',
    method: 'GET',
    path: '/images/:image_id/members',
    policy: 'get_members',
    status: 200,
    params: ImageId,
    handle: async ({ members }, { ctx, params }) => ({
      members: (await members.listAny(ctx, params.image_id)).map(({ projectId, canShare }) => ({
        member_id: projectId,
        can_share: canShare,
      })),
    }),
  }),
  route({
    id: 'members.replace',
    summary: 'Share an image with exactly these projects',
    method: 'PUT',
    path: '/images/:image_id/members',
    policy: 'add_member',
    status: 204,
    params: ImageId,
    body: Type.Object({
      memberships: Type.Array(Type.Object({ member_id: Type.String(), can_share: Type.Optional(Type.Boolean()) })),
    }),
    async handle({ members }, { ctx, params, body }) {
      const wanted = body.memberships.map(({ member_id, can_share }) => ({
        projectId: member_id,
        canShare: can_share ?? false,
      }));
      await members.replace(ctx, params.image_id, wanted);
      return undefined;
    },
  }),
  route({
    id: 'members.put',
    summary: 'Share an image with a project',
    method: 'PUT',
    path: '/images/:image_id/members/:member_id',
    policy: 'add_member',
    status: 204,
    params: MemberId,
    async handle({ members }, { ctx, params, body }) {
      const { can_share } = (body as { member?: { can_share?: boolean } } | undefined)?.member ?? {};
      await members.put(ctx, params.image_id, params.member_id, can_share);
      return undefined;
    },
  }),
  route({
    id: 'members.delete',
    summary: 'Stop sharing an image with a project',
    method: 'DELETE',
    path: '/images/:image_id/members/:member_id',
    policy: 'delete_member',
    status: 204,
    params: MemberId,
    async handle({ members }, { ctx, params }) {
      await members.remove(ctx, params.image_id, params.member_id);
      return undefined;
    },
  }),
  route({
    id: 'members.sharedImages',
    summary: 'List the images that are shared with a project',
    method: 'GET',
    path: '/shared-images/:member_id',
    policy: 'get_members',
    status: 200,
    params: Type.Object({ member_id: Type.String() }),
    handle: async ({ members }, { ctx, params }) => ({
      shared_images: (await members.sharedWith(ctx, params.member_id)).map(({ imageId, canShare }) => ({
        image_id: imageId,
        can_share: canShare,
      })),
    }),
  }),
];
