import { standardHelp, type Client } from '../base/client.ts';
import { unicodeValues, usageError } from '../base/faults.ts';
import type { Argument } from '../base/arguments.ts';
import { authOption } from '../base/settings.ts';
import { connectCinder, versionOf, type CinderApi, type Version } from './api.ts';
import { cinderFiles } from './commands.ts';

const old = (name: string, of: Argument): Argument => ({ ...of, formerly: [name] });

const clientOf = (version: Version): Client<CinderApi> => ({
  name: 'cinder',
  description: 'Command-line interface to the OpenStack Cinder API.',
  version: '1.0.8',
  globals: [
    { name: '--version', help: "Show program's version number and exit." },
    { name: '--debug', help: 'Print debugging output: each request and answer, without secrets.' },
    old('--username', authOption('username', '<auth-user-name>', 'Defaults to env[OS_USERNAME].')),
    {
      ...authOption('password', '<auth-password>', 'Defaults to env[OS_PASSWORD].'),
      formerly: ['--password', '--apikey'],
    },
    {
      ...authOption('tenant-name', '<auth-tenant-name>', 'Defaults to env[OS_TENANT_NAME].'),
      formerly: ['--tenant_name', '--projectid'],
    },
    authOption('tenant-id', '<auth-tenant-id>', 'Defaults to env[OS_TENANT_ID].'),
    { ...authOption('auth-url', '<auth-url>', 'Defaults to env[OS_AUTH_URL].'), formerly: ['--auth_url', '--url'] },
    old('--region_name', authOption('region-name', '<region-name>', 'Defaults to env[OS_REGION_NAME].')),
    { name: '--service-type', value: '<service-type>', help: 'Defaults to volume for most actions.' },
    { name: '--service-name', value: '<service-name>', help: 'Defaults to env[CINDER_SERVICE_NAME].' },
    {
      name: '--volume-service-name',
      value: '<volume-service-name>',
      help: 'Defaults to env[CINDER_VOLUME_SERVICE_NAME].',
    },
    {
      name: '--endpoint-type',
      value: '<endpoint-type>',
      help: 'Defaults to env[CINDER_ENDPOINT_TYPE] or publicURL.',
    },
    {
      name: '--os-volume-api-version',
      value: '<volume-api-ver>',
      help: 'Accepts 1 or 2, defaults to env[OS_VOLUME_API_VERSION].',
    },
    {
      name: '--os-cacert',
      value: '<ca-certificate>',
      help: 'File of certificate authorities that the service has its certificate from. Defaults to env[OS_CACERT].',
    },
    { name: '--retries', value: '<retries>', type: 'int', help: 'Number of retries.' },
    { name: '--insecure', hidden: true },
  ],
  files: cinderFiles(version),
  variant: async (given, env) => clientOf(versionOf(given, env)),
  connect: connectCinder,
  sessionOf: ({ session }) => session,
  help: standardHelp('two'),
  errorText: (error) => `ERROR: ${error.message}\n`,
  usageErrorText: (message, command) => usageError('cinder', message, command),
  unknownCommand: (name) =>
    usageError('cinder', unicodeValues(`argument <subcommand>: invalid choice: '${name}'`), undefined),
  unknownIsUsage: true,
  unknownHelp: (name) => `ERROR: '${name}' is not a valid subcommand\n`,
  completes: true,
});

/** The `cinder` command. */
export const cinderClient: Client<CinderApi> = clientOf('1');
