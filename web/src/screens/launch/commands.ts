import type { Flavor } from '#api/compute/flavors.ts';
import { commandLine } from '../../ui/command-line.ts';
import type { Choices } from './choices.ts';
import type { LaunchForm } from './form.ts';
import { bootDisk, groupReference } from './request.ts';

const USER_DATA_FILE = 'user-data.txt';
const placeholder = (name: string): string => (name === '' ? 'NAME' : name);

/** Names where they are unambiguous, else ids: what a person would type. */
const nameIn = <T extends { readonly id: string; readonly name: string | null }>(
  item: T | null,
  all: readonly { readonly name: string | null }[] | undefined,
  nothing: string,
): string => {
  if (!item) return nothing;
  const unique = all?.filter(({ name }) => name === item.name).length === 1;
  return item.name !== null && item.name !== '' && unique ? item.name : item.id;
};

export interface Names {
  readonly images: readonly { readonly name: string | null }[] | undefined;
  readonly flavors: readonly { readonly name: string }[] | undefined;
}

/** The launch as python-openstackclient would do it. */
export function openstackCommand(form: LaunchForm, choices: Choices, flavor: Flavor | null, names: Names): string {
  const disk = bootDisk(form, choices);
  const block =
    disk &&
    [
      `uuid=${disk.uuid || 'ID'}`,
      `source_type=${disk.source_type}`,
      ...['destination_type=volume', 'boot_index=0'],
      disk.volume_size !== undefined && `volume_size=${disk.volume_size}`,
      disk.volume_type !== undefined && `volume_type=${disk.volume_type}`,
      `delete_on_termination=${disk.delete_on_termination}`,
    ]
      .filter((part) => part !== false)
      .join(',');
  return commandLine(
    'openstack server create',
    ['--flavor', nameIn(flavor, names.flavors, 'FLAVOR')],
    block === null ? ['--image', nameIn(choices.image, names.images, 'IMAGE')] : ['--block-device', block],
    ...(choices.networks.length === 0 ? [['--nic', 'none']] : []),
    ...choices.networks.map((one) => [
      '--nic',
      one.kind === 'port' ? `port-id=${one.id}` : `net-id=${one.id}${fixed(one.fixedIp)}`,
    ]),
    ...groupsOf(choices).map((group) => ['--security-group', group]),
    choices.keyName !== '' && ['--key-name', choices.keyName],
    form.userData !== '' && ['--user-data', USER_DATA_FILE],
    form.configDrive && ['--config-drive', 'True'],
    form.zone !== '' && ['--availability-zone', form.zone],
    form.groupId !== null && ['--hint', `group=${form.groupId}`],
    ...pairs(form).map((pair) => ['--property', pair]),
    ...form.tags.map((tag) => ['--tag', tag]),
    form.description.trim() !== '' && ['--description', form.description.trim()],
    form.count > 1 && ['--min', `${form.count}`, '--max', `${form.count}`],
    [placeholder(form.name.trim())],
  );
}

/** The launch as the manual's `nova boot` would do it. */
export function novaCommand(form: LaunchForm, choices: Choices, flavor: Flavor | null, names: Names): string {
  const disk = bootDisk(form, choices);
  const block =
    disk &&
    [
      `source=${disk.source_type}`,
      `id=${disk.uuid || 'ID'}`,
      'dest=volume',
      disk.volume_size !== undefined && `size=${disk.volume_size}`,
      'bootindex=0',
      `shutdown=${disk.delete_on_termination ? 'remove' : 'preserve'}`,
    ]
      .filter((part) => part !== false)
      .join(',');
  const groups = groupsOf(choices);
  return commandLine(
    'nova boot',
    ['--flavor', nameIn(flavor, names.flavors, 'FLAVOR')],
    block === null ? ['--image', nameIn(choices.image, names.images, 'IMAGE')] : ['--block-device', block],
    ...choices.networks.map((one) => [
      '--nic',
      one.kind === 'port' ? `port-id=${one.id}` : `net-id=${one.id}${fixed(one.fixedIp)}`,
    ]),
    groups.length > 0 && ['--security-groups', groups.join(',')],
    choices.keyName !== '' && ['--key-name', choices.keyName],
    form.userData !== '' && ['--user-data', USER_DATA_FILE],
    form.configDrive && ['--config-drive', 'true'],
    form.zone !== '' && ['--availability-zone', form.zone],
    form.groupId !== null && ['--hint', `group=${form.groupId}`],
    ...pairs(form).map((pair) => ['--meta', pair]),
    form.count > 1 && ['--num-instances', `${form.count}`],
    [placeholder(form.name.trim())],
  );
}

const fixed = (address: string): string => {
  const ip = address.trim();
  return ip === '' ? '' : `,${ip.includes(':') ? 'v6' : 'v4'}-fixed-ip=${ip}`;
};
const pairs = (form: LaunchForm): string[] =>
  form.metadata.filter(({ key }) => key !== '').map(({ key, value }) => `${key}=${value}`);
const groupsOf = ({ networks, securityGroups }: Choices): string[] =>
  networks.some(({ kind }) => kind === 'network')
    ? securityGroups.map((group) => groupReference(group, securityGroups))
    : [];
