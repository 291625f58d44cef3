import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { byBytes } from '../base/python.ts';
import type { NovaApi } from './api.ts';

const resources = [
  'instances',
  'cores',
  'ram',
  'floating_ips',
  'fixed_ips',
  'metadata_items',
  'injected_files',
  'injected_file_content_bytes',
  'injected_file_path_bytes',
  'key_pairs',
  'security_groups',
  'security_group_rules',
  'server_groups',
  'server_group_members',
];
const tenant: Argument = { name: '--tenant', value: '<tenant-id>', help: 'ID of tenant.' };
const user: Argument = { name: '--user', value: '<user-id>', help: 'ID of user.' };

const tenantOf = async (api: NovaApi, given: Given, name = 'tenant'): Promise<string> =>
  given.text(name) ?? (await api.session.access()).token.tenant?.id ?? '';
const ofUser = (given: Given): string => {
  const id = given.text('user');
  return id === undefined ? '' : `?user_id=${encodeURIComponent(id)}`;
};

const printQuotas = (api: NovaApi, quotas: Readonly<Record<string, unknown>>): void =>
  api.printList(
    ['Quota', 'Limit'],
    resources.filter((name) => name in quotas).map((name) => [name, quotas[name]]),
  );

async function print(api: NovaApi, path: string): Promise<void> {
  printQuotas(api, (await api.call<{ quota_set: Record<string, unknown> }>('GET', path)).quota_set);
}

/** Server groups came after the client of the manual's time: their quotas can be set, but its help does not show them. */
const limitOptions: readonly Argument[] = resources.map((resource) => {
  const name = resource.replaceAll('_', '-');
  return {
    name: `--${name}`,
    value: `<${name}>`,
    type: 'int',
    help: `New value for the "${name}" quota.`,
    hidden: name.startsWith('server-group'),
  };
});

/** The new quotas that were given. */
const changes = (given: Given): Record<string, number> =>
  Object.fromEntries(
    resources.flatMap((name) => {
      const value = given.integer(name.replaceAll('_', '-'));
      return value === undefined ? [] : [[name, value] as const];
    }),
  );

interface Limits {
  readonly limits: {
    readonly absolute: Readonly<Record<string, number>>;
    readonly rate: readonly {
      readonly uri: string;
      readonly limit: readonly Readonly<Record<string, string | number>>[];
    }[];
  };
}
async function limitsOf(api: NovaApi, given: Given): Promise<Limits['limits']> {
  const id = given.text('tenant');
  const query = new URLSearchParams({
    ...(given.has('reserved') && { reserved: '1' }),
    ...(id !== undefined && { tenant_id: id }),
  });
  return (await api.call<Limits>('GET', `/limits${query.size > 0 ? `?${query}` : ''}`)).limits;
}
const ofTenant: readonly Argument[] = [
  {
    name: '--tenant',
    value: '<tenant>',
    count: 'optional',
    help: 'Display information from single tenant (Admin only).',
  },
  { name: '--reserved', help: 'Include reservations count.' },
];
const printRates = (api: NovaApi, { rate }: Limits['limits']): void =>
  api.printList(
    ['Verb', 'URI', 'Value', 'Remain', 'Unit', 'Next_Available'],
    rate.flatMap(({ uri, limit }) =>
      limit.map((one) => [one['verb'], uri, one['value'], one['remaining'], one['unit'], one['next-available']]),
    ),
  );
const printAbsolute = (api: NovaApi, { absolute }: Limits['limits']): void =>
  api.printList(
    ['Name', 'Value'],
    Object.entries(absolute).toSorted(([a], [b]) => byBytes(a, b)),
  );

export const quotaCommands: readonly Command<NovaApi>[] = [
  {
    name: 'quota-show',
    summary: 'List the quotas for a tenant/user.',
    arguments: [tenant, user],
    run: async (api, given) => print(api, `/os-quota-sets/${await tenantOf(api, given)}${ofUser(given)}`),
  },
  {
    name: 'quota-defaults',
    summary: 'List the default quotas for a tenant.',
    arguments: [tenant],
    run: async (api, given) => print(api, `/os-quota-sets/${await tenantOf(api, given)}/defaults`),
  },
  {
    name: 'quota-update',
    summary: 'Update the quotas for a tenant/user.',
    arguments: [
      { name: '<tenant-id>', help: 'ID of tenant to set the quotas for.' },
      user,
      ...limitOptions,
      {
        name: '--force',
        help: 'Whether force update the quota even if the already used and reserved exceeds the new quota.',
      },
    ],
    async run(api, given) {
      const quotas = changes(given);
      if (Object.keys(quotas).length === 0) return;
      const id = given.one('tenant-id');
      const quota_set = { tenant_id: id, ...quotas, ...(given.has('force') && { force: true }) };
      await api.call('PUT', `/os-quota-sets/${encodeURIComponent(id)}${ofUser(given)}`, { quota_set });
    },
  },
  {
    name: 'quota-delete',
    summary: 'Delete quota for a tenant/user so their quota will Revert back to default.',
    arguments: [tenant, user],
    async run(api, given) {
      await api.call('DELETE', `/os-quota-sets/${await tenantOf(api, given)}${ofUser(given)}`);
    },
  },
  {
    name: 'limits',
    summary: 'Print rate and absolute limits.',
    arguments: ofTenant,
    async run(api, given) {
      const limits = await limitsOf(api, given);
      printRates(api, limits);
      printAbsolute(api, limits);
    },
  },
  {
    name: 'absolute-limits',
    summary: 'Print a list of absolute limits for a user.',
    arguments: ofTenant,
    run: async (api, given) => printAbsolute(api, await limitsOf(api, given)),
  },
  {
    name: 'rate-limits',
    summary: 'Print a list of rate limits for a user.',
    arguments: [],
    run: async (api, given) => printRates(api, await limitsOf(api, given)),
  },
  {
    name: 'quota-class-show',
    summary: 'List the quotas for a quota class.',
    arguments: [{ name: '<class>', help: 'Name of quota class to list the quotas for.' }],
    async run(api, given) {
      const path = `/os-quota-class-sets/${encodeURIComponent(given.one('class'))}`;
      printQuotas(api, (await api.call<{ quota_class_set: Record<string, unknown> }>('GET', path)).quota_class_set);
    },
  },
  {
    name: 'quota-class-update',
    summary: 'Update the quotas for a quota class.',
    arguments: [
      { name: '<class>', help: 'Name of quota class to set the quotas for.' },
      ...limitOptions.filter(({ name }) => name !== '--fixed-ips'),
    ],
    async run(api, given) {
      const name = given.one('class');
      const quotas = changes(given);
      if (Object.keys(quotas).length > 0)
        await api.call('PUT', `/os-quota-class-sets/${encodeURIComponent(name)}`, {
          quota_class_set: quotas,
        });
    },
  },
];
