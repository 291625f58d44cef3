import { badRequest } from '#common/api/errors.ts';
import type { Database } from '#common/db/database.ts';
import { countGroups } from '../server-groups/rows.ts';
import type { NovaTables } from '../tables.ts';
import type { Limits, Quotas, Resource } from './quotas.ts';
import * as rows from './rows.ts';

export interface LimitDeps {
  readonly db: Database<NovaTables>;
  readonly quotas: Quotas;
}

export const networkResources: ReadonlySet<Resource> = new Set([
  'floating_ips',
  'fixed_ips',
  'security_groups',
  'security_group_rules',
]);
export const fileResources: ReadonlySet<Resource> = new Set([
  'injected_files',
  'injected_file_content_bytes',
  'injected_file_path_bytes',
]);

/** In today's API Nova limits nothing of the network: Neutron does. */
export const limitOf = (limits: Limits, name: Resource, api: string): number =>
  networkResources.has(name) && api !== 'v2' ? -1 : limits[name];

/** What a project has, or what of it a user made, by resource; what is not counted is not named. */
export async function usage(
  db: Database<NovaTables>,
  projectId: string,
  userId?: string,
): Promise<Partial<Record<Resource, number>>> {
  return {
    ...(await rows.serversInUse(db.query, projectId, userId)),
    server_groups: await countGroups(db.query, projectId, userId),
  };
}

/** @throws ApiError 400 */
export function checkMinusOne(name: string, limit: number, api: string): void {
  if (limit < -1)
    throw badRequest(
      api === 'v2' ? 'Quota limit must be -1 or greater.' : `Quota limit ${limit} for ${name} must be -1 or greater.`,
    );
}

/**
 * Whether limits can be set: not below what is used (unless forced), a project's not below what its users have been given,
 * and a user's not above what the project has left to give.
 * @throws ApiError 400 in the words of the API's version
 */
export async function checkLimits(
  { db, quotas }: LimitDeps,
  asked: {
    readonly projectId: string;
    readonly userId: string | undefined;
    readonly limits: Readonly<Record<string, number>>;
    readonly force: boolean;
  },
  api: string,
): Promise<void> {
  const { projectId, userId } = asked;
  for (const [name, limit] of Object.entries(asked.limits)) checkMinusOne(name, limit, api);
  const [ofProject, given, used, own] = await Promise.all([
    quotas.limits(projectId),
    rows.givenToUsers(db.query, projectId),
    usage(db, projectId, userId),
    userId === undefined ? {} : rows.userLimits(db.query, projectId, userId),
  ]);
  for (const [name, limit] of Object.entries(asked.limits)) {
    const resource = name as Resource;
    const inUse = used[resource] ?? 0;
    const minimum = userId === undefined ? Math.max(given[name] ?? 0, inUse) : inUse;
    const already = Math.max(0, (own as Record<string, number>)[name] ?? 0);
    const maximum =
      userId === undefined || ofProject[resource] < 0 ? -1 : ofProject[resource] - (given[name] ?? 0) + already;
    if (!asked.force && limit < minimum && (maximum !== -1 || limit !== -1))
      throw badRequest(
        api === 'v2'
          ? `Quota limit must be greater than ${minimum}.`
          : `Quota limit ${limit} for ${name} must be greater than or equal to already used and reserved ${minimum}.`,
      );
    if (maximum !== -1 && (limit > maximum || limit === -1))
      throw badRequest(
        api === 'v2'
          ? `Quota limit must be less than ${maximum}.`
          : `Quota limit ${limit} for ${name} must be less than or equal to ${maximum}.`,
      );
  }
}
