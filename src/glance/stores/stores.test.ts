import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { createHttpTransport } from '#common/api/http.ts';
import { storeContract } from './contract.ts';
import { createFileStore, storeErrorOf } from './file/file-store.ts';
import { allowedUrl } from './http/url-filter.ts';
import { openStores, type WritableStore } from './stores.ts';

const folders: string[] = [];
const folder = async (): Promise<string> => {
  const made = await mkdtemp(join(tmpdir(), 'igloo-store-'));
  folders.push(made);
  return made;
};
afterAll(async () => {
  for (const one of folders) await rm(one, { recursive: true, force: true });
});
const signal = new AbortController().signal;

storeContract('file', async () => (await createFileStore({ dataDir: await folder(), host: 'a' })) as WritableStore);

describe('the file store', () => {
  it('stays in its folder, whatever a location says', async () => {
    const dataDir = await folder();
    const store = await createFileStore({ dataDir, host: 'a' });
    const inside = pathToFileURL(dataDir).href;
    for (const location of ['file:///etc/passwd', `${inside}/../x`, `${inside}/a/b`, `${inside}/.x.a.part`, 'file://%'])
      await expect(store.read(location, undefined, signal), location).rejects.toMatchObject({ problem: 'refused' });
  });

  it('sweeps what its own host left, and not what another is writing', async () => {
    const dataDir = await folder();
    const mine = (await createFileStore({ dataDir, host: 'a' })) as WritableStore;
    const theirs = (await createFileStore({ dataDir, host: 'b' })) as WritableStore;
    await mine.writing.create('one', undefined);
    const sink = await theirs.writing.create('two', undefined);
    await mine.writing.sweep();
    expect(await readdir(dataDir)).toEqual(['.two.b.part']);
    await sink.commit();
  });

  it('refuses at once what does not fit', async () => {
    const store = (await createFileStore({ dataDir: await folder(), host: 'a' })) as WritableStore;
    await expect(store.writing.create('huge', 2 ** 52)).rejects.toMatchObject({ problem: 'full' });
  });

  it.each([
    ['ENOSPC', 'full'],
    ['EDQUOT', 'full'],
    ['EACCES', 'denied'],
    ['EROFS', 'denied'],
    ['ENOENT', 'missing'],
  ])('calls %s %s', (code, problem) => {
    expect(storeErrorOf(Object.assign(new Error('x'), { code }), '/x')).toMatchObject({ problem });
  });
});

describe('the stores', () => {
  it('are chosen by name and by scheme', async () => {
    const urlFilter = { schemes: ['http'], ports: [], deniedHosts: [] };
    const deps = { dataDir: await folder(), host: 'a', transport: createHttpTransport(), urlFilter };
    const stores = await openStores('filesystem', deps);
    expect(stores.default.name).toBe('file');
    expect(stores.of('https://x/y').name).toBe('http');
    expect(() => stores.of('rbd://x')).toThrow('No store handles');
    expect(() => stores.writable('http')).toThrow('There is no store "http" that takes uploads.');
    await expect(openStores('swift', deps)).rejects.toThrow('There is no store "swift"');
  });
});

describe('the URL filter', () => {
  const filter = { schemes: ['http', 'https'], ports: ['80', '443'], deniedHosts: ['localhost', '::1'] };
  it.each(['http://example.org/x', 'https://example.org/x', 'https://example.org:80/'])('allows %s', (url) => {
    expect(allowedUrl(url, filter).href).toBe(url);
  });
  it.each(['ftp://x/', 'http://x:8080/', 'http://LOCALHOST/', 'http://[::1]/', 'nonsense'])('refuses %s', (url) => {
    expect(() => allowedUrl(url, filter)).toThrow('Images are not fetched from');
  });
});
