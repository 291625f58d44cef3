import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import type { GlanceApi } from './api.ts';

const image: Argument = { name: '<IMAGE>', help: 'Name or ID of image.' };
const tenant: Argument = { name: '<TENANT_ID>', help: 'ID of tenant.' };
const path = (id: string, tenantId = ''): string =>
  `/images/${id}/members${tenantId && `/${encodeURIComponent(tenantId)}`}`;

export const memberCommands: readonly Command<GlanceApi>[] = [
  {
    name: 'member-list',
    summary: 'Describe sharing permissions by image or tenant.',
    arguments: [
      { name: '--image-id', value: '<IMAGE_ID>', help: 'Filter results by an image ID.' },
      { name: '--tenant-id', value: '<TENANT_ID>', help: 'Filter results by a tenant ID.' },
    ],
    async run(api, given) {
      const [imageId, tenantId] = [given.text('image-id'), given.text('tenant-id')];
      if (imageId !== undefined && tenantId !== undefined)
        throw new CommandError('Unable to filter members by both --image-id and --tenant-id.');
      const columns = ['Image ID', 'Member ID', 'Can Share'];
      const share = (can: unknown): string => (can ? 'True' : '');
      if (imageId !== undefined) {
        const { members } = await api.session.call<{ members: { member_id: string; can_share: boolean }[] }>({
          method: 'GET',
          path: path(imageId),
        });
        return api.printList(
          columns,
          members.map((one) => [imageId, one.member_id, share(one.can_share)]),
        );
      }
      if (tenantId === undefined)
        throw new CommandError('Unable to list all members. Specify --image-id or --tenant-id');
      const { shared_images: images } = await api.session.call<{
        shared_images: { image_id: string; can_share: boolean }[];
      }>({ method: 'GET', path: `/shared-images/${encodeURIComponent(tenantId)}` });
      api.printList(
        columns,
        images.map((one) => [one.image_id, tenantId, share(one.can_share)]),
      );
    },
  },
  {
    name: 'member-create',
    summary: 'Share a specific image with a tenant.',
    arguments: [image, tenant, { name: '--can-share', help: 'Allow the specified tenant to share this image.' }],
    async run(api, given) {
      const id = await api.find(given.one('IMAGE'));
      await api.session.headers({
        method: 'PUT',
        path: path(id, given.one('TENANT_ID')),
        json: { member: { can_share: given.has('can-share') } },
      });
    },
  },
  {
    name: 'member-delete',
    summary: 'Remove a shared image from a tenant.',
    arguments: [image, tenant],
    async run(api, given) {
      const id = await api.find(given.one('IMAGE'));
      await api.session.headers({ method: 'DELETE', path: path(id, given.one('TENANT_ID')) });
    },
  },
];
