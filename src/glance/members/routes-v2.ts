import { Type } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { Glance } from '../glance.ts';
import { v2Time } from '../images/view-v2.ts';
import { memberStatuses, type Member, type MemberStatus } from './rows.ts';

const route = routesFor<Glance>();
const ImageId = Type.Object({ image_id: Type.String() });
const MemberId = Type.Object({ image_id: Type.String(), member_id: Type.String() });

const view = (member: Member) => ({
  created_at: v2Time(member.createdAt),
  updated_at: v2Time(member.updatedAt),
  image_id: member.imageId,
  member_id: member.projectId,
  status: member.status,
  schema: '/v2/schemas/member',
});

export const memberRoutesV2 = [
  route({
    id: 'members.list',
    summary: 'List the projects that an image is shared with',
    method: 'GET',
    path: '/images/:image_id/members',
    policy: 'get_members',
    status: 200,
    params: ImageId,
    handle: async ({ members }, { ctx, params }) => ({
      members: (await members.list(ctx, params.image_id)).map(view),
      schema: '/v2/schemas/members',
    }),
  }),
  route({
    id: 'members.create',
    summary: 'Share an image with a project',
    method: 'POST',
    path: '/images/:image_id/members',
    policy: 'add_member',
    status: 200,
    params: ImageId,
    body: Type.Unsafe<unknown>({}),
    async handle({ members }, { ctx, params, body }) {
      const member = (body as { member?: unknown } | null)?.member;
      if (typeof member !== 'string' || member === '') throw badRequest('Member to be added not specified');
      if (member.length > 255) throw badRequest('A member id has at most 255 characters.');
      return view(await members.add(ctx, params.image_id, member));
    },
  }),
  route({
    id: 'members.show',
    summary: 'Show how a project answered',
    method: 'GET',
    path: '/images/:image_id/members/:member_id',
    policy: 'get_member',
    status: 200,
    params: MemberId,
    handle: async ({ members }, { ctx, params }) => view(await members.show(ctx, params.image_id, params.member_id)),
  }),
  route({
    id: 'members.update',
    summary: 'Accept or reject a shared image',
    method: 'PUT',
    path: '/images/:image_id/members/:member_id',
    policy: 'modify_member',
    status: 200,
    params: MemberId,
    body: Type.Unsafe<unknown>({}),
    async handle({ members }, { ctx, params, body }) {
      const status = (body as { status?: unknown } | null)?.status;
      if (status === undefined) throw badRequest('Status not specified');
      if (!(memberStatuses as readonly unknown[]).includes(status))
        throw badRequest(`Invalid status: ${String(status)}. It must be one of ${memberStatuses.join(', ')}.`);
      return view(await members.answer(ctx, params.image_id, params.member_id, status as MemberStatus));
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
];
