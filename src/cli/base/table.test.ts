import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manual } from '../testing/fake-cloud.ts';
import { drawTable, type Alignment } from './table.ts';
import { displayWidth } from './width.ts';

/** Reads a drawn table back. */
function read(text: string): { columns: string[]; rows: string[][] } {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  const [columns = [], ...rows] = lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
  return { columns, rows };
}

describe('a table', () => {
  it.each(
    Object.entries(manual)
      .filter(([, { output }]) => output.includes('+--'))
      .map(([id, { command, output }]) => ({ id, command, output: output.slice(output.indexOf('+--')) })),
  )('is drawn as in the manual: $id $command', ({ command, output }) => {
    const align: Alignment = command.startsWith('keystone') ? 'centre' : 'left';
    expect(drawTable({ ...read(output), align })).toBe(output + '\n');
  });

  it('gives cells with line breaks several lines', () => {
    expect(drawTable({ columns: ['a', 'b'], rows: [['1\n22', 'x']] })).toBe(
      ['+----+---+', '| a  | b |', '+----+---+', '| 1  | x |', '| 22 |   |', '+----+---+', ''].join('\n'),
    );
  });

  it('aligns each column by itself', () => {
    expect(drawTable({ columns: ['num', 'word'], rows: [['1', 'w']], align: ['right', 'left'] })).toContain(
      '|   1 | w    |',
    );
  });

  it('counts wide characters as two and combining ones as none', () => {
    expect([
      displayWidth('abc'),
      displayWidth('\u4e2d\u6587'),
      displayWidth('e\u0301'),
      displayWidth('\u00e9'),
    ]).toEqual([3, 4, 1, 1]);
  });

  it('has lines of one width, whatever is in it', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell), { maxLength: 5 }),
        fc.constantFrom('left', 'right', 'centre'),
        (rows, align) => {
          const lines = drawTable({ columns: ['one', 'two'], rows, align: align })
            .trimEnd()
            .split('\n');
          expect(new Set(lines.map(displayWidth)).size).toBe(1);
        },
      ),
    );
  });
});
