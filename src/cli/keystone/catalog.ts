import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { kinds, type Item, type KeystoneApi } from './api.ts';

const serviceItem = (answer: Record<string, Item>): Item => answer[kinds.service.one] as Item;

export const catalogCommands: readonly Command<KeystoneApi>[] = [
  {
    name: 'service-list',
    summary: 'List all services in Service Catalog.',
    arguments: [],
    async run(api) {
      api.printList(await api.list(kinds.service), ['id', 'name', 'type', 'description']);
    },
  },
  {
    name: 'service-get',
    summary: 'Display service from Service Catalog.',
    arguments: [{ name: '<service>', help: 'Name or ID of service to display.' }],
    async run(api, given) {
      api.printItem(await api.find(kinds.service, given.one('service')));
    },
  },
  {
    name: 'service-create',
    summary: 'Add service to Service Catalog.',
    arguments: [
      { name: '--name', value: '<name>', required: true, help: 'Name of new service (must be unique).' },
      {
        name: '--type',
        value: '<type>',
        required: true,
        help: 'Service type (one of: identity, compute, network, image, object-store, or other service identifier string).',
      },
      { name: '--description', value: '<service-description>', help: 'Description of service.' },
    ],
    async run(api, given) {
      const json = {
        [kinds.service.one]: {
          name: given.one('name'),
          type: given.one('type'),
          description: given.text('description') ?? null,
        },
      };
      api.printItem(serviceItem(await api.session.call({ method: 'POST', path: kinds.service.path, json })));
    },
  },
  {
    name: 'service-delete',
    summary: 'Delete service from Service Catalog.',
    arguments: [{ name: '<service>', help: 'Name or ID of service to delete.' }],
    async run(api, given) {
      const { id } = await api.find(kinds.service, given.one('service'));
      await api.session.call({ method: 'DELETE', path: `${kinds.service.path}/${id}` });
    },
  },
  {
    name: 'endpoint-list',
    summary: 'List configured service endpoints.',
    arguments: [],
    async run(api) {
      const { endpoints } = await api.session.call<{ endpoints: Item[] }>({ method: 'GET', path: '/endpoints' });
      api.printList(endpoints, ['id', 'region', 'publicurl', 'internalurl', 'adminurl', 'service_id'], 'id');
    },
  },
  {
    name: 'endpoint-get',
    summary: 'Find endpoint filtered by a specific attribute or service type.',
    arguments: [
      { name: '--service', value: '<service-type>', required: true, help: 'Service type to select.' },
      { name: '--endpoint-type', value: '<endpoint-type>', help: 'Endpoint type to select. Default is publicURL.' },
      { name: '--attr', value: '<service-attribute>', help: 'Service attribute to match for selection.' },
      { name: '--value', value: '<value>', help: 'Value of attribute to match.' },
    ],
    async run(api, given) {
      const kind = given.text('endpoint-type') ?? 'publicURL';
      const [type, attribute, value] = [given.one('service'), given.text('attr'), given.text('value')];
      if ((attribute === undefined) !== (value === undefined))
        throw new CommandError('Both --attr and --value required.');
      const match = attribute === undefined || value === undefined ? undefined : { attribute, value };
      const url = await api.session.findUrl(type, kind, match);
      if (url === undefined) throw new CommandError(`${kind} endpoint for ${type} service not found`);
      api.printItem({ [`${type}.${kind}`]: url });
    },
  },
  {
    name: 'endpoint-create',
    summary: 'Create a new endpoint associated with a service.',
    arguments: [
      { name: '--region', value: '<endpoint-region>', help: 'Endpoint region. Default is regionOne.' },
      {
        name: '--service',
        aliases: ['--service-id'],
        value: '<service>',
        required: true,
        help: 'Name or ID of service associated with endpoint.',
      },
      { name: '--publicurl', value: '<public-url>', required: true, help: 'Public URL endpoint.' },
      { name: '--adminurl', value: '<admin-url>', help: 'Admin URL endpoint.' },
      { name: '--internalurl', value: '<internal-url>', help: 'Internal URL endpoint.' },
    ],
    async run(api, given) {
      const service = await api.find(kinds.service, given.one('service'));
      const json = {
        endpoint: {
          region: given.text('region') ?? 'regionOne',
          service_id: service.id,
          publicurl: given.one('publicurl'),
          adminurl: given.text('adminurl') ?? null,
          internalurl: given.text('internalurl') ?? null,
        },
      };
      const made = await api.session.call<{ endpoint: Item }>({ method: 'POST', path: '/endpoints', json });
      const { adminurl, id, internalurl, publicurl, region, service_id } = made.endpoint;
      api.printItem({ adminurl, id, internalurl, publicurl, region, service_id });
    },
  },
  {
    name: 'endpoint-delete',
    summary: 'Delete a service endpoint.',
    arguments: [{ name: '<endpoint-id>', help: 'ID of endpoint to delete.' }],
    async run(api, given) {
      const id = given.one('endpoint-id');
      try {
        await api.session.call({ method: 'DELETE', path: `/endpoints/${encodeURIComponent(id)}` });
      } catch (cause) {
        throw new CommandError(`Unable to delete endpoint. (${(cause as Error).message})`, { cause });
      }
      api.shell.out('Endpoint has been deleted.\n');
    },
  },
];
