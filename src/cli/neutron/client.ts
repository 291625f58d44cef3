import { isOption } from '../base/arguments.ts';
import { authArguments, type Client } from '../base/client.ts';
import { argumentList, usageText } from '../base/help.ts';
import { connectNeutron, type NeutronApi } from './api.ts';

const crud = (word: string, ...verbs: string[]): string[] => verbs.map((verb) => `${word}-${verb}`);
const five = ['list', 'show', 'create', 'update', 'delete'];

/** The `neutron` command. */
export const neutronClient: Client<NeutronApi> = {
  name: 'neutron',
  description: 'Command-line interface to the Neutron APIs.',
  version: '2.3.4',
  globals: [
    ...authArguments.filter(({ name }) => name !== '--debug'),
    { name: '--debug', help: 'Print every request and answer, without secrets, on standard error.' },
    { name: '--verbose', aliases: ['-v'], help: 'Accepted.' },
    { name: '--quiet', aliases: ['-q'], help: 'Accepted.' },
    { name: '--os-url', value: '<url>', help: 'Defaults to env[OS_URL].' },
    { name: '--os-auth-strategy', value: '<auth-strategy>', hidden: true },
    { name: '--service-type', value: '<service-type>', help: 'Defaults to network.' },
    { name: '--endpoint-type', value: '<endpoint-type>', help: 'Defaults to env[OS_ENDPOINT_TYPE] or publicURL.' },
  ],
  files: [
    {
      names: [...crud('net', ...five), 'net-external-list', ...crud('subnet', ...five), ...crud('port', ...five)],
      load: async () => (await import('./networks.ts')).networkCommands,
    },
    {
      names: [
        ...crud('router', ...five),
        'router-port-list',
        'router-gateway-set',
        'router-gateway-clear',
        'router-interface-add',
        'router-interface-delete',
        ...crud('floatingip', 'list', 'show', 'create', 'delete'),
        'floatingip-associate',
        'floatingip-disassociate',
      ],
      load: async () => (await import('./routers.ts')).routerCommands,
    },
    {
      names: [...crud('security-group', ...five), ...crud('security-group-rule', 'list', 'show', 'create', 'delete')],
      load: async () => (await import('./security-groups.ts')).securityGroupCommands,
    },
    {
      names: [
        ...crud('agent', 'list', 'show', 'update', 'delete'),
        'dhcp-agent-list-hosting-net',
        'net-list-on-dhcp-agent',
        'dhcp-agent-network-add',
        'dhcp-agent-network-remove',
        'l3-agent-list-hosting-router',
        'router-list-on-l3-agent',
        'l3-agent-router-add',
        'l3-agent-router-remove',
      ],
      load: async () => (await import('./agents.ts')).agentCommands,
    },
    {
      names: ['ext-list', 'ext-show', 'quota-list', 'quota-show', 'quota-update', 'quota-delete'],
      load: async () => (await import('./extensions-quotas.ts')).extensionQuotaCommands,
    },
  ],
  connect: connectNeutron,
  help: (_client, command) =>
    usageText(`neutron ${command.name}`, command.arguments) +
    `\n${command.summary}\n` +
    argumentList(
      'positional arguments',
      command.arguments.filter((argument) => !isOption(argument)),
    ) +
    argumentList('optional arguments', command.arguments.filter(isOption)),
  errorText: (error) => `${error.message}\n`,
  usageErrorText: (message, command) => `neutron${command === undefined ? '' : ` ${command}`}: error: ${message}\n`,
  unknownCommand: (name) => ({ text: `Unknown command [u'${name}']\n`, status: 1 }),
  unknownHelp: (name) => `Unknown command [u'${name}']\n`,
  epilog: 'See "neutron help COMMAND" for help on a specific command.',
};
