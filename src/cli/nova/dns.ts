import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import type { Item, NovaApi } from './api.ts';

const domain: Argument = { name: '<domain>', help: 'DNS domain.' };
const name: Argument = { name: '<name>', help: 'DNS name.' };
/** A domain as a part of a path. Dots are quoted twice: the service undoes it, lest it takes what follows for a format. */
const quoted = (text: string): string => encodeURIComponent(text.replaceAll('.', '%2E'));
const entries = (of: string): string => `/os-floating-ip-dns/${quoted(of)}/entries`;

const createDomain = (scope: 'private' | 'public', limit: Argument, attribute: string): Command<NovaApi> => ({
  name: `dns-create-${scope}-domain`,
  summary: 'Create the specified DNS domain.',
  arguments: [domain, limit],
  async run(api, given) {
    await api.call('PUT', `/os-floating-ip-dns/${quoted(given.one('domain'))}`, {
      domain_entry: { scope, [attribute]: given.text(limit.name.slice(2)) ?? null },
    });
  },
});

/** Names of floating addresses. */
export const dnsCommands: readonly Command<NovaApi>[] = [
  {
    name: 'dns-domains',
    summary: 'Print a list of available dns domains.',
    arguments: [],
    async run(api) {
      const answer = await api.call<{ domain_entries: Item[] }>('GET', '/os-floating-ip-dns');
      api.printItems(['domain', 'scope', 'project', 'availability_zone'], answer.domain_entries);
    },
  },
  {
    name: 'dns-list',
    summary: 'List current DNS entries for domain and ip or domain and name.',
    arguments: [
      domain,
      { name: '--ip', value: '<ip>', help: 'IP address.' },
      { name: '--name', value: '<name>', help: 'DNS name.' },
    ],
    async run(api, given) {
      const [ip, wanted] = [given.text('ip'), given.text('name')];
      if (!ip && !wanted) throw new CommandError('You must specify either --ip or --name');
      const path = entries(given.one('domain'));
      const found = wanted
        ? [(await api.call<{ dns_entry: Item }>('GET', `${path}/${encodeURIComponent(wanted)}`)).dns_entry]
        : (await api.call<{ dns_entries: Item[] }>('GET', `${path}?ip=${encodeURIComponent(ip ?? '')}`)).dns_entries;
      api.printItems(['ip', 'name', 'domain'], found);
    },
  },
  {
    name: 'dns-create',
    summary: 'Create a DNS entry for domain, name and ip.',
    arguments: [
      { name: '<ip>', help: 'IP address.' },
      name,
      domain,
      { name: '--type', value: '<type>', help: 'DNS type (e.g. "A").' },
    ],
    async run(api, given) {
      await api.call('PUT', `${entries(given.one('domain'))}/${encodeURIComponent(given.one('name'))}`, {
        dns_entry: { ip: given.one('ip'), dns_type: given.text('type') ?? 'A' },
      });
    },
  },
  {
    name: 'dns-delete',
    summary: 'Delete the specified DNS entry.',
    arguments: [domain, name],
    async run(api, given) {
      await api.call('DELETE', `${entries(given.one('domain'))}/${encodeURIComponent(given.one('name'))}`);
    },
  },
  {
    name: 'dns-delete-domain',
    summary: 'Delete the specified DNS domain.',
    arguments: [domain],
    async run(api, given) {
      await api.call('DELETE', `/os-floating-ip-dns/${quoted(given.one('domain'))}`);
    },
  },
  createDomain(
    'private',
    {
      name: '--availability-zone',
      value: '<availability-zone>',
      help: 'Limit access to this domain to servers in the specified availability zone.',
    },
    'availability_zone',
  ),
  createDomain(
    'public',
    {
      name: '--project',
      value: '<project>',
      help: 'Limit access to this domain to users of the specified project.',
    },
    'project',
  ),
];
