import { readFile } from 'node:fs/promises';
import type { Argument, Given } from '../base/arguments.ts';
import { CommandError } from '../base/errors.ts';
import { kinds, pairs, type Item, type NovaApi } from './api.ts';
import { pollServer } from './poll.ts';
import { printServer } from './server-view.ts';

export const bootArguments: readonly Argument[] = [
  { name: '--flavor', value: '<flavor>', help: "Name or ID of flavor (see 'nova flavor-list')." },
  { name: '--image', value: '<image>', help: "Name or ID of image (see 'nova image-list')." },
  {
    name: '--image-with',
    value: '<key=value>',
    repeat: true,
    help: 'Image metadata property; the first image that has it is used.',
  },
  { name: '--boot-volume', value: '<volume_id>', help: 'Volume ID to boot from.' },
  { name: '--snapshot', value: '<snapshot_id>', help: 'Snapshot ID to boot from (will create a volume).' },
  {
    name: '--num-instances',
    value: '<number>',
    type: 'int',
    help: 'Boot multiple servers at a time (limited by quota).',
  },
  { name: '--min-count', value: '<number>', type: 'int', hidden: true },
  { name: '--max-count', value: '<number>', type: 'int', hidden: true },
  {
    name: '--meta',
    value: '<key=value>',
    repeat: true,
    help: 'Record arbitrary key/value metadata to /meta_data.js on the new server.',
  },
  {
    name: '--file',
    value: '<dst-path=src-path>',
    repeat: true,
    help: 'Store a local file in the new server. You may store up to 5 files.',
  },
  {
    name: '--key-name',
    value: '<key-name>',
    help: "Key name of keypair created earlier with the command 'nova keypair-add'.",
  },
  { name: '<name>', help: 'Name for the new server.' },
  { name: '--user-data', value: '<user-data>', help: 'User data file to pass to be exposed by the metadata server.' },
  { name: '--availability-zone', value: '<availability-zone>', help: 'The availability zone for server placement.' },
  { name: '--security-groups', value: '<security-groups>', help: 'Comma separated list of security group names.' },
  {
    name: '--block-device-mapping',
    value: '<dev-name=mapping>',
    repeat: true,
    help: 'Block device mapping in the format <dev-name>=<id>:<type>:<size(GB)>:<delete-on-terminate>.',
  },
  {
    name: '--block-device',
    value: 'key1=value1[,key2=value2...]',
    repeat: true,
    help: 'Block device with keys id, source (image, snapshot, volume, blank), dest (volume, local), bus, device, size, format, bootindex, type, shutdown (remove, preserve).',
  },
  { name: '--swap', value: '<swap_size>', help: 'Create and attach a local swap block device of <swap_size> MB.' },
  {
    name: '--ephemeral',
    value: 'size=<size>[,format=<format>]',
    repeat: true,
    help: 'Create and attach a local ephemeral block device of <size> GB and format it to <format>.',
  },
  {
    name: '--hint',
    value: '<key=value>',
    repeat: true,
    help: 'Send arbitrary key/value pairs to the scheduler for custom use.',
  },
  {
    name: '--nic',
    value: '<net-id=net-uuid,v4-fixed-ip=ip-addr,port-id=port-uuid>',
    repeat: true,
    help: 'Create a NIC on the server. Specify option multiple times to create multiple NICs.',
  },
  { name: '--config-drive', value: '<value>', help: 'Enable config drive.' },
  { name: '--poll', help: 'Blocks while server builds so progress can be reported.' },
  { name: '--admin-pass', value: '<value>', hidden: true },
];

/** `a=1,b=2` */
function commaPairs(text: string, option: string): Record<string, string> {
  return pairs(text.split(','), option);
}

function networkOf(text: string): Record<string, string> {
  const invalid = new CommandError(
    `Invalid nic argument '${text}'. Nic arguments must be of the form --nic <net-id=net-uuid,v4-fixed-ip=ip-addr,port-id=port-uuid>, with at minimum net-id or port-id specified.`,
  );
  if (!text.split(',').every((pair) => pair.includes('='))) throw invalid;
  const words = commaPairs(text, '--nic');
  const known: Readonly<Record<string, string>> = {
    'net-id': 'uuid',
    'port-id': 'port',
    'v4-fixed-ip': 'fixed_ip',
    'v6-fixed-ip': 'fixed_ip',
  };
  const network: Record<string, string> = {};
  for (const [key, value] of Object.entries(words)) {
    const name = known[key];
    if (name === undefined) throw invalid;
    if (value !== '') network[name] = value;
  }
  if (network['uuid'] === undefined && network['port'] === undefined) throw invalid;
  return network;
}

