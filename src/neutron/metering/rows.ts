import { inParts } from '../list-rows.ts';
import { PlainRows } from '../plain-rows.ts';
import type { Db } from '../store.ts';
import type { MeteringLabelRow, MeteringRuleRow } from '../tables.ts';
import { labelResource, labelRuleResource } from './schema.ts';

export const labels = new PlainRows({ resource: labelResource, table: 'meteringlabels' });
export const labelRules = new PlainRows({ resource: labelRuleResource, table: 'meteringlabelrules' });

/** The labels that count for routers of these projects: their own, and those that are shared with all. */
export async function labelsFor(db: Db, projectIds: readonly string[]): Promise<readonly MeteringLabelRow[]> {
  const own = await inParts(projectIds, (part) =>
    db.selectFrom('meteringlabels').selectAll().where('shared', '=', 0).where('project_id', 'in', part).execute(),
  );
  const shared = await db.selectFrom('meteringlabels').selectAll().where('shared', '=', 1).execute();
  return [...own, ...shared].sort((a, b) => (a.id < b.id ? -1 : 1));
}

export const rulesOf = (db: Db, labelIds: readonly string[]): Promise<readonly MeteringRuleRow[]> =>
  labelRules.by(db, 'metering_label_id', labelIds);
