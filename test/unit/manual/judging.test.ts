import { describe, expect, it } from 'vitest';
import { chapterOf, commands, type Expect } from '../../manual/commands.ts';
import { problemsOf, valueIn } from '../../manual/expectation.ts';
import type { Known } from '../../manual/placeholders.ts';
import { drawTable, readTable } from '../../manual/pretty-table.ts';

const known: Known = {
  refs: new Map([['user.admin', '0123456789abcdef0123456789abcdef']]),
  hostOf: () => 'controller.magedu.com',
  host: 'controller.magedu.com',
};
const printed = (stdout: string, status = 0): { status: number; stdout: string; stderr: string } => ({
  status,
  stdout,
  stderr: '',
});
const judged = (expect: Partial<Expect>, stdout: string, status = 0): readonly string[] =>
  problemsOf({ type: 'silent', exit: 0, ...expect }, printed(stdout, status), known);

describe('the manual’s commands', () => {
  it('are 599, in order, by kind as the specification counts them', () => {
    expect(commands.map(({ id }) => id)).toEqual(
      Array.from({ length: 599 }, (_, at) => `M${String(at + 1).padStart(3, '0')}`),
    );
    const kinds = Object.fromEntries(
      [...Map.groupBy(commands, ({ kind }) => kind)].map(([kind, all]) => [kind, all.length]),
    );
    expect(kinds).toEqual({ cli: 83, config: 213, db: 32, service: 68, shell: 203 });
    expect(commands.filter(({ id }) => ['M056', 'M057', 'M599'].includes(id)).map(chapterOf)).toEqual([
      '1 Identity',
      '2 Image',
      'A3 Domain',
    ]);
  });

  // What the judge takes for right must be what the manual prints.
  it.each(
    commands.flatMap(({ id, expect }) =>
      expect.sample !== undefined && expect.type.startsWith('table') && !id.startsWith('M367')
        ? [[id, expect] as const]
        : [],
    ),
  )('%s: its table is drawn as its client draws', (_, { sample = '', client = 'nova', type }) => {
    const text = sample.slice(sample.indexOf('+-')).trimEnd();
    const rows = readTable(text);
    expect(rows && drawTable(rows, client, type === 'table-list')).toBe(text);
  });
});

describe('problemsOf', () => {
  const list: Partial<Expect> = {
    type: 'table-list',
    client: 'nova',
    columns: ['ID', 'Name'],
    rows: [
      ['<ref:user.admin>', 'admin'],
      ['<id32>', 'demo'],
    ],
  };
  const row = (id: string, name: string): string => `| ${id} | ${name.padEnd(5)} |\n`;
  const [admin, demo] = ['0123456789abcdef0123456789abcdef', 'f'.repeat(32)];
  const rule = `+${'-'.repeat(34)}+-------+\n`;
  const head = `${rule}| ID${' '.repeat(31)}| Name  |\n${rule}`;
  const table = `${head}${row(admin, 'admin')}${row(demo, 'demo')}${rule}`;

  it('takes the manual’s table', () => expect(judged(list, table)).toEqual([]));
  it('sees another order', () => {
    const turned = `${head}${row(demo, 'demo')}${row(admin, 'admin')}${rule}`;
    expect(judged(list, turned)).not.toEqual([]);
    expect(judged({ ...list, sort: 'none' }, turned)).toEqual([]);
  });
  it('sees a missing row, another column, another alignment, another status', () => {
    expect(judged(list, `${head}${row(admin, 'admin')}${rule}`)).toHaveLength(1);
    expect(judged({ ...list, columns: ['ID', 'User'] }, table)).toHaveLength(1);
    expect(judged({ ...list, client: 'keystone' }, table)).toEqual(['the alignment is not the client’s']);
    expect(judged(list, table, 1)).toEqual(['exit status 1 instead of 0']);
  });
  it('sees output where there should be none, and a wrong message', () => {
    expect(judged({}, 'x\n')).toEqual(['it should print nothing']);
    const message = 'Added interface 8a32211d-5cb3-47cc-b5e3-00a7da9ccac9 to router r.';
    expect(judged({ type: 'message', message }, message.replaceAll('8', '9'))).toEqual([]);
    expect(judged({ type: 'message', message }, message.replace('router r', 'router s'))).toHaveLength(1);
  });
  it('matches patterns line by line, and samples blanks aside', () => {
    expect(judged({ type: 'text', patterns: ['^b$'] }, 'a\nb\n')).toEqual([]);
    expect(judged({ type: 'text', patterns: ['^c$'] }, 'a\nb\n')).toHaveLength(1);
    expect(judged({ type: 'text', sample: 'a  b\nc' }, 'a b\n')).toEqual(['the line is missing: c']);
  });
});

describe('valueIn', () => {
  it('finds a field of either kind of table, and the id in a message', () => {
    expect(
      valueIn(
        '+----------+-------+\n| Property | Value |\n+----------+-------+\n|    id    |   x   |\n+----------+-------+\n',
        'id',
      ),
    ).toBe('x');
    expect(valueIn('+----+\n| Id |\n+----+\n| 7  |\n+----+\n', 'Id')).toBe('7');
    const id = '8a32211d-5cb3-47cc-b5e3-00a7da9ccac9';
    expect(valueIn(`Added interface ${id} to router r.`, 'port id in message')).toBe(id);
  });
});
