import type { Client } from '../base/client.ts';
import { unicodeValues } from '../base/faults.ts';
import { authOption } from '../base/settings.ts';
import { connectNeutron, type NeutronApi } from './api.ts';
import { neutronFiles } from './commands.ts';
import { neutronHelp } from './help.ts';

const auth = (name: string, value: string, what: string): ReturnType<typeof authOption> =>
  authOption(name, `<${value}>`, `${what} (Env: OS_${name.toUpperCase().replaceAll('-', '_')})`);

/** The `neutron` command. */
export const neutronClient: Client<NeutronApi> = {
  name: 'neutron',
  description: 'Command-line interface to the Neutron APIs',
  version: '2.3.4',
  globals: [
    { name: '--version', help: "show program's version number and exit" },
    { name: '--debug', aliases: ['--verbose', '-v'], help: 'Print each request and answer, without secrets.' },
    { name: '--quiet', aliases: ['-q'], help: 'Suppress output except warnings and errors' },
    { name: '--help', aliases: ['-h'], help: 'Show this help message and exit' },
    {
      name: '--os-auth-strategy',
      value: '<auth-strategy>',
      help: 'Authentication strategy (Env: OS_AUTH_STRATEGY, default keystone); nothing else is spoken.',
    },
    auth('auth-url', 'auth-url', 'Authentication URL'),
    auth('tenant-name', 'auth-tenant-name', 'Authentication tenant name'),
    auth('tenant-id', 'auth-tenant-id', 'Authentication tenant ID'),
    auth('username', 'auth-username', 'Authentication username'),
    auth('password', 'auth-password', 'Authentication password'),
    auth('region-name', 'auth-region-name', 'Authentication region name'),
    { ...authOption('token', '<token>', 'Defaults to env[OS_TOKEN]'), formerly: ['--os-auth-token'] },
    { name: '--service-type', value: '<service-type>', hidden: true },
    { name: '--endpoint-type', value: '<endpoint-type>', help: 'Defaults to env[OS_ENDPOINT_TYPE] or publicURL.' },
    { name: '--os-url', value: '<url>', help: 'Defaults to env[OS_URL]' },
    {
      name: '--os-cacert',
      value: '<ca-certificate>',
      help: 'File of certificate authorities that the service has its certificate from. Defaults to env[OS_CACERT].',
    },
    { name: '--insecure', formerly: ['-k'], help: 'Accept any certificate of a service. Use it with caution.' },
    { name: '--timeout', value: '<seconds>', type: 'float', hidden: true },
  ],
  files: neutronFiles,
  connect: connectNeutron,
  sessionOf: ({ session }) => session,
  help: neutronHelp,
  errorText: (error) => `${error.message}\n`,
  usageErrorText: (message, command) =>
    `neutron${command === undefined ? '' : ` ${command}`}: error: ${unicodeValues(message)}\n`,
  unknownCommand: (name) => `Unknown command [u'${name}']\n`,
  unknownIsUsage: false,
  completes: true,
};
