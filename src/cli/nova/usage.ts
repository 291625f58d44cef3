import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import type { NovaApi } from './api.ts';

interface Usage {
  readonly tenant_id: string;
  readonly server_usages?: readonly unknown[];
  readonly total_memory_mb_usage?: number;
  readonly total_vcpus_usage?: number;
  readonly total_local_gb_usage?: number;
}

const range: readonly Argument[] = [
  { name: '--start', value: '<start>', help: 'Usage range start date ex 2012-01-20 (default: 4 weeks ago).' },
  { name: '--end', value: '<end>', help: 'Usage range end date, ex 2012-01-20 (default: tomorrow).' },
];
const dayMs = 86_400_000;

/** Four weeks ago to tomorrow, at this time of day; or midnight of the days that were given. @throws CommandError */
function rangeOf(given: Given, now: number): readonly [string, string] {
  const at = (name: string, offsetDays: number): string => {
    const text = given.text(name);
    if (text === undefined) return new Date(now + offsetDays * dayMs).toISOString().replace(/Z$/, '000');
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text)))
      throw new CommandError(`time data '${text}' does not match format '%Y-%m-%d'`);
    return `${text}T00:00:00`;
  };
  return [at('start', -28), at('end', 1)];
}

const hours = (value: number | undefined): string => (value ?? 0).toFixed(2);
const columns = ['Servers', 'RAM MB-Hours', 'CPU Hours', 'Disk GB-Hours'];
const row = (usage: Usage): string[] => [
  String(usage.server_usages?.length ?? 0),
  hours(usage.total_memory_mb_usage),
  hours(usage.total_vcpus_usage),
  hours(usage.total_local_gb_usage),
];
const announce = (api: NovaApi, [start, end]: readonly [string, string]): void =>
  api.shell.out(`Usage from ${start.slice(0, 10)} to ${end.slice(0, 10)}:\n`);

export const usageCommands: readonly Command<NovaApi>[] = [
  {
    name: 'usage',
    summary: 'Show usage data for a single tenant.',
    arguments: [...range, { name: '--tenant', value: '<tenant-id>', help: 'UUID of tenant to get usage for.' }],
    async run(api, given) {
      const [start, end] = rangeOf(given, Date.now());
      const tenant = given.text('tenant') ?? (await api.session.access()).token.tenant?.id ?? '';
      const path = `/os-simple-tenant-usage/${encodeURIComponent(tenant)}?start=${start}&end=${end}`;
      const { tenant_usage: usage } = await api.call<{ tenant_usage: Usage }>('GET', path);
      announce(api, [start, end]);
      if (!usage.total_vcpus_usage) return api.shell.out('None\n');
      api.printList(columns, [row(usage)]);
    },
  },
  {
    name: 'usage-list',
    summary: 'List usage data for all tenants.',
    arguments: range,
    async run(api, given) {
      const [start, end] = rangeOf(given, Date.now());
      const path = `/os-simple-tenant-usage?start=${start}&end=${end}&detailed=1`;
      const { tenant_usages: usages } = await api.call<{ tenant_usages: Usage[] }>('GET', path);
      announce(api, [start, end]);
      api.printList(
        ['Tenant ID', ...columns],
        usages.map((usage) => [usage.tenant_id, ...row(usage)]),
      );
    },
  },
];
