import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { kinds, type Item, type NeutronApi } from './api.ts';
import { withCidrs } from './networks.ts';
import { fieldArguments, listOutputArguments, printList, requestFormat } from './output.ts';
import { resourceCommands, type Resource } from './resource.ts';

/** How the client draws a living and a dead agent. */
const alive = (agent: Item): string => (agent['alive'] ? ':-)' : 'xxx');

const agents: Resource = {
  kind: kinds.agent,
  word: 'agent',
  noun: 'agent',
  columns: ['id', 'agent_type', 'host', 'alive', 'admin_state_up'],
  formats: { alive },
  showFormats: { configurations: (item) => JSON.stringify(item['configurations'] ?? {}, null, 5) },
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
    arguments: [{ name: '--admin-state-down', help: 'Set Admin State Up of the agent to false.', hidden: true }],
    body: (_api, given) => (given.has('admin-state-down') ? { admin_state_up: false } : {}),
  },
};

/** The answers have no pages. */
const agentArguments: readonly Argument[] = [...listOutputArguments, ...fieldArguments];
const agent = (kind: string): Argument => ({ name: `${kind}_agent`, help: `ID of the ${kind.toUpperCase()} agent.` });
const network: Argument = { name: 'network', help: 'ID or name of the network.' };
const router: Argument = { name: 'router', help: 'ID or name of the router.' };
const word = encodeURIComponent;

const agentColumns = ['id', 'host', 'admin_state_up', 'alive'];

export const agentCommands: readonly Command<NeutronApi>[] = [
  ...resourceCommands(agents),
  {
    name: 'dhcp-agent-list-hosting-net',
    summary: 'List DHCP agents hosting a network.',
    arguments: [...agentArguments, network],
    async run(api, given) {
      const id = await api.idOf(kinds.network, given.one('network'));
      const answer = await api.call<{ agents: Item[] }>('GET', `/networks/${id}/dhcp-agents`);
      printList(api, given, answer.agents, agentColumns, { alive });
    },
  },
  {
    name: 'net-list-on-dhcp-agent',
    summary: 'List the networks on a DHCP agent.',
    arguments: [...agentArguments, agent('dhcp')],
    async run(api, given) {
      const answer = await api.call<{ networks: Item[] }>(
        'GET',
        `/agents/${word(given.one('dhcp_agent'))}/dhcp-networks`,
      );
      printList(api, given, await withCidrs(api, answer.networks), ['id', 'name', 'subnets']);
    },
  },
  {
    name: 'dhcp-agent-network-add',
    summary: 'Add a network to a DHCP agent.',
    arguments: [requestFormat, agent('dhcp'), network],
    async run(api, given) {
      const network_id = await api.idOf(kinds.network, given.one('network'));
      await api.call('POST', `/agents/${word(given.one('dhcp_agent'))}/dhcp-networks`, { network_id });
      api.say(`Added network ${given.one('network')} to DHCP agent`);
    },
  },
  {
    name: 'dhcp-agent-network-remove',
    summary: 'Remove a network from a DHCP agent.',
    arguments: [requestFormat, agent('dhcp'), network],
    async run(api, given) {
      const id = await api.idOf(kinds.network, given.one('network'));
      await api.call('DELETE', `/agents/${word(given.one('dhcp_agent'))}/dhcp-networks/${id}`);
      api.say(`Removed network ${given.one('network')} to DHCP agent`);
    },
  },
  {
    name: 'l3-agent-list-hosting-router',
    summary: 'List L3 agents hosting a router.',
    arguments: [...agentArguments, router],
    async run(api, given) {
      const id = await api.idOf(kinds.router, given.one('router'));
      const answer = await api.call<{ agents: Item[] }>('GET', `/routers/${id}/l3-agents`);
      printList(api, given, answer.agents, agentColumns, { alive });
    },
  },
  {
    name: 'router-list-on-l3-agent',
    summary: 'List the routers on a L3 agent.',
    arguments: [...agentArguments, agent('l3')],
    async run(api, given) {
      const answer = await api.call<{ routers: Item[] }>('GET', `/agents/${word(given.one('l3_agent'))}/l3-routers`);
      printList(api, given, answer.routers, ['id', 'name', 'external_gateway_info']);
    },
  },
  {
    name: 'l3-agent-router-add',
    summary: 'Add a router to a L3 agent.',
    arguments: [requestFormat, agent('l3'), router],
    async run(api, given) {
      const router_id = await api.idOf(kinds.router, given.one('router'));
      await api.call('POST', `/agents/${word(given.one('l3_agent'))}/l3-routers`, { router_id });
      api.say(`Added router ${given.one('router')} to L3 agent`);
    },
  },
  {
    name: 'l3-agent-router-remove',
    summary: 'Remove a router from a L3 agent.',
    arguments: [requestFormat, agent('l3'), router],
    async run(api, given) {
      const id = await api.idOf(kinds.router, given.one('router'));
      await api.call('DELETE', `/agents/${word(given.one('l3_agent'))}/l3-routers/${id}`);
      api.say(`Removed Router ${given.one('router')} to L3 agent`);
    },
  },
  {
    name: 'lb-pool-list-on-agent',
    summary: 'List the pools on a loadbalancer agent.',
    arguments: [...agentArguments, { name: 'lbaas_agent', help: 'ID of the loadbalancer agent to query.' }],
    async run(api, given) {
      const path = `/agents/${word(given.one('lbaas_agent'))}/loadbalancer-pools`;
      const answer = await api.call<{ pools: Item[] }>('GET', path);
      printList(api, given, answer.pools, ['id', 'name', 'lb_method', 'protocol', 'admin_state_up', 'status']);
    },
  },
  {
    name: 'lb-agent-hosting-pool',
    summary: 'Get loadbalancer agent hosting a pool.',
    arguments: [...agentArguments, { name: 'pool', help: 'ID or name of the pool.' }],
    async run(api, given) {
      const id = await api.idOf(kinds.pool, given.one('pool'));
      // A pool that no agent has is answered by nothing.
      const { agent } = await api.call<{ agent?: Item }>('GET', `/lb/pools/${id}/loadbalancer-agent`);
      printList(api, given, agent ? [agent] : [], agentColumns, { alive });
    },
  },
];
