import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { HttpError } from '../base/errors.ts';
import { kinds, word, type CinderApi, type Item } from './api.ts';

type Encryption = Readonly<Record<string, unknown>>;

const type: Argument = { name: '<volume_type>', help: 'Name or ID of the volume type.' };
const columns = ['Volume Type ID', 'Provider', 'Cipher', 'Key Size', 'Control Location'];

/** The encryption of a type; undefined for one that has none. */
async function encryptionOf(api: CinderApi, typeId: string): Promise<Encryption | undefined> {
  try {
    const found = await api.call<Encryption>('GET', `/types/${word(typeId)}/encryption`);
    return found['volume_type_id'] === undefined ? undefined : found;
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return undefined;
    throw error;
  }
}

export const encryptionTypeCommands: readonly Command<CinderApi>[] = [
  {
    name: 'encryption-type-list',
    summary: 'List encryption type information for all volume types (Admin Only).',
    arguments: [],
    async run(api) {
      const { volume_types: types } = await api.call<{ volume_types: Item[] }>('GET', '/types');
      const found = await Promise.all(types.map(({ id }) => encryptionOf(api, id)));
      api.printItems(
        columns,
        found.filter((one) => one !== undefined),
      );
    },
  },
  {
    name: 'encryption-type-show',
    summary: 'Show the encryption type information for a volume type (Admin Only).',
    arguments: [type],
    async run(api, given) {
      const found = await encryptionOf(api, await api.idOf(kinds.type, given.one('volume_type')));
      api.printItems(columns, found ? [found] : []);
    },
  },
  {
    name: 'encryption-type-create',
    summary: 'Create a new encryption type for a volume type (Admin Only).',
    arguments: [
      type,
      { name: '<provider>', help: 'Class that encrypts, e.g. LuksEncryptor.' },
      { name: '--cipher', value: '<cipher>', help: 'Encryption algorithm and mode, e.g. aes-xts-plain64.' },
      {
        name: '--key_size',
        value: '<key_size>',
        type: 'int',
        help: 'Size of the encryption key in bits, e.g. 128 or 256.',
      },
      {
        name: '--control_location',
        value: '<control_location>',
        choices: ['front-end', 'back-end'],
        help: "Where encryption is performed: 'front-end' (by Nova) or 'back-end'.",
      },
    ],
    async run(api, given) {
      const id = await api.idOf(kinds.type, given.one('volume_type'));
      const body = {
        encryption: {
          provider: given.one('provider'),
          cipher: given.text('cipher') ?? null,
          key_size: given.integer('key_size') ?? null,
          control_location: given.text('control_location') ?? null,
        },
      };
      const made = await api.call<{ encryption: Encryption }>('POST', `/types/${word(id)}/encryption`, body);
      api.printItems(columns, [made.encryption]);
    },
  },
  {
    name: 'encryption-type-delete',
    summary: 'Delete the encryption type for a volume type (Admin Only).',
    arguments: [type],
    async run(api, given) {
      await api.call('DELETE', `/types/${await api.idOf(kinds.type, given.one('volume_type'))}/encryption/provider`);
    },
  },
];
