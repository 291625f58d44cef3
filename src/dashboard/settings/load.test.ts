import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromObject } from '#common/config/load.ts';
import { StartupError } from '#common/daemon.ts';
import { loadDashboardSettings } from './load.ts';
import type { DashboardSettings } from './settings.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'igloo-settings-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const load = (
  text: string | null,
  options: Readonly<Record<string, string | number>> = {},
): { settings: DashboardSettings; notes: string[] } => {
  const path = join(folder, 'local_settings');
  if (text !== null) writeFileSync(path, text);
  const notes: string[] = [];
  const source = fromObject({ DEFAULT: { local_settings: text === null ? '' : path, ...options } }, 'test');
  return { settings: loadDashboardSettings(source, (line) => notes.push(line)), notes };
};
const memcached = (location: string): string =>
  `CACHES = {'default': {'BACKEND': 'django.core.cache.backends.memcached.MemcachedCache', 'LOCATION': ${location}}}\n`;

describe('loadDashboardSettings', () => {
  it('has defaults for everything', () => {
    const { settings, notes } = load(null);
    expect(settings).toMatchObject({
      bindHost: '127.0.0.1',
      bindPort: 8080,
      keystoneUrl: 'http://127.0.0.1:5000/v3',
      sessions: { kind: 'memory' },
      timeZone: null,
      multiDomain: false,
      defaultDomain: 'Default',
      sessionSeconds: 1800,
      secureCookies: false,
    });
    expect(settings.allowedHosts).toContain('localhost');
    expect(settings.allowedHosts).not.toContain('*');
    expect(settings.webRoot).toMatch(/\/web\/dist$/);
    expect(notes).toEqual([]);
  });

  it("reads the manual's four edits", () => {
    const { settings, notes } = load(
      `OPENSTACK_HOST = "controller"\nALLOWED_HOSTS = ['*']\n${memcached("'127.0.0.1:11211'")}TIME_ZONE = "TIME_ZONE"\n`,
    );
    expect(settings).toMatchObject({
      keystoneUrl: 'http://controller:5000/v3',
      allowedHosts: ['*'],
      sessions: { kind: 'memcached', servers: ['127.0.0.1:11211'] },
      timeZone: null,
    });
    expect(notes).toEqual([expect.stringContaining('still the placeholder')]);
  });

  it.each([
    ['OPENSTACK_KEYSTONE_URL = "http://%s:5000/v2.0" % OPENSTACK_HOST', 'http://controller:5000/v3'],
    ['OPENSTACK_KEYSTONE_URL = "https://id.example.org/identity/v3/"', 'https://id.example.org/identity/v3'],
    ['OPENSTACK_KEYSTONE_URL = "http://controller:5000"', 'http://controller:5000/v3'],
    ['', 'http://controller:5000/v3'],
    ['OPENSTACK_HOST = "::1"', 'http://[::1]:5000/v3'],
  ])('finds the Identity service: %s', (line, url) =>
    expect(load(`OPENSTACK_HOST = "controller"\n${line}\n`).settings.keystoneUrl).toBe(url),
  );

  it('heeds the option keystone_url when the file names no host', () => {
    expect(load('', { keystone_url: 'http://a:6000/v3' }).settings.keystoneUrl).toBe('http://a:6000/v3');
    expect(load('OPENSTACK_HOST = "b"', { keystone_url: 'http://a:6000/v3' }).settings.keystoneUrl).toBe(
      'http://b:5000/v3',
    );
  });

  it.each([
    ["'10.0.0.1'", ['10.0.0.1:11211']],
    ["'a:1;b:2'", ['a:1', 'b:2']],
    ["['a:1', '[::1]:2', 'a:1']", ['a:1', '[::1]:2']],
    ["('unix:/run/m.sock',)", ['unix:/run/m.sock']],
    ["'/run/m.sock'", ['unix:/run/m.sock']],
  ])('finds memcached: %s', (location, servers) =>
    expect(load(memcached(location)).settings.sessions).toEqual({ kind: 'memcached', servers }),
  );

  it.each(['locmem.LocMemCache', 'dummy.DummyCache'])('keeps sessions in memory with %s', (name) => {
    const caches = `CACHES = {'default': {'BACKEND': 'django.core.cache.backends.${name}'}}`;
    expect(load(caches).settings.sessions).toEqual({ kind: 'memory' });
  });

  it('takes the rest', () => {
    const { settings, notes } = load(`
TIME_ZONE = "Asia/Shanghai"
SESSION_TIMEOUT = 60 * 60
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = True
SESSION_ENGINE = 'django.contrib.sessions.backends.signed_cookies'
OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT = True
OPENSTACK_KEYSTONE_DEFAULT_DOMAIN = 'corp'
WEBROOT = '/dashboard/'
`);
    expect(settings).toMatchObject({
      timeZone: 'Asia/Shanghai',
      sessionSeconds: 3600,
      secureCookies: true,
      multiDomain: true,
      defaultDomain: 'corp',
    });
    expect(notes).toEqual([expect.stringContaining('sessions are kept where CACHES says')]);
  });

  it.each([
    ['\nTIME_ZONE = "Mars/Olympus"', 'local_settings:2: TIME_ZONE "Mars/Olympus" is no time zone'],
    ['TIME_ZONE = "+02:00"', 'is no time zone'],
    ["CACHES = {'default': {'BACKEND': 'redis'}}", 'BACKEND "redis", which is not supported. Supported: django.core.'],
    ['CACHES = {}', "must have an entry 'default'"],
    [memcached("'a b'"), 'LOCATION "a b", which is no address'],
    [memcached("'a:99999'"), 'which is no address'],
    [memcached('[]'), 'has no LOCATION'],
    ["SESSION_ENGINE = 'mine'", 'SESSION_ENGINE "mine" is not supported'],
    ["ALLOWED_HOSTS = '*'", 'ALLOWED_HOSTS must be a list of texts, as [\'*\'], not "*".'],
    ['ALLOWED_HOSTS = [1]', 'must hold texts only, not 1.'],
    ['ALLOWED_HOSTS = hosts()', 'ALLOWED_HOSTS calls a function, and this file is only read, not run.'],
    ['SESSION_TIMEOUT = 0', 'must be a whole number above zero, not 0.'],
    ["SESSION_COOKIE_SECURE = 'yes'", 'must be True or False, not "yes".'],
    ["WEBROOT = '/'", 'can only be "/dashboard"'],
    ["OPENSTACK_KEYSTONE_URL = 'controller'", 'does not name the Identity service'],
    ["OPENSTACK_HOST = 'a b'", "is no host's name"],
    ["A = '", ':1: the text that begins with'],
  ])('refuses %s', (text, message) => {
    expect(() => load(text)).toThrow(StartupError);
    expect(() => load(text)).toThrow(message);
  });

  it('needs a file that was asked for', () => {
    expect(() => loadDashboardSettings(fromObject({ DEFAULT: { local_settings: '/nowhere/x' } }, 'test'))).toThrow(
      'There is no file /nowhere/x.',
    );
  });

  it("documents every setting that it reads in the operator's page", () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/operate/dashboard.md'), 'utf8');
    const sources = ['load.ts', 'caches.ts'].map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'));
    const read = [...sources.join('\n').matchAll(/\.(?:text|texts|bool|count|dict)\('(\w+)'\)/g)].map(
      ([, name]) => name,
    );
    expect(read.length).toBeGreaterThan(10);
    expect(read.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
