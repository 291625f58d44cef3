import { Type } from '@sinclair/typebox';
import { ApiError, badRequest, conflict, notFound } from '#common/api/errors.ts';
import { heldColumns } from '../server-migrations/flavors.ts';
import {
  insertMigration,
  openMigrations,
  updateMigration,
  type MigrationType,
  type ServerMigration,
} from '../server-migrations/rows.ts';
import { Flag, flagValue, nullable, strict } from '../api/schemas.ts';
import type { Flavor } from '../flavors/rows.ts';
import { generatePassword, snapshotOf } from './create.ts';
import type { FlavorSnapshot, Server } from './model.ts';
import { action, Nothing, started, type ActionCall } from './server-action.ts';
import type { AlsoChange, ServerService } from './service.ts';
import { withQuota } from './with-quota.ts';

const Host = Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._]*$' });
const DiskConfig = Type.Union([Type.Literal('AUTO'), Type.Literal('MANUAL')]);
/** How long a caller of before 2.34 waits for the word on a live migration, ms. */
const answerMs = 60_000;

type Trx = Parameters<AlsoChange>[1];

/** Journals a move together with the operation that makes it. */
async function addMigration(
  servers: ServerService,
  { ctx }: ActionCall,
  trx: Trx,
  server: Server,
  move: {
    readonly uuid: string;
    readonly type: MigrationType;
    readonly status: string;
    readonly flavor?: Flavor;
    readonly host?: string | null;
  },
): Promise<void> {
  const after: FlavorSnapshot = move.flavor ? snapshotOf(move.flavor) : server.flavor;
  const before = await servers.deps.flavors.show({ ...ctx, isAdmin: true }, server.flavor.id).catch(() => null);
  await insertMigration(trx, {
    uuid: move.uuid,
    server_id: server.id,
    project_id: ctx.projectId ?? server.projectId,
    user_id: ctx.userId,
    type: move.type,
    status: move.status,
    source_compute: server.host,
    source_node: server.node,
    dest_compute: move.host ?? null,
    dest_node: null,
    dest_host: null,
    old_flavor: JSON.stringify(server.flavor),
    new_flavor: JSON.stringify(after),
    old_flavor_num: before?.num ?? null,
    new_flavor_num: move.flavor?.num ?? before?.num ?? null,
    old_vm_state: server.vmState,
    created_at: servers.now(),
    updated_at: servers.now(),
  });
}

/** @throws ApiError 409 while the host of the server is down: nothing could be moved away from it */
async function hostMustBeUp(servers: ServerService, host: string | null): Promise<void> {
  if (host !== null && !(await servers.deps.directory.computeIsUp(host)))
    throw conflict('Service is unavailable at this time.');
}

/** @throws ApiError 400, 404 for a host that has no nova-compute */
async function hostMustExist(servers: ServerService, host: string, missing: (host: string) => ApiError): Promise<void> {
  const services = await servers.deps.directory.services();
  if (!services.some((service) => service.binary === 'nova-compute' && service.host === host)) throw missing(host);
}

/** @throws ApiError 400 for a flavor that does not exist, is the same, or does not fit */
async function newFlavor(servers: ServerService, { ctx }: ActionCall, server: Server, ref: string): Promise<Flavor> {
  const id = ref.split('/').at(-1) as string;
  const flavor = await servers.deps.flavors.show(ctx, id).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) throw badRequest(error.message);
    throw error;
  });
  const local = server.imageId !== null;
  if (local && flavor.rootGb === 0 && server.flavor.rootGb !== 0)
    throw badRequest('Server disk was unable to be resized because: Resize to zero disk flavor is not allowed.');
  if (flavor.id === server.flavor.id) throw badRequest('When resizing, instances must change flavor!');
  if (flavor.disabled) throw badRequest(`Flavor ${id} could not be found.`);
  const { min_ram: ram = '0', min_disk: disk = '0' } = server.image?.properties ?? {};
  if (Number(ram) > flavor.memoryMb) throw badRequest("Flavor's memory is too small for requested image.");
  if (local && flavor.rootGb > 0 && Number(disk) > flavor.rootGb)
    throw badRequest(
      `Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is ${flavor.rootGb * 1024 ** 3} bytes, minimum size is ${Number(disk) * 1024 ** 3} bytes.`,
    );
  return flavor;
}

