import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import type { NovaApi } from './api.ts';

const server: Argument = { name: '<server>', help: 'Name or ID of server.' };
const attachments = async (api: NovaApi, name: string): Promise<string> =>
  `/servers/${await api.serverId(name)}/os-volume_attachments`;

interface Attachment {
  readonly id: string;
  readonly device: string;
  readonly serverId: string;
  readonly volumeId: string;
}

export const volumeCommands: readonly Command<NovaApi>[] = [
  {
    name: 'volume-attach',
    summary: 'Attach a volume to a server.',
    arguments: [
      server,
      { name: '<volume>', help: 'ID of the volume to attach.' },
      { name: '<device>', count: 'optional', help: 'Name of the device e.g. /dev/vdb. Use "auto" for autoassign.' },
    ],
    async run(api, given) {
      const device = given.text('device');
      const json = {
        volumeAttachment: {
          volumeId: given.one('volume'),
          device: device === undefined || device === 'auto' ? null : device,
        },
      };
      const path = await attachments(api, given.one('server'));
      const made = await api.call<{ volumeAttachment: Attachment }>('POST', path, json);
      api.printItem({ ...made.volumeAttachment });
    },
  },
  {
    name: 'volume-detach',
    summary: 'Detach a volume from a server.',
    arguments: [server, { name: '<volume>', help: 'Attachment ID of the volume.' }],
    async run(api, given) {
      const path = await attachments(api, given.one('server'));
      await api.call('DELETE', `${path}/${encodeURIComponent(given.one('volume'))}`);
    },
  },
  {
    name: 'volume-update',
    summary: 'Update volume attachment.',
    arguments: [
      server,
      { name: '<attachment>', help: 'Attachment ID of the volume.' },
      { name: '<volume>', help: 'ID of the volume to attach.' },
    ],
    async run(api, given) {
      const path = await attachments(api, given.one('server'));
      const json = { volumeAttachment: { volumeId: given.one('volume') } };
      const answer = await api.call<{ volumeAttachment?: Attachment }>(
        'PUT',
        `${path}/${encodeURIComponent(given.one('attachment'))}`,
        json,
      );
      if (answer.volumeAttachment) api.printItem({ ...answer.volumeAttachment });
    },
  },
  {
    name: 'volume-attachments',
    summary: 'List the volumes that are attached to a server.',
    arguments: [server],
    async run(api, given) {
      const path = await attachments(api, given.one('server'));
      const { volumeAttachments: list } = await api.call<{ volumeAttachments: Attachment[] }>('GET', path);
      api.printList(
        ['ID', 'DEVICE', 'SERVER ID', 'VOLUME ID'],
        list.map((one) => [one.id, one.device, one.serverId, one.volumeId]),
      );
    },
  },
];
