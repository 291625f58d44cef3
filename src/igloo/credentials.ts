import { writeFileAtomic } from '#common/host/files.ts';
import type { Secrets, StateFolder } from './state.ts';

export type Account = 'admin' | 'demo';

interface Credentials {
  readonly authRoot: string;
  readonly secrets: Secrets;
}

const passwordOf = (account: Account, secrets: Secrets): string =>
  account === 'admin' ? secrets.adminPassword : secrets.demoPassword;

/** The settings of one account. Today's clients read the domain names, the manual's commands OS_TENANT_NAME. */
function settings(account: Account, { authRoot, secrets }: Credentials): readonly (readonly [string, string])[] {
  return [
    ['OS_AUTH_URL', `${authRoot}/v3`],
    ['OS_USERNAME', account],
    ['OS_PASSWORD', passwordOf(account, secrets)],
    ['OS_PROJECT_NAME', account],
    ['OS_TENANT_NAME', account],
    ['OS_USER_DOMAIN_NAME', 'Default'],
    ['OS_PROJECT_DOMAIN_NAME', 'Default'],
    ['OS_REGION_NAME', 'regionOne'],
    ['OS_IDENTITY_API_VERSION', '3'],
  ];
}

/** Lines for a shell: `eval "$(./igloo env)"`. */
export function exportLines(account: Account, credentials: Credentials): string {
  return settings(account, credentials)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('');
}

/** Writes `admin-openrc`, `demo-openrc` and `clouds.yaml` (clouds `admin` and `demo`), readable by the owner only. */
export async function writeCredentials(state: StateFolder, credentials: Credentials): Promise<void> {
  const accounts: readonly Account[] = ['admin', 'demo'];
  for (const account of accounts)
    await writeFileAtomic(state.path(`${account}-openrc`), exportLines(account, credentials), { mode: 0o600 });
  const quote = (text: string): string => JSON.stringify(text);
  const cloud = (account: Account): string =>
    [
      `  ${account}:`,
      '    auth:',
      `      auth_url: ${quote(`${credentials.authRoot}/v3`)}`,
      `      username: ${account}`,
      `      password: ${quote(passwordOf(account, credentials.secrets))}`,
      `      project_name: ${account}`,
      '      user_domain_name: Default',
      '      project_domain_name: Default',
      '    region_name: regionOne',
      '    identity_api_version: 3',
      '',
    ].join('\n');
  await writeFileAtomic(state.path('clouds.yaml'), `clouds:\n${accounts.map(cloud).join('')}`, { mode: 0o600 });
}
