import { standardHelp, type Client } from '../base/client.ts';
import { unicodeValues } from '../base/faults.ts';
import { connectGlance, versionOf, type GlanceApi } from './api.ts';
import { glanceFiles } from './commands.ts';
import { authOption } from '../base/settings.ts';

const choices = (known: readonly string[]): string => known.map((one) => `'${one}'`).join(', ');
const auth = (name: string, value: string, ...formerly: string[]): ReturnType<typeof authOption> => ({
  ...authOption(name, `OS_${value}`, `Defaults to env[OS_${value}].`),
  formerly,
});

const clientOf = (version: '1' | '2'): Client<GlanceApi> => ({
  name: 'glance',
  description: 'Command-line interface to the OpenStack Images API.',
  version: '0.12.0',
  globals: [
    { name: '--version', help: "Show program's version number and exit." },
    {
      name: '--debug',
      aliases: ['-d'],
      help: 'Print each request and answer, without secrets. Defaults to env[GLANCECLIENT_DEBUG].',
    },
    { name: '--verbose', aliases: ['-v'], help: 'Print more verbose output.' },
    { name: '--get-schema', help: 'Accepted; the options of create and update are known without asking.' },
    { name: '--insecure', aliases: ['-k'], help: 'Accept any certificate of a service. Use it with caution.' },
    { name: '--cert-file', value: 'CERT_FILE', help: 'File of the certificate to show; its key may be in it too.' },
    { name: '--key-file', value: 'KEY_FILE', help: "File of the certificate's key." },
    {
      name: '--os-cacert',
      formerly: ['--ca-file'],
      value: '<ca-certificate-file>',
      help: "File of certificate authorities; the system's unless given.",
    },
    { name: '--timeout', value: 'TIMEOUT', type: 'float', help: 'Number of seconds to wait for a response.' },
    { name: '--no-ssl-compression', help: 'Accepted; nothing is compressed.' },
    { name: '--force', aliases: ['-f'], help: 'Prevent select actions from requesting user confirmation.' },
    { name: '--dry-run', help: 'Older commands only say what they would do.' },
    auth('username', 'USERNAME', '-I'),
    auth('password', 'PASSWORD', '-K'),
    auth('tenant-id', 'TENANT_ID'),
    auth('tenant-name', 'TENANT_NAME', '-T'),
    auth('auth-url', 'AUTH_URL', '-N'),
    auth('region-name', 'REGION_NAME', '-R'),
    auth('auth-token', 'AUTH_TOKEN', '-A', '--auth_token', '--os-token'),
    auth('image-url', 'IMAGE_URL', '-U', '--url'),
    {
      ...authOption('image-api-version', 'OS_IMAGE_API_VERSION', 'Defaults to env[OS_IMAGE_API_VERSION] or 1.'),
    },
    auth('service-type', 'SERVICE_TYPE'),
    auth('endpoint-type', 'ENDPOINT_TYPE'),
    { name: '--os-auth-strategy', formerly: ['-S'], value: 'OS_AUTH_STRATEGY', hidden: true },
  ],
  files: glanceFiles[version],
  variant: async (given, env) => clientOf(versionOf(given, env)),
  connect: connectGlance,
  sessionOf: ({ session }) => session,
  help: standardHelp('two'),
  errorText: (error) => `${error.message}\n`,
  usageErrorText: (message, command) =>
    `glance${command === undefined ? '' : ` ${command}`}: error: ${unicodeValues(message)}\n`,
  unknownCommand: (name, known) =>
    `glance: error: argument <subcommand>: invalid choice: u'${name}' (choose from ${choices([...known.toSorted(), 'help'])})\n`,
  unknownIsUsage: true,
  unknownHelp: (name) => `'${name}' is not a valid subcommand\n`,
  completes: false,
});

/** The `glance` command. */
export const glanceClient: Client<GlanceApi> = clientOf('1');
