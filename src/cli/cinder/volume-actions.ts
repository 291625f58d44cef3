import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { parseBoolean } from '../base/python.ts';
import { kinds, type CinderApi, type Version } from './api.ts';

const volume = (help: string): Argument => ({ name: '<volume>', help });
const truths = ['True', 'true', 'False', 'false'];
const flag = (name: string, help: string): Argument => ({
  name,
  value: '<True|true|False|false>',
  choices: truths,
  help,
});

/** An action on a volume that is found by name or id. */
const onVolume = (
  name: string,
  summary: string,
  declared: readonly Argument[],
  action: string,
  argumentOf: (one: (argument: string) => string, text: (option: string) => string | undefined) => unknown,
): Command<CinderApi> => ({
  name,
  summary,
  arguments: declared,
  async run(api, given) {
    const id = await api.idOf(kinds.volume, given.one('volume'));
    await api.act(
      kinds.volume,
      id,
      action,
      argumentOf(
        (argument) => given.one(argument),
        (option) => given.text(option),
      ),
    );
  },
});

/** Actions on volumes. */
export const volumeActionCommands = (version: Version): readonly Command<CinderApi>[] => [
  onVolume(
    'extend',
    'Attempt to extend the size of an existing volume.',
    [
      volume('Name or ID of the volume to extend.'),
      { name: version === '1' ? '<new-size>' : '<new_size>', type: 'int', help: 'New size of volume in GB.' },
    ],
    'os-extend',
    (one) => ({ new_size: Number(one(version === '1' ? 'new-size' : 'new_size')) }),
  ),
  onVolume(
    'migrate',
    'Migrate the volume to the new host.',
    [
      volume('ID of the volume to migrate.'),
      { name: '<host>', help: 'Destination host.' },
      {
        name: '--force-host-copy',
        value: '<True|False>',
        choices: ['True', 'False'],
        help: 'Use the generic way of migrating through the host, without what drivers do better (Default=False).',
      },
    ],
    'os-migrate_volume',
    (one, text) => ({ host: one('host'), force_host_copy: text('force-host-copy') ?? false }),
  ),
  onVolume(
    'readonly-mode-update',
    'Update volume read-only access mode flag.',
    [
      volume('ID of the volume to update.'),
      {
        name: '<True|true|False|false>',
        choices: truths,
        help: 'Whether the volume is to be read-only.',
      },
    ],
    'os-update_readonly_flag',
    (one) => ({ readonly: parseBoolean(one('True|true|False|false')) }),
  ),
  onVolume(
    'set-bootable',
    'Update bootable status of a volume.',
    [
      volume('ID of the volume to update.'),
      { ...flag('<True|true|False|false>', 'Whether the volume can be booted from.') },
    ],
    'os-set_bootable',
    (one) => ({ bootable: parseBoolean(one('True|true|False|false')) }),
  ),
  {
    name: 'upload-to-image',
    summary: 'Upload volume to image service as image.',
    arguments: [
      volume('Name or ID of the volume to upload to an image.'),
      {
        name: '--force',
        value: '<True|False>',
        help: "Upload the volume even if it's attached to an instance (Default=False).",
      },
      {
        name: '--container-format',
        value: '<container-format>',
        help: 'Container format of the image (Default=bare).',
      },
      { name: '--disk-format', value: '<disk-format>', help: 'Disk format of the image (Default=raw).' },
      { name: '<image-name>', help: 'Name for created image.' },
    ],
    async run(api, given) {
      const id = await api.idOf(kinds.volume, given.one('volume'));
      const answer = await api.act<Record<string, Record<string, unknown>>>(
        kinds.volume,
        id,
        'os-volume_upload_image',
        {
          force: given.text('force') ?? false,
          image_name: given.one('image-name'),
          container_format: given.text('container-format') ?? 'bare',
          disk_format: given.text('disk-format') ?? 'raw',
        },
      );
      api.printItem(answer['os-volume_upload_image'] ?? {});
    },
  },
  ...(version === '2'
    ? [
        onVolume(
          'retype',
          "Change the volume's type.",
          [
            volume('Name or ID of the volume to retype.'),
            { name: '<volume-type>', help: 'New volume type.' },
            {
              name: '--migration-policy',
              value: '<never|on-demand>',
              choices: ['never', 'on-demand'],
              help: 'Whether the volume may be migrated for it.',
            },
          ],
          'os-retype',
          (one, text) => ({ new_type: one('volume-type'), migration_policy: text('migration-policy') ?? 'never' }),
        ),
      ]
    : []),
];
