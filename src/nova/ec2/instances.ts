import type { Volume } from '#clients/volume.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { ServerFilter } from '../servers/filters.ts';
import type { ServerSummary } from '../servers/model.ts';
import { listServers } from '../servers/rows.ts';
import type { Ec2Action, Ec2Deps } from './deps.ts';
import { invalidValue } from './errors.ts';
import { ec2Id, ec2Ids, serverUuids } from './ids.ts';
import { filtered } from './params.ts';
import { stateOf } from './states.ts';
import type { Xml } from './xml.ts';

const date = (text: string): Date => new Date(`${text}Z`);

/** A project's servers, oldest first; an administrator's are everybody's. */
export function serversOf(deps: Ec2Deps, ctx: RequestContext, filter: ServerFilter = {}): Promise<ServerSummary[]> {
  return listServers(
    deps.db.query,
    { deleted: false, ...(!ctx.isAdmin && { equal: { project_id: ctx.projectId ?? '' } }), ...filter },
    { sort: [{ column: 'num', direction: 'asc' }], limit: deps.servers.maxLimit, withUserData: false },
  );
}

/** Volumes of these servers; none when there is no volume service, or it is away: servers are shown all the same. */
async function attachedVolumes(
  deps: Ec2Deps,
  ctx: RequestContext,
  servers: readonly ServerSummary[],
): Promise<ReadonlyMap<string, readonly { readonly volume: Volume; readonly device: string | null }[]>> {
  if (servers.length === 0) return new Map();
  const volumes = await deps
    .volumeAs(ctx)
    .list(ctx.isAdmin ? { all_tenants: '1' } : {})
    .catch(() => []);
  const pairs = volumes.flatMap((volume) =>
    volume.attachments.map((one) => ({ volume, device: one.device, serverId: one.server_id })),
  );
  return Map.groupBy(pairs, (pair) => pair.serverId);
}

interface Addresses {
  readonly fixed: string | null;
  readonly floating: string | null;
}
const addressesOf = (server: ServerSummary): Addresses => {
  const all = server.ports.flatMap((port) => port.addresses);
  return {
    fixed: all.find((one) => one.version === 4)?.address ?? all[0]?.address ?? null,
    floating: all.flatMap((one) => one.floating)[0] ?? null,
  };
};
const groupSet = (server: ServerSummary): Xml =>
  server.securityGroups.map((name) => ({ groupId: name, groupName: name }));
const tagSet = (server: ServerSummary): Xml => Object.entries(server.metadata).map(([key, value]) => ({ key, value }));

/** What filters look at; null for a name that is none. */
function filterValues(
  server: ServerSummary,
  name: string,
  imageId: string | null,
  zone: string,
): readonly (string | null)[] | null {
  const { fixed, floating } = addressesOf(server);
  const tag = /^tag:(.*)$/s.exec(name)?.[1];
  if (tag !== undefined) return [server.metadata[tag] ?? null];
  switch (name) {
    case 'instance-id':
      return [ec2Id('i', server.num)];
    case 'instance-state-name':
      return [stateOf(server).name];
    case 'instance-state-code':
      return [String(stateOf(server).code)];
    case 'instance-type':
      return [server.flavor.name];
    case 'image-id':
      return [imageId];
    case 'key-name':
      return [server.keyName];
    case 'reservation-id':
      return [server.reservationId];
    case 'owner-id':
      return [server.projectId];
    case 'availability-zone':
      return [zone];
    case 'private-ip-address':
      return [fixed];
    case 'ip-address':
      return [floating];
    case 'group-name':
    case 'instance.group-name':
      return server.securityGroups;
    case 'tag-key':
      return Object.keys(server.metadata);
    case 'tag-value':
      return Object.values(server.metadata);
    default:
      return null;
  }
}

