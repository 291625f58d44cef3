import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { createHttpTransport } from '#common/api/http.ts';
import { systemClock } from '#common/clock.ts';
import { fromObject } from '#common/config/load.ts';
import { fixtureSettings } from '../testing/store-settings.ts';
import { configuredStores } from './configured.ts';
import { storeContract } from './contract.ts';
import { createFileStore, storeErrorOf } from './file/file-store.ts';
import { allowedUrl } from './http/url-filter.ts';
import { openStores } from './stores.ts';

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

storeContract('file', async () => createFileStore({ name: 'file', dataDir: await folder(), host: 'a' }));

describe('the file store', () => {
  it('stays in its folder, whatever a location says', async () => {
    const dataDir = await folder();
    const store = await createFileStore({ name: 'file', dataDir, host: 'a' });
    const inside = pathToFileURL(dataDir).href;
    for (const location of ['file:///etc/passwd', `${inside}/../x`, `${inside}/a/b`, `${inside}/.x.a.part`, 'file://%'])
      await expect(store.read(location, undefined, signal), location).rejects.toMatchObject({ problem: 'refused' });
  });

  it('sweeps what its own host left, and not what another is writing', async () => {
    const dataDir = await folder();
    const mine = await createFileStore({ name: 'file', dataDir, host: 'a' });
    const theirs = await createFileStore({ name: 'file', dataDir, host: 'b' });
    await mine.writing.create('one', undefined);
    const sink = await theirs.writing.create('two', undefined);
    await mine.writing.sweep();
    expect(await readdir(dataDir)).toEqual(['.two.b.part']);
    await sink.commit();
  });

  it('refuses at once what does not fit', async () => {
    const store = await createFileStore({ name: 'file', dataDir: await folder(), host: 'a' });
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
  const urlFilter = { schemes: ['http'], ports: [], deniedHosts: [] };
  const deps = { host: 'a', transport: createHttpTransport(), clock: systemClock, urlFilter };
  const file = async (name: string) => ({
    name,
    driver: 'file',
    settings: { ...fixtureSettings, filesystem_store_datadir: await folder() },
  });
  const http = { name: 'http', driver: 'http', settings: fixtureSettings };

  it('are chosen by name and by scheme', async () => {
    const specs = [await file('file'), http];
    const stores = await openStores(specs, 'filesystem', deps);
    expect(stores.default.name).toBe('file');
    expect(stores.of('https://x/y').name).toBe('http');
    expect(() => stores.of('rbd://x')).toThrow('No store handles');
    expect(() => stores.writable('http')).toThrow('There is no store "http" that takes uploads.');
    await expect(openStores(specs, 'swift', deps)).rejects.toThrow('There is no store "swift"');
    await expect(openStores([{ ...http, driver: 'tape' }], 'tape', deps)).rejects.toThrow('no store driver "tape"');
  });

  it('of one scheme are told apart by the name in the location', async () => {
    const stores = await openStores([await file('fast'), await file('cheap')], 'fast', deps);
    expect(stores.at({ url: 'file:///x', store: 'cheap' }).name).toBe('cheap');
    expect(stores.at({ url: 'file:///x', store: 'gone' }).name).toBe('fast');
  });

  it.each(['swift', 's3'])('want to be told where %s is', async (driver) => {
    const spec = { name: 'far', driver, settings: fixtureSettings };
    await expect(openStores([spec], 'far', deps)).rejects.toThrow('The store "far"');
  });
});

describe('the stores that the configuration asks for', () => {
  const choice = { ...fixtureSettings, enabled_backends: [] as string[], default_store: 'file' };
  const named = (changes: Partial<typeof choice>, more: Record<string, Record<string, string>> = {}) =>
    configuredStores({ ...choice, ...changes }, fromObject(more, 'test'), () => undefined).map(
      ({ name, driver, settings }) => [name, driver, settings.filesystem_store_datadir],
    );
  const preset = fixtureSettings.filesystem_store_datadir;

  it('are the file store, and what it says the way to', () => {
    expect(named({}).map(([name]) => name)).toEqual(['file', 'http']);
    expect(named({ default_store: 'swift' }).map(([name]) => name)).toEqual(['file', 'http', 'swift']);
    expect(named({ s3_store_host: 'x' }).map(([name]) => name)).toEqual(['file', 'http', 's3']);
  });

  it('are those of enabled_backends, each with its own section', () => {
    const enabled_backends = ['fast:file', 'cheap:file'];
    expect(named({ enabled_backends }, { cheap: { filesystem_store_datadir: '/cheap' } })).toEqual([
      ['fast', 'file', preset],
      ['cheap', 'file', '/cheap'],
      ['http', 'http', preset],
    ]);
    expect(() => named({ enabled_backends: ['fast'] })).toThrow('"fast" is not name:driver');
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