async function resize(
  servers: ServerService,
  call: ActionCall,
  input: { readonly flavorRef: string | number; readonly 'OS-DCF:diskConfig'?: string },
): Promise<undefined> {
  const { ctx, params, api } = call;
  const server = await servers.allowed(ctx, params.id, 'resize');
  await hostMustBeUp(servers, server.host);
  const flavor = await newFlavor(servers, call, server, String(input.flavorRef));
  const uuid = servers.deps.ids.uuid();
  const more = {
    cores: Math.max(0, flavor.vcpus - server.flavor.vcpus),
    ram: Math.max(0, flavor.memoryMb - server.flavor.memoryMb),
  };
  const asked = { ...(more.cores > 0 && { cores: more.cores }), ...(more.ram > 0 && { ram: more.ram }) };
  await servers.begin(
    ctx,
    params.id,
    'resize',
    'server.resize',
    { migrationId: uuid, flavor: snapshotOf(flavor), host: null },
    async (current, trx) => {
      await addMigration(servers, call, trx, current, { uuid, type: 'resize', status: 'pre-migrating', flavor });
      const diskConfig = input['OS-DCF:diskConfig'];
      return {
        ...heldColumns(current.flavor, snapshotOf(flavor)),
        progress: 0,
        ...(diskConfig !== undefined && { disk_config: diskConfig }),
      };
    },
    withQuota(servers, server, asked, api),
  );
  return undefined;
}

async function migrate(servers: ServerService, call: ActionCall, host: string | null): Promise<undefined> {
  const { ctx, params } = call;
  if (host !== null) servers.authorize(ctx, 'os_compute_api:os-migrate-server:migrate:host');
  const server = await servers.allowed(ctx, params.id, 'migrate');
  await hostMustBeUp(servers, server.host);
  if (host !== null) {
    if (host === server.host) throw badRequest('Cannot migrate to the host where the server exists.');
    await hostMustExist(servers, host, (name) => badRequest(`Compute host ${name} could not be found.`));
  }
  const uuid = servers.deps.ids.uuid();
  const { flavor } = server;
  return started(
    servers.begin(
      ctx,
      params.id,
      'migrate',
      'server.migrate',
      { migrationId: uuid, flavor, host },
      async (current, trx) => {
        await addMigration(servers, call, trx, current, { uuid, type: 'migration', status: 'pre-migrating', host });
        return { progress: 0 };
      },
    ),
  );
}

/** Confirms or reverts the move that waits for it. @throws ApiError 400 when none does */
async function settle(
  servers: ServerService,
  { ctx, params }: ActionCall,
  way: 'confirm' | 'revert',
): Promise<undefined> {
  const rule = way === 'confirm' ? ('confirmResize' as const) : ('revertResize' as const);
  const server = await servers.allowed(ctx, params.id, rule);
  const waiting = (migrations: readonly ServerMigration[]): ServerMigration => {
    const found = migrations.find((one) => one.status === 'finished' || one.status === 'reverting');
    if (!found) throw badRequest('Instance has not been resized.');
    return found;
  };
  const { uuid, sourceCompute } = waiting(await openMigrations(servers.db.query, server.id));
  if (way === 'confirm') await hostMustBeUp(servers, sourceCompute);
  return started(
    servers.begin(
      ctx,
      params.id,
      rule,
      way === 'confirm' ? 'server.confirm_resize' : 'server.revert_resize',
      { migrationId: uuid },
      async (_, trx) => {
        const status = way === 'confirm' ? 'confirming' : 'reverting';
        await updateMigration(trx, uuid, { status, updated_at: servers.now() });
        return {};
      },
    ),
  );
}

interface Evacuation {
  readonly host?: string;
  readonly onSharedStorage?: boolean | string | number;
  readonly adminPass?: string;
  readonly force?: boolean | string | number;
}

async function evacuate(servers: ServerService, call: ActionCall, input: Evacuation): Promise<unknown> {
  const { ctx, params, version } = call;
  const server = await servers.show(ctx, params.id);
  const host = input.host ?? null;
  const shared = input.onSharedStorage !== undefined && flagValue(input.onSharedStorage);
  if (input.force !== undefined && flagValue(input.force) && host === null)
    throw badRequest("Can't force to a non-provided destination");
  if (input.adminPass !== undefined && shared) throw badRequest("admin password can't be changed on existing disk");
  if (host !== null) await hostMustExist(servers, host, (name) => notFound(`Compute host ${name} not found.`));
  if (host !== null && server.host === host) throw badRequest("The target host can't be the same one.");
  await servers.allowed(ctx, params.id, 'evacuate');
  if (server.host !== null && (await servers.deps.directory.computeIsUp(server.host)))
    throw badRequest(`Compute service of ${server.host} is still in use.`);
  const password = shared ? null : (input.adminPass ?? generatePassword(servers.deps.conf));
  const uuid = servers.deps.ids.uuid();
  await servers.begin(
    ctx,
    params.id,
    'evacuate',
    'server.evacuate',
    { migrationId: uuid, host },
    async (current, trx) => {
      await addMigration(servers, call, trx, current, { uuid, type: 'evacuation', status: 'accepted', host });
      return current.configDrive && password !== null ? { admin_password: password } : {};
    },
  );
  return version.atLeast('2.14') ? undefined : { adminPass: password };
}

