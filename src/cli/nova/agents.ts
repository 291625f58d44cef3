import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import type { Item, NovaApi } from './api.ts';

const build: readonly Argument[] = [
  { name: '<version>', help: 'Version.' },
  { name: '<url>', help: 'URL.' },
  { name: '<md5hash>', help: 'MD5 hash.' },
];
const id: Argument = { name: '<id>', help: 'ID of the agent-build.' };

/** Builds of agents that run in guests. */
export const agentCommands: readonly Command<NovaApi>[] = [
  {
    name: 'agent-list',
    summary: 'List all builds.',
    arguments: [{ name: '--hypervisor', value: '<hypervisor>', help: 'Type of hypervisor.' }],
    async run(api, given) {
      const type = given.text('hypervisor');
      const query = type === undefined ? '' : `?hypervisor=${encodeURIComponent(type)}`;
      const { agents } = await api.call<{ agents: Item[] }>('GET', `/os-agents${query}`);
      api.printItems(['Agent_id', 'Hypervisor', 'OS', 'Architecture', 'Version', 'Md5hash', 'Url'], agents);
    },
  },
  {
    name: 'agent-create',
    summary: 'Create new agent build.',
    arguments: [
      { name: '<os>', help: 'Type of os.' },
      { name: '<architecture>', help: 'Type of architecture.' },
      ...build,
      { name: '<hypervisor>', help: 'Type of hypervisor.' },
    ],
    async run(api, given) {
      const words = ['hypervisor', 'os', 'architecture', 'version', 'url', 'md5hash'];
      const json = { agent: Object.fromEntries(words.map((word) => [word, given.one(word)])) };
      api.printItem((await api.call<{ agent: Record<string, unknown> }>('POST', '/os-agents', json)).agent);
    },
  },
  {
    name: 'agent-modify',
    summary: 'Modify existing agent build.',
    arguments: [id, ...build],
    async run(api, given) {
      const json = { para: { version: given.one('version'), url: given.one('url'), md5hash: given.one('md5hash') } };
      const path = `/os-agents/${encodeURIComponent(given.one('id'))}`;
      api.printItem((await api.call<{ agent: Record<string, unknown> }>('PUT', path, json)).agent);
    },
  },
  {
    name: 'agent-delete',
    summary: 'Delete existing agent build.',
    arguments: [id],
    async run(api, given) {
      await api.call('DELETE', `/os-agents/${encodeURIComponent(given.one('id'))}`);
    },
  },
];
