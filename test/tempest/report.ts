import type { Result, Status } from './results.ts';

const columns: readonly Status[] = ['passed', 'failed', 'skipped', 'not-run'];

/** Figures per group, what failed, and how it compares with the reference. */
export function report(results: readonly Result[]): string {
  const groups = [...Map.groupBy(results, ({ group }) => group)].sort(([a], [b]) => a.localeCompare(b));
  const width = Math.max(5, ...groups.map(([group]) => group.length));
  const row = (name: string, of: readonly Result[]): string =>
    name.padEnd(width) +
    columns.map((status) => String(of.filter((one) => one.status === status).length).padStart(9)).join('');
  const lines = [
    ''.padEnd(width) + columns.map((status) => status.padStart(9)).join(''),
    ...groups.map(([group, of]) => row(group, of)),
    row('all', results),
  ];
  const failed = results.filter(({ status }) => status === 'failed' || status === 'not-run');
  if (failed.length > 0) lines.push('', 'Not passed:', ...failed.map(({ id, status }) => `  ${status}  ${id}`));
  if (results.some(({ reference }) => reference !== null)) lines.push('', ...comparison(results));
  return `${lines.join('\n')}\n`;
}

function comparison(results: readonly Result[]): string[] {
  const passes = (one: Result): boolean => one.status === 'passed';
  const should = results.filter(({ reference }) => reference === 'passed');
  const beyond = results.filter((one) => one.reference !== 'passed' && passes(one));
  const missing = should.filter((one) => !passes(one));
  return [
    `Of the ${should.length} that a real OpenStack Zed passes, ${should.length - missing.length} pass; besides, ${beyond.length} that it does not.`,
    ...missing.map(({ id, status }) => `  Zed passes, here ${status}: ${id}`),
  ];
}
