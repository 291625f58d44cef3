import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import type { GlanceApi } from './api.ts';
import { imageOf } from './images-v2.ts';

interface Member {
  readonly image_id: string;
  readonly member_id: string;
  readonly status: string;
}

const image = (help: string): Argument => ({ name: '<IMAGE_ID>', help });
const member = (help: string): Argument => ({ name: '<MEMBER_ID>', help });
const tag: Argument = { name: '<TAG_VALUE>', help: 'Value of the tag.' };
const word = encodeURIComponent;
const membersPath = (imageId: string, memberId?: string): string =>
  `/images/${word(imageId)}/members${memberId === undefined ? '' : `/${word(memberId)}`}`;

const print = (api: GlanceApi, members: readonly Member[]): void =>
  api.printList(
    ['Image ID', 'Member ID', 'Status'],
    members.map((one) => [one.image_id, one.member_id, one.status]),
  );

/** Commands on the tags and members of images in version 2. */
export const memberCommands: readonly Command<GlanceApi>[] = [
  {
    name: 'image-tag-update',
    summary: 'Update an image with the given tag.',
    arguments: [image('Image to be updated with the given tag.'), tag],
    async run(api, given) {
      const imageId = given.one('IMAGE_ID');
      await api.session.headers({
        method: 'PUT',
        path: `/images/${word(imageId)}/tags/${word(given.one('TAG_VALUE'))}`,
      });
      const { id, tags } = await imageOf(api, imageId);
      api.printList(['ID', 'Tags'], [[id, tags]]);
    },
  },
  {
    name: 'image-tag-delete',
    summary: 'Delete the tag associated with the given image.',
    arguments: [image('Image whose tag is to be deleted.'), tag],
    async run(api, given) {
      const path = `/images/${word(given.one('IMAGE_ID'))}/tags/${word(given.one('TAG_VALUE'))}`;
      await api.session.headers({ method: 'DELETE', path });
    },
  },
  {
    name: 'member-list',
    summary: 'Describe sharing permissions by image.',
    arguments: [{ name: '--image-id', value: '<IMAGE_ID>', required: true, help: 'Image to display members of.' }],
    async run(api, given) {
      const path = membersPath(given.one('image-id'));
      print(api, (await api.session.call<{ members: Member[] }>({ method: 'GET', path })).members);
    },
  },
  {
    name: 'member-create',
    summary: 'Create member for a given image.',
    arguments: [image('Image on which to create member.'), member('Tenant to add as member.')],
    async run(api, given) {
      const json = { member: given.one('MEMBER_ID') };
      const path = membersPath(given.one('IMAGE_ID'));
      print(api, [await api.session.call<Member>({ method: 'POST', path, json })]);
    },
  },
  {
    name: 'member-update',
    summary: 'Update the status of a member for a given image.',
    arguments: [
      image('Image from which to update member.'),
      member('Tenant to update.'),
      { name: '<MEMBER_STATUS>', help: 'Updated status of member.' },
    ],
    async run(api, given) {
      const json = { status: given.one('MEMBER_STATUS') };
      const path = membersPath(given.one('IMAGE_ID'), given.one('MEMBER_ID'));
      print(api, [await api.session.call<Member>({ method: 'PUT', path, json })]);
    },
  },
  {
    name: 'member-delete',
    summary: 'Delete image member.',
    arguments: [image('Image from which to remove member.'), member('Tenant to remove as member.')],
    async run(api, given) {
      const path = membersPath(given.one('IMAGE_ID'), given.one('MEMBER_ID'));
      await api.session.headers({ method: 'DELETE', path });
    },
  },
];
