import type { Queryable } from '#common/db/database.ts';
import type { NovaTables } from '../tables.ts';

type Db = Queryable<NovaTables>;

export interface Issued {
  /** `root`, or a project's id. */
  readonly authority: string;
  /** Hex. */
  readonly serial: string;
  readonly userId: string;
  readonly projectId: string;
  readonly subject: string;
}

export async function insertCertificate(db: Db, issued: Issued, now: string): Promise<void> {
  await db
    .insertInto('certificates')
    .values({
      authority: issued.authority,
      serial: issued.serial,
      user_id: issued.userId,
      project_id: issued.projectId,
      subject: issued.subject,
      created_at: now,
      revoked_at: null,
    })
    .execute();
}

/** Those of a user, of a project, or of a user in a project. @returns the authorities whose lists change, and how many */
export async function revokeCertificates(
  trx: Db,
  whose: { readonly userId?: string; readonly projectId?: string },
  now: string,
): Promise<{ readonly authorities: readonly string[]; readonly revoked: number }> {
  let found = trx.selectFrom('certificates').select(['num', 'authority']).where('revoked_at', 'is', null);
  if (whose.userId !== undefined) found = found.where('user_id', '=', whose.userId);
  if (whose.projectId !== undefined) found = found.where('project_id', '=', whose.projectId);
  const rows = await found.execute();
  if (rows.length > 0)
    await trx
      .updateTable('certificates')
      .set({ revoked_at: now })
      .where(
        'num',
        'in',
        rows.map((row) => row.num),
      )
      .execute();
  return { authorities: [...new Set(rows.map((row) => row.authority))], revoked: rows.length };
}

export async function revokedOf(db: Db, authority: string): Promise<{ serial: string; at: Date }[]> {
  const rows = await db
    .selectFrom('certificates')
    .select(['serial', 'revoked_at'])
    .where('authority', '=', authority)
    .where('revoked_at', 'is not', null)
    .orderBy('num')
    .execute();
  return rows.map((row) => ({ serial: row.serial, at: new Date(`${row.revoked_at}Z`) }));
}