/** Servers as `<reservationSet>`: those that were asked for together stand together. */
export async function reservations(
  deps: Ec2Deps,
  ctx: RequestContext,
  found: readonly ServerSummary[],
  filters: Parameters<typeof filtered>[1] = [],
): Promise<Record<string, Xml>[]> {
  const ami = await ec2Ids(
    deps.db,
    'image',
    found.map((server) => server.imageId),
  );
  const [aki, ari] = await Promise.all([
    ec2Ids(
      deps.db,
      'image',
      found.map((server) => server.image?.kernelId),
      'aki',
    ),
    ec2Ids(
      deps.db,
      'image',
      found.map((server) => server.image?.ramdiskId),
      'ari',
    ),
  ]);
  const zoneOf = await deps.directory.zones();
  const zone = (server: ServerSummary): string =>
    server.host === null ? (server.availabilityZone ?? '') : zoneOf(server.host);
  const servers = filtered(found, filters, (server, name) =>
    filterValues(server, name, ami(server.imageId), zone(server)),
  );
  const volumes = await attachedVolumes(deps, ctx, servers);
  const volumeId = await ec2Ids(
    deps.db,
    'volume',
    [...volumes.values()].flat().map(({ volume }) => volume.id),
  );
  const { ec2_private_dns_show_ip: showIp } = deps.conf.DEFAULT;
  const show = (server: ServerSummary): Record<string, Xml | undefined> => {
    const { fixed, floating } = addressesOf(server);
    const disks = (volumes.get(server.id) ?? []).map(({ volume, device }) => ({
      deviceName: device,
      ebs: {
        volumeId: volumeId(volume.id),
        status: volume.status === 'in-use' ? 'attached' : 'attaching',
        attachTime: date(server.createdAt),
        deleteOnTermination: false,
      },
    }));
    return {
      instanceId: ec2Id('i', server.num),
      imageId: ami(server.imageId),
      kernelId: server.image?.kernelId ? aki(server.image.kernelId) : undefined,
      ramdiskId: server.image?.ramdiskId ? ari(server.image.ramdiskId) : undefined,
      instanceState: stateOf(server),
      privateDnsName: showIp && fixed !== null ? fixed : server.hostname,
      dnsName: floating,
      privateIpAddress: fixed ?? undefined,
      ipAddress: floating ?? undefined,
      keyName: ctx.isAdmin
        ? `${server.keyName ?? 'None'} (${server.projectId}, ${server.host ?? 'None'})`
        : server.keyName,
      amiLaunchIndex: server.launchIndex,
      productCodesSet: [],
      instanceType: server.flavor.name,
      launchTime: date(server.createdAt),
      placement: { availabilityZone: zone(server) },
      groupSet: groupSet(server),
      tagSet: tagSet(server),
      rootDeviceName: server.rootDeviceName ?? '/dev/vda',
      rootDeviceType: server.imageId === null ? 'ebs' : 'instance-store',
      ...(disks.length > 0 && { blockDeviceMapping: disks }),
    };
  };
  return [...Map.groupBy(servers, (server) => server.reservationId)].map(([reservationId, members]) => ({
    reservationId,
    ownerId: members[0]?.projectId ?? '',
    groupSet: members[0] ? groupSet(members[0]) : [],
    instancesSet: members.map(show),
  }));
}

const describeInstances: Ec2Action = async (deps, { ctx, params }) => {
  const asked = params.list('InstanceId');
  const ids = asked.length > 0 ? await serverUuids(deps.db, ctx, asked) : null;
  const servers = await serversOf(deps, ctx, ids ? { ids } : {});
  return { reservationSet: await reservations(deps, ctx, servers, params.filters()) };
};

const describeInstanceAttribute: Ec2Action = async (deps, { ctx, params }) => {
  const instanceId = params.required('InstanceId');
  const attribute = params.required('Attribute');
  const [id = ''] = await serverUuids(deps.db, ctx, [instanceId]);
  const server = await deps.servers.show(ctx, id);
  const value = async (): Promise<Xml> => {
    switch (attribute) {
      case 'blockDeviceMapping': {
        const [reservation] = await reservations(deps, ctx, [server]);
        const [instance] = reservation?.['instancesSet'] as { blockDeviceMapping?: Xml }[];
        return instance?.blockDeviceMapping ?? [];
      }
      case 'disableApiTermination':
        return { value: false };
      case 'groupSet':
        return groupSet(server);
      case 'instanceInitiatedShutdownBehavior':
        return { value: 'stop' };
      case 'instanceType':
        return { value: server.flavor.name };
      case 'kernel': {
        const { kernelId = null } = server.image ?? {};
        return { value: (await ec2Ids(deps.db, 'image', [kernelId], 'aki'))(kernelId) };
      }
      case 'ramdisk': {
        const { ramdiskId = null } = server.image ?? {};
        return { value: (await ec2Ids(deps.db, 'image', [ramdiskId], 'ari'))(ramdiskId) };
      }
      case 'rootDeviceName':
        return { value: server.rootDeviceName ?? '/dev/vda' };
      case 'userData':
        return { value: server.userData };
      case 'sourceDestCheck':
        return { value: false };
      default:
        throw invalidValue(`Invalid value '${attribute}' for attribute: it is no attribute of an instance.`);
    }
  };
  return { instanceId, [attribute]: await value() };
};

export const instanceActions = {
  DescribeInstances: describeInstances,
  DescribeInstanceAttribute: describeInstanceAttribute,
} satisfies Record<string, Ec2Action>;
