import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { pyStr } from '../base/python.ts';
import { kinds, metadataOf, type NovaApi } from './api.ts';

interface Aggregate {
  readonly id: number;
  readonly name: string;
  readonly availability_zone: string | null;
  readonly hosts?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
}

const aggregate: Argument = { name: '<aggregate>', help: 'Name or ID of aggregate.' };
const host: Argument = { name: '<host>', help: 'The host.' };
const zone: Argument = {
  name: '<availability-zone>',
  count: 'optional',
  help: 'The availability zone of the aggregate (optional).',
};

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ');

/** `'a', 'b'` for hosts, `'key=value'` for metadata. */
const print = (api: NovaApi, one: Aggregate): void =>
  api.printList(
    ['Id', 'Name', 'Availability Zone', 'Hosts', 'Metadata'],
    [
      [
        one.id,
        one.name,
        one.availability_zone,
        quoted(one.hosts ?? []),
        quoted(Object.entries(one.metadata ?? {}).map(([key, value]) => `${key}=${pyStr(value)}`)),
      ],
    ],
  );

/** An action on an aggregate; prints what was done and the aggregate as it is then. */
async function act(
  api: NovaApi,
  named: string,
  body: Record<string, unknown>,
  done: (id: string) => string,
): Promise<void> {
  const { id } = await api.find(kinds.aggregate, named);
  const answer = await api.call<{ aggregate: Aggregate }>('POST', `/os-aggregates/${id}/action`, body);
  api.shell.out(`${done(id)}\n`);
  print(api, answer.aggregate);
}

export const aggregateCommands: readonly Command<NovaApi>[] = [
  {
    name: 'aggregate-list',
    summary: 'Print a list of all aggregates.',
    arguments: [],
    async run(api) {
      const { aggregates } = await api.call<{ aggregates: Aggregate[] }>('GET', '/os-aggregates');
      api.printList(
        ['Id', 'Name', 'Availability Zone'],
        aggregates.map((one) => [one.id, one.name, one.availability_zone]),
      );
    },
  },
  {
    name: 'aggregate-details',
    summary: 'Show details of the specified aggregate.',
    arguments: [aggregate],
    async run(api, given) {
      print(api, (await api.find(kinds.aggregate, given.one('aggregate'))) as unknown as Aggregate);
    },
  },
  {
    name: 'aggregate-create',
    summary: 'Create a new aggregate with the specified details.',
    arguments: [{ name: '<name>', help: 'Name of aggregate.' }, zone],
    async run(api, given) {
      const json = {
        aggregate: { name: given.one('name'), availability_zone: given.text('availability-zone') ?? null },
      };
      const { aggregate: made } = await api.call<{ aggregate: Aggregate }>('POST', '/os-aggregates', json);
      // The answer to a create has neither hosts nor metadata.
      const whole = made.hosts && made.metadata;
      print(
        api,
        whole ? made : (await api.call<{ aggregate: Aggregate }>('GET', `/os-aggregates/${made.id}`)).aggregate,
      );
    },
  },
  {
    name: 'aggregate-update',
    summary: "Update the aggregate's name and optionally availability zone.",
    arguments: [aggregate, { name: '<name>', help: 'Name of aggregate.' }, zone],
    async run(api, given) {
      const { id } = await api.find(kinds.aggregate, given.one('aggregate'));
      const availability_zone = given.text('availability-zone');
      const json = {
        aggregate: { name: given.one('name'), ...(availability_zone !== undefined && { availability_zone }) },
      };
      const answer = await api.call<{ aggregate: Aggregate }>('PUT', `/os-aggregates/${id}`, json);
      api.shell.out(`Aggregate ${id} has been successfully updated.\n`);
      print(api, answer.aggregate);
    },
  },
  {
    name: 'aggregate-delete',
    summary: 'Delete the aggregate.',
    arguments: [aggregate],
    async run(api, given) {
      const { id } = await api.find(kinds.aggregate, given.one('aggregate'));
      await api.call('DELETE', `/os-aggregates/${id}`);
      api.shell.out(`Aggregate ${id} has been successfully deleted.\n`);
    },
  },
  {
    name: 'aggregate-set-metadata',
    summary: 'Update the metadata associated with the aggregate.',
    arguments: [
      aggregate,
      { name: '<key=value>', count: 'many', help: 'Metadata to add or update; a key alone is taken out.' },
    ],
    run: (api, given) =>
      act(
        api,
        given.one('aggregate'),
        { set_metadata: { metadata: metadataOf(given.all('key=value')) } },
        (id) => `Metadata has been successfully updated for aggregate ${id}.`,
      ),
  },
  {
    name: 'aggregate-add-host',
    summary: 'Add the host to the specified aggregate.',
    arguments: [aggregate, host],
    run: (api, given) =>
      act(
        api,
        given.one('aggregate'),
        { add_host: { host: given.one('host') } },
        (id) => `Host ${given.one('host')} has been successfully added for aggregate ${id} `,
      ),
  },
  {
    name: 'aggregate-remove-host',
    summary: 'Remove the specified host from the specified aggregate.',
    arguments: [aggregate, host],
    run: (api, given) =>
      act(
        api,
        given.one('aggregate'),
        { remove_host: { host: given.one('host') } },
        (id) => `Host ${given.one('host')} has been successfully removed from aggregate ${id} `,
      ),
  },
];
