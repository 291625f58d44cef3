import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandError, type Run } from '#common/host/run.ts';
import { ownIdentity } from './state.ts';
import { buildWebApp, describeWebApp, keepReason, webAppOf, type BuildDeps } from './web-app.ts';
import { takeLock } from './web-app-lock.ts';
import { isCurrent, librariesFit, sourceStamp } from './web-app-stamp.ts';

let checkout: string;
let web: string;
const put = (file: string, text: string): void => {
  const path = join(checkout, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};
const packages = (version: string): string =>
  JSON.stringify({
    packages: { '': {}, 'node_modules/vite': { version }, 'node_modules/other-os': { version, optional: true } },
  });
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'igloo-web-'));
  web = join(checkout, 'web');
  put('web/package.json', '{}');
  put('web/package-lock.json', packages('1.0.0'));
  put('web/src/main.tsx', 'main');
  put('web/src/ui/button.tsx', 'button');
});
afterEach(() => rmSync(checkout, { recursive: true }));

/** Plays npm and the builder. */
function play(builder: () => void | Promise<void> = () => undefined): BuildDeps & { ran: string[]; lines: string[] } {
  const [ran, lines]: [string[], string[]] = [[], []];
  const run: Run = async (argv, options) => {
    const npm = argv.includes('.npm');
    ran.push(npm ? 'npm' : 'vite');
    if (npm) put('web/node_modules/.package-lock.json', packages('1.0.0'));
    else {
      expect(options?.cwd).toBe(web);
      await builder();
      const out = argv[argv.indexOf('--outDir') + 1] as string;
      mkdirSync(out, { recursive: true });
      writeFileSync(join(out, 'index.html'), `built from ${readFileSync(join(web, 'src/main.tsx'), 'utf8')}`);
    }
    return { status: 0, stdout: '', stderr: '' };
  };
  return {
    checkout,
    run,
    signal: new AbortController().signal,
    log: { info: (line) => lines.push(line), warn: (line) => lines.push(line) },
    record: join(checkout, 'record.json'),
    ran,
    lines,
  };
}
const served = (): string => readFileSync(join(web, 'dist/index.html'), 'utf8');

