import { describe, expect, it } from 'vitest';
import { createMoveJob, type Move } from './move-job.ts';

const guests = ['a', 'b', 'c', 'd'].map((name) => ({ id: name, name }));
const job = (move: Move) => createMoveJob('node-1', guests, move);

describe('guests leaving a host', () => {
  it('go two at a time, and are told where they are', async () => {
    let now = 0;
    let most = 0;
    const one = job(async (id) => {
      most = Math.max(most, ++now);
      await Promise.resolve();
      now--;
      return id === 'c' ? null : 'node-2';
    });
    await one.run();
    expect(most).toBe(2);
    expect(one.state().travellers.map(({ stage }) => stage)).toEqual([
      { at: 'arrived', host: 'node-2' },
      { at: 'arrived', host: 'node-2' },
      { at: 'arrived', host: null },
      { at: 'arrived', host: 'node-2' },
    ]);
    expect(one.state().running).toBe(false);
  });

  it('do not stop one another: a failure is named in the end', async () => {
    const one = job((id) => (id === 'b' ? Promise.reject(new Error('No valid host')) : Promise.resolve('node-2')));
    await expect(one.run()).rejects.toThrow('No valid host');
    expect(one.state().travellers.map(({ stage }) => stage.at)).toEqual(['arrived', 'failed', 'arrived', 'arrived']);
  });

  it('are named when several failed; why, each says itself', async () => {
    const one = job((id) => (id === 'a' ? Promise.resolve('node-2') : Promise.reject(new Error(`no room for ${id}`))));
    await expect(one.run()).rejects.toThrow(/^b, c, d$/);
    expect(one.state().travellers[3]?.stage).toEqual({ at: 'failed', error: new Error('no room for d') });
  });

  it('are not begun any more once stopped; those under way arrive', async () => {
    const one = job((id) => {
      if (id === 'b') one.stop();
      return Promise.resolve('node-2');
    });
    await expect(one.run()).rejects.toThrow('c, d');
    expect(one.state().travellers.map(({ stage }) => stage.at)).toEqual([
      'arrived',
      'arrived',
      'not-begun',
      'not-begun',
    ]);
  });

  it('tell whoever listens', async () => {
    let told = 0;
    const one = job(() => Promise.resolve('node-2'));
    const end = one.subscribe(() => told++);
    await one.run();
    end();
    expect(told).toBeGreaterThanOrEqual(2 * guests.length);
  });
});
