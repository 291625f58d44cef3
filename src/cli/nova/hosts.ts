import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { zoneRows, type Zone } from '../base/zones.ts';
import type { NovaApi } from './api.ts';

interface Hypervisor {
  readonly id: number | string;
  readonly hypervisor_hostname: string;
  readonly servers?: readonly { readonly uuid: string; readonly name: string }[];
}
interface Service {
  readonly binary: string;
  readonly host: string;
  readonly zone: string;
  readonly status: string;
  readonly state: string;
  readonly updated_at: string | null;
  readonly disabled_reason: string | null;
}
const hypervisors = async (api: NovaApi, path = ''): Promise<readonly Hypervisor[]> =>
  (await api.call<{ hypervisors: Hypervisor[] }>('GET', `/os-hypervisors${path}`)).hypervisors;

async function findHypervisor(api: NovaApi, nameOrId: string): Promise<Hypervisor> {
  const all = await hypervisors(api);
  const found =
    all.find((one) => String(one.id) === nameOrId) ?? all.find((one) => one.hypervisor_hostname === nameOrId);
  if (!found) throw new CommandError(`No hypervisor with a name or ID of '${nameOrId}' exists.`);
  return found;
}

/** Nested values become rows `cpu_info_arch`. */
function flatten(item: Readonly<Record<string, unknown>>, prefix = ''): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(item).flatMap(([key, raw]): [string, unknown][] => {
      const value = typeof raw === 'string' && raw.startsWith('{') ? (JSON.parse(raw) as unknown) : raw;
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(flatten(value as Record<string, unknown>, `${prefix}${key}_`))
        : [[`${prefix}${key}`, value]];
    }),
  );
}

const serviceChange = (action: 'enable' | 'disable'): Command<NovaApi> => ({
  name: `service-${action}`,
  summary: `${action === 'enable' ? 'Enable' : 'Disable'} the service.`,
  arguments: [
    { name: '<hostname>', help: 'Name of host.' },
    { name: '<binary>', help: 'Service binary.' },
    ...(action === 'disable' ? [{ name: '--reason', value: '<reason>', help: 'Reason for disabling service.' }] : []),
  ],
  async run(api, given) {
    const reason = given.text('reason');
    const path = `/os-services/${action}${reason === undefined ? '' : '-log-reason'}`;
    const { service } = await api.call<{ service: Service }>('PUT', path, {
      host: given.one('hostname'),
      binary: given.one('binary'),
      ...(reason !== undefined && { disabled_reason: reason }),
    });
    api.printList(
      ['Host', 'Binary', 'Status', ...(reason === undefined ? [] : ['Disabled Reason'])],
      [[service.host, service.binary, service.status, ...(reason === undefined ? [] : [service.disabled_reason])]],
    );
  },
});

