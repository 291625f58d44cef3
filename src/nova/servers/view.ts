import { createHash } from 'node:crypto';
import type { ApiVersion } from '#common/api/version.ts';
import { bookmark, linksTo, type Place } from '../api/links.ts';
import { instanceName, type PortInfo, type ServerSummary } from './model.ts';
import { powerNumber, statusOf } from './states.ts';

export interface ServerViewOptions extends Place {
  readonly version: ApiVersion;
  readonly api: string;
  /** Whether the caller may see host, hypervisor and the like (an administrator). */
  readonly extended: boolean;
  readonly instanceNameTemplate: string;
  readonly defaultZone: string;
  /** The zone of a host, from its aggregates. */
  readonly zoneOf: (host: string) => string;
  /** `UP`, `DOWN`, `MAINTENANCE`; asked for by administrators from 2.16 on. */
  readonly hostStatus: (host: string) => string;
  /** The volumes of a server. */
  readonly volumesOf: (serverId: string) => readonly { readonly id: string; readonly deleteOnTermination: boolean }[];
}

type Shown = Record<string, unknown>;

/** Not the host's name, but the same for all servers of a project on one host: as `hostId` has it. */
export const hostIdOf = (projectId: string, host: string | null): string =>
  host === null
    ? ''
    : createHash('sha224')
        .update(projectId + host)
        .digest('hex');

/** `2014-10-19T06:50:29Z` */
const seconds = (time: string): string => `${time.slice(0, 19)}Z`;

/** Networks by name, with their addresses: `{"demo-net": [{addr, version, …}]}`. */
export function addressesOf(ports: readonly PortInfo[], extended = true): Record<string, Shown[]> {
  const addresses: Record<string, Shown[]> = {};
  for (const { label, mac, addresses: fixed } of ports) {
    const list = (addresses[label] ??= []);
    const add = (addr: string, version: number, type: string): void =>
      void list.push({
        version,
        addr,
        ...(extended && { 'OS-EXT-IPS:type': type, 'OS-EXT-IPS-MAC:mac_addr': mac }),
      });
    for (const { address, version, floating } of fixed) {
      add(address, version, 'fixed');
      for (const outside of floating) add(outside, 4, 'floating');
    }
  }
  return addresses;
}

const withProgress = new Set(['ACTIVE', 'BUILD']);
const withFault = new Set(['ERROR', 'DELETED']);

/** Gives the short form: id, name, links. */
export const briefServer = (place: Place, server: { readonly id: string; readonly name: string }): Shown => ({
  id: server.id,
  name: server.name,
  links: linksTo(place, `servers/${server.id}`),
});

/**
 * Makes the function that shows servers in full, as the version and the caller's rights have it.
 * @param kind `updated` is the narrower body of PUT before 2.75
 */
export function createServerView(
  options: ServerViewOptions,
  kind: 'list' | 'show' | 'updated',
): (server: ServerSummary, groups?: readonly string[]) => Shown {
  const { version, extended } = options;
  const at = (text: string): boolean => version.atLeast(text);
  const [v3, v9, v16, v19, v26, v47, v63, v71, v73, v90] = [
    ...[at('2.3'), at('2.9'), at('2.16'), at('2.19'), at('2.26'), at('2.47'), at('2.63')],
    ...[at('2.71'), at('2.73'), at('2.90')],
  ] as boolean[];
  const narrow = kind === 'updated' && !at('2.75');
  const legacy = options.api === 'v2';

  return (server, groups) => {
    const status = statusOf(server);
    const { flavor, fault } = server;
    const shown: Shown = {
      id: server.id,
      name: server.name,
      status,
      tenant_id: server.projectId,
      user_id: server.userId,
      metadata: server.metadata,
      hostId: hostIdOf(server.projectId, server.host),
      image:
        server.imageId === null ? '' : { id: server.imageId, links: [bookmark(options, `images/${server.imageId}`)] },
      flavor: v47
        ? {
            vcpus: flavor.vcpus,
            ram: flavor.memoryMb,
            disk: flavor.rootGb,
            ephemeral: flavor.ephemeralGb,
            swap: flavor.swapMb,
            original_name: flavor.name,
            extra_specs: flavor.extraSpecs,
          }
        : { id: flavor.id, links: [bookmark(options, `flavors/${flavor.id}`)] },
      created: seconds(server.createdAt),
      updated: seconds(server.updatedAt),
      addresses: addressesOf(server.ports, !narrow),
      accessIPv4: server.accessIpV4 ?? '',
      accessIPv6: server.accessIpV6 ?? '',
      links: linksTo(options, `servers/${server.id}`),
      'OS-DCF:diskConfig': server.diskConfig,
    };
    if (withProgress.has(status)) shown['progress'] = server.progress;
    if (fault && withFault.has(status))
      shown['fault'] = {
        code: fault.code,
        created: seconds(fault.created),
        message: fault.message,
        ...(extended && fault.details !== '' && { details: fault.details }),
      };
    if (!narrow) {
      shown['OS-EXT-AZ:availability_zone'] =
        server.host === null
          ? (server.availabilityZone ?? (legacy ? options.defaultZone : ''))
          : options.zoneOf(server.host);
      shown['config_drive'] = server.configDrive ? 'True' : '';
      shown['key_name'] = server.keyName;
      shown['OS-SRV-USG:launched_at'] = server.launchedAt;
      shown['OS-SRV-USG:terminated_at'] = server.terminatedAt;
      if (extended) {
        shown['OS-EXT-SRV-ATTR:host'] = server.host;
        shown['OS-EXT-SRV-ATTR:instance_name'] = instanceName(options.instanceNameTemplate, server.num);
        shown['OS-EXT-SRV-ATTR:hypervisor_hostname'] = server.node;
        if (v3) {
          shown['OS-EXT-SRV-ATTR:reservation_id'] = server.reservationId;
          shown['OS-EXT-SRV-ATTR:launch_index'] = server.launchIndex;
          shown['OS-EXT-SRV-ATTR:hostname'] = server.hostname;
          shown['OS-EXT-SRV-ATTR:kernel_id'] = server.image?.kernelId ?? '';
          shown['OS-EXT-SRV-ATTR:ramdisk_id'] = server.image?.ramdiskId ?? '';
          shown['OS-EXT-SRV-ATTR:root_device_name'] = server.rootDeviceName;
          shown['OS-EXT-SRV-ATTR:user_data'] = server.userData;
        }
      }
      if (v90) shown['OS-EXT-SRV-ATTR:hostname'] = server.hostname;
      shown['OS-EXT-STS:task_state'] = server.taskState;
      shown['OS-EXT-STS:vm_state'] = server.vmState;
      shown['OS-EXT-STS:power_state'] = powerNumber(server.powerState);
      shown['os-extended-volumes:volumes_attached'] = options
        .volumesOf(server.id)
        .map(({ id, deleteOnTermination }) => ({ id, ...(v3 && { delete_on_termination: deleteOnTermination }) }));
      if (server.securityGroups.length > 0 && (server.ports.length > 0 || server.host === null))
        shown['security_groups'] = server.securityGroups.map((name) => ({ name }));
      if (extended && v16) shown['host_status'] = server.host === null ? '' : options.hostStatus(server.host);
    }
    if (v9) shown['locked'] = server.lockedBy !== null;
    if (v73) shown['locked_reason'] = server.lockedReason;
    if (v19) shown['description'] = server.description;
    if (v26) shown['tags'] = server.tags;
    if (v63 && !narrow) shown['trusted_image_certificates'] = server.trustedCertificates;
    if (v71 && groups && !narrow) shown['server_groups'] = groups;
    return shown;
  };
}
