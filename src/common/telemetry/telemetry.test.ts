import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { createApp } from '../api/app.ts';
import { novaFaults } from '../api/faults.ts';
import { fromObject } from '../config/load.ts';
import { jsonLine, openstackLine } from './format.ts';
import { healthOf } from './health.ts';
import { silentLogger, withLogScope, type LogRecord } from './log.ts';
import { openLogs, type Logs } from './logs.ts';
import { appMetrics, createMetrics } from './metrics.ts';

const dir = mkdtempSync(join(tmpdir(), 'igloo-log-'));
afterAll(() => rmSync(dir, { recursive: true }));

const record: LogRecord = {
  time: new Date(2014, 8, 12, 8, 0, 0, 123),
  level: 'INFO',
  name: 'nova.compute.manager',
  message: 'Hello',
};

describe('formats', () => {
  it("is OpenStack's line", () => {
    expect(openstackLine(record, { pid: 4711, stacks: false })).toBe(
      '2014-09-12 08:00:00.123 4711 INFO nova.compute.manager [-] Hello\n',
    );
    const request = { ...record, requestId: 'req-1', userId: 'u', projectId: null, fields: { took: 3, why: 'a b' } };
    expect(openstackLine(request, { pid: 1, stacks: false })).toBe(
      '2014-09-12 08:00:00.123 1 INFO nova.compute.manager [req-1 u -] Hello took=3 why="a b"\n',
    );
  });

  it('adds the reason always, the stack on demand', () => {
    const failed = { ...record, error: new Error('disk full') };
    expect(openstackLine(failed, { pid: 1, stacks: false })).toMatch(/Hello: disk full\n$/);
    const lines = openstackLine(failed, { pid: 1, stacks: true }).trimEnd().split('\n');
    expect(lines[1]).toMatch(/ 1 TRACE nova\.compute\.manager \[-\] Error: disk full$/);
    expect(lines[2]).toMatch(/ TRACE .* at /);
  });

  it('has the stack of an ERROR always, with the errors behind it, and a head on each line', () => {
    const failed = {
      ...record,
      level: 'ERROR',
      error: new Error('no row', { cause: new Error('disk full') }),
    } as const;
    const lines = openstackLine({ ...failed, message: 'a\nb' }, { pid: 1, stacks: false })
      .trimEnd()
      .split('\n');
    const head = /^2014-09-12 08:00:00\.123 1 (ERROR|TRACE) nova\.compute\.manager \[-\] /;
    expect(lines.filter((line) => !head.test(line))).toEqual([]);
    expect(lines.slice(0, 2).map((line) => line.replace(head, ''))).toEqual(['a', 'b: no row']);
    expect(lines.join()).toContain('Caused by: Error: disk full');
    const json = JSON.parse(jsonLine(failed, { pid: 1, stacks: false })) as { stack: string };
    expect(json.stack).toMatch(/^Error: no row\n +at /);
  });

  it('is one JSON object per line', () => {
    const line = jsonLine({ ...record, requestId: 'req-1', message: 'two\nlines' }, { pid: 1, stacks: false });
    expect(line.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(line)).toEqual({
      time: record.time.toISOString(),
      pid: 1,
      level: 'INFO',
      name: 'nova.compute.manager',
      message: 'two\nlines',
      request_id: 'req-1',
    });
  });
});

describe('openLogs', () => {
  const open = (name: string, values: Record<string, string | boolean>): Logs =>
    openLogs(name, fromObject({ DEFAULT: { log_dir: dir, ...values } }, 'test'));

  it('writes to log_dir/<daemon>.log at the level asked for, with the scope of the call chain, before it goes on', () => {
    const { log, close } = open('nova-api', {});
    withLogScope({ requestId: 'req-7', userId: 'u7', projectId: 'p7' }, () => log.child('x').info('inside'));
    log.debug('not this');
    expect(readFileSync(join(dir, 'nova-api.log'), 'utf8')).toMatch(/ INFO nova\.api\.x \[req-7 u7 p7\] inside\n$/);
    close();
  });

  it('goes on in a new file after logrotate, in the old one when there can be none', () => {
    const folder = join(dir, 'rotated');
    const { log, file, reopen, close } = open('x', { log_dir: folder });
    log.info('before');
    renameSync(file!, `${file}.1`);
    reopen();
    log.info('after');
    expect(readFileSync(file!, 'utf8')).toContain('after');
    expect(readFileSync(`${file}.1`, 'utf8')).toMatch(/before\n$/);
    renameSync(folder, `${folder}.moved`);
    reopen();
    expect(readFileSync(join(`${folder}.moved`, 'x.log'), 'utf8')).toContain('goes on in the old one: ENOENT');
    close();
  });

  it('says what to check when the file cannot be opened', () => {
    expect(() => open('x', { log_file: dir })).toThrow(/^The log file .* cannot be opened: EISDIR.* Check log_file/);
  });
});