export const hostCommands: readonly Command<NovaApi>[] = [
  {
    name: 'hypervisor-list',
    summary: 'List hypervisors.',
    arguments: [{ name: '--matching', value: '<hostname>', help: 'List hypervisors matching the given <hostname>.' }],
    async run(api, given) {
      const matching = given.text('matching');
      const list = await hypervisors(api, matching === undefined ? '' : `/${encodeURIComponent(matching)}/search`);
      api.printList(
        ['ID', 'Hypervisor hostname'],
        list.map((one) => [one.id, one.hypervisor_hostname]),
      );
    },
  },
  {
    name: 'hypervisor-show',
    summary: 'Display the details of the specified hypervisor.',
    arguments: [{ name: '<hypervisor>', help: 'Name or ID of the hypervisor to show the details of.' }],
    async run(api, given) {
      const { id } = await findHypervisor(api, given.one('hypervisor'));
      const answer = await api.call<{ hypervisor: Record<string, unknown> }>('GET', `/os-hypervisors/${id}`);
      api.printItem(flatten(answer.hypervisor));
    },
  },
  {
    name: 'hypervisor-servers',
    summary: 'List servers belonging to specific hypervisors.',
    arguments: [{ name: '<hostname>', help: 'The hypervisor hostname (or pattern) to search for.' }],
    async run(api, given) {
      const list = await hypervisors(api, `/${encodeURIComponent(given.one('hostname'))}/servers`);
      const rows = list.flatMap((one) =>
        (one.servers ?? []).map((server) => [server.uuid, server.name, one.id, one.hypervisor_hostname]),
      );
      api.printList(['ID', 'Name', 'Hypervisor ID', 'Hypervisor Hostname'], rows);
    },
  },
  {
    name: 'hypervisor-stats',
    summary: 'Get hypervisor statistics over all compute nodes.',
    arguments: [],
    async run(api) {
      const path = '/os-hypervisors/statistics';
      api.printItem(
        (await api.call<{ hypervisor_statistics: Record<string, unknown> }>('GET', path)).hypervisor_statistics,
      );
    },
  },
  {
    name: 'hypervisor-uptime',
    summary: 'Display the uptime of the specified hypervisor.',
    arguments: [{ name: '<hypervisor>', help: 'Name or ID of the hypervisor to show the uptime of.' }],
    async run(api, given) {
      const { id } = await findHypervisor(api, given.one('hypervisor'));
      const answer = await api.call<{ hypervisor: Record<string, unknown> }>('GET', `/os-hypervisors/${id}/uptime`);
      api.printItem(answer.hypervisor);
    },
  },
  {
    name: 'service-list',
    summary: 'Show a list of all running services. Filter by host & binary.',
    arguments: [
      { name: '--host', value: '<hostname>', help: 'Name of host.' },
      { name: '--binary', value: '<binary>', help: 'Service binary.' },
    ],
    async run(api, given) {
      const query = new URLSearchParams();
      for (const name of ['host', 'binary']) {
        const value = given.text(name);
        if (value !== undefined) query.set(name, value);
      }
      const path = `/os-services${query.size > 0 ? `?${query}` : ''}`;
      const { services } = await api.call<{ services: Service[] }>('GET', path);
      api.printList(
        ['Binary', 'Host', 'Zone', 'Status', 'State', 'Updated_at', 'Disabled Reason'],
        services.map((one) => [
          one.binary,
          one.host,
          one.zone,
          one.status,
          one.state,
          one.updated_at,
          one.disabled_reason,
        ]),
      );
    },
  },
  serviceChange('enable'),
  serviceChange('disable'),
  {
    name: 'host-list',
    summary: 'List all hosts by service.',
    arguments: [
      {
        name: '--zone',
        value: '<zone>',
        help: 'Filters the list, returning only those hosts in the availability zone <zone>.',
      },
    ],
    async run(api, given) {
      const zone = given.text('zone');
      const path = `/os-hosts${zone === undefined ? '' : `?zone=${encodeURIComponent(zone)}`}`;
      const { hosts } = await api.call<{ hosts: { host_name: string; service: string; zone: string }[] }>('GET', path);
      api.printList(
        ['host_name', 'service', 'zone'],
        hosts.map((one) => [one.host_name, one.service, one.zone]),
      );
    },
  },
  {
    name: 'host-describe',
    summary: 'Describe a specific host.',
    arguments: [{ name: '<hostname>', help: 'Name of host.' }],
    async run(api, given) {
      interface Resource {
        readonly resource: Readonly<Record<'host' | 'project' | 'cpu' | 'memory_mb' | 'disk_gb', string | number>>;
      }
      const { host } = await api.call<{ host: Resource[] }>(
        'GET',
        `/os-hosts/${encodeURIComponent(given.one('hostname'))}`,
      );
      api.printList(
        ['HOST', 'PROJECT', 'cpu', 'memory_mb', 'disk_gb'],
        host.map(({ resource: one }) => [one.host, one.project, one.cpu, one.memory_mb, one.disk_gb]),
      );
    },
  },
  {
    name: 'availability-zone-list',
    summary: 'List all the availability zones.',
    arguments: [],
    async run(api) {
      interface Answer {
        readonly availabilityZoneInfo: readonly Zone[];
      }
      let answer: Answer;
      try {
        answer = await api.call<Answer>('GET', '/os-availability-zone/detail');
      } catch (error) {
        if ((error as { status?: number }).status !== 403) throw error;
        answer = await api.call<Answer>('GET', '/os-availability-zone');
      }
      api.printList(['Name', 'Status'], zoneRows(answer.availabilityZoneInfo));
    },
  },
];
