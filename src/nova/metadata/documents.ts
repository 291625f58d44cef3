import { createHash } from 'node:crypto';
import type { PortInfo, Server } from '../servers/model.ts';
import { withoutFolder } from '../volumes/device-names.ts';
import { layOut } from '../volumes/layout.ts';
import type { BlockDevice } from '../volumes/model.ts';

/** What guests are told of themselves, and where that comes from. */
export interface MetadataSource {
  readonly server: Server;
  /** Its disks that have rows: volumes among them. */
  readonly devices: readonly BlockDevice[];
  /** Availability zone of its host. */
  readonly zone: string;
  /** `dhcp_domain` */
  readonly domain: string;
  /** Set only for a config drive. */
  readonly adminPassword: string | null;
  /** Kind of the key pair; null when there is none. */
  readonly keyType: 'ssh' | 'x509' | null;
}

/** Dates of the OpenStack metadata format that we serve; all hold the newest content, as unknown keys do no harm. */
export const openstackVersions = [
  '2012-08-10',
  '2013-04-04',
  '2013-10-17',
  '2015-10-15',
  '2016-06-30',
  '2016-10-06',
  '2017-02-22',
  '2018-08-27',
  '2020-10-14',
  'latest',
] as const;

const hostnameOf = ({ server, domain }: MetadataSource): string =>
  domain === '' ? server.hostname : `${server.hostname}.${domain}`;

/** `meta_data.json` */
export function metaDataJson(source: MetadataSource): Record<string, unknown> {
  const { server, zone, adminPassword, keyType } = source;
  const key = server.keyName !== null && server.keyData !== null && keyType !== null;
  return {
    uuid: server.id,
    name: server.name,
    hostname: hostnameOf(source),
    launch_index: server.launchIndex,
    availability_zone: zone,
    project_id: server.projectId,
    // The same at every request: a guest that asks twice must not believe that it is another one.
    random_seed: createHash('sha512').update(`${server.id}${server.createdAt}`).digest('base64'),
    devices: taggedDevices(source),
    ...(Object.keys(server.metadata).length > 0 && { meta: server.metadata }),
    ...(key &&
      keyType === 'ssh' && {
        public_keys: { [server.keyName]: server.keyData },
      }),
    ...(key && { keys: [{ name: server.keyName, type: keyType, data: server.keyData }] }),
    ...(server.personality.length > 0 && {
      files: server.personality.map(({ path }, index) => ({ path, content_path: contentPath(index) })),
    }),
    ...(adminPassword !== null && { admin_pass: adminPassword }),
  };
}

/** What was given a tag, so that a guest can tell its devices apart. Where they are on its buses only the guest knows. */
function taggedDevices({ server, devices }: MetadataSource): Record<string, unknown>[] {
  const place = { bus: 'none', address: 'none' };
  return [
    ...server.ports.flatMap(({ tag, mac }) => (tag === null ? [] : [{ type: 'nic', ...place, mac, tags: [tag] }])),
    ...devices.flatMap(({ tag, volumeId, deviceName }) =>
      tag === null
        ? []
        : [{ type: 'disk', ...place, ...(volumeId !== null && { serial: volumeId }), path: deviceName, tags: [tag] }],
    ),
  ];
}

/** `/content/0000` */
export const contentPath = (index: number): string => `/content/${String(index).padStart(4, '0')}`;

/** `network_data.json` */
export function networkDataJson(ports: readonly PortInfo[]): Record<string, unknown> {
  const links: unknown[] = [];
  const networks: unknown[] = [];
  const dns = new Set<string>();
  for (const port of ports) {
    const id = `tap${port.portId.slice(0, 11)}`;
    links.push({
      id,
      vif_id: port.portId,
      type: port.vif.type === 'unbound' ? 'phy' : port.vif.type,
      mtu: port.mtu,
      ethernet_mac_address: port.mac,
    });
    for (const address of port.addresses) {
      const subnet = port.subnets.find((one) => one.id === address.subnetId);
      if (!subnet) continue;
      for (const server of subnet.dns) dns.add(server);
      const base = { id: `network${networks.length}`, link: id, network_id: port.networkId };
      if (subnet.dhcp && subnet.version === 4) {
        networks.push({ ...base, type: 'ipv4_dhcp' });
        continue;
      }
      const everything = subnet.version === 4 ? ['0.0.0.0', '0.0.0.0'] : ['::', '::'];
      networks.push({
        ...base,
        type: `ipv${subnet.version}`,
        ip_address: address.address,
        netmask: netmask(subnet.cidr, subnet.version),
        routes: [
          ...(subnet.gateway === null
            ? []
            : [{ network: everything[0], netmask: everything[1], gateway: subnet.gateway }]),
          ...subnet.routes.map(({ destination, nexthop }) => ({
            network: destination.split('/')[0],
            netmask: netmask(destination, subnet.version),
            gateway: nexthop,
          })),
        ],
        services: subnet.dns.map((address) => ({ type: 'dns', address })),
      });
    }
  }
  return { links, networks, services: [...dns].map((address) => ({ type: 'dns', address })) };
}

