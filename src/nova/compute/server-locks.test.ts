import { describe, expect, it } from 'vitest';
import { ServerLocks, Superseded, unlessAborted } from './server-locks.ts';

const gate = (): { open: () => void; passed: Promise<void> } => {
  let open: () => void = () => undefined;
  return { passed: new Promise((resolve) => (open = resolve)), open: () => open() };
};
const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

describe('ServerLocks', () => {
  it('does one thing at a time per server, in order, and different servers side by side', async () => {
    const locks = new ServerLocks();
    const done: string[] = [];
    const first = gate();
    const works = [
      locks.run('a', async () => {
        await first.passed;
        done.push('a1');
      }),
      locks.run('a', async () => void done.push('a2')),
      locks.run('b', async () => void done.push('b1')),
    ];
    await works[2];
    expect(done).toEqual(['b1']);
    expect(locks.busy('a')).toBe(true);
    first.open();
    await Promise.all(works);
    expect(done).toEqual(['b1', 'a1', 'a2']);
    expect(locks.busy('a')).toBe(false);
  });

  it('gives up what was asked before for a removal, but not another removal', async () => {
    const locks = new ServerLocks();
    const spawn = locks.run('a', whenAborted);
    const queued = locks.run('a', async () => 'never');
    const destroy = locks.runInstead('a', 'deleted', async () => 'gone');
    const again = locks.runInstead('a', 'deleted', async () => 'gone too');
    await expect(spawn).rejects.toThrow('deleted');
    await expect(queued).rejects.toBeInstanceOf(Superseded);
    expect(await Promise.all([destroy, again])).toEqual(['gone', 'gone too']);
  });

  it('goes on after a failure, and ends everything when closed', async () => {
    const locks = new ServerLocks();
    await expect(locks.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await locks.run('a', async () => 1)).toBe(1);
    const long = locks.run('a', whenAborted).catch((error: unknown) => (error as Error).name);
    await locks.close();
    expect(await long).toBe('Superseded');
    await expect(locks.run('a', async () => 1)).rejects.toThrow('stopping');
  });
});

describe('unlessAborted', () => {
  it('stops waiting, and leaves the work to others', async () => {
    const controller = new AbortController();
    const shared = gate();
    const mine = unlessAborted(shared.passed, controller.signal);
    controller.abort(new Error('enough'));
    await expect(mine).rejects.toThrow('enough');
    const theirs = unlessAborted(shared.passed, new AbortController().signal);
    shared.open();
    await theirs;
  });
});
