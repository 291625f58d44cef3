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
  expect((await readConsoleLog(path, 100)).toString()).toBe('123456789abc');
  await beginConsoleLog(path);
  expect(await readFile(path, 'utf8')).toBe('');
  expect(await readConsoleLog(path, 100)).toHaveLength(0);
  await rm(folder, { recursive: true });
});

it('gives the end of a log of 50 MB without reading the rest, and cuts it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'console-'));
  const path = join(folder, 'console.log');
  const line = `${'x'.repeat(99)}\n`;
  await writeFile(path, line.repeat(500_000));
  await appendFile(path, 'the end');
  const started = performance.now();
  const end = (await readConsoleLog(path, 102_400)).toString();
  const tookMs = performance.now() - started;
  console.log(`the end of a console log of 50 MB takes ${tookMs.toFixed(1)} ms`);
  expect([end.length, end.endsWith('x\nthe end')]).toEqual([102_400, true]);
  expect(tookMs).toBeLessThan(100);
  await limitConsoleLog(path);
  expect([(await stat(path)).size, (await stat(`${path}.0`)).size]).toEqual([0, 16 * 1024 * 1024]);
  expect((await readConsoleLog(path, 7)).toString()).toBe('the end');
  await rm(folder, { recursive: true });
});
