import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasProgram } from './privileges.ts';
import { fromPidFile, terminate } from './process.ts';
import { QmpClient, QmpClosed, QmpError } from './qmp.ts';
import { run } from './run.ts';

const program = 'qemu-system-x86_64';
const missing = !hasProgram(program) && !process.env['CI'];
if (missing) console.log(`skipped: ${program} is missing`);

describe.skipIf(missing)('QmpClient', () => {
  let folder: string;
  let socket: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'qmp-'));
    socket = join(folder, 'qmp');
    const listen = `unix:${socket},server=on,wait=off`;
    await run([
      program,
      '-machine',
      'none',
      '-nodefaults',
      '-display',
      'none',
      '-qmp',
      listen,
      '-pidfile',
      join(folder, 'pid'),
      '-daemonize',
    ]);
  });
  afterAll(async () => {
    const left = fromPidFile(join(folder, 'pid'));
    if (left) await terminate(left);
    await rm(folder, { recursive: true });
  });

  it('negotiates, executes, tells refusals, hears events, and notices the end', async () => {
    const qmp = await QmpClient.connect(socket);
    expect(await qmp.execute('query-status')).toMatchObject({ running: true });
    const started = performance.now();
    for (let i = 0; i < 100; i++) await qmp.execute('query-name');
    expect((performance.now() - started) / 100).toBeLessThan(10);
    const both = await Promise.all([qmp.execute('query-version'), qmp.execute<unknown[]>('query-block')]);
    expect(both).toEqual([expect.objectContaining({ qemu: expect.anything() }), []]);
    await expect(qmp.execute('no-such-thing')).rejects.toMatchObject({ errorClass: 'CommandNotFound' });
    await expect(qmp.execute('object-del', { id: 'x' })).rejects.toBeInstanceOf(QmpError);
    const stopped = qmp.waitForEvent('STOP');
    await qmp.execute('stop');
    expect((await stopped).time).toBeGreaterThan(1.6e9);
    await expect(qmp.waitForEvent('RESUME', undefined, { timeoutMs: 20 })).rejects.toThrow('RESUME');
    await qmp.execute('quit');
    await qmp.closed;
    await expect(qmp.execute('query-status')).rejects.toBeInstanceOf(QmpClosed);
    await expect(QmpClient.connect(socket)).rejects.toThrow(socket);
  });
});
