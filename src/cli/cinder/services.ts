import type { Command } from '../base/command.ts';
import { HttpError } from '../base/errors.ts';
import { zoneRows, type Zone } from '../base/zones.ts';
import { firstLine } from '../base/text.ts';
import { queryOf, type CinderApi, type Item } from './api.ts';

const change = (action: 'enable' | 'disable'): Command<CinderApi> => ({
  name: `service-${action}`,
  summary: `${action === 'enable' ? 'Enable' : 'Disable'} the service.`,
  arguments: [
    { name: '<hostname>', help: 'Name of host.' },
    { name: '<binary>', help: 'Service binary.' },
  ],
  async run(api, given) {
    const body = { host: given.one('hostname'), binary: given.one('binary') };
    const answer = await api.call('PUT', `/os-services/${action}`, body);
    api.printItems(['Host', 'Binary', 'Status'], [answer]);
  },
});

export const serviceCommands: readonly Command<CinderApi>[] = [
  {
    name: 'service-list',
    summary: 'List all the services. Filter by host & service binary.',
    arguments: [
      { name: '--host', value: '<hostname>', help: 'Name of host.' },
      { name: '--binary', value: '<binary>', help: 'Service binary.' },
    ],
    async run(api, given) {
      const query = queryOf({ host: given.text('host'), binary: given.text('binary') });
      const { services } = await api.call<{ services: Item[] }>('GET', `/os-services${query}`);
      api.printItems(['Binary', 'Host', 'Zone', 'Status', 'State', 'Updated_at'], services);
    },
  },
  change('enable'),
  change('disable'),
  {
    name: 'availability-zone-list',
    summary: 'List all the availability zones.',
    arguments: [],
    async run(api) {
      const list = async (detail: string): Promise<readonly Zone[]> =>
        (await api.call<{ availabilityZoneInfo: Zone[] }>('GET', `/os-availability-zone${detail}`))
          .availabilityZoneInfo;
      const zones = await list('/detail').catch((error: unknown) => {
        if (error instanceof HttpError && (error.status === 403 || error.status === 404)) return list('');
        throw error;
      });
      api.printList(['Name', 'Status'], zoneRows(zones));
    },
  },
  {
    name: 'list-extensions',
    summary: 'List all the os-api extensions that are available.',
    arguments: [],
    async run(api) {
      const { extensions } = await api.call<{ extensions: Item[] }>('GET', '/extensions');
      api.printItems(
        ['Name', 'Summary', 'Alias', 'Updated'],
        extensions.map((one) => ({ ...one, summary: firstLine(String(one['description'] ?? '')) })),
      );
    },
  },
  {
    name: 'endpoints',
    summary: 'Discover endpoints that get returned from the authenticate services.',
    arguments: [],
    async run(api) {
      for (const { name, endpoints } of (await api.session.access()).serviceCatalog)
        api.printItem(endpoints[0] ?? {}, name);
    },
  },
  {
    name: 'credentials',
    summary: 'Show user credentials returned from auth.',
    arguments: [],
    async run(api) {
      const { user, token } = await api.session.access();
      api.printItem(user, 'User Credentials');
      api.printItem(token, 'Token');
    },
  },
];
