import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { beginConsoleLog, limitConsoleLog, readConsoleLog } from './console-log.ts';

it('gives the end of the log across the point where it was cut', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'console-'));
  const path = join(folder, 'console.log');
  expect(await readConsoleLog(path, 10)).toHaveLength(0);
  await writeFile(path, '0123456789');
  await limitConsoleLog(path, 10);
  expect((await stat(path)).size).toBe(10);
  await limitConsoleLog(path, 9);
  expect((await stat(path)).size).toBe(0);
  await appendFile(path, 'abc');
  expect((await readConsoleLog(path, 2)).toString()).toBe('bc');
  expect((await readConsoleLog(path, 5)).toString()).toBe('89abc');
  expect((await readConsoleLog(path, 100)).toString()).toBe('0123456789abc');
  await beginConsoleLog(path);
  expect(await readFile(path, 'utf8')).toBe('');
  expect(await readConsoleLog(path, 100)).toHaveLength(0);
  await rm(folder, { recursive: true });
});
