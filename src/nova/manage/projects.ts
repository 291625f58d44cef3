import { checkLimits, usage } from '../quotas/change-limits.ts';
import { createQuotas, resourceNames } from '../quotas/quotas.ts';
import { setProjectLimits, setUserLimits } from '../quotas/rows.ts';
import { ApiError } from '#common/api/errors.ts';
import type { Command, Run } from './command.ts';
import { scrubProject } from './rows.ts';

const widths = [36, 10, 10, 10];
const row = (cells: readonly unknown[]): string =>
  cells.map((cell, index) => String(cell).padEnd(widths[index] ?? 0)).join(' ');

/** Shows a project's limits (or a user's in it) with what is used; with key and value it changes one first. */
async function quota({ db: open, env, conf, given }: Run): Promise<number> {
  const db = await open();
  const quotas = createQuotas(db, conf);
  const projectId = given.required('project');
  const userId = given.text('user') ?? undefined;
  const [key, value] = [given.text('key'), given.text('value')];
  if (key !== null) {
    if (!(resourceNames as readonly string[]).includes(key)) {
      env.print(`${key} is not a valid quota key. Valid options are: ${[...resourceNames].sort().join(', ')}.`);
      return 2;
    }
    const limit = value?.toLowerCase() === 'unlimited' ? -1 : Number(value ?? Number.NaN);
    if (!Number.isInteger(limit)) {
      env.print(`Quota value must be a whole number or "unlimited", not ${value ?? 'nothing'}.`);
      return 2;
    }
    const limits = { [key]: limit };
    try {
      await checkLimits({ db, quotas }, { projectId, userId, limits, force: false }, 'v2');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      env.print(error.message);
      return 2;
    }
    await db.transaction((trx) =>
      userId === undefined ? setProjectLimits(trx, projectId, limits) : setUserLimits(trx, projectId, userId, limits),
    );
  }
  const limits = await (userId === undefined ? quotas.limits(projectId) : quotas.userLimits(projectId, userId));
  const used = await usage(db, projectId, userId);
  env.print(row(['Quota', 'Limit', 'In Use', 'Reserved']));
  for (const name of [...resourceNames].sort())
    env.print(row([name, limits[name] < 0 ? 'unlimited' : limits[name], used[name] ?? 0, 0]));
  return 0;
}

export const projectCommands: readonly Command[] = [
  {
    name: 'project quota',
    arguments: ['project', 'user', 'key', 'value'],
    help: "Show a project's limits, or change one.",
    run: quota,
  },
  {
    name: 'project scrub',
    arguments: ['project'],
    help: 'Forget what is kept of a project that is gone: limits, empty server groups, certificates.',
    async run({ db: open, given }) {
      const db = await open();
      await db.transaction((trx) => scrubProject(trx, given.required('project')));
    },
  },
];
