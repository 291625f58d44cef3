import { randomInt } from 'node:crypto';
import { ApiError, badRequest, forbidden } from '#common/api/errors.ts';
import type { ApiVersion } from '#common/api/version.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import type { ImageClient } from '#clients/image.ts';
import type { NetworkClient } from '#clients/network.ts';
import type { VolumeClient } from '#clients/volume.ts';
import { flagValue } from '../api/schemas.ts';
import type { NovaConfig } from '../config.ts';
import type { Flavor } from '../flavors/rows.ts';
import type { FlavorService } from '../flavors/service.ts';
import type { HostDirectory } from '../hosts/directory.ts';
import { usableZones } from '../hosts/zones-routes.ts';
import { findKeypair } from '../keypairs/rows.ts';
import { resolveNetworking } from '../networks/request.ts';
import type { Journal } from '../operations/journal.ts';
import { exceeded, headroom, overQuota, OverQuota, type Limits, type Quotas } from '../quotas/quotas.ts';
import { addMember, countMembers, findGroup } from '../server-groups/rows.ts';
import type { NovaTables } from '../tables.ts';
import { shortIpV6 } from './access-address.ts';
import { resolveDisks } from '../volumes/request.ts';
import { deviceRow, insertDevices } from '../volumes/rows.ts';
import { checkExtras } from './create-checks.ts';
import { hostnameOf } from './hostname.ts';
import { localDiskGb, type FlavorSnapshot } from './model.ts';
import { insertServers } from './rows.ts';
import type { NewServer } from './schema.ts';

export interface CreateDeps {
  readonly db: Database<NovaTables>;
  readonly conf: NovaConfig;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly enforcer: Enforcer;
  readonly quotas: Quotas;
  readonly flavors: FlavorService;
  readonly directory: HostDirectory;
  readonly journal: Journal;
  /** Glance, Cinder and Neutron as the user who asks. */
  readonly imageAs: (ctx: RequestContext) => ImageClient;
  readonly volumeAs: (ctx: RequestContext) => VolumeClient;
  readonly networkAs: (ctx: RequestContext) => NetworkClient;
}

export interface CreateRequest {
  readonly server: NewServer;
  readonly hints: Readonly<Record<string, unknown>>;
  /** For the style of refusals. */
  readonly api: string;
  /** The newest unless given. */
  readonly version?: ApiVersion;
}

export interface Created {
  /** In the order of their launch index. */
  readonly serverIds: readonly string[];
  readonly reservationId: string;
  readonly adminPassword: string;
  readonly securityGroups: readonly string[];
  readonly diskConfig: 'AUTO' | 'MANUAL';
}

/**
 * Accepts new servers: checks everything that can be checked now, takes the quota, writes the rows and journals one boot
 * per server, all in one transaction. The rest is the conductor's.
 * @throws ApiError 400 for what does not exist or does not fit, 403 (413 in v2) over quota
 */
