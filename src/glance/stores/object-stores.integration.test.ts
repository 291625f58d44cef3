import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpTransport } from '#common/api/http.ts';
import { systemClock } from '#common/clock.ts';
import { fixtureSettings } from '../testing/store-settings.ts';
import { startSwift, swiftTestAccount, type SwiftServer } from '../testing/swift-server.ts';
import { storeContract } from './contract.ts';
import type { StoreSettings } from './options.ts';
import { createS3Store } from './s3/s3-store.ts';
import type { WritableStore } from './stores.ts';
import { createSwiftStore } from './swift/swift-store.ts';

const signal = new AbortController().signal;
const urlFilter = { schemes: [], ports: [], deniedHosts: [] };
const deps = { host: 'here', transport: createHttpTransport(), clock: systemClock, urlFilter };
let server: SwiftServer | undefined;
let containers = 0;

async function swift(more: Partial<StoreSettings> = {}): Promise<WritableStore> {
  const settings = {
    ...fixtureSettings,
    swift_store_auth_version: '1' as const,
    swift_store_auth_address: `http://127.0.0.1:${server?.port}/auth/v1.0`,
    swift_store_user: swiftTestAccount.user,
    swift_store_key: swiftTestAccount.key,
    swift_store_container: `images-${++containers}`,
    swift_store_create_container_on_put: true,
    ...more,
  };
  return (await createSwiftStore({ name: 'swift', driver: 'swift', settings }, deps)) as WritableStore;
}

async function s3(more: Partial<StoreSettings> = {}): Promise<WritableStore> {
  const settings = {
    ...fixtureSettings,
    s3_store_host: `http://127.0.0.1:${server?.port}`,
    s3_store_access_key: swiftTestAccount.user,
    s3_store_secret_key: swiftTestAccount.key,
    s3_store_bucket: `bucket-${++containers}`,
    s3_store_create_bucket_on_put: true,
    ...more,
  };
  return (await createS3Store({ name: 's3', driver: 's3', settings }, deps)) as WritableStore;
}

const programs = ['swift-proxy-server', 'swift-object-server', 'swift-ring-builder'];
const folders = (process.env['PATH'] ?? '').split(':');
const missing = programs.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.warn(`skipped (not installed: ${missing.join(', ')}; Debian: swift-proxy, swift-object …)`);

describe.skipIf(skip)('over a real Swift', () => {
  beforeAll(async () => {
    server = await startSwift();
  }, 60_000);
  afterAll(() => server?.stop());

  storeContract('swift', () => swift());
  storeContract('s3', () => s3());

  const blocks = Array.from({ length: 24 }, (_, index) => Buffer.alloc(2 ** 19, index));
  const whole = Buffer.concat(blocks);
  const fill = async (store: WritableStore, expected: number | undefined): Promise<string> => {
    const sink = await store.writing.create('large', expected);
    for (const [index, block] of blocks.entries()) await sink.write(block, index * 2 ** 19);
    return sink.commit();
  };

  it.each([
    ['swift', () => swift({ swift_store_large_object_size: 1, swift_store_large_object_chunk_size: 5 }), whole.length],
    ['swift', () => swift({ swift_store_large_object_chunk_size: 5 }), undefined],
    ['s3', () => s3({ s3_store_large_object_size: 1, s3_store_large_object_chunk_size: 5 }), whole.length],
    ['s3', () => s3({ s3_store_large_object_chunk_size: 5 }), undefined],
  ])('%s keeps 12 MiB in pieces', async (_name, make, expected) => {
    const store = await make();
    const location = await fill(store, expected);
    expect(await store.size(location, signal)).toBe(whole.length);
    expect((await buffer(await store.read(location, undefined, signal))).equals(whole)).toBe(true);
    const edge = 5 * 2 ** 20;
    const part = await buffer(await store.read(location, { start: edge - 2, end: edge + 1 }, signal));
    expect([...part]).toEqual([...whole.subarray(edge - 2, edge + 2)]);
    await store.writing.remove(location);
    await expect(store.size(location, signal)).rejects.toMatchObject({ problem: 'missing' });
  });

  it('says what to do when the container or bucket is missing, and when the password is wrong', async () => {
    const bare = await swift({ swift_store_create_container_on_put: false });
    await expect(bare.writing.create('x', 1)).rejects.toThrow('swift_store_create_container_on_put');
    const bucket = await s3({ s3_store_create_bucket_on_put: false });
    await expect(bucket.writing.create('x', 1)).rejects.toThrow('s3_store_create_bucket_on_put');
    const wrong = await swift({ swift_store_key: 'wrong' });
    await expect(wrong.writing.create('x', 1)).rejects.toMatchObject({ problem: 'denied' });
    const unsigned = await s3({ s3_store_secret_key: 'wrong' });
    await expect(unsigned.writing.create('x', 1)).rejects.toMatchObject({ problem: 'denied' });
  });

  it('stays in its container', async () => {
    const store = await swift();
    for (const location of ['swift+config://swift/other/x', 'file:///x', 'swift+config://swift/images-1'])
      await expect(store.read(location, undefined, signal), location).rejects.toMatchObject({ problem: 'refused' });
    await expect((await s3()).read('s3://elsewhere/b/x', undefined, signal)).rejects.toMatchObject({
      problem: 'refused',
    });
  });
});
