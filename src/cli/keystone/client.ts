import { standardHelp, type Client } from '../base/client.ts';
import { authOption } from '../base/settings.ts';
import { connectKeystone, type KeystoneApi } from './api.ts';
import { keystoneFiles } from './commands.ts';

const choices = (known: readonly string[]): string => known.map((one) => `'${one}'`).join(', ');

/** The `keystone` command. */
export const keystoneClient: Client<KeystoneApi> = {
  name: 'keystone',
  description: 'Command-line interface to the OpenStack Identity API.',
  version: '0.9.0',
  globals: [
    { name: '--version', help: "Show the client's version and exit." },
    { name: '--debug', hidden: true },
    { name: '--timeout', value: '<seconds>', type: 'float', help: 'How long an answer may take, in seconds.' },
    authOption('username', '<auth-user-name>', 'Name used for authentication. Defaults to env[OS_USERNAME].'),
    authOption('password', '<auth-password>', 'Password used for authentication. Defaults to env[OS_PASSWORD].'),
    authOption(
      'tenant-name',
      '<auth-tenant-name>',
      'Tenant to request authorization on. Defaults to env[OS_TENANT_NAME].',
    ),
    authOption('tenant-id', '<tenant-id>', 'Tenant to request authorization on. Defaults to env[OS_TENANT_ID].'),
    authOption('auth-url', '<auth-url>', 'Where to authenticate. Defaults to env[OS_AUTH_URL].'),
    authOption('region-name', '<region-name>', 'Region whose endpoints are used. Defaults to env[OS_REGION_NAME].'),
    authOption(
      'identity-api-version',
      '<identity-api-version>',
      'Version of the API; 2.0 is spoken. Defaults to env[OS_IDENTITY_API_VERSION].',
    ),
    {
      ...authOption(
        'token',
        '<service-token>',
        'A token to use with --os-endpoint instead of signing in. Defaults to env[OS_SERVICE_TOKEN].',
      ),
      formerly: ['--token'],
    },
    {
      ...authOption('endpoint', '<service-endpoint>', 'Where to use it. Defaults to env[OS_SERVICE_ENDPOINT].'),
      formerly: ['--endpoint'],
    },
    {
      ...authOption('cacert', '<ca-certificate>', 'File of certificate authorities. Defaults to env[OS_CACERT].'),
      formerly: ['--os_cacert'],
    },
    { name: '--insecure', formerly: ['-k'], help: 'Accept any certificate of a service. Use it with caution.' },
    { ...authOption('cert', '<certificate>', 'Defaults to env[OS_CERT].'), formerly: ['--os_cert'] },
    { ...authOption('key', '<key>', 'Defaults to env[OS_KEY].'), formerly: ['--os_key'] },
    { name: '--os-cache', help: 'Accepted; tokens are not kept between commands.' },
    { name: '--force-new-token', help: 'Accepted; every command signs in anew.' },
    { name: '--stale-duration', value: '<seconds>', help: 'Accepted; every command signs in anew.' },
    { name: '--os-auth-token', value: '<token>', hidden: true },
  ],
  files: keystoneFiles,
  connect: connectKeystone,
  sessionOf: ({ session }) => session,
  help: standardHelp('one'),
  errorText: (error) => `${error.message}\n`,
  usageErrorText: (message, command) => `keystone${command === undefined ? '' : ` ${command}`}: error: ${message}\n`,
  unknownCommand: (name, known) =>
    `keystone: error: argument <subcommand>: invalid choice: '${name}' (choose from ${choices([...known.toSorted(), 'bash-completion', 'help'])})\n`,
  unknownIsUsage: true,
  unknownHelp: (name) => `'${name}' is not a valid subcommand\n`,
  completes: true,
};
