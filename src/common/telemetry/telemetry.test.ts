import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { jsonLine, openstackLine } from './format.ts';
import { LineWriter } from './line-writer.ts';
import { createLogger, withLogScope, type LogRecord } from './log.ts';
import { createMetrics } from './metrics.ts';
import { openLog, type LoggingConfig } from './sinks.ts';

const dir = mkdtempSync(join(tmpdir(), 'igloo-log-'));
afterAll(() => rmSync(dir, { recursive: true }));

const record: LogRecord = {
  time: new Date(2014, 8, 12, 8, 0, 0, 123),
  level: 'INFO',
  name: 'nova.compute.manager',
  message: 'Hello',
};
const conf: LoggingConfig = {
  debug: false,
  verbose: true,
  log_file: null,
  log_dir: null,
  use_stderr: false,
  use_json: false,
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

describe('openLog', () => {
  it('writes to log_dir/<daemon>.log at the level asked for, with the scope of the call chain', async () => {
    const output = openLog({ ...conf, log_dir: dir }, 'nova-api');
    const log = createLogger('nova', output.sink, output.level);
    withLogScope({ requestId: 'req-7', userId: 'u7', projectId: 'p7' }, () => log.child('api').info('inside'));
    log.debug('not this');
    await output.close();
    expect(readFileSync(join(dir, 'nova-api.log'), 'utf8')).toMatch(/ INFO nova\.api \[req-7 u7 p7\] inside\n$/);
  });

  it('goes on in a new file after logrotate and SIGHUP', async () => {
    const output = openLog({ ...conf, log_dir: dir, log_file: 'rotated.log' }, 'x');
    const log = createLogger('x', output.sink);
    log.info('before');
    renameSync(join(dir, 'rotated.log'), join(dir, 'rotated.log.1'));
    process.emit('SIGHUP');
    log.info('after');
    await output.close();
    expect(readFileSync(join(dir, 'rotated.log'), 'utf8')).toContain('after');
    expect(readFileSync(join(dir, 'rotated.log.1'), 'utf8') + readFileSync(join(dir, 'rotated.log'), 'utf8')).toContain(
      'before',
    );
  });

  it('says what to do when the folder is missing', () => {
    expect(() => openLog({ ...conf, log_dir: join(dir, 'none') }, 'x')).toThrow(/cannot be written.*Make its folder/);
  });
});

describe('LineWriter', () => {
  it('keeps the order of many lines and loses none', async () => {
    const path = join(dir, 'many');
    const writer = new LineWriter({ path });
    for (let i = 0; i < 5000; i++) writer.write(`line ${i}\n`);
    await writer.settled();
    for (let i = 5000; i < 6000; i++) writer.write(`line ${i}\n`);
    await writer.close();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines).toEqual(Array.from({ length: 6000 }, (_, i) => `line ${i}`));
  });

  it('drops and counts what a stuck reader leaves waiting', async () => {
    const path = join(dir, 'stuck');
    const writer = new LineWriter({ path });
    const big = 'x'.repeat(1024 * 1024 - 1) + '\n';
    for (let i = 0; i < 12; i++) writer.write(big);
    await writer.close();
    expect(readFileSync(path, 'utf8')).toMatch(/\(4 log lines were dropped/);
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
  });
});
