import type { ApiError } from '#common/api/errors.ts';
import type { Database, Queryable } from '#common/db/database.ts';
import { overQuota } from '../api/errors.ts';
import type { CinderConfig } from '../config.ts';
import type { CinderTables } from '../tables.ts';
import { allTypes } from '../types/rows.ts';
import * as rows from './rows.ts';

/** Resource → number. Beside these eight there are `volumes_<type>`, `gigabytes_<type>` and `snapshots_<type>`. */
export type Amounts = Readonly<Record<string, number>>;
export interface Usage {
  readonly inUse: Amounts;
  /** What running operations will add. */
  readonly reserved: Amounts;
}

const options = {
  volumes: 'quota_volumes',
  per_volume_gigabytes: 'per_volume_size_limit',
  snapshots: 'quota_snapshots',
  gigabytes: 'quota_gigabytes',
  backups: 'quota_backups',
  backup_gigabytes: 'quota_backup_gigabytes',
} as const satisfies Record<string, keyof CinderConfig['DEFAULT']>;
const perType = ['volumes', 'gigabytes', 'snapshots'] as const;

/** The project's limits, and what must be asked before something is made. -1 is unlimited. */
export interface Quotas {
  /** In the order in which they are shown. */
  limits(projectId: string): Promise<Amounts>;
  /** Those of a project that has none of its own. */
  defaults(className?: string): Promise<Amounts>;
  usage(projectId: string): Promise<Usage>;
  /**
   * Runs `work` in a transaction that holds the project's quota. What `work` inserts counts for whoever comes next, so
   * nothing is reserved and nothing can drift. `claim` throws unless there is room for what is asked.
   */
  transaction<R>(
    projectId: string,
    work: (trx: Queryable<CinderTables>, claim: (asked: Amounts) => Promise<void>) => Promise<R>,
  ): Promise<R>;
  /** What a volume of a type takes. @param typeName null without a type */
  ofVolume(sizeGb: number, typeName: string | null): Amounts;
  ofSnapshot(sizeGb: number, typeName: string | null): Amounts;
  /** @throws ApiError 413 when one volume may not be that large */
  checkSize(projectId: string, sizeGb: number): Promise<void>;
}

