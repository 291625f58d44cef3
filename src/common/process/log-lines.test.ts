import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../telemetry/log.ts';
import { jsonLine, openstackLine } from './log-lines.ts';

const record: LogRecord = {
  time: new Date('2014-09-12T08:00:00.123Z'),
  level: 'INFO',
  name: 'nova.api',
  message: 'booted',
  requestId: 'req-1',
  userId: 'u1',
  projectId: null,
  fields: { id: 'i1', tries: 2 },
};
const plain = { pid: 4711, stacks: false };

describe('openstackLine', () => {
  it("is OpenStack's format", () => {
    expect(openstackLine(record, plain)).toBe(
      '2014-09-12 08:00:00.123 4711 INFO nova.api [req-1 u1 -] booted id=i1 tries=2\n',
    );
  });

  it('repeats the head for an error, whose stack is for those who debug', () => {
    const failed = { ...record, fields: {}, error: new TypeError('no') };
    const lines = (stacks: boolean): string[] =>
      openstackLine(failed, { ...plain, stacks })
        .trim()
        .split('\n');
    expect(lines(false)).toHaveLength(2);
    expect(lines(false)[1]).toBe('2014-09-12 08:00:00.123 4711 INFO nova.api [req-1 u1 -] TypeError: no');
    expect(lines(true).length).toBeGreaterThan(2);
    expect(lines(true).every((line) => line.includes('[req-1 u1 -]'))).toBe(true);
  });
});

describe('jsonLine', () => {
  it('is one object per line, whatever the message', () => {
    const line = jsonLine({ ...record, message: 'a\nb', error: new TypeError('no') }, plain);
    expect(line.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(line)).toMatchObject({
      time: '2014-09-12T08:00:00.123Z',
      pid: 4711,
      requestId: 'req-1',
      message: 'a\nb',
      fields: { id: 'i1', tries: 2 },
      error: 'TypeError: no',
    });
  });
});