/** `255.255.255.0` of `10.0.0.0/24`. */
function netmask(cidr: string, version: 4 | 6): string {
  const prefix = Number(cidr.split('/')[1]);
  const [bits, group] = version === 4 ? [32, 8] : [128, 16];
  const parts = Array.from({ length: bits / group }, (_all, index) => {
    const set = Math.max(0, Math.min(group, prefix - index * group));
    return (2 ** group - 1) & ~(2 ** (group - set) - 1);
  });
  return version === 4 ? parts.join('.') : parts.map((part) => part.toString(16)).join(':');
}

/** User data as bytes, which may be anything: a script, gzip, MIME. */
export const userDataOf = (server: { readonly userData: string | null }): Buffer | null =>
  server.userData === null ? null : Buffer.from(server.userData, 'base64');

/** A tree of names as Amazon's metadata service shows it: texts, and folders of them. */
export interface Tree {
  readonly [name: string]: string | Tree;
}

/** `ami` and `root` are the disk to boot from; then `ephemeral0`, `swap`, and the volumes as `ebs0` … */
function blockDeviceMapping({ server, devices }: MetadataSource): Tree {
  const disks = layOut(server, devices);
  const root = server.rootDeviceName ?? disks[0]?.name ?? '/dev/vda';
  const names = (kind: 'ephemeral' | 'swap' | 'volume'): string[] =>
    disks.filter((one) => one.kind === kind && one.name !== root).map((one) => one.name);
  const numbered = (prefix: string, list: readonly string[]): Record<string, string> =>
    Object.fromEntries(list.map((name, index) => [`${prefix}${index}`, name]));
  const [swap] = names('swap');
  return {
    ami: withoutFolder(root),
    root,
    ...numbered('ephemeral', names('ephemeral')),
    ...(swap !== undefined && { swap }),
    ...numbered('ebs', names('volume')),
  };
}

/** `/2009-04-04/meta-data`: what EC2's guests look for, and cirros and cloud-init with them. */
export function ec2Tree(source: MetadataSource): Tree {
  const { server, zone } = source;
  const addresses = server.ports.flatMap((port) => port.addresses);
  const hostname = hostnameOf(source);
  const hex = (text: string): string => text.replaceAll('-', '').slice(0, 8);
  return {
    'ami-id': server.imageId === null ? 'None' : `ami-${hex(server.imageId)}`,
    'ami-launch-index': String(server.launchIndex),
    'ami-manifest-path': 'FIXME',
    'block-device-mapping': blockDeviceMapping(source),
    hostname,
    'instance-action': 'none',
    'instance-id': `i-${server.num.toString(16).padStart(8, '0')}`,
    'instance-type': server.flavor.name,
    'local-hostname': hostname,
    'local-ipv4': addresses.find((one) => one.version === 4)?.address ?? '',
    placement: { 'availability-zone': zone },
    'public-hostname': hostname,
    'public-ipv4': addresses.flatMap((one) => one.floating)[0] ?? '',
    ...(server.keyName !== null &&
      server.keyData !== null && {
        'public-keys': { '0': { _name: `0=${server.keyName}`, 'openssh-key': server.keyData } },
      }),
    'reservation-id': server.reservationId,
    'security-groups': server.securityGroups.join('\n'),
    ...(server.image?.kernelId && { 'kernel-id': `aki-${hex(server.image.kernelId)}` }),
    ...(server.image?.ramdiskId && { 'ramdisk-id': `ari-${hex(server.image.ramdiskId)}` }),
  };
}

/** The files of a config drive. Bytes that are no text cannot be carried and are left out. */
export function configDriveFiles(source: MetadataSource): Record<string, string> {
  const { server } = source;
  const metaData = JSON.stringify(metaDataJson(source));
  const userData = textOf(userDataOf(server));
  const files: Record<string, string> = {};
  for (const version of ['2012-08-10', 'latest']) {
    files[`openstack/${version}/meta_data.json`] = metaData;
    files[`openstack/${version}/network_data.json`] = JSON.stringify(networkDataJson(server.ports));
    files[`openstack/${version}/vendor_data.json`] = '{}';
    if (userData !== null) files[`openstack/${version}/user_data`] = userData;
  }
  files['ec2/latest/meta-data.json'] = JSON.stringify(plain(ec2Tree(source)));
  if (userData !== null) files['ec2/latest/user-data'] = userData;
  for (const [index, file] of server.personality.entries()) {
    const text = textOf(Buffer.from(file.contents, 'base64'));
    if (text !== null) files[`openstack${contentPath(index)}`] = text;
  }
  return files;
}

const textOf = (bytes: Buffer | null): string | null => {
  const text = bytes?.toString('utf8');
  return text !== undefined && bytes && Buffer.from(text, 'utf8').equals(bytes) ? text : null;
};

const plain = (tree: Tree): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(tree)
      .filter(([name]) => name !== '_name')
      .map(([name, value]) => [name, typeof value === 'string' ? value : plain(value)]),
  );
