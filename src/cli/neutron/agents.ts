import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { kinds, type Item, type NeutronApi } from './api.ts';
import { outputArguments, printList } from './output.ts';
import { resourceCommands, type Resource } from './resource.ts';

/** How the client draws a living and a dead agent. */
const alive = (agent: Item): string => (agent['alive'] ? ':-)' : 'xxx');

const agents: Resource = {
  kind: kinds.agent,
  word: 'agent',
  noun: 'agent',
  columns: ['id', 'agent_type', 'host', 'alive', 'admin_state_up'],
  formats: { alive },
  attributes: [
    'admin_state_up',
    'agent_type',
    'alive',
    'binary',
    'configurations',
    'created_at',
    'description',
    'heartbeat_timestamp',
    'host',
    'id',
    'started_at',
    'topic',
  ],
  idOnly: true,
  update: {
    arguments: [{ name: '--admin-state-down', help: 'Set Admin State Up of the agent to false.' }],
    body: (_api, given) => (given.has('admin-state-down') ? { admin_state_up: false } : {}),
  },
};

const agent = (kind: string): Argument => ({ name: `${kind}_AGENT`, help: `ID of the ${kind} agent.` });
const network: Argument = { name: 'NETWORK', help: 'ID or name of the network.' };
const router: Argument = { name: 'ROUTER', help: 'ID or name of the router.' };
const word = encodeURIComponent;

const agentColumns = ['id', 'host', 'admin_state_up', 'alive'];

export const agentCommands: readonly Command<NeutronApi>[] = [
  ...resourceCommands(agents),
  {
    name: 'dhcp-agent-list-hosting-net',
    summary: 'List DHCP agents hosting a network.',
    arguments: [...outputArguments, network],
    async run(api, given) {
      const id = await api.idOf(kinds.network, given.one('NETWORK'));
      const answer = await api.call<{ agents: Item[] }>('GET', `/networks/${id}/dhcp-agents`);
      printList(api, given, answer.agents, agentColumns, { alive });
    },
  },
  {
    name: 'net-list-on-dhcp-agent',
    summary: 'List the networks on a DHCP agent.',
    arguments: [...outputArguments, agent('DHCP')],
    async run(api, given) {
      const answer = await api.call<{ networks: Item[] }>(
        'GET',
        `/agents/${word(given.one('DHCP_AGENT'))}/dhcp-networks`,
      );
      printList(api, given, answer.networks, ['id', 'name', 'subnets']);
    },
  },
  {
    name: 'dhcp-agent-network-add',
    summary: 'Add a network to a DHCP agent.',
    arguments: [agent('DHCP'), network],
    async run(api, given) {
      const network_id = await api.idOf(kinds.network, given.one('NETWORK'));
      await api.call('POST', `/agents/${word(given.one('DHCP_AGENT'))}/dhcp-networks`, { network_id });
      api.shell.out(`Added network ${given.one('NETWORK')} to DHCP agent\n`);
    },
  },
  {
    name: 'dhcp-agent-network-remove',
    summary: 'Remove a network from a DHCP agent.',
    arguments: [agent('DHCP'), network],
    async run(api, given) {
      const id = await api.idOf(kinds.network, given.one('NETWORK'));
      await api.call('DELETE', `/agents/${word(given.one('DHCP_AGENT'))}/dhcp-networks/${id}`);
      api.shell.out(`Removed network ${given.one('NETWORK')} from DHCP agent\n`);
    },
  },
  {
    name: 'l3-agent-list-hosting-router',
    summary: 'List L3 agents hosting a router.',
    arguments: [...outputArguments, router],
    async run(api, given) {
      const id = await api.idOf(kinds.router, given.one('ROUTER'));
      const answer = await api.call<{ agents: Item[] }>('GET', `/routers/${id}/l3-agents`);
      printList(api, given, answer.agents, agentColumns, { alive });
    },
  },
  {
    name: 'router-list-on-l3-agent',
    summary: 'List the routers on a L3 agent.',
    arguments: [...outputArguments, agent('L3')],
    async run(api, given) {
      const answer = await api.call<{ routers: Item[] }>('GET', `/agents/${word(given.one('L3_AGENT'))}/l3-routers`);
      printList(api, given, answer.routers, ['id', 'name', 'external_gateway_info']);
    },
  },
  {
    name: 'l3-agent-router-add',
    summary: 'Add a router to a L3 agent.',
    arguments: [agent('L3'), router],
    async run(api, given) {
      const router_id = await api.idOf(kinds.router, given.one('ROUTER'));
      await api.call('POST', `/agents/${word(given.one('L3_AGENT'))}/l3-routers`, { router_id });
      api.shell.out(`Added router ${given.one('ROUTER')} to L3 agent\n`);
    },
  },
  {
    name: 'l3-agent-router-remove',
    summary: 'Remove a router from a L3 agent.',
    arguments: [agent('L3'), router],
    async run(api, given) {
      const id = await api.idOf(kinds.router, given.one('ROUTER'));
      await api.call('DELETE', `/agents/${word(given.one('L3_AGENT'))}/l3-routers/${id}`);
      api.shell.out(`Removed router ${given.one('ROUTER')} from L3 agent\n`);
    },
  },
];