interface LiveMigration {
  readonly host: string | null;
  readonly force?: boolean | string | number;
}

async function migrateLive(servers: ServerService, call: ActionCall, input: LiveMigration): Promise<undefined> {
  const { ctx, params, version, signal } = call;
  const { host } = input;
  if (host !== null) servers.authorize(ctx, 'os_compute_api:os-migrate-server:migrate_live:host');
  if (input.force !== undefined && flagValue(input.force) && host === null)
    throw badRequest("Can't force to a non-provided destination");
  await servers.allowed(ctx, params.id, 'liveMigrate');
  if (host !== null)
    await hostMustExist(servers, host, (name) => badRequest(`Compute host ${name} could not be found.`));
  const uuid = servers.deps.ids.uuid();
  const operation = await servers.begin(
    ctx,
    params.id,
    'liveMigrate',
    'server.live_migrate',
    { migrationId: uuid, host },
    async (current, trx) => {
      await addMigration(servers, call, trx, current, { uuid, type: 'live-migration', status: 'accepted', host });
      return {};
    },
  );
  // From 2.34 on nobody waits: what comes of it is shown by the migration and by the server's actions.
  if (!version.atLeast('2.34')) await servers.outcome(operation, answerMs, signal);
  return undefined;
}

const blockMigration = Type.Union([Flag, Type.Literal('auto')]);
const live = {
  name: 'os-migrateLive',
  policy: 'os_compute_api:os-migrate-server:migrate_live',
  run: migrateLive,
} as const;
const evacuation = { name: 'evacuate', policy: 'os_compute_api:os-evacuate', status: 200, run: evacuate } as const;

export const moveActions = [
  action({
    name: 'resize',
    policy: 'os_compute_api:servers:resize',
    input: strict({
      flavorRef: Type.Union([Type.String({ minLength: 1 }), Type.Integer({ minimum: 0 })]),
      'OS-DCF:diskConfig': Type.Optional(DiskConfig),
    }),
    run: resize,
  }),
  action({
    name: 'confirmResize',
    policy: 'os_compute_api:servers:confirm_resize',
    status: 204,
    input: Nothing,
    run: (servers, call) => settle(servers, call, 'confirm'),
  }),
  action({
    name: 'revertResize',
    policy: 'os_compute_api:servers:revert_resize',
    input: Nothing,
    run: (servers, call) => settle(servers, call, 'revert'),
  }),
  action({
    name: 'migrate',
    policy: 'os_compute_api:os-migrate-server:migrate',
    max: '2.55',
    input: Nothing,
    run: (servers, call) => migrate(servers, call, null),
  }),
  action({
    name: 'migrate',
    policy: 'os_compute_api:os-migrate-server:migrate',
    min: '2.56',
    input: nullable(strict({ host: Type.Optional(nullable(Host)) })),
    run: (servers, call, input) => migrate(servers, call, input?.host ?? null),
  }),
  action({
    ...evacuation,
    max: '2.13',
    input: strict({
      host: Type.Optional(Host),
      onSharedStorage: Flag,
      adminPass: Type.Optional(Type.String()),
    }),
  }),
  action({
    ...evacuation,
    min: '2.14',
    max: '2.28',
    input: strict({ host: Type.Optional(Host), adminPass: Type.Optional(Type.String()) }),
  }),
  action({
    ...evacuation,
    min: '2.29',
    max: '2.67',
    input: strict({
      host: Type.Optional(Host),
      adminPass: Type.Optional(Type.String()),
      force: Type.Optional(Flag),
    }),
  }),
  action({
    ...evacuation,
    min: '2.68',
    input: strict({ host: Type.Optional(Host), adminPass: Type.Optional(Type.String()) }),
  }),
  action({
    ...live,
    max: '2.24',
    input: strict({ block_migration: Flag, disk_over_commit: Flag, host: nullable(Host) }),
  }),
  action({
    ...live,
    min: '2.25',
    max: '2.29',
    input: strict({ block_migration: blockMigration, host: nullable(Host) }),
  }),
  action({
    ...live,
    min: '2.30',
    max: '2.67',
    input: strict({ block_migration: blockMigration, host: nullable(Host), force: Type.Optional(Flag) }),
  }),
  action({
    ...live,
    min: '2.68',
    input: strict({ block_migration: blockMigration, host: nullable(Host) }),
  }),
];
