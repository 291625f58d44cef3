import { forbidden, unavailable } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { CommandError, type Run } from '#common/host/run.ts';
import { AnyQuery, IdParams } from '../api/schemas.ts';
import { flagOf } from './filters.ts';
import type { ServerSummary } from './model.ts';
import { listServers } from './rows.ts';
import type { ServerService } from './service.ts';

export interface FpingDeps {
  readonly servers: ServerService;
  readonly run: Run;
  /** `fping_path` */
  readonly program: string;
}

const route = routesFor<FpingDeps>();
const versions = { apis: ['v2'] } as const;

/** Which of the addresses answer. @throws ApiError 503 without the program */
async function alive({ run, program }: FpingDeps, addresses: readonly string[]): Promise<ReadonlySet<string>> {
  if (addresses.length === 0) return new Set();
  // Status 1: some do not answer; 2: some are no addresses.
  const { stdout } = await run([program, ...addresses], { ok: [0, 1, 2] }).catch((cause: unknown) => {
    if (cause instanceof CommandError) throw unavailable('fping utility is not found.', { cause });
    throw cause;
  });
  return new Set(stdout.split('\n').flatMap((line) => /^(\S+) is alive$/.exec(line.trim())?.[1] ?? []));
}

const addressesOf = (server: ServerSummary): string[] =>
  server.ports.flatMap((port) =>
    port.addresses.filter((one) => one.version === 4).flatMap((one) => [one.address, ...one.floating]),
  );

const show = (server: ServerSummary, answering: ReadonlySet<string>) => ({
  id: server.id,
  project_id: server.projectId,
  alive: addressesOf(server).some((address) => answering.has(address)),
});

const ids = (value: unknown): readonly string[] | null =>
  typeof value === 'string' && value !== '' ? value.split(',').map((id) => id.trim()) : null;

/** Icehouse's quick look at which servers answer on the network. */
export const fpingRoutes = [
  route({
    id: 'fping.list',
    summary: 'Which servers answer a ping',
    method: 'GET',
    path: '/os-fping',
    versions,
    policy: 'os_compute_api:os-fping',
    status: 200,
    query: AnyQuery,
    handle: async (deps, { ctx, query }) => {
      const all = flagOf('all_tenants', query['all_tenants']);
      if (all && !deps.servers.deps.enforcer.allows('os_compute_api:os-fping:all_tenants', ctx))
        throw forbidden("Policy doesn't allow os_compute_api:os-fping:all_tenants to be performed.");
      const [include, exclude] = [ids(query['include']), ids(query['exclude'])];
      const servers = await listServers(
        deps.servers.db.query,
        {
          deleted: false,
          ...(!all && { equal: { project_id: ctx.projectId ?? '' } }),
          ...(include && { ids: include }),
        },
        { sort: [{ column: 'num', direction: 'asc' }], limit: deps.servers.maxLimit, withUserData: false },
      );
      const wanted = include ? servers : servers.filter((server) => !exclude?.includes(server.id));
      const answering = await alive(deps, wanted.flatMap(addressesOf));
      return { servers: wanted.map((server) => show(server, answering)) };
    },
  }),
  route({
    id: 'fping.show',
    summary: 'Whether a server answers a ping',
    method: 'GET',
    path: '/os-fping/:id',
    versions,
    policy: 'os_compute_api:os-fping',
    status: 200,
    params: IdParams,
    handle: async (deps, { ctx, params }) => {
      const server = await deps.servers.show(ctx, params.id);
      return { server: show(server, await alive(deps, addressesOf(server))) };
    },
  }),
];
