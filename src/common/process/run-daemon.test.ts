import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../../test/fixtures/daemon-process.ts', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'igloo-process-'));
afterAll(() => rmSync(dir, { recursive: true }));
const path = (name: string, text?: string): string => {
  if (text !== undefined) writeFileSync(join(dir, name), text);
  return join(dir, name);
};

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the test daemon; sends `signals` one after the other, each as soon as its text is in the log. */
function launch(
  argv: readonly string[],
  signals: readonly (readonly [string, NodeJS.Signals])[] = [],
  env = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...argv], { env: { PATH: process.env['PATH'], ...env } });
    const said = { stdout: '', stderr: '' };
    const left = [...signals];
    const hear = (from: 'stdout' | 'stderr') => (chunk: Buffer) => {
      said[from] += chunk.toString();
      if (left[0] && said.stderr.includes(left[0][0])) child.kill(left.shift()?.[1]);
    };
    child.stdout.on('data', hear('stdout'));
    child.stderr.on('data', hear('stderr'));
    child.on('close', (status) => resolve({ status, ...said }));
  });
}
const term = [['has started', 'SIGTERM']] as const;

describe('runDaemon', { timeout: 20_000 }, () => {
  it('starts with files, environment and command line, and stops in good order at SIGTERM', async () => {
    const first = path('a.conf', '[DEFAULT]\nmy_ip = 1.1.1.1\nhost = node7\n');
    const { status, stderr } = await launch(['--config-file', first, '--my_ip', '3.3.3.3'], term, {
      OS_DEFAULT__MY_IP: '2.2.2.2',
    });
    expect(status).toBe(0);
    expect(stderr).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \d+ INFO nova\.test \[-\] Starting nova-test /);
    expect(stderr).toContain('ready ip=3.3.3.3 host=node7 bus="not used"');
    expect(stderr).toMatch(/Caught SIGTERM, stopping[^]*stopped/);
  });

  it('reads a folder after the files, in the order of its names', async () => {
    const folder = mkdtempSync(join(dir, 'd-'));
    writeFileSync(join(folder, '1.conf'), 'my_ip = 1.1.1.1\n');
    writeFileSync(join(folder, '2.conf'), 'my_ip = 2.2.2.2\n');
    writeFileSync(join(folder, '3.conf.bak'), 'my_ip = 3.3.3.3\n');
    const { stderr } = await launch(['--config-dir', folder], term);
    expect(stderr).toContain('ip=2.2.2.2');
  });

  it('keeps a pid file while it runs, and logs to a file as asked', async () => {
    const [pid, log] = [path('pid'), path('logs/x.log')];
    let seen = '';
    const running = launch(['--pid-file', pid, '--log-file', log, '--use-json', '--use-stderr'], term);
    while (seen === '') {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (existsSync(pid)) seen = readFileSync(pid, 'utf8');
    }
    expect((await running).status).toBe(0);
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    const records = lines.map((line) => JSON.parse(line) as { pid: number; message: string });
    expect(records[0]).toMatchObject({ level: 'INFO', name: 'nova.test', pid: Number(seen) });
    expect(records.at(-1)?.message).toBe('stopped');
    expect(existsSync(pid)).toBe(false);
  });

  it('opens its log file anew at SIGHUP', async () => {
    const log = path('hup.log');
    const signals = [
      ['has started', 'SIGHUP'],
      ['opened anew', 'SIGTERM'],
    ] as const;
    expect((await launch(['--log-file', log, '--use-stderr'], signals)).status).toBe(0);
    expect(readFileSync(log, 'utf8')).toMatch(/opened anew\n[^]* stopped\n$/);
  });

  it('says in one line what the operator can mend', async () => {
    const { status, stderr } = await launch(['--test-mode', 'misconfigured', '--noverbose']);
    expect(status).toBe(1);
    expect(stderr).toBe('igloo: nova-test: Port 1 is taken. Stop the program that holds it.\n');
  });

  it.each([
    [['--config-file', '/nonexistent/x.conf'], /no configuration file \/nonexistent\/x\.conf/],
    [['--config-dir', '/nonexistent'], /folder \/nonexistent of --config-dir cannot be read/],
    [['--pid-file', '/nonexistent/pid', '--noverbose'], /pid file \/nonexistent\/pid cannot be written/],
    [['--log-file', '/proc/x', '--noverbose'], /log file \/proc\/x cannot be opened/],
    [['--debug=maybe'], /^igloo: nova-test: --debug: .*"maybe" is not a boolean/],
    [['--rpc_backend', 'qpid', '--noverbose'], /rpc_backend = qpid is not supported/],
  ])('refuses %j in one line', async (argv, wanted) => {
    const { status, stderr } = await launch(argv);
    expect(status).toBe(1);
    expect(stderr).toMatch(wanted);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('shows the stack of an error that nobody foresaw', async () => {
    const { status, stderr } = await launch(['--test-mode', 'broken']);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /igloo: nova-test: not a function\n[^]* TRACE .* TypeError: not a function\n.* TRACE .* +at /,
    );
  });

  it('ends when a rejection is not handled, and says so', async () => {
    const { status, stderr } = await launch(['--test-mode', 'rejects']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/ERROR nova\.test .*an error was not handled: nobody waits for this\n[^]* TRACE .* +at /);
  });

  it('stops what is still starting', async () => {
    const { status, stderr } = await launch(['--test-mode', 'slow-start'], [['Starting', 'SIGINT']]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/Caught SIGINT[^]*ready[^]*stopped/);
  });

  it('ends at once at a second signal', async () => {
    const signals = [
      ['has started', 'SIGTERM'],
      ['Caught SIGTERM', 'SIGTERM'],
    ] as const;
    const { status } = await launch(['--test-mode', 'hangs'], signals);
    expect(status).toBe(1);
  });

  it('answers --version and --help', async () => {
    expect((await launch(['--version'])).stdout).toMatch(/^nova-test \d+\.\d+\.\d+ \(Igloo\)\n$/);
    const { status, stdout } = await launch(['--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('/nonexistent/igloo/nova.conf');
  });
});