function mappingOf(text: string): Record<string, unknown> {
  const equals = text.indexOf('=');
  const [id = '', type = '', size = '', remove = ''] = text.slice(equals + 1).split(':');
  return {
    device_name: text.slice(0, equals),
    ...(type === 'snap' ? { snapshot_id: id } : { volume_id: id }),
    ...(size !== '' && { volume_size: size }),
    ...(remove !== '' && { delete_on_termination: remove }),
  };
}

const deviceKeys: Readonly<Record<string, string>> = {
  id: 'uuid',
  source: 'source_type',
  dest: 'destination_type',
  bus: 'disk_bus',
  device: 'device_name',
  size: 'volume_size',
  format: 'guest_format',
  bootindex: 'boot_index',
  type: 'device_type',
};

function deviceOf(text: string): Record<string, unknown> {
  const device: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(commaPairs(text, '--block-device')))
    if (key === 'shutdown') device['delete_on_termination'] = value === 'remove';
    else device[deviceKeys[key] ?? key] = value;
  // What is local goes with the server, unless something else is said.
  if (device['destination_type'] === 'local') device['delete_on_termination'] ??= true;
  return device;
}

/** Hints that are given several times are lists. @throws CommandError */
function hintsOf(words: readonly string[]): Record<string, string | string[]> {
  const hints: Record<string, string | string[]> = {};
  for (const text of words) {
    const [[key, value] = ['', '']] = Object.entries(pairs([text], '--hint'));
    const before = hints[key];
    hints[key] = before === undefined ? value : [before, value].flat();
  }
  return hints;
}

/** Block devices of the newer form, which the service takes under another name. */
function blockDevices(given: Given, imageId: string | undefined): Record<string, unknown>[] {
  const devices = given.all('block-device').map(deviceOf);
  const volume = (uuid: string, source_type: string): Record<string, unknown> => ({
    uuid,
    source_type,
    destination_type: 'volume',
    boot_index: 0,
    delete_on_termination: false,
  });
  const [bootVolume, snapshot, swap] = [given.text('boot-volume'), given.text('snapshot'), given.text('swap')];
  if (bootVolume !== undefined) devices.unshift(volume(bootVolume, 'volume'));
  if (snapshot !== undefined) devices.unshift(volume(snapshot, 'snapshot'));
  const local = { source_type: 'blank', destination_type: 'local', boot_index: -1, delete_on_termination: true };
  for (const text of given.all('ephemeral')) {
    const { size, format } = commaPairs(text, '--ephemeral');
    devices.push({ ...local, volume_size: size, ...(format !== undefined && { guest_format: format }) });
  }
  if (swap !== undefined) devices.push({ ...local, guest_format: 'swap', volume_size: swap });
  if (devices.length > 0 && imageId !== undefined && bootVolume === undefined && snapshot === undefined)
    devices.unshift({
      uuid: imageId,
      source_type: 'image',
      destination_type: 'local',
      boot_index: 0,
      delete_on_termination: true,
    });
  return devices;
}

async function base64Of(path: string): Promise<string> {
  try {
    return (await readFile(path)).toString('base64');
  } catch (cause) {
    throw new CommandError(`Can't open '${path}': ${(cause as Error).message}`, { cause });
  }
}

/** The image by name or id, or the first that has all the wanted metadata. */
async function imageOf(api: NovaApi, given: Given): Promise<string | undefined> {
  const name = given.text('image');
  if (name !== undefined) return (await api.find(kinds.image, name)).id;
  const wanted = Object.entries(pairs(given.all('image-with'), '--image-with'));
  if (wanted.length === 0) return undefined;
  const { images } = await api.call<{ images: (Item & { metadata?: Record<string, string> })[] }>(
    'GET',
    '/images/detail',
  );
  const found = images.find(({ metadata = {} }) => wanted.every(([key, value]) => metadata[key] === value));
  if (!found) throw new CommandError('No image has all the properties of --image-with.');
  return found.id;
}

