import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { pyPretty } from '../base/python.ts';
import type { NovaApi } from './api.ts';

const server: Argument = { name: '<server>', help: 'Name or ID of server.' };
interface Console {
  readonly console: { readonly type: string; readonly url: string };
}

const consoleCommand = (name: string, action: string, types: string): Command<NovaApi> => ({
  name,
  summary: `Get a ${name.split('-')[1]} console to a server.`,
  arguments: [server, { name: '<console-type>', help: `Type of ${name.split('-')[1]} console ("${types}").` }],
  async run(api, given) {
    const { console: got } = await api.act<Console>(given.one('server'), action, { type: given.one('console-type') });
    api.printList(['Type', 'Url'], [[got.type, got.url]]);
  },
});

interface Action {
  readonly action: string;
  readonly request_id: string;
  readonly message: string | null;
  readonly start_time: string;
}

export const consoleCommands: readonly Command<NovaApi>[] = [
  {
    name: 'console-log',
    summary: 'Get console log output of a server.',
    arguments: [server, { name: '--length', value: '<length>', help: 'Length in lines to tail.' }],
    async run(api, given) {
      const length = given.integer('length') ?? null;
      const { output } = await api.act<{ output: string }>(given.one('server'), 'os-getConsoleOutput', { length });
      api.shell.out(`${output}\n`);
    },
  },
  consoleCommand('get-vnc-console', 'os-getVNCConsole', 'novnc" or "xvpvnc'),
  consoleCommand('get-spice-console', 'os-getSPICEConsole', 'spice-html5'),
  consoleCommand('get-rdp-console', 'os-getRDPConsole', 'rdp-html5'),
  {
    name: 'get-serial-console',
    summary: 'Get a serial console to a server.',
    arguments: [
      server,
      { name: '--console-type', value: '<console-type>', help: 'Type of serial console, default="serial".' },
    ],
    async run(api, given) {
      const type = given.text('console-type') ?? 'serial';
      if (type !== 'serial')
        throw new CommandError("Invalid parameter value for 'console_type', currently supported 'serial'.");
      const { console: got } = await api.act<Console>(given.one('server'), 'os-getSerialConsole', { type });
      api.printList(['Type', 'Url'], [[got.type, got.url]]);
    },
  },
  {
    name: 'instance-action-list',
    summary: 'List actions on a server.',
    arguments: [server],
    async run(api, given) {
      const path = `/servers/${await api.serverId(given.one('server'))}/os-instance-actions`;
      const { instanceActions } = await api.call<{ instanceActions: Action[] }>('GET', path);
      const rows = instanceActions.toSorted((a, b) => (a.start_time < b.start_time ? -1 : 1));
      api.printList(
        ['Action', 'Request_ID', 'Message', 'Start_Time'],
        rows.map((one) => [one.action, one.request_id, one.message, one.start_time]),
      );
    },
  },
  {
    name: 'instance-action',
    summary: 'Show an action.',
    arguments: [
      { name: '<server>', help: 'Name or UUID of the server to show an action for.' },
      { name: '<request_id>', help: 'Request ID of the action to get.' },
    ],
    async run(api, given) {
      const id = await api.serverId(given.one('server'));
      const path = `/servers/${id}/os-instance-actions/${encodeURIComponent(given.one('request_id'))}`;
      const { instanceAction } = await api.call<{ instanceAction: Record<string, unknown> }>('GET', path);
      const { events, ...action } = instanceAction;
      api.printItem({ ...action, ...(events !== undefined && { events: pyPretty(events) }) });
    },
  },
];