describe('LineWriter', () => {
  const program = fileURLToPath(new URL('../../../test/fixtures/log-process.ts', import.meta.url));
  const write = (how: string, stderr: 'pipe' | number = 'pipe') =>
    spawn(process.execPath, [program, how], { stdio: ['ignore', 'pipe', stderr] });
  const expectAll = (text: string): void => {
    const lines = text.split('\n').filter((line) => / INFO /.test(line));
    expect(lines).toHaveLength(1000);
    expect(lines.at(-1)).toMatch(/ line 999 x+$/);
  };

  it.each(['kill', 'throw', 'exit'])('has every line in a file when the process ends by %s', async (how) => {
    const path = join(dir, how);
    const fd = openSync(path, 'w');
    await once(write(how, fd), 'exit');
    closeSync(fd);
    expectAll(readFileSync(path, 'utf8'));
  });

  it.each(['throw', 'exit'])('has brought every line through a pipe when the process ends by %s', async (how) => {
    expectAll(await readText(write(how).stderr!));
  });

  it('does not wait for a reader that has stopped reading, and counts what it drops', async () => {
    const child = write('flood');
    // Its other output is read: it comes only when the program was not held up.
    await once(child.stdout!, 'data');
    const text = await readText(child.stderr!);
    expect(text).toMatch(/line 0 x+\n/);
    expect(text).toMatch(/\n\(\d+ log lines were dropped: .*\)\n.* the last line\n$/);
  });
});

describe('metrics', () => {
  it('shows requests by route and what was counted before anybody looked', async () => {
    const metrics = createMetrics();
    const request = { service: 'nova', method: 'GET', route: '/v2/:project_id/servers', status: 200 };
    metrics.observeRequest({ ...request, seconds: 0.004 });
    metrics.observeRequest({ ...request, seconds: 0.2 });
    metrics.count('igloo_retries_total', 'Retries', { service: 'nova' }, 3);
    const text = await metrics.text();
    const labels = 'service="nova",method="GET",route="/v2/:project_id/servers",status="200"';
    expect(text).toContain(`http_request_duration_seconds_count{${labels}} 2`);
    expect(text).toContain(`http_request_duration_seconds_bucket{le="0.005",${labels}} 1`);
    expect(text).toContain('igloo_retries_total{service="nova"} 3');
    expect(text).toContain('process_resident_memory_bytes');
    await expect(metrics.text()).resolves.toContain('process_cpu_seconds_total');
    expect(text).toMatch(/_bucket\{le="\+Inf",.*\} 2\nhttp_request_duration_seconds_sum\{.*\} 0\.204/);
  });

  it('are served by an app, all services of the process together', async () => {
    const metrics = createMetrics();
    const app = (name: string) =>
      createApp({ name, faults: novaFaults, log: silentLogger, ...appMetrics(name, metrics) });
    const [nova, neutron] = [app('nova'), app('neutron')];
    await nova.fastify.inject('/healthcheck');
    await neutron.fastify.inject('/nowhere');
    const { headers, payload } = await neutron.fastify.inject('/metrics');
    expect(headers['content-type']).toContain('version=0.0.4');
    expect(payload).toContain('_count{service="nova",method="GET",route="/healthcheck",status="200"} 1');
    expect(payload).toContain('_count{service="neutron",method="GET",route="none",status="404"} 1');
  });
});

describe('healthOf', () => {
  it('says in words what a daemon depends on', async () => {
    const bus = { health: () => ({ ok: true, detail: 'not used' }) };
    expect(await healthOf({ database: async () => 1, bus })).toEqual({
      ok: true,
      detail: ['database: reachable', 'bus: not used'],
    });
    const broken = { database: () => Promise.reject(new Error('no such host')) };
    expect(await healthOf(broken)).toEqual({ ok: false, detail: ['database: no such host'] });
    const deaf = { bus: { health: () => ({ ok: false, detail: 'no broker' }) } };
    expect(await healthOf(deaf)).toEqual({ ok: false, detail: ['bus: no broker'] });
  });
});