export async function createServers(deps: CreateDeps, ctx: RequestContext, request: CreateRequest): Promise<Created> {
  const { db, conf, clock, ids, quotas, journal } = deps;
  const { server, hints, api } = request;
  const projectId = ctx.projectId ?? '';
  const { min, max } = counts(server);
  const place = await placement(deps, ctx, server);
  const flavor = await flavorFor(deps, ctx, server);
  const limits = await quotas.limits(projectId);
  checkExtras(server, limits, api);
  const [disks, key, networking] = await Promise.all([
    resolveDisks(
      {
        images: deps.imageAs(ctx),
        volumes: deps.volumeAs(ctx),
        maxLocal: conf.DEFAULT.max_local_block_devices,
      },
      { server, flavor, count: max, version: request.version },
    ),
    keyFor(db, ctx, server),
    resolveNetworking(
      deps.networkAs(ctx),
      ctx,
      (server.networks as Parameters<typeof resolveNetworking>[2] | undefined) ?? null,
      groupNames(server),
      max,
    ),
  ]);
  const groupId = typeof hints['group'] === 'string' ? hints['group'] : null;

  const reservationId = `r-${randomText(8, 'abcdefghijklmnopqrstuvwxyz0123456789')}`;
  const adminPassword = server.adminPass ?? generatePassword(conf);
  const diskConfig =
    server['OS-DCF:diskConfig'] ??
    (server.auto_disk_config === undefined ? 'MANUAL' : flagValue(server.auto_disk_config) ? 'AUTO' : 'MANUAL');
  const configDrive =
    /^(always|true)$/i.test(conf.DEFAULT.force_config_drive) ||
    (server.config_drive !== undefined &&
      server.config_drive !== null &&
      server.config_drive !== '' &&
      flagValue(server.config_drive));
  const owner = await journal.owner();
  const now = isoMicros(clock.now());
  const each = { instances: 1, cores: flavor.vcpus, ram: flavor.memoryMb };

  const serverIds = await quotas.transaction(
    projectId,
    async (trx, used, allowed) => {
      const count = Math.max(headroom(each, used, allowed, max), min);
      const asked = { instances: count, cores: count * flavor.vcpus, ram: count * flavor.memoryMb };
      const over = exceeded(asked, used, allowed);
      if (over.length > 0) throw overQuota(over, asked, used, allowed, api);
      const made = Array.from({ length: count }, (_all, index) => {
        const id = ids.uuid();
        const name = count === 1 ? server.name : `${server.name}-${index + 1}`;
        return { id, name, hostname: server.hostname ?? hostnameOf(name, id), launchIndex: index };
      });
      if (groupId !== null)
        await joinGroup(
          trx,
          ctx,
          groupId,
          made.map((one) => one.id),
          allowed,
          api,
        );
      const rows = made.map(({ id, name, hostname, launchIndex }) => ({
        id,
        project_id: projectId,
        user_id: ctx.userId ?? '',
        reservation_id: reservationId,
        launch_index: launchIndex,
        display_name: name,
        description: server.description === undefined ? (api === 'v2' ? name : null) : server.description,
        hostname,
        vm_state: 'building',
        task_state: 'scheduling',
        power_state: 'nostate',
        progress: 0,
        host: null,
        node: null,
        availability_zone: place.zone,
        forced_host: place.host,
        flavor_id: flavor.id,
        flavor: JSON.stringify(snapshotOf(flavor)),
        vcpus: flavor.vcpus,
        memory_mb: flavor.memoryMb,
        disk_gb: localDiskGb({ flavor, imageId: disks.imageId }),
        image_id: disks.imageId,
        image: disks.image && JSON.stringify(disks.image),
        root_device_name: null,
        key_name: key?.name ?? null,
        key_data: key?.publicKey ?? null,
        user_data: server.user_data ?? null,
        config_drive: configDrive ? 1 : 0,
        access_ip_v4: server.accessIPv4 || null,
        access_ip_v6: shortIpV6(server.accessIPv6),
        disk_config: diskConfig,
        locked_by: null,
        locked_reason: null,
        metadata: JSON.stringify(server.metadata ?? {}),
        tags: JSON.stringify([...new Set(server.tags)]),
        security_groups: JSON.stringify(groupNames(server)),
        requested_networks: JSON.stringify(networking),
        network_info: '[]',
        network_stale: 0,
        personality: JSON.stringify(server.personality ?? []),
        scheduler_hints: JSON.stringify(hints),
        trusted_certificates: server.trusted_image_certificates
          ? JSON.stringify(server.trusted_image_certificates)
          : null,
        admin_password: configDrive ? adminPassword : null,
        guest_password: null,
        failed_hosts: '[]',
        fault: null,
        created_at: now,
        updated_at: now,
        launched_at: null,
        terminated_at: null,
        deleted: 0,
        deleted_at: null,
      }));
      // 60 columns a row, and SQLite takes 32 766 values at once.
      for (let at = 0; at < rows.length; at += 200) await insertServers(trx, rows.slice(at, at + 200));
      await insertDevices(
        trx,
        made.flatMap(({ id: serverId }) =>
          disks.devices.map((device) => deviceRow(device, { id: ids.uuid(), serverId, now })),
        ),
      );
      for (const { id } of made)
        await journal.add(trx, ctx, 'server.create', { input: { serverId: id }, projectId, owner, fresh: true });
      return made.map((one) => one.id);
    },
    projectId,
    ctx.userId,
  );
  await journal.launch(owner, ctx);
  return { serverIds, reservationId, adminPassword, securityGroups: groupNames(server), diskConfig };
}

const groupNames = (server: NewServer): string[] => {
  const names = [...new Set((server.security_groups ?? []).map((group) => group.name))];
  return names.length > 0 ? names : ['default'];
};

