import { ApiError } from '#common/api/errors.ts';
import type { Database, Queryable } from '#common/db/database.ts';
import type { NovaConfig } from '../config.ts';
import type { NovaTables } from '../tables.ts';
import * as rows from './rows.ts';

/** What is limited, with the option that says how much. */
const resources = {
  instances: 'quota_instances',
  cores: 'quota_cores',
  ram: 'quota_ram',
  metadata_items: 'quota_metadata_items',
  injected_files: 'quota_injected_files',
  injected_file_content_bytes: 'quota_injected_file_content_bytes',
  injected_file_path_bytes: 'quota_injected_file_path_length',
  key_pairs: 'quota_key_pairs',
  server_groups: 'quota_server_groups',
  server_group_members: 'quota_server_group_members',
  floating_ips: 'quota_floating_ips',
  fixed_ips: 'quota_fixed_ips',
  security_groups: 'quota_security_groups',
  security_group_rules: 'quota_security_group_rules',
} as const satisfies Record<string, keyof NovaConfig['DEFAULT']>;

export type Resource = keyof typeof resources;
export const resourceNames = Object.keys(resources) as Resource[];
export type Limits = Readonly<Record<Resource, number>>;
export type Asked = Readonly<Partial<Record<Resource, number>>>;

/** Over quota: 403 in today's API; 413 in Icehouse's, where clients wait for Retry-After. */
export class OverQuota extends ApiError {
  constructor(message: string, api: string) {
    super(api === 'v2' ? 413 : 403, message, api === 'v2' ? { headers: { 'retry-after': '0' } } : {});
  }
}

export interface Standing {
  readonly used: rows.InUse;
  readonly limits: Limits;
}

/** The project's limits, and what must be asked before something is made. -1 is unlimited. */
export interface Quotas {
  limits(projectId: string): Promise<Limits>;
  /** Those of one user of the project: his own, and the project's where he has none. */
  userLimits(projectId: string, userId: string): Promise<Limits>;
  /** Those of a project that has none of its own. */
  defaults(): Promise<Limits>;
  /**
   * What a user of a project may have and has now: of each resource the project's or his own, whichever leaves less. Nothing
   * is held: it may be otherwise a moment later.
   */
  standing(projectId: string, userId: string | null): Promise<Standing>;
  /**
   * Runs `work` in a transaction that holds the project's quota; `used` is what it has now. What `work` inserts counts for
   * whoever comes next, so nothing is reserved and nothing can drift.
   * @param holder whose quota is held, where that is not the project: key pairs are counted per user
   * @param userId whose own limits count beside the project's: of each resource `used` and `limits` are of whichever leaves less
   */
  transaction<R>(
    projectId: string,
    work: (trx: Queryable<NovaTables>, used: rows.InUse, limits: Limits) => Promise<R>,
    holder?: string,
    userId?: string | null,
  ): Promise<R>;
}

export function createQuotas(db: Database<NovaTables>, conf: NovaConfig): Quotas {
  const unlimited = conf.DEFAULT.quota_driver.endsWith('NoopQuotaDriver');
  const configured = Object.fromEntries(
    resourceNames.map((name) => [name, unlimited ? -1 : conf.DEFAULT[resources[name]]]),
  ) as Record<Resource, number>;
  const defaults = async (): Promise<Limits> =>
    unlimited ? configured : { ...configured, ...(await rows.classLimits(db.query, 'default')) };
  const limits = async (projectId: string): Promise<Limits> =>
    unlimited ? configured : { ...(await defaults()), ...(await rows.projectLimits(db.query, projectId)) };
  const ownLimitsOf = async (projectId: string, userId: string | null): Promise<Asked> =>
    unlimited || userId === null ? {} : rows.userLimits(db.query, projectId, userId);
  return {
    defaults,
    limits,
    userLimits: async (projectId, userId) => ({
      ...(await limits(projectId)),
      ...(await ownLimitsOf(projectId, userId)),
    }),
    standing: async (projectId, userId) =>
      standing(db.query, { projectId, userId }, await limits(projectId), await ownLimitsOf(projectId, userId)),
    async transaction(projectId, work, holder = projectId, userId = null) {
      const allowed = await limits(projectId);
      const own = await ownLimitsOf(projectId, userId);
      const run = () =>
        db.transaction(async (trx) => {
          await rows.lockProject(trx, holder);
          const now = await standing(trx, { projectId, userId }, allowed, own);
          return work(trx, now.used, now.limits);
        });
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof rows.MissingLock)) throw error;
        await rows.makeLock(db.query, holder);
        return run();
      }
    },
  };
}

async function standing(
  db: Queryable<NovaTables>,
  { projectId, userId }: { readonly projectId: string; readonly userId: string | null },
  limits: Limits,
  own: Asked,
): Promise<Standing> {
  const used = await rows.serversInUse(db, projectId);
  if (userId === null || Object.keys(own).length === 0) return { used, limits };
  return tighter({ used, limits }, { used: await rows.serversInUse(db, projectId, userId), own });
}

/** Of each resource the pair, project's or user's, that leaves less. */
function tighter(project: Standing, user: { readonly used: rows.InUse; readonly own: Asked }): Standing {
  const left = (limit: number, used: number): number => (limit < 0 ? Number.POSITIVE_INFINITY : limit - used);
  const used: Record<string, number> = { ...project.used };
  const limits: Record<Resource, number> = { ...project.limits };
  for (const [name, limit] of Object.entries(user.own) as [Resource, number][]) {
    const [ofProject = 0, ofUser = 0] = [(project.used as Asked)[name], (user.used as Asked)[name]];
    if (left(limit, ofUser) > left(project.limits[name], ofProject)) continue;
    limits[name] = limit;
    if (name in user.used) used[name] = ofUser;
  }
  return { used: used as unknown as rows.InUse, limits };
}

/** The resources of which there is not enough left. */
export const exceeded = (asked: Asked, used: Asked, limits: Limits): Resource[] =>
  (Object.keys(asked) as Resource[]).filter(
    (name) => limits[name] >= 0 && (used[name] ?? 0) + (asked[name] ?? 0) > limits[name],
  );

/** `Quota exceeded for instances: Requested 1, but already used 10 of 10 instances` */
export function overQuota(
  over: readonly Resource[],
  asked: Asked,
  used: Asked,
  limits: Limits,
  api: string,
): OverQuota {
  const list = (value: (name: Resource) => unknown): string => over.map(value).join(', ');
  return new OverQuota(
    `Quota exceeded for ${list((name) => name)}: Requested ${list((name) => asked[name])}, but already used ` +
      `${list((name) => used[name] ?? 0)} of ${list((name) => limits[name])} ${list((name) => name)}`,
    api,
  );
}

/** How many of `wanted` equal things fit into what is left. */
export function headroom(each: Asked, used: Asked, limits: Limits, wanted: number): number {
  const fits = (Object.keys(each) as Resource[]).map((name) => {
    const one = each[name] ?? 0;
    return limits[name] < 0 || one === 0 ? wanted : Math.floor((limits[name] - (used[name] ?? 0)) / one);
  });
  return Math.max(0, Math.min(wanted, ...fits));
}
