import { Type } from '@sinclair/typebox';
import { ApiError, badRequest, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { ApiVersion } from '#common/api/version.ts';
import { linksTo, nextPage, type Place } from '../api/links.ts';
import { AnyQuery, strict } from '../api/schemas.ts';
import { flagOf, limitOf, timeOf, type ListQuery } from '../servers/filters.ts';
import type { ServerService } from '../servers/service.ts';
import { findMigration, listMigrations, type MigrationFilter, type ServerMigration } from './rows.ts';

const route = routesFor<ServerService>();
const ServerParams = Type.Object({ id: Type.String() });
const MigrationParams = Type.Object({ id: Type.String(), migration_id: Type.String() });

/** Of live migrations: what can be looked at, and ended. */
const inProgress = new Set(['queued', 'preparing', 'running', 'post-migrating']);

const text = (query: ListQuery, name: string): string | undefined => {
  const value = [query[name]].flat().at(-1);
  return value === '' ? undefined : value;
};

const place = (one: ServerMigration) => ({
  source_compute: one.sourceCompute,
  source_node: one.sourceNode,
  dest_compute: one.destCompute,
  dest_node: one.destNode,
  dest_host: one.destHost,
});

/** As `os-migrations` lists it. */
function listed(one: ServerMigration, version: ApiVersion, where: Place) {
  const isLive = one.type === 'live-migration' && inProgress.has(one.status);
  return {
    id: one.num,
    ...place(one),
    old_instance_type_id: one.oldFlavorNum,
    new_instance_type_id: one.newFlavorNum,
    instance_uuid: one.serverId,
    status: one.status,
    created_at: one.createdAt,
    updated_at: one.updatedAt,
    ...(version.atLeast('2.23') && { migration_type: one.type }),
    ...(version.atLeast('2.23') &&
      isLive && { links: linksTo(where, `servers/${one.serverId}/migrations/${one.num}`) }),
    ...(version.atLeast('2.59') && { uuid: one.uuid }),
    ...(version.atLeast('2.80') && { user_id: one.userId, project_id: one.projectId }),
  };
}

/** As it is shown below its server. */
const shown = (one: ServerMigration, version: ApiVersion) => ({
  id: one.num,
  server_uuid: one.serverId,
  ...place(one),
  status: one.status,
  memory_total_bytes: null,
  memory_processed_bytes: null,
  memory_remaining_bytes: null,
  disk_total_bytes: null,
  disk_processed_bytes: null,
  disk_remaining_bytes: null,
  created_at: one.createdAt,
  updated_at: one.updatedAt,
  ...(version.atLeast('2.59') && { uuid: one.uuid }),
  ...(version.atLeast('2.80') && { user_id: one.userId, project_id: one.projectId }),
});

const known = new Set(['hidden', 'host', 'instance_uuid', 'source_compute', 'status', 'migration_type']);
const since: Readonly<Record<string, string>> = {
  limit: '2.59',
  marker: '2.59',
  'changes-since': '2.59',
  'changes-before': '2.66',
  user_id: '2.80',
  project_id: '2.80',
};

/** @throws ApiError 400 for what 2.59 and later do not know, and for times in the wrong order */
function filterOf(query: ListQuery, version: ApiVersion): MigrationFilter {
  const allowed = (name: string): boolean => known.has(name) || (name in since && version.atLeast(since[name] ?? ''));
  if (version.atLeast('2.59')) {
    const unknown = Object.keys(query).find((name) => !allowed(name));
    if (unknown !== undefined)
      throw badRequest(`Invalid query parameters: Additional properties are not allowed ('${unknown}' was unexpected)`);
  }
  const given = (name: string): string | undefined => (allowed(name) ? text(query, name) : undefined);
  const time = (name: string): string | undefined => {
    const value = given(name);
    return value === undefined ? undefined : timeOf(name, value);
  };
  const [changesSince, changesBefore] = [time('changes-since'), time('changes-before')];
  if (changesSince !== undefined && changesBefore !== undefined && changesBefore < changesSince)
    throw badRequest('The value of changes-since must be less than or equal to changes-before.');
  return {
    serverId: given('instance_uuid'),
    status: given('status'),
    host: given('host'),
    sourceCompute: given('source_compute'),
    type: given('migration_type'),
    userId: given('user_id'),
    projectId: given('project_id'),
    changesSince,
    changesBefore,
  };
}

/** A live migration of a server. @throws ApiError 404 */
async function migrationOf(servers: ServerService, serverId: string, id: string): Promise<ServerMigration> {
  const found = /^\d+$/.test(id) ? await findMigration(servers.db.query, { num: Number(id) }) : null;
  if (found?.serverId !== serverId) throw notFound(`Migration ${id} not found for instance ${serverId}`);
  return found;
}

export const serverMigrationRoutes = [
  route({
    id: 'migrations.list',
    summary: 'List moves of servers',
    method: 'GET',
    path: '/os-migrations',
    policy: 'os_compute_api:os-migrations:index',
    status: 200,
    query: AnyQuery,
    handle: async (servers, call) => {
      const { query, version } = call;
      const filter = filterOf(query, version);
      // None is hidden: there is one cell.
      if (query['hidden'] !== undefined && flagOf('hidden', query['hidden'])) return { migrations: [] };
      const paged = version.atLeast('2.59');
      const limit = paged ? limitOf(query['limit'], servers.maxLimit) : servers.maxLimit;
      const after = paged ? text(query, 'marker') : undefined;
      const marker = after === undefined ? null : await findMigration(servers.db.query, { uuid: after });
      if (after !== undefined && !marker) throw badRequest(`Marker ${after} could not be found.`);
      const found = await listMigrations(servers.db.query, filter, paged ? { limit, marker } : null);
      const links = paged
        ? nextPage(
            call,
            'os-migrations',
            call.url,
            limit,
            found.map(({ uuid }) => uuid),
          )
        : [];
      return {
        migrations: found.map((one) => listed(one, version, call)),
        ...(links.length > 0 && limit > 0 && { migrations_links: links }),
      };
    },
  }),
  route({
    id: 'server_migrations.list',
    summary: 'List live migrations of a server that are under way',
    method: 'GET',
    path: '/servers/:id/migrations',
    versions: { min: '2.23', apis: ['v2.1'] },
    policy: 'os_compute_api:servers:migrations:index',
    status: 200,
    params: ServerParams,
    query: AnyQuery,
    handle: async (servers, { ctx, params, version }) => {
      const server = await servers.show(ctx, params.id);
      const found = await listMigrations(servers.db.query, { serverId: server.id, type: 'live-migration' }, null);
      return { migrations: found.filter(({ status }) => inProgress.has(status)).map((one) => shown(one, version)) };
    },
  }),
  route({
    id: 'server_migrations.show',
    summary: 'Show a live migration that is under way',
    method: 'GET',
    path: '/servers/:id/migrations/:migration_id',
    versions: { min: '2.23', apis: ['v2.1'] },
    policy: 'os_compute_api:servers:migrations:show',
    status: 200,
    params: MigrationParams,
    handle: async (servers, { ctx, params: { id, migration_id: migrationId }, version }) => {
      const server = await servers.show(ctx, id);
      const found = await migrationOf(servers, server.id, migrationId).catch((error: unknown) => {
        if (error instanceof ApiError)
          throw notFound(`In-progress live migration ${migrationId} is not found for server ${id}.`);
        throw error;
      });
      if (found.type !== 'live-migration')
        throw notFound(`Migration ${migrationId} for server ${id} is not live-migration.`);
      if (!inProgress.has(found.status))
        throw notFound(`Live migration ${migrationId} for server ${id} is not in progress.`);
      return { migration: shown(found, version) };
    },
  }),
  route({
    id: 'server_migrations.force_complete',
    summary: 'Force a live migration to its end',
    method: 'POST',
    path: '/servers/:id/migrations/:migration_id/action',
    versions: { min: '2.22', apis: ['v2.1'] },
    policy: 'os_compute_api:servers:migrations:force_complete',
    status: 202,
    params: MigrationParams,
    body: strict({ force_complete: Type.Null() }),
    handle: async (servers, { ctx, params: { id, migration_id: migrationId } }) => {
      const server = await servers.allowed(ctx, id, 'forceComplete');
      const found = await migrationOf(servers, server.id, migrationId).catch((error: unknown) => {
        if (error instanceof ApiError) throw badRequest(error.message);
        throw error;
      });
      throw badRequest(cannot(found, 'force complete'));
    },
  }),
  route({
    id: 'server_migrations.abort',
    summary: 'End a live migration that is under way',
    method: 'DELETE',
    path: '/servers/:id/migrations/:migration_id',
    versions: { min: '2.24', apis: ['v2.1'] },
    policy: 'os_compute_api:servers:migrations:delete',
    status: 202,
    params: MigrationParams,
    handle: async (servers, { ctx, params: { id, migration_id: migrationId } }) => {
      const server = await servers.allowed(ctx, id, 'abortMigration');
      const found = await migrationOf(servers, server.id, migrationId);
      throw badRequest(cannot(found, 'abort live migration'));
    },
  }),
];

/** No live migration runs here: it is refused before it does. */
const cannot = ({ num, serverId, status }: ServerMigration, what: string): string =>
  `Migration ${num} state of instance ${serverId} is ${status}. Cannot ${what} while the migration is in this state.`;
