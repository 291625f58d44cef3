import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import type { GlanceApi } from './api.ts';

const imageId: Argument = { name: 'image_id', help: 'ID of image.' };
const memberId: Argument = { name: 'member_id', help: 'ID of member (typically tenant).' };
const canShare: Argument = { name: '--can-share', help: 'Allow member to further share image.' };
const word = encodeURIComponent;

interface Member {
  readonly member_id: string;
  readonly image_id: string;
  readonly can_share: boolean;
}

/** Names with a star for those that may share, and what the star means. */
function print(api: GlanceApi, members: readonly Member[], key: 'member_id' | 'image_id'): void {
  for (const one of members) api.shell.out(`${one[key]}${one.can_share ? ' *' : ''}\n`);
  if (members.some((one) => one.can_share)) api.shell.out('\n(*: Can share image)\n');
}

const membersOf = async (api: GlanceApi, image: string): Promise<readonly Member[]> =>
  (await api.session.call<{ members: Member[] }>({ method: 'GET', path: `/images/${word(image)}/members` })).members;

const share = async (api: GlanceApi, image: string, member: string, can_share: boolean): Promise<void> => {
  await api.session.headers({
    method: 'PUT',
    path: `/images/${word(image)}/members/${word(member)}`,
    json: { member: { can_share } },
  });
};

/** Commands of older releases on members. */
export const olderMemberCommands: readonly Command<GlanceApi>[] = [
  {
    name: 'image-members',
    summary: 'DEPRECATED! Use member-list instead.',
    arguments: [imageId],
    async run(api, given) {
      print(api, await membersOf(api, given.one('image_id')), 'member_id');
    },
  },
  {
    name: 'member-images',
    summary: 'DEPRECATED! Use member-list instead.',
    arguments: [canShare, memberId],
    async run(api, given) {
      const member = given.one('member_id');
      const { shared_images: images } = await api.session.call<{ shared_images: Member[] }>({
        method: 'GET',
        path: `/shared-images/${word(member)}`,
      });
      if (images.length === 0) return api.shell.out(`No images shared with member ${member}\n`);
      print(api, images, 'image_id');
    },
  },
  {
    name: 'members-replace',
    summary: 'DEPRECATED! Makes one member the only one.',
    arguments: [canShare, imageId, memberId],
    async run(api, given) {
      const [image, member] = [given.one('image_id'), given.one('member_id')];
      if (api.dryRun)
        return api.shell.out(
          `Dry run. We would have done the following:\nReplace members of image ${image} with "${member}"\n${given.has('can-share') ? 'New member would have been able to further share image.\n' : ''}`,
        );
      for (const one of await membersOf(api, image))
        await api.session.headers({
          method: 'DELETE',
          path: `/images/${word(image)}/members/${word(one.member_id)}`,
        });
      await share(api, image, member, given.has('can-share'));
    },
  },
  {
    name: 'member-add',
    summary: 'DEPRECATED! Use member-create instead.',
    arguments: [canShare, imageId, memberId],
    async run(api, given) {
      const [image, member] = [given.one('image_id'), given.one('member_id')];
      if (api.dryRun)
        return api.shell.out(
          `Dry run. We would have done the following:\nAdd "${member}" to membership of image ${image}\n`,
        );
      await share(api, image, member, given.has('can-share'));
    },
  },
];