function counts(server: NewServer): { min: number; max: number } {
  const min = Number(server.min_count ?? 1);
  const max = Number(server.max_count ?? server.min_count ?? 1);
  if (min < 1 || max < 1)
    throw badRequest(
      `Invalid input for field/attribute ${min < 1 ? 'min_count' : 'max_count'}. It must be at least 1.`,
    );
  if (min > max) throw badRequest('min_count must be <= max_count');
  return { min, max };
}

/**
 * Where the server may go: `zone`, and for administrators `zone:host` or `zone:host:node`.
 * @throws ApiError 400 for a zone or a host that is not there, 403 for a host that the caller may not name
 */
export async function placement(
  deps: Pick<CreateDeps, 'db' | 'conf' | 'enforcer' | 'directory'>,
  ctx: RequestContext,
  server: Pick<NewServer, 'availability_zone' | 'host' | 'hypervisor_hostname'>,
): Promise<{ zone: string | null; host: string | null }> {
  const asked = server.availability_zone ?? null;
  const [zone = '', host = '', node, tooMany] = (asked ?? '').split(':');
  if (tooMany !== undefined)
    throw badRequest('Unable to parse availability_zone: it has the form zone, zone:host or zone:host:node.');
  const wanted = zone === '' ? deps.conf.DEFAULT.default_schedule_zone : zone;
  const target = server.host ?? server.hypervisor_hostname;
  if (target !== undefined) {
    const rule = 'os_compute_api:servers:create:requested_destination';
    if (!deps.enforcer.allows(rule, ctx)) throw forbidden(`Policy doesn't allow ${rule} to be performed.`);
    const known = (await deps.directory.services()).some(
      (service) => service.binary === 'nova-compute' && service.host === target,
    );
    if (!known) throw badRequest(`Compute host ${target} could not be found.`);
    return { zone: wanted, host: target };
  }
  if (host !== '' || (node !== undefined && node !== '')) {
    const rule = 'os_compute_api:servers:create:forced_host';
    if (!deps.enforcer.allows(rule, ctx)) throw forbidden(`Policy doesn't allow ${rule} to be performed.`);
    return { zone: wanted, host: host === '' ? (node as string) : host };
  }
  if (wanted !== null && !(await usableZones(deps)).has(wanted))
    throw badRequest('The requested availability zone is not available');
  return { zone: wanted, host: null };
}

async function flavorFor(deps: CreateDeps, ctx: RequestContext, server: NewServer): Promise<Flavor> {
  const id = String(server.flavorRef).split('/').at(-1) as string;
  return deps.flavors.show(ctx, id).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) throw badRequest(error.message);
    throw error;
  });
}

/** A flavor as servers keep it. */
export const snapshotOf = (flavor: Flavor): FlavorSnapshot => ({
  id: flavor.id,
  name: flavor.name,
  vcpus: flavor.vcpus,
  memoryMb: flavor.memoryMb,
  rootGb: flavor.rootGb,
  ephemeralGb: flavor.ephemeralGb,
  swapMb: flavor.swapMb,
  rxtxFactor: flavor.rxtxFactor,
  extraSpecs: flavor.extraSpecs,
});

async function keyFor(db: Database<NovaTables>, ctx: RequestContext, server: NewServer) {
  if (server.key_name === undefined || server.key_name === null || server.key_name === '') return null;
  const key = await findKeypair(db.query, ctx.userId ?? '', server.key_name);
  if (!key) throw badRequest('Invalid key_name provided.');
  return key;
}

async function joinGroup(
  trx: Parameters<typeof addMember>[0],
  ctx: RequestContext,
  groupId: string,
  members: readonly string[],
  limits: Limits,
  api: string,
): Promise<void> {
  const group = await findGroup(trx, groupId);
  if (!group || (!ctx.isAdmin && group.projectId !== ctx.projectId))
    throw badRequest(`Instance group ${groupId} could not be found.`);
  const limit = limits.server_group_members;
  if (limit >= 0 && (await countMembers(trx, groupId)) + members.length > limit)
    throw new OverQuota('Quota exceeded, too many servers in group', api);
  for (const id of members) await addMember(trx, groupId, id);
}

const passwordCharacters = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const randomText = (length: number, characters = passwordCharacters): string =>
  Array.from({ length }, () => characters[randomInt(characters.length)]).join('');

/** A password for the administrator of a server whose request names none. */
export const generatePassword = ({ DEFAULT: conf }: NovaConfig): string => randomText(conf.password_length);
