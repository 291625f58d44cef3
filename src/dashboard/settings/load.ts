import { hostname, networkInterfaces } from 'node:os';
import type { ConfigSource } from '#common/config/config.ts';
import { loadConfig, type Report } from '#common/config/load.ts';
import { StartupError } from '#common/daemon.ts';
import { sessionCache } from './caches.ts';
import { readLocalSettings, type LocalSettings } from './local-settings.ts';
import { dashboardOptions, localSettingsPath } from './options.ts';
import type { DashboardSettings } from './settings.ts';

/** Where the single-page app lives; it is built for this path. */
const WEBROOT = '/dashboard';

/**
 * Reads the dashboard's own options and the manual's `local_settings`.
 * @param report told, one line each, what of the file was passed over or is not used
 * @throws StartupError with one clear line: which file and line, what is wrong, what can be written instead
 */
export function loadDashboardSettings(config: ConfigSource, report: Report = () => undefined): DashboardSettings {
  const { DEFAULT: options } = loadConfig(dashboardOptions, config, report);
  const local = readLocalSettings(options.local_settings, options.local_settings === localSettingsPath);
  for (const note of local.notes) report(note);
  const webroot = local.text('WEBROOT');
  if (webroot !== undefined && webroot.replace(/\/$/, '') !== WEBROOT)
    throw local.error('WEBROOT', `can only be "${WEBROOT}" or "${WEBROOT}/", not "${webroot}".`);
  return {
    bindHost: options.bind_host,
    bindPort: options.bind_port,
    keystoneUrl: keystoneUrl(local, options.keystone_url),
    allowedHosts: local.texts('ALLOWED_HOSTS') ?? namesOfThisHost(options.bind_host),
    sessions: sessionCache(local, report),
    timeZone: timeZone(local, report),
    multiDomain: local.bool('OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT') ?? false,
    defaultDomain: local.text('OPENSTACK_KEYSTONE_DEFAULT_DOMAIN') ?? 'Default',
    sessionSeconds: local.count('SESSION_TIMEOUT') ?? 1800,
    secureCookies: [local.bool('SESSION_COOKIE_SECURE'), local.bool('CSRF_COOKIE_SECURE')].includes(true),
    webRoot: options.web_root,
  };
}

/** Version 3 of the API, whichever version the file names: the manual's time wrote `/v2.0`. */
function keystoneUrl(local: LocalSettings, option: string | null): string {
  const named = local.text('OPENSTACK_KEYSTONE_URL');
  const host = local.text('OPENSTACK_HOST');
  const byHost =
    host === undefined ? option : `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:5000/v3`;
  const text = named ?? byHost ?? 'http://127.0.0.1:5000/v3';
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    const why = `does not name the Identity service: "${text}". Write 'http://controller:5000/v3'.`;
    if (named !== undefined) throw local.error('OPENSTACK_KEYSTONE_URL', why);
    if (host !== undefined) throw local.error('OPENSTACK_HOST', `is no host's name: "${host}".`);
    throw new StartupError(`keystone_url ${why}`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/v(?:2\.0|3)$/, '')}/v3`;
}

function timeZone(local: LocalSettings, report: Report): string | null {
  const zone = local.text('TIME_ZONE');
  if (zone === undefined) return null;
  if (zone === 'TIME_ZONE') {
    report(
      'TIME_ZONE is still the placeholder "TIME_ZONE": times are shown in each browser\'s own zone. Write a zone as "Asia/Shanghai".',
    );
    return null;
  }
  try {
    if (/^[A-Za-z]/.test(zone)) return (new Intl.DateTimeFormat('en', { timeZone: zone }), zone);
  } catch {
    // said below
  }
  throw local.error('TIME_ZONE', `"${zone}" is no time zone. Write one as "Asia/Shanghai", "Europe/Berlin" or "UTC".`);
}

/** Without ALLOWED_HOSTS: this host's names and addresses. A name that somebody else points here is refused. */
function namesOfThisHost(bindHost: string): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const name = hostname();
  return [
    ...new Set([
      'localhost',
      '127.0.0.1',
      '[::1]',
      name,
      name.split('.')[0] as string,
      ...(bindHost === '0.0.0.0' || bindHost === '::' || bindHost === '' ? [] : [bindHost]),
      ...addresses.map(({ address, family }) => (family === 'IPv6' ? `[${address.split('%')[0]}]` : address)),
    ]),
  ];
}
