import { chapterOf, type Kind } from './commands.ts';
import type { Result } from './replay.ts';

const outcomes = ['passed', 'replaced', 'skipped', 'failed'] as const;
const kinds: readonly Kind[] = ['cli', 'config', 'db', 'service', 'shell'];

function table(
  title: string,
  results: readonly Result[],
  groups: readonly string[],
  groupOf: (one: Result) => string,
): string {
  const line = (name: string, some: readonly Result[]): string =>
    [
      name.padEnd(18),
      ...outcomes.map((outcome) => String(some.filter((one) => one.outcome === outcome).length).padStart(9)),
      String(some.length).padStart(7),
    ].join('');
  const rows = groups.map((group) => [group, results.filter((one) => groupOf(one) === group)] as const);
  return [
    [title.padEnd(18), ...outcomes.map((outcome) => outcome.padStart(9)), 'all'.padStart(7)].join(''),
    ...rows.filter(([, some]) => some.length > 0).map(([group, some]) => line(group, some)),
    line('together', results),
  ].join('\n');
}

/** Reasons of one outcome, with the commands that they are given for. */
function reasons(results: readonly Result[], outcome: Result['outcome']): string {
  const by = Map.groupBy(
    results.filter((one) => one.outcome === outcome),
    ({ reason }) => reason,
  );
  return [...by].map(([reason, some]) => `  ${some.map(({ command }) => command.id).join(' ')}: ${reason}`).join('\n');
}

/** One failure in full: what was typed, what is wrong, what came. */
export function failureText({ command, reason, line, got }: Result): string {
  const shorten = (lines: readonly string[]): readonly string[] =>
    lines.length > 24 ? [...lines.slice(0, 8), '…', ...lines.slice(-12)] : lines;
  const indent = (text: string): string => shorten(text.split('\n')).join('\n').replaceAll(/^/gm, '    ');
  return [
    `${command.id} (${command.section}) ${line ?? command.command}`,
    `  ${reason}`,
    ...(got ? [indent(got)] : []),
  ].join('\n');
}

/** Figures per chapter and per kind, and why things are not as printed. */
export function reportText(results: readonly Result[]): string {
  const chapters = [...new Set(results.map(({ command }) => chapterOf(command)))];
  const failed = results.filter((one) => one.outcome === 'failed');
  return [
    table('chapter', results, chapters, ({ command }) => chapterOf(command)),
    table('kind', results, kinds, ({ command }) => command.kind),
    `replaced:\n${reasons(results, 'replaced')}`,
    `skipped:\n${reasons(results, 'skipped')}`,
    ...(failed.length > 0 ? [`failed:\n${failed.map(failureText).join('\n')}`] : []),
  ].join('\n\n');
}
