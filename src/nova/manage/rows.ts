import type { Queryable } from '#common/db/database.ts';
import type { NovaTables } from '../tables.ts';

type Db = Queryable<NovaTables>;

/** Whatever is kept of a project beside its servers. Groups that still have members stay. */
export async function scrubProject(trx: Db, projectId: string): Promise<void> {
  await trx.deleteFrom('quota_limits').where('project_id', '=', projectId).execute();
  await trx.deleteFrom('user_quota_limits').where('project_id', '=', projectId).execute();
  await trx.deleteFrom('ec2_client_tokens').where('project_id', '=', projectId).execute();
  await trx.deleteFrom('flavor_access').where('project_id', '=', projectId).execute();
  await trx.deleteFrom('certificates').where('project_id', '=', projectId).execute();
  await trx
    .deleteFrom('server_groups')
    .where('project_id', '=', projectId)
    .where('id', 'not in', trx.selectFrom('server_group_members').select('group_id'))
    .execute();
}

/** Moves rows of deleted servers to `shadow_instances`, the oldest first. @returns how many */
export async function archiveServers(trx: Db, max: number): Promise<number> {
  const rows = await trx
    .selectFrom('instances')
    .selectAll()
    .where('deleted', '=', 1)
    .orderBy('num')
    .limit(max)
    .execute();
  if (rows.length === 0) return 0;
  const ids = rows.map((row) => row.id);
  // A run that was interrupted may have copied some already.
  await trx.deleteFrom('shadow_instances').where('id', 'in', ids).execute();
  await trx
    .insertInto('shadow_instances')
    .values(
      rows.map((row) => ({
        id: row.id,
        project_id: row.project_id,
        deleted_at: row.deleted_at,
        // Not even an archive keeps a password.
        record: JSON.stringify({ ...row, admin_password: null }),
      })),
    )
    .execute();
  await trx.deleteFrom('instances').where('id', 'in', ids).execute();
  return rows.length;
}

export interface VmLine {
  readonly name: string;
  readonly host: string | null;
  readonly flavor: string;
  readonly vmState: string;
  readonly launchedAt: string | null;
  readonly imageId: string | null;
  readonly kernelId: string | null;
  readonly ramdiskId: string | null;
  readonly projectId: string;
  readonly userId: string;
  readonly zone: string | null;
  readonly launchIndex: number;
}

/** Live servers of all projects. @param host null lists those of all hosts */
export async function listVms(db: Db, host: string | null): Promise<VmLine[]> {
  let query = db.selectFrom('instances').selectAll().where('deleted', '=', 0);
  if (host !== null) query = query.where('host', '=', host);
  return (await query.orderBy('num').execute()).map((row) => {
    const image =
      row.image === null ? null : (JSON.parse(row.image) as { kernelId: string | null; ramdiskId: string | null });
    return {
      name: row.display_name,
      host: row.host,
      flavor: (JSON.parse(row.flavor) as { name: string }).name,
      vmState: row.vm_state,
      launchedAt: row.launched_at,
      imageId: row.image_id,
      kernelId: image?.kernelId ?? null,
      ramdiskId: image?.ramdiskId ?? null,
      projectId: row.project_id,
      userId: row.user_id,
      zone: row.availability_zone,
      launchIndex: row.launch_index,
    };
  });
}
