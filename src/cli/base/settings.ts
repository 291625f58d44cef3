import type { Argument, Given } from './arguments.ts';
import { CommandError } from './errors.ts';
import type { Settings } from './session.ts';
import type { Shell } from './shell.ts';

/** Options that all clients have, by name; each client declares them with its own placeholders. */
export const authOption = (name: string, value: string, help: string): Argument => ({
  name: `--os-${name}`,
  value,
  help,
});

/** The first that is there and not empty. */
export const firstOf = (...values: readonly (string | undefined)[]): string | undefined =>
  values.find((one) => one !== undefined && one !== '');

/** What the options and the environment say. */
export function settingsOf(
  given: Given,
  env: Shell['env'],
  more: {
    readonly endpoint?: string | undefined;
    readonly endpointType?: string | undefined;
    readonly serviceName?: string | undefined;
  } = {},
): Settings {
  const value = (option: string, ...variables: string[]): string | undefined =>
    firstOf(given.text(option), ...variables.map((name) => env[name]));
  const timeout = Number(given.text('timeout'));
  return {
    authUrl: value('os-auth-url', 'OS_AUTH_URL'),
    username: value('os-username', 'OS_USERNAME'),
    password: value('os-password', 'OS_PASSWORD'),
    tenantName: value('os-tenant-name', 'OS_TENANT_NAME', 'OS_PROJECT_NAME'),
    tenantId: value('os-tenant-id', 'OS_TENANT_ID', 'OS_PROJECT_ID'),
    region: value('os-region-name', 'OS_REGION_NAME'),
    token: value('os-auth-token', 'OS_AUTH_TOKEN', 'OS_TOKEN'),
    endpoint: more.endpoint,
    endpointType: more.endpointType ?? 'publicURL',
    serviceName: more.serviceName,
    debug: given.has('debug'),
    tls: {
      verify: !given.has('insecure'),
      caFile: value('os-cacert', 'OS_CACERT'),
      certFile: value('os-cert', 'OS_CERT'),
      keyFile: value('os-key', 'OS_KEY'),
      ...(timeout > 0 && { timeoutMs: timeout * 1000 }),
    },
  };
}

/** What a client says when one of the settings is missing. */
export interface Missing {
  readonly username: string;
  readonly password: string;
  readonly tenant: string;
  readonly authUrl: string;
}

/** What is missing, in the words that most clients share. */
export const usualMissing: Missing = {
  username: 'You must provide a username via either --os-username or env[OS_USERNAME]',
  password: 'You must provide a password via either --os-password or env[OS_PASSWORD]',
  tenant: 'You must provide a tenant_id via either --os-tenant-id or env[OS_TENANT_ID]',
  authUrl: 'You must provide an auth url via either --os-auth-url or env[OS_AUTH_URL]',
};

/**
 * The settings with a password, which is asked for at a terminal.
 * @param order which is looked at first, second …
 * @throws CommandError when what signing in needs is missing
 */
export async function requireCredentials(
  settings: Settings,
  shell: Shell,
  missing: Missing,
  order: readonly (keyof Missing)[] = ['username', 'password', 'tenant', 'authUrl'],
): Promise<Settings> {
  if (settings.token !== undefined && settings.endpoint !== undefined) return settings;
  let { password } = settings;
  for (const what of order) {
    const isThere: Record<keyof Missing, boolean> = {
      username: settings.token !== undefined || settings.username !== undefined,
      password: settings.token !== undefined || password !== undefined,
      tenant: (settings.tenantName ?? settings.tenantId) !== undefined,
      authUrl: settings.authUrl !== undefined,
    };
    if (isThere[what]) continue;
    if (what === 'password') password = firstOf(await shell.askSecret('OS Password: '));
    if (what !== 'password' || password === undefined) throw new CommandError(missing[what]);
  }
  return { ...settings, password };
}
