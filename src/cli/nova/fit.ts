import type { Command } from '../base/command.ts';
import { kinds, type NovaApi } from './api.ts';

interface Fit {
  readonly flavor_id: string;
  readonly fits: boolean;
  readonly hosts: number;
  readonly reasons: readonly { readonly message: string }[];
}

const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

export const fitCommands: readonly Command<NovaApi>[] = [
  {
    name: 'fit',
    summary: 'Show which flavors would fit now, and why others would not (an addition of Igloo).',
    arguments: [
      { name: '--flavor', value: '<flavor>', repeat: true, help: 'Name or ID of a flavor (default: all).' },
      { name: '--image', value: '<image>', help: 'Name or ID of the image to boot from.' },
      { name: '--count', value: '<number>', type: 'int', help: 'Number of servers (default: 1).' },
      { name: '--availability-zone', value: '<availability-zone>', help: 'The availability zone for the servers.' },
      {
        name: '--volume-size',
        value: '<GB>',
        type: 'int',
        help: 'Boot from a new volume of this size; 0 from a volume that is there.',
      },
    ],
    async run(api, given) {
      const flavors = await Promise.all(given.all('flavor').map((name) => api.find(kinds.flavor, name)));
      const image = given.text('image');
      const wish = {
        ...(flavors.length > 0 && { flavors: flavors.map((flavor) => flavor.id) }),
        ...(image !== undefined && { image: (await api.find(kinds.image, image)).id }),
        count: number(given.text('count')),
        availability_zone: given.text('availability-zone'),
        volume_size: number(given.text('volume-size')),
      };
      const { fits } = await api.call<{ fits: Fit[] }>('POST', '/os-server-fit', { server_fit: wish });
      const listed = await api.call<{ flavors: { id: string; name: string }[] }>('GET', '/flavors?is_public=None');
      const names = new Map(listed.flavors.map(({ id, name }) => [id, name]));
      api.printList(
        ['Flavor', 'Fits', 'Hosts', 'Why not'],
        fits.map((fit) => [
          names.get(fit.flavor_id) ?? fit.flavor_id,
          fit.fits ? 'yes' : 'no',
          fit.hosts,
          fit.reasons.map((reason) => reason.message).join(' '),
        ]),
      );
    },
  },
];
