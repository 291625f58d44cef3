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

async function print(api: NovaApi, path: string): Promise<void> {
  const { quota_set: quotas } = await api.call<{ quota_set: Record<string, unknown> }>('GET', path);
  api.printList(
    ['Quota', 'Limit'],
    resources.filter((name) => name in quotas).map((name) => [name, quotas[name]]),
  );
}

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
  return (await api.call<Limits>('GET', `/limits${id === undefined ? '' : `?tenant_id=${encodeURIComponent(id)}`}`))
    .limits;
}
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
      ...resources.map((name) => ({
        name: `--${name.replaceAll('_', '-')}`,
        value: `<${name.replaceAll('_', '-')}>`,
        help: `New value for the "${name.replaceAll('_', '-')}" quota.`,
      })),
      user,
      {
        name: '--force',
        help: 'Whether force update the quota even if the already used and reserved exceeds the new quota.',
      },
      { name: '<tenant-id>', help: 'ID of tenant to set the quotas for.' },
    ],
    async run(api, given) {
      const values = resources.flatMap((name) => {
        const value = given.integer(name.replaceAll('_', '-'));
        return value === undefined ? [] : [[name, value] as const];
      });
      const id = given.one('tenant-id');
      const quota_set = { tenant_id: id, ...Object.fromEntries(values), ...(given.has('force') && { force: true }) };
      await api.call('PUT', `/os-quota-sets/${id}${ofUser(given)}`, { quota_set });
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
    arguments: [tenant],
    async run(api, given) {
      const limits = await limitsOf(api, given);
      printRates(api, limits);
      printAbsolute(api, limits);
    },
  },
  {
    name: 'absolute-limits',
    summary: 'Print a list of absolute limits for a user.',
    arguments: [tenant],
    run: async (api, given) => printAbsolute(api, await limitsOf(api, given)),
  },
  {
    name: 'rate-limits',
    summary: 'Print a list of rate limits for a user.',
    arguments: [],
    run: async (api, given) => printRates(api, await limitsOf(api, given)),
  },
  {
    name: 'usage',
    summary: 'Show usage data for a single tenant.',
    arguments: [
      { name: '--start', value: '<start>', help: 'Usage range start date ex 2012-01-20 (default: 4 weeks ago).' },
      { name: '--end', value: '<end>', help: 'Usage range end date, ex 2012-01-20 (default: tomorrow).' },
      tenant,
    ],
    async run(api, given) {
      const day = 86_400_000;
      const date = (offsetDays: number): string => new Date(Date.now() + offsetDays * day).toISOString().slice(0, 10);
      const [start, end] = [given.text('start') ?? date(-28), given.text('end') ?? date(1)];
      api.shell.out(`Usage from ${start} to ${end}:\n`);
      const path = `/os-simple-tenant-usage/${await tenantOf(api, given)}?start=${start}T00:00:00&end=${end}T00:00:00`;
      const { tenant_usage: usage } = await api.call<{ tenant_usage: Record<string, unknown> }>('GET', path);
      const servers = usage['server_usages'];
      if (!Array.isArray(servers)) return api.shell.out('None\n');
      const hours = (name: string): string => Number(usage[name]).toFixed(2);
      api.printList(
        ['Servers', 'RAM MB-Hours', 'CPU Hours', 'Disk GB-Hours'],
        [[servers.length, hours('total_memory_mb_usage'), hours('total_vcpus_usage'), hours('total_local_gb_usage')]],
      );
    },
  },
];
