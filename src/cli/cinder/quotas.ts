import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { word, type CinderApi } from './api.ts';

/** What there are quotas of; each also per volume type (`volumes_fast`). */
const resources = ['volumes', 'snapshots', 'gigabytes'];
type Quotas = Readonly<Record<string, unknown>>;

const tenant = (help: string): Argument => ({ name: '<tenant_id>', help });
const known = (quotas: Quotas): [string, unknown][] =>
  Object.entries(quotas).filter(([name]) => resources.some((resource) => name.startsWith(resource)));

async function print(api: CinderApi, path: string, wrapped: 'quota_set' | 'quota_class_set'): Promise<void> {
  api.printItem(Object.fromEntries(known((await api.call<Record<string, Quotas>>('GET', path))[wrapped] ?? {})));
}

const limits = (...words: readonly string[]): readonly Argument[] => [
  ...words.map((name) => ({
    name: `--${name}`,
    value: `<${name}>`,
    type: 'int' as const,
    help: `New value for the "${name}" quota.`,
  })),
  { name: '--volume-type', value: '<volume_type_name>', help: 'Volume type that the quota is of.' },
];

/** The new quotas; nothing is asked of the service when there are none. */
function changes(given: Given): Record<string, number> {
  const type = given.text('volume-type');
  return Object.fromEntries(
    resources.flatMap((name) => {
      const value = given.integer(name);
      return value === undefined ? [] : [[type === undefined ? name : `${name}_${type}`, value]];
    }),
  );
}

interface Limits {
  readonly absolute: Readonly<Record<string, number>>;
  readonly rate: readonly {
    readonly uri: string;
    readonly limit: readonly Readonly<Record<string, string | number>>[];
  }[];
}
const limitsOf = async (api: CinderApi): Promise<Limits> =>
  (await api.call<{ limits: Limits }>('GET', '/limits')).limits;

export const quotaCommands: readonly Command<CinderApi>[] = [
  {
    name: 'quota-show',
    summary: 'List the quotas for a tenant.',
    arguments: [tenant('UUID of tenant to list the quotas for.')],
    run: (api, given) => print(api, `/os-quota-sets/${word(given.one('tenant_id'))}?usage=False`, 'quota_set'),
  },
  {
    name: 'quota-usage',
    summary: 'List the quota usage for a tenant.',
    arguments: [tenant('UUID of tenant to list the quota usage for.')],
    async run(api, given) {
      const path = `/os-quota-sets/${word(given.one('tenant_id'))}?usage=True`;
      const { quota_set: quotas } = await api.call<{ quota_set: Quotas }>('GET', path);
      api.printItems(
        ['Type', 'In_use', 'Reserved', 'Limit'],
        known(quotas).map(([type, usage]) => ({ ...(usage as Quotas), type })),
      );
    },
  },
  {
    name: 'quota-defaults',
    summary: 'List the default quotas for a tenant.',
    arguments: [tenant('UUID of tenant to list the default quotas for.')],
    run: (api, given) => print(api, `/os-quota-sets/${word(given.one('tenant_id'))}/defaults`, 'quota_set'),
  },
  {
    name: 'quota-update',
    summary: 'Update the quotas for a tenant.',
    arguments: [tenant('UUID of tenant to set the quotas for.'), ...limits(...resources)],
    async run(api, given) {
      const quotas = changes(given);
      const id = given.one('tenant_id');
      if (Object.keys(quotas).length > 0)
        await api.call('PUT', `/os-quota-sets/${word(id)}`, { quota_set: { tenant_id: id, ...quotas } });
    },
  },
  {
    name: 'quota-class-show',
    summary: 'List the quotas for a quota class.',
    arguments: [{ name: '<class>', help: 'Name of quota class to list the quotas for.' }],
    run: (api, given) => print(api, `/os-quota-class-sets/${word(given.one('class'))}`, 'quota_class_set'),
  },
  {
    name: 'quota-class-update',
    summary: 'Update the quotas for a quota class.',
    arguments: [{ name: '<class>', help: 'Name of quota class to set the quotas for.' }, ...limits(...resources)],
    async run(api, given) {
      const quotas = changes(given);
      const name = given.one('class');
      if (Object.keys(quotas).length > 0)
        await api.call('PUT', `/os-quota-class-sets/${word(name)}`, {
          quota_class_set: quotas,
        });
    },
  },
  {
    name: 'absolute-limits',
    summary: 'Print a list of absolute limits for a user.',
    arguments: [],
    async run(api) {
      api.printList(['Name', 'Value'], Object.entries((await limitsOf(api)).absolute));
    },
  },
  {
    name: 'rate-limits',
    summary: 'Print a list of rate limits for a user.',
    arguments: [],
    async run(api) {
      const { rate } = await limitsOf(api);
      api.printList(
        ['Verb', 'URI', 'Value', 'Remain', 'Unit', 'Next_Available'],
        rate.flatMap(({ uri, limit }) =>
          limit.map((one) => [one['verb'], uri, one['value'], one['remaining'], one['unit'], one['next-available']]),
        ),
      );
    },
  },
];
