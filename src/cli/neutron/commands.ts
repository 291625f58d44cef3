import type { CommandFile } from '../base/command.ts';
import type { NeutronApi } from './api.ts';

const crud = (word: string, ...verbs: string[]): string[] => verbs.map((verb) => `${word}-${verb}`);
const five = ['list', 'show', 'create', 'update', 'delete'];

/** Which file has which commands. */
export const neutronFiles: readonly CommandFile<NeutronApi>[] = [
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
      'lb-pool-list-on-agent',
      'lb-agent-hosting-pool',
    ],
    load: async () => (await import('./agents.ts')).agentCommands,
  },
  {
    names: [
      'ext-list',
      'ext-show',
      'quota-list',
      'quota-show',
      'quota-update',
      'quota-delete',
      'service-provider-list',
    ],
    load: async () => (await import('./extensions-quotas.ts')).extensionQuotaCommands,
  },
  {
    names: [
      ...crud('lb-vip', ...five),
      ...crud('lb-pool', ...five),
      'lb-pool-stats',
      ...crud('lb-member', ...five),
      ...crud('lb-healthmonitor', ...five),
      'lb-healthmonitor-associate',
      'lb-healthmonitor-disassociate',
    ],
    load: async () => (await import('./load-balancers.ts')).loadBalancerCommands,
  },
  {
    names: [
      ...crud('firewall', ...five),
      ...crud('firewall-policy', ...five),
      'firewall-policy-insert-rule',
      'firewall-policy-remove-rule',
      ...crud('firewall-rule', ...five),
    ],
    load: async () => (await import('./firewalls.ts')).firewallCommands,
  },
  {
    names: [
      ...crud('meter-label', 'list', 'show', 'create', 'delete'),
      ...crud('meter-label-rule', 'list', 'show', 'create', 'delete'),
    ],
    load: async () => (await import('./metering.ts')).meteringCommands,
  },
  {
    names: [
      ...crud('vpn-service', ...five),
      ...crud('vpn-ikepolicy', ...five),
      ...crud('vpn-ipsecpolicy', ...five),
      ...crud('ipsec-site-connection', ...five),
    ],
    load: async () => (await import('./vpn.ts')).vpnCommands,
  },
];
