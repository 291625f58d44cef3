import { standardHelp, type Client } from '../base/client.ts';
import { unicodeValues, usageError } from '../base/faults.ts';
import { authOption } from '../base/settings.ts';
import { connectNova, type NovaApi } from './api.ts';
import { novaFiles } from './commands.ts';

/** The `nova` command. */
export const novaClient: Client<NovaApi> = {
  name: 'nova',
  description: 'Command-line interface to the OpenStack Nova API.',
  version: '2.17.0',
  globals: [
    { name: '--version', help: "Show program's version number and exit." },
    { name: '--debug', help: 'Print debugging output: each request and answer, without secrets.' },
    { name: '--os-cache', formerly: ['--no-cache'], help: 'Accepted; tokens are not kept between commands.' },
    { name: '--timings', help: 'Print how long each request took.' },
    { name: '--timeout', value: '<seconds>', type: 'float', help: 'How long an answer may take, in seconds.' },
    { ...authOption('auth-token', 'OS_AUTH_TOKEN', 'Defaults to env[OS_AUTH_TOKEN].'), formerly: ['--os-token'] },
    authOption('username', '<auth-user-name>', 'Defaults to env[OS_USERNAME].'),
    authOption('password', '<auth-password>', 'Defaults to env[OS_PASSWORD].'),
    authOption('tenant-name', '<auth-tenant-name>', 'Defaults to env[OS_TENANT_NAME].'),
    authOption('tenant-id', '<auth-tenant-id>', 'Defaults to env[OS_TENANT_ID].'),
    authOption('auth-url', '<auth-url>', 'Defaults to env[OS_AUTH_URL].'),
    authOption('region-name', '<region-name>', 'Defaults to env[OS_REGION_NAME].'),
    authOption('auth-system', '<auth-system>', 'Accepted; only keystone is spoken to.'),
    { name: '--service-type', value: '<service-type>', help: 'Defaults to compute for most actions.' },
    { name: '--service-name', value: '<service-name>', help: 'Defaults to env[NOVA_SERVICE_NAME].' },
    {
      name: '--volume-service-name',
      value: '<volume-service-name>',
      help: 'Defaults to env[NOVA_VOLUME_SERVICE_NAME].',
    },
    { name: '--endpoint-type', value: '<endpoint-type>', help: 'Defaults to env[NOVA_ENDPOINT_TYPE] or publicURL.' },
    {
      name: '--os-compute-api-version',
      value: '<compute-api-ver>',
      help: 'Accepts 1.1 and 2, which are the same. Defaults to env[OS_COMPUTE_API_VERSION].',
    },
    {
      name: '--os-cacert',
      value: '<ca-certificate>',
      help: 'File of certificate authorities that the service has its certificate from. Defaults to env[OS_CACERT].',
    },
    { name: '--insecure', aliases: [], help: 'Accept any certificate of a service. Use it with caution.' },
    { name: '--bypass-url', value: '<bypass-url>', help: 'Use this API endpoint instead of the Service Catalog.' },
  ],
  files: novaFiles,
  connect: connectNova,
  sessionOf: ({ session }) => session,
  finish(api) {
    if (!api.timings) return;
    const total = api.session.timings.reduce((sum, { seconds }) => sum + seconds, 0);
    api.printList(
      ['url', 'seconds'],
      [...api.session.timings.map(({ url, seconds }) => [url, seconds]), ['Total', total]],
    );
  },
  help: standardHelp('two'),
  errorText: (error) => `ERROR: ${error.message}\n`,
  usageErrorText: (message, command) => usageError('nova', message, command),
  unknownCommand: (name) =>
    usageError('nova', unicodeValues(`argument <subcommand>: invalid choice: '${name}'`), undefined),
  unknownIsUsage: true,
  unknownHelp: (name) => `ERROR: '${name}' is not a valid subcommand\n`,
  completes: true,
};
