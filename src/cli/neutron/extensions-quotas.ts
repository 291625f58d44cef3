import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { kinds, type Item, type NeutronApi } from './api.ts';
import { fieldArguments, listOutputArguments, printItem, printList, requestFormat, showArguments } from './output.ts';
import { listArguments, listQuery } from './resource.ts';
import { attributesOf } from './unknown-options.ts';

const resources = ['network', 'subnet', 'port', 'router', 'floatingip', 'security-group', 'security-group-rule'];

const tenantArgument: Argument = { name: '--tenant-id', value: 'tenant-id', help: 'The owner tenant ID' };
const tenantOf = async (api: NeutronApi, given: Given): Promise<string> =>
  given.text('tenant-id') ?? (await api.session.access()).token.tenant?.id ?? '';
const quotaPath = async (api: NeutronApi, given: Given): Promise<string> =>
  `/quotas/${encodeURIComponent(await tenantOf(api, given))}`;
const alias: Argument = { name: 'EXT-ALIAS', help: 'The extension alias.' };

export const extensionQuotaCommands: readonly Command<NeutronApi>[] = [
  {
    name: 'ext-list',
    summary: 'List all extensions.',
    arguments: [...listOutputArguments, ...fieldArguments],
    async run(api, given) {
      printList(api, given, await api.list(kinds.extension), ['alias', 'name']);
    },
  },
  {
    name: 'ext-show',
    summary: 'Show information of a given resource.',
    arguments: [...showArguments, ...fieldArguments, alias],
    async run(api, given) {
      const path = `/extensions/${encodeURIComponent(given.one('EXT-ALIAS'))}`;
      printItem(api, given, (await api.call<{ extension: Item }>('GET', path)).extension);
    },
  },
  {
    name: 'quota-list',
    summary: 'List quotas of all tenants who have non-default quota values.',
    arguments: listOutputArguments,
    async run(api, given) {
      const quotas = await api.list(kinds.quota);
      printList(api, given, quotas, Object.keys(quotas[0] ?? {}).toSorted());
    },
  },
  {
    name: 'quota-show',
    summary: 'Show quotas of a given tenant.',
    arguments: [...showArguments, tenantArgument],
    async run(api, given) {
      printItem(api, given, (await api.call<{ quota: Item }>('GET', await quotaPath(api, given))).quota);
    },
  },
  {
    name: 'quota-update',
    summary: "Define tenant's quotas not to use defaults.",
    arguments: [
      ...showArguments,
      tenantArgument,
      ...resources.map((name) => ({
        name: `--${name}`,
        value: `${name.replaceAll('-', '_')}s`,
        help: `The limit of ${name.replaceAll('-', ' ')}s`,
      })),
    ],
    passUnknown: true,
    async run(api, given) {
      const quota: Record<string, unknown> = attributesOf(given.unknown);
      for (const name of resources) {
        const [key, value] = [name.replaceAll('-', '_'), given.text(name)];
        if (value === undefined) continue;
        if (!/^[+-]?\d+$/.test(value)) throw new CommandError(`Quota limit for ${key} must be an integer`);
        quota[key] = Number(value);
      }
      if (Object.keys(quota).length === 0) throw new CommandError('Must specify new values to update quota');
      const answer = await api.call<{ quota: Item }>('PUT', await quotaPath(api, given), { quota });
      printItem(api, given, answer.quota);
    },
  },
  {
    name: 'quota-delete',
    summary: 'Delete defined quotas of a given tenant.',
    arguments: [requestFormat, tenantArgument],
    async run(api, given) {
      await api.call('DELETE', await quotaPath(api, given));
      api.say(`Deleted quota: ${await tenantOf(api, given)}`);
    },
  },
  {
    name: 'service-provider-list',
    summary: 'List service providers.',
    arguments: listArguments,
    passUnknown: true,
    async run(api, given) {
      const providers = await api.list(kinds.serviceProvider, listQuery(given));
      printList(api, given, providers, ['service_type', 'name', 'default']);
    },
  },
];