export function createQuotas(db: Database<CinderTables>, conf: CinderConfig): Quotas {
  const { no_snapshot_gb_quota: snapshotsAreFree, use_default_quota_class: useClass } = conf.DEFAULT;

  const defaults = async (className = 'default'): Promise<Amounts> => {
    const types = await allTypes(db.query);
    const said = useClass || className !== 'default' ? await rows.classLimits(db.query, className) : {};
    const limits: Record<string, number> = {};
    for (const [name, option] of Object.entries(options)) limits[name] = said[name] ?? conf.DEFAULT[option];
    for (const { name: type } of types)
      for (const what of perType) limits[`${what}_${type}`] = said[`${what}_${type}`] ?? -1;
    limits['groups'] = said['groups'] ?? conf.DEFAULT.quota_groups;
    return limits;
  };
  const limitsOf = async (projectId: string): Promise<Amounts> => {
    const limits: Record<string, number> = { ...(await defaults()) };
    for (const [name, limit] of Object.entries(await rows.projectLimits(db.query, projectId)))
      if (name in limits) limits[name] = limit;
    return limits;
  };

  const usageIn = async (q: Queryable<CinderTables>, projectId: string): Promise<Usage> => {
    const names = new Map((await allTypes(q)).map((type) => [type.id, type.name]));
    const inUse: Record<string, number> = {};
    const reserved: Record<string, number> = {};
    const add = (to: Record<string, number>, what: string, typeId: string | null, amount: number): void => {
      to[what] = (to[what] ?? 0) + amount;
      const type = typeId === null ? undefined : names.get(typeId);
      if (type !== undefined) to[`${what}_${type}`] = (to[`${what}_${type}`] ?? 0) + amount;
    };
    for (const { typeId, count, gb } of await rows.volumesInUse(q, projectId)) {
      add(inUse, 'volumes', typeId, count);
      add(inUse, 'gigabytes', typeId, gb);
    }
    for (const { typeId, count, gb } of await rows.snapshotsInUse(q, projectId)) {
      add(inUse, 'snapshots', typeId, count);
      if (!snapshotsAreFree) add(inUse, 'gigabytes', typeId, gb);
    }
    for (const { kind, sizeGb, typeId, input } of await rows.promised(q, projectId)) {
      if (kind === 'volume.extend') add(reserved, 'gigabytes', typeId, Number(input['newSizeGb']) - sizeGb);
      const type = names.get(String(input['newTypeId']));
      if (kind !== 'volume.retype' || type === undefined) continue;
      reserved[`volumes_${type}`] = (reserved[`volumes_${type}`] ?? 0) + 1;
      reserved[`gigabytes_${type}`] = (reserved[`gigabytes_${type}`] ?? 0) + sizeGb;
    }
    const backups = await rows.backupsInUse(q, projectId);
    return {
      inUse: {
        ...inUse,
        backups: backups.count,
        backup_gigabytes: backups.gb,
        groups: await rows.groupsInUse(q, projectId),
      },
      reserved,
    };
  };

  const amounts = (of: Readonly<Record<string, number>>, typeName: string | null): Amounts =>
    Object.fromEntries(
      Object.entries(of).flatMap(([what, amount]) => [
        [what, amount] as const,
        ...(typeName === null ? [] : [[`${what}_${typeName}`, amount] as const]),
      ]),
    );

  return {
    defaults,
    limits: limitsOf,
    usage: (projectId) => usageIn(db.query, projectId),
    ofVolume: (sizeGb, typeName) => amounts({ volumes: 1, gigabytes: sizeGb }, typeName),
    ofSnapshot: (sizeGb, typeName) =>
      amounts({ snapshots: 1, ...(!snapshotsAreFree && { gigabytes: sizeGb }) }, typeName),
    async checkSize(projectId, sizeGb) {
      const limit = (await limitsOf(projectId))['per_volume_gigabytes'] ?? -1;
      if (limit >= 0 && sizeGb > limit)
        throw overQuota(
          'VolumeSizeExceedsLimit',
          `Requested volume size ${sizeGb} is larger than maximum allowed limit ${limit}.`,
        );
    },
    async transaction(projectId, work) {
      const limits = await limitsOf(projectId);
      const run = () =>
        db.transaction(async (trx) => {
          await rows.lockProject(trx, projectId);
          return work(trx, async (asked) => {
            const refusal = exceeded(asked, await usageIn(trx, projectId), limits);
            if (refusal) throw refusal;
          });
        });
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof rows.MissingLock)) throw error;
        await rows.makeLock(db.query, projectId);
        return run();
      }
    },
  };
}

/** In Cinder's words, sizes before numbers; null when there is room. */
function exceeded(asked: Amounts, { inUse, reserved }: Usage, limits: Amounts): ApiError | null {
  const consumed = (name: string): number => (inUse[name] ?? 0) + (reserved[name] ?? 0);
  const over = Object.keys(asked).filter((name) => {
    const limit = limits[name] ?? -1;
    return limit >= 0 && (asked[name] ?? 0) > 0 && consumed(name) + (asked[name] ?? 0) > limit;
  });
  const size = over.find((name) => name.includes('gigabytes'));
  if (size !== undefined) {
    const rest = `Requested ${asked[size]}G, quota is ${limits[size]}G and ${consumed(size)}G has been consumed.`;
    return size === 'backup_gigabytes'
      ? overQuota(
          'VolumeBackupSizeExceedsAvailableQuota',
          `Requested backup exceeds allowed Backup gigabytes quota. ${rest}`,
        )
      : overQuota(
          'VolumeSizeExceedsAvailableQuota',
          `Requested volume or snapshot exceeds allowed ${size} quota. ${rest}`,
        );
  }
  const [name] = over;
  if (name === undefined) return null;
  const allowed = limits[name];
  if (name === 'backups')
    return overQuota('BackupLimitExceeded', `Maximum number of backups allowed (${allowed}) exceeded`);
  if (name === 'groups')
    return overQuota('GroupLimitExceeded', `Maximum number of groups allowed (${allowed}) exceeded`);
  if (name.startsWith('snapshots'))
    return overQuota('SnapshotLimitExceeded', `Maximum number of snapshots allowed (${allowed}) exceeded`);
  return overQuota(
    'VolumeLimitExceeded',
    `Maximum number of volumes allowed (${allowed}) exceeded for quota '${name}'.`,
  );
}
