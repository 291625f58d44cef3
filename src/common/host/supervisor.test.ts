import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identify, isAlive, signalProcess, waitForEnd } from './process.ts';
import { run, type Run } from './run.ts';
import { Supervisor, type Succession, type SupervisedProgram } from './supervisor.ts';
import { silentLogger } from '../telemetry/log.ts';

describe('Supervisor', () => {
  let folder: string;
  let supervisors: Supervisor[];
  let starts: number;
  const counted: Run = (argv, options) => {
    starts++;
    return run(argv, options);
  };
  const make = (): Supervisor => {
    const supervisor = new Supervisor({ folder, run: counted, log: silentLogger, intervalMs: 10 });
    supervisors.push(supervisor);
    return supervisor;
  };
  /** Goes into the background like a daemon; its command line afterwards is not that of the start. */
  const program = (tag = 'a'): SupervisedProgram => ({
    name: 'sleeper',
    argv: ['sh', '-c', `sleep 60 >/dev/null 2>&1 & echo $! > ${join(folder, 'pid')}`, tag],
    pidFile: join(folder, 'pid'),
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supervisor-'));
    supervisors = [];
    starts = 0;
  });
  afterEach(async () => {
    await Promise.all(supervisors.map((supervisor) => supervisor.close()));
    await make().stop('sleeper');
    await rm(folder, { recursive: true });
  });

  it('starts a program, starts it again when it dies, and ends it', async () => {
    const supervisor = make();
    const first = await supervisor.ensure(program());
    signalProcess(first, 'SIGKILL');
    await waitForEnd(first, 5_000);
    await expect.poll(() => supervisor.running('sleeper')).toBeDefined();
    const second = supervisor.running('sleeper')!;
    expect(second.pid).not.toBe(first.pid);
    await supervisor.stop('sleeper');
    expect(isAlive(second)).toBe(false);
    expect(supervisor.running('sleeper')).toBeUndefined();
  });

  it('waits for a program that writes its pid a moment after it went into the background', async () => {
    const late = `(sleep 0.1; sleep 60 >/dev/null 2>&1 & echo $! > ${join(folder, 'pid')}) >/dev/null 2>&1 &`;
    const identity = await make().ensure({ ...program(), argv: ['sh', '-c', late, 'a'] });
    expect(isAlive(identity)).toBe(true);
  });

  it('adopts a running program after its own restart', async () => {
    const first = await make().ensure(program());
    await supervisors[0]!.close();
    expect(await make().ensure(program())).toEqual(first);
    expect(starts).toBe(1);
  });

  it('starts anew when the arguments differ', async () => {
    const supervisor = make();
    const first = await supervisor.ensure(program('a'));
    const second = await supervisor.ensure(program('b'));
    expect(second.pid).not.toBe(first.pid);
    expect(isAlive(first)).toBe(false);
  });

  it('adopts by pid file and command line when it died before it could record', async () => {
    const first = await make().ensure({
      ...program(),
      argv: ['sh', '-c', `sleep 60 >/dev/null & echo $! > ${folder}/pid`],
    });
    await supervisors[0]!.close();
    await rm(join(folder, 'sleeper.process.json'));
    expect(await make().ensure({ ...program(), argv: ['sleep', '60'] })).toEqual(identify(first.pid));
    expect(starts).toBe(1);
  });

  it('lets a successor take over, and sees to it that the old one ends', async () => {
    const supervisor = make();
    const succession = (patienceMs: number): Succession => ({
      argv: (running) => ['successor-of', String(running.pid)],
      farewell: 'SIGURG', // one that a program ignores, as one that still starts may
      patienceMs,
    });
    const first = await supervisor.succeed(program(), succession(0));
    expect(starts).toBe(1);
    const second = await supervisor.succeed(program(), succession(100));
    expect(supervisor.running('sleeper')).toEqual(second);
    expect(isAlive(first)).toBe(true);
    await waitForEnd(first, 5_000);
    expect([isAlive(first), isAlive(second)]).toEqual([false, true]);

    const third = await supervisor.succeed(program(), succession(60_000));
    await supervisor.close();
    expect(await make().ensure(program())).toEqual(third); // our own successor ends what still retires
    expect([isAlive(second), isAlive(third)]).toEqual([false, true]);
  });

  it('ends a program that it had no time to record', async () => {
    const first = await make().ensure(program());
    await supervisors[0]!.close();
    const path = join(folder, 'sleeper.process.json');
    const record = JSON.parse(await readFile(path, 'utf8')) as { identity?: unknown; argv: string[] };
    await writeFile(path, JSON.stringify({ ...record, identity: undefined, argv: ['sleep', '60'] }));
    await make().stop('sleeper');
    expect(isAlive(first)).toBe(false);
  });

  it('says that a program does not start', async () => {
    const supervisor = make();
    await expect(supervisor.ensure({ ...program(), argv: ['sh', '-c', 'echo no room >&2; exit 3'] })).rejects.toThrow(
      'no room',
    );
    expect(supervisor.running('sleeper')).toBeUndefined();
  });
});