describe('buildWebApp', () => {
  it('fetches the libraries and builds, once', async () => {
    expect(webAppOf(checkout, join(checkout, 'record.json'))).toEqual({
      state: 'missing',
      why: 'it has not been built',
    });
    const deps = play();
    expect(await buildWebApp(deps)).toEqual({ state: 'current' });
    expect(await buildWebApp(deps)).toEqual({ state: 'current' });
    expect(deps.ran).toEqual(['npm', 'vite']);
    expect(served()).toBe('built from main');
  });

  it('builds again when a source changed, without fetching again', async () => {
    const deps = play();
    await buildWebApp(deps);
    put('web/src/main.tsx', 'more');
    expect(webAppOf(checkout, join(checkout, 'record.json'))).toMatchObject({ state: 'outdated' });
    await buildWebApp(deps);
    expect(deps.ran).toEqual(['npm', 'vite', 'vite']);
    expect(served()).toBe('built from more');
  });

  it('leaves what is served in place when it fails, says why, and tries again', async () => {
    await buildWebApp(play());
    put('web/src/main.tsx', 'broken');
    const failing = play(() => {
      throw new CommandError(
        ['node'],
        1,
        '',
        'vite v8\nBuild failed with 1 error:\n\n[plugin] Expected `)`\n   ╭─[ src/main.tsx:18:31 ]\n  at x\n',
      );
    });
    expect(await buildWebApp(failing)).toEqual({
      state: 'outdated',
      why: '[plugin] Expected `)` [ src/main.tsx:18:31 ]',
    });
    expect(served()).toBe('built from main');
    expect(failing.lines.at(-1)).toContain('cannot be built: [plugin] Expected `)` [ src/main.tsx:18:31 ].');
    expect(describeWebApp(webAppOf(checkout, join(checkout, 'record.json')))).toMatch(
      /^older than its sources: \[plugin\] Expected/,
    );
    expect(await buildWebApp(play())).toEqual({ state: 'current' });
  });

  it.each([
    [
      'npm error code ECONNREFUSED\nnpm error FetchError: request failed, reason: connect\n',
      'npm error FetchError: request failed, reason: connect',
    ],
    ['npm warn x\nigloo: cannot bring npm to /x.\n', 'igloo: cannot bring npm to /x'],
    ['no words that are known\nmore\n', 'no words that are known'],
  ])('tells in one line why: %s', async (stderr, why) => {
    const failing = play(() => {
      throw new CommandError(['sh'], 1, '', stderr);
    });
    expect(await buildWebApp(failing)).toEqual({ state: 'missing', why });
  });

  it('tells why nothing was tried, until the sources change', async () => {
    await keepReason(checkout, join(checkout, 'record.json'), '--no-install was given');
    expect(webAppOf(checkout, join(checkout, 'record.json'))).toMatchObject({ why: '--no-install was given' });
    put('web/src/main.tsx', 'more');
    expect(webAppOf(checkout, join(checkout, 'record.json'))).toMatchObject({ why: 'it has not been built' });
  });

  it('never builds twice at once: the second waits for the first', async () => {
    const gate = Promise.withResolvers<void>();
    const first = play(() => gate.promise);
    const second = play();
    const one = buildWebApp(first);
    await expect.poll(() => first.ran).toEqual(['npm', 'vite']);
    expect(webAppOf(checkout, join(checkout, 'record.json'))).toEqual({ state: 'building' });
    const two = buildWebApp(second);
    gate.resolve();
    expect(await Promise.all([one, two])).toEqual([{ state: 'current' }, { state: 'current' }]);
    expect(second.ran).toEqual([]);
  });

  it('goes on after a build that died', async () => {
    put('.igloo/web-build.lock', JSON.stringify({ pid: process.pid, startTicks: 1, bootId: 'earlier' }));
    put('.igloo/web-dist/half', 'x');
    expect(webAppOf(checkout, join(checkout, 'record.json'))).toMatchObject({ state: 'missing' });
    expect(await buildWebApp(play())).toEqual({ state: 'current' });
  });

  it('keeps no failure of a build that was called off', async () => {
    const stop = new AbortController();
    const deps = play(() => {
      stop.abort();
      throw new Error('aborted');
    });
    expect(await buildWebApp({ ...deps, signal: stop.signal })).toEqual({
      state: 'missing',
      why: 'it has not been built',
    });
  });
});

describe('the stamp', () => {
  it('knows what the app is made of', () => {
    const stamp = sourceStamp(web);
    put('web/src/ui/button.test.tsx', 'tests make no difference');
    put('web/node_modules/x/index.js', 'nor does what is installed');
    expect(sourceStamp(web)).toBe(stamp);
    put('web/public/igloo.svg', '<svg/>');
    expect(sourceStamp(web)).not.toBe(stamp);
  });

  it('takes one that was built by hand after the last change', () => {
    put('web/dist/index.html', 'by hand');
    for (const file of ['package.json', 'package-lock.json', 'src/main.tsx', 'src/ui/button.tsx'])
      utimesSync(join(web, file), 1000, 1000);
    expect(isCurrent(web)).toBe(true);
    utimesSync(join(web, 'src/main.tsx'), Date.now() / 1000 + 10, Date.now() / 1000 + 10);
    expect(isCurrent(web)).toBe(false);
  });

  it('knows whether the libraries fit', () => {
    expect(librariesFit(web)).toBe(false);
    put(
      'web/node_modules/.package-lock.json',
      JSON.stringify({ packages: { 'node_modules/vite': { version: '1.0.0' } } }),
    );
    expect(librariesFit(web)).toBe(true);
    put('web/package-lock.json', packages('1.0.1'));
    expect(librariesFit(web)).toBe(false);
  });
});

describe('takeLock', () => {
  it('gives it to one, and to the next when the first is done', () => {
    const path = join(checkout, 'lock');
    const release = takeLock(path, ownIdentity());
    expect(release).not.toBeNull();
    expect(takeLock(path, ownIdentity())).toBeNull();
    release?.();
    expect(takeLock(path, ownIdentity())).not.toBeNull();
  });
});