/** Boots a server, and prints it as it was accepted. @throws CommandError for what makes no sense */
export async function boot(api: NovaApi, given: Given): Promise<void> {
  const flavorName = given.text('flavor');
  if (flavorName === undefined) throw new CommandError('you need to specify a Flavor ID ');
  const imageId = await imageOf(api, given);
  const flavor = await api.find(kinds.flavor, flavorName);
  const devices = blockDevices(given, imageId);
  const mappings = given.all('block-device-mapping').map(mappingOf);
  const sources = [imageId, given.text('boot-volume'), given.text('snapshot')].filter(
    (one) => one !== undefined,
  ).length;
  if (sources > 1 || (sources === 0 && devices.length + mappings.length === 0))
    throw new CommandError(
      'you need to specify at least one source ID (Image, Snapshot, or Volume), a block device mapping or provide a set of properties to match against an image',
    );
  if (mappings.length > 0 && devices.length > 0)
    throw new CommandError(
      "you can't mix old block devices (--block-device-mapping) with the new ones (--block-device, --boot-volume, --snapshot, --ephemeral, --swap)",
    );
  const count = given.integer('num-instances');
  if (count !== undefined && count <= 1) throw new CommandError('num_instances should be > 1');
  const [least, most] = [given.integer('min-count') ?? 1, given.integer('max-count') ?? count ?? 1];
  if (least < 1 || most < 1) throw new CommandError('min_instances nor max_instances should be 0');
  const [userData, zone, key, groups, drive, password] = [
    'user-data',
    'availability-zone',
    'key-name',
    'security-groups',
    'config-drive',
    'admin-pass',
  ].map((name) => given.text(name));
  const personality = await Promise.all(
    Object.entries(pairs(given.all('file'), '--file')).map(async ([path, source]) => ({
      path,
      contents: await base64Of(source),
    })),
  );
  const hints = hintsOf(given.all('hint'));
  const body = {
    server: {
      name: given.one('name'),
      imageRef: imageId ?? '',
      flavorRef: flavor.id,
      min_count: least,
      max_count: Math.max(most, least),
      ...(key !== undefined && { key_name: key }),
      ...(given.has('meta') && { metadata: pairs(given.all('meta'), '--meta') }),
      ...(personality.length > 0 && { personality }),
      ...(userData !== undefined && { user_data: await base64Of(userData) }),
      ...(zone !== undefined && { availability_zone: zone }),
      ...(groups !== undefined && { security_groups: groups.split(',').map((name) => ({ name })) }),
      ...(given.has('nic') && { networks: given.all('nic').map(networkOf) }),
      ...(drive !== undefined &&
        !/^(false|0|none|)$/i.test(drive) && { config_drive: /^(true|1)$/i.test(drive) ? true : drive }),
      ...(password !== undefined && { adminPass: password }),
      ...(mappings.length > 0 && { block_device_mapping: mappings }),
      ...(devices.length > 0 && { block_device_mapping_v2: devices }),
    },
    ...(Object.keys(hints).length > 0 && { 'os:scheduler_hints': hints }),
  };
  const path = devices.length + mappings.length > 0 ? '/os-volumes_boot' : '/servers';
  const { server: made } = await api.call<{ server: Item }>('POST', path, body);
  const { server: now } = await api.call<{ server: Item }>('GET', `/servers/${made.id}`);
  await printServer(api, asAccepted(now, made, body.server.security_groups));
  if (given.has('poll')) await pollServer(api, made.id, 'building', ['active']);
}

/**
 * The server as it was accepted. The request for its details comes later, and how far it is by then depends on who was
 * faster; what is printed must not. An error that is there already is shown.
 */
function asAccepted(now: Item, made: Item, groups: unknown): Item {
  const { adminPass } = made;
  const server = {
    ...now,
    security_groups: now['security_groups'] ?? made['security_groups'] ?? groups ?? [{ name: 'default' }],
    ...(adminPass !== undefined && { adminPass }),
  };
  if (now['status'] === 'ERROR') return server;
  const first: Record<string, unknown> = {
    'OS-EXT-SRV-ATTR:host': null,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': null,
    'OS-EXT-STS:power_state': 0,
    'OS-EXT-STS:task_state': 'scheduling',
    'OS-EXT-STS:vm_state': 'building',
    'OS-SRV-USG:launched_at': null,
    addresses: {},
    hostId: '',
    progress: 0,
    status: 'BUILD',
    updated: now['created'],
  };
  return { ...server, ...Object.fromEntries(Object.entries(first).filter(([name]) => name in now)) };
}
