import { describe, expect, it } from 'vitest';
import { makeResumable } from './resumable.ts';

describe('makeResumable', () => {
  it('does each step once, and goes on where it failed', async () => {
    const work = makeResumable();
    const log: string[] = [];
    let broken = true;
    const all = async (): Promise<string> => {
      const id = await work.step('make', () => {
        log.push('make');
        return Promise.resolve('p1');
      });
      await work.step('grant', () => {
        log.push(`grant ${id}`);
        return broken ? Promise.reject(new Error('refused')) : Promise.resolve();
      });
      return id;
    };
    await expect(all()).rejects.toThrow('refused');
    broken = false;
    await expect(all()).resolves.toBe('p1');
    expect(log).toEqual(['make', 'grant p1', 'grant p1']);
  });
});
