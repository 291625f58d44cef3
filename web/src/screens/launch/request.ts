import type { NewServerBody, NewServerDisk, NewServerNetwork } from '#api/compute/launch.ts';
import type { Flavor } from '#api/compute/flavors.ts';
import type { SecurityGroup } from '#api/network/networks.ts';
import type { Choices } from './choices.ts';
import type { LaunchForm, NetworkChoice } from './form.ts';
import { encodeUserData } from './user-data.ts';

/** The volume from which it boots; null: from an image on the flavor's disk. */
export function bootDisk(form: LaunchForm, choices: Choices): NewServerDisk | null {
  const common = {
    boot_index: 0,
    destination_type: 'volume',
    delete_on_termination: form.deleteVolume,
  } as const;
  const made = {
    ...(choices.volumeSize !== null && { volume_size: choices.volumeSize }),
    ...(form.volumeType !== null && { volume_type: form.volumeType }),
  };
  if (form.source === 'volume') return { ...common, source_type: 'volume', uuid: choices.volume?.id ?? '' };
  if (form.source === 'snapshot')
    return { ...common, ...made, source_type: 'snapshot', uuid: choices.snapshot?.id ?? '' };
  if (form.source === 'newVolume') return { ...common, ...made, source_type: 'image', uuid: choices.image?.id ?? '' };
  return null;
}

const networkOf = (choice: NetworkChoice): NewServerNetwork =>
  choice.kind === 'port'
    ? { port: choice.id }
    : { uuid: choice.id, ...(choice.fixedIp.trim() !== '' && { fixed_ip: choice.fixedIp.trim() }) };

/** Nova takes names, and ids where a name is not unique. */
export const groupReference = (group: SecurityGroup, all: readonly SecurityGroup[]): string =>
  all.filter(({ name }) => name === group.name).length > 1 ? group.id : group.name;

/** The call that a launch makes. */
export function launchBody(form: LaunchForm, choices: Choices, flavor: Flavor | null): NewServerBody {
  const disk = bootDisk(form, choices);
  const metadata = form.metadata.filter(({ key }) => key !== '');
  // Ports that are there keep their own groups.
  const newPorts = choices.networks.some(({ kind }) => kind === 'network');
  return {
    server: {
      name: form.name.trim(),
      ...(form.description.trim() !== '' && { description: form.description.trim() }),
      flavorRef: flavor?.id ?? '',
      ...(disk ? { block_device_mapping_v2: [disk] } : { imageRef: choices.image?.id ?? '' }),
      networks: choices.networks.length === 0 ? 'none' : choices.networks.map(networkOf),
      ...(newPorts &&
        choices.securityGroups.length > 0 && {
          security_groups: choices.securityGroups.map((group) => ({
            name: groupReference(group, choices.securityGroups),
          })),
        }),
      ...(choices.keyName !== '' && { key_name: choices.keyName }),
      ...(form.userData !== '' && { user_data: encodeUserData(form.userData) }),
      ...(form.configDrive && { config_drive: true as const }),
      ...(form.zone !== '' && { availability_zone: form.zone }),
      ...(metadata.length > 0 && {
        metadata: Object.fromEntries(metadata.map(({ key, value }) => [key, value])),
      }),
      ...(form.tags.length > 0 && { tags: form.tags }),
      ...(form.count > 1 && { min_count: form.count, max_count: form.count, return_reservation_id: true as const }),
    },
    ...(form.groupId !== null && { 'os:scheduler_hints': { group: form.groupId } }),
  };
}
