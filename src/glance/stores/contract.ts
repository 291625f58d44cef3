import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { StoreError } from './driver.ts';
import type { WritableStore } from './stores.ts';

const data = Buffer.from('0123456789'.repeat(1000));
const signal = new AbortController().signal;

/** What every store that takes uploads must do. `make` gives an empty one. */
export function storeContract(name: string, make: () => Promise<WritableStore>): void {
  const filled = async (): Promise<{ store: WritableStore; location: string }> => {
    const store = await make();
    const sink = await store.writing.create('image-1', data.length);
    await Promise.all([sink.write(data.subarray(0, 4000), 0), sink.write(data.subarray(4000), 4000)]);
    return { store, location: await sink.commit() };
  };

  describe(`store ${name}`, () => {
    it('gives back what was written', async () => {
      const { store, location } = await filled();
      expect(store.schemes).toContain(new URL(location).protocol.slice(0, -1));
      expect(await store.size(location, signal)).toBe(data.length);
      expect(await buffer(await store.read(location, undefined, signal))).toEqual(data);
    });

    it('gives a range, both ends included', async () => {
      const { store, location } = await filled();
      const part = await buffer(await store.read(location, { start: 3, end: 6 }, signal));
      expect(part.toString()).toBe('3456');
    });

    it('keeps an empty image', async () => {
      const store = await make();
      const location = await (await store.writing.create('empty', undefined)).commit();
      expect(await store.size(location, signal)).toBe(0);
    });

    it('shows nothing before the commit, and nothing after an abort', async () => {
      const { store, location } = await filled();
      const sink = await store.writing.create('image-2', undefined);
      await sink.write(data, 0);
      await sink.abort();
      await sink.abort();
      const second = location.replace('image-1', 'image-2');
      await expect(store.read(second, undefined, signal)).rejects.toMatchObject({ problem: 'missing' });
    });

    it('writes again over what an interrupted upload left', async () => {
      const store = await make();
      await (await store.writing.create('image-1', undefined)).write(data, 0);
      const sink = await store.writing.create('image-1', undefined);
      await sink.write(Buffer.from('new'), 0);
      expect(await store.size(await sink.commit(), signal)).toBe(3);
    });

    it('removes, and does not mind what is not there', async () => {
      const { store, location } = await filled();
      await store.writing.remove(location);
      await store.writing.remove(location);
      await expect(store.size(location, signal)).rejects.toBeInstanceOf(StoreError);
    });

    it('discards an upload, finished or not', async () => {
      const { store, location } = await filled();
      await store.writing.discard('image-1');
      await store.writing.discard('never-seen');
      await expect(store.read(location, undefined, signal)).rejects.toMatchObject({ problem: 'missing' });
    });
  });
}
