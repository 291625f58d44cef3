import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandLine, fromPidFile, identify, isAlive, signalProcess, terminate } from './process.ts';

const start = async (script: string): Promise<ChildProcess> => {
  const child = spawn('sh', ['-c', `${script} echo ready; while :; do sleep 0.02; done`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  return child;
};

describe('process identity', () => {
  it('knows a process from another that has its pid', async () => {
    const child = await start('');
    const identity = identify(child.pid!)!;
    expect(isAlive(identity)).toBe(true);
    expect(isAlive({ ...identity, startTicks: identity.startTicks - 1 })).toBe(false);
    expect(isAlive({ ...identity, bootId: 'another boot' })).toBe(false);
    expect(signalProcess({ ...identity, startTicks: 1 }, 'SIGKILL')).toBe(false);
    expect(commandLine(child.pid!)[0]).toBe('sh');
    await terminate(identity);
    expect(isAlive(identity)).toBe(false);
    expect(identify(identity.pid)).toBeUndefined();
    await terminate(identity); // ended: no error
  });

  it('kills what does not obey', async () => {
    const child = await start("trap '' TERM;");
    await terminate(identify(child.pid!)!, { graceMs: 30 });
    expect(child.exitCode ?? child.signalCode ?? (await once(child, 'exit'))[1]).toBe('SIGKILL');
  });

  it('does not take a zombie for a running process', async () => {
    // The shell replaces itself by a program that never collects its child.
    const parent = spawn('sh', ['-c', 'sh -c "exit 0" & echo $!; exec sleep 30'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    await expect.poll(() => identify(pid)).toBeUndefined();
    await terminate(identify(parent.pid!)!);
  });

  it('reads pid files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pid-'));
    const path = join(folder, 'pid');
    expect(fromPidFile(path)).toBeUndefined();
    await writeFile(path, `${process.pid}\n`);
    expect(fromPidFile(path)).toEqual(identify(process.pid));
    await writeFile(path, 'rubbish');
    expect(fromPidFile(path)).toBeUndefined();
    await rm(folder, { recursive: true });
  });
});
