import { isoMicros } from '#common/clock.ts';
import { createHostDirectory } from '../hosts/directory.ts';
import { listNodes } from '../hosts/nodes-rows.ts';
import { changeService, listServices } from '../hosts/services-rows.ts';
import { serversOnHost } from '../servers/rows.ts';
import { line, type Command, type Run } from './command.ts';

const widths = [16, 36, 16, 10, 5, 10];

async function list({ db: open, env, conf, given }: Run): Promise<void> {
  const db = await open();
  const directory = createHostDirectory({ db, clock: env.clock, conf });
  const zoneOf = await directory.zones();
  const [host, binary] = [given.text('host') ?? undefined, given.text('service') ?? undefined];
  env.print(line(['Binary', 'Host', 'Zone', 'Status', 'State', 'Updated_At'], widths));
  for (const service of await listServices(db.query, { host, binary })) {
    const zone =
      service.binary === 'nova-compute' ? zoneOf(service.host) : conf.DEFAULT.internal_service_availability_zone;
    const state = directory.isUp(service) ? ':-)' : 'XXX';
    const status = service.disabled ? 'disabled' : 'enabled';
    env.print(line([service.binary, service.host, zone, status, state, service.lastSeen.slice(0, 19)], widths));
  }
}

const switchService =
  (disabled: boolean): Command['run'] =>
  async ({ db: open, env, given }) => {
    const db = await open();
    const [host, binary] = [given.required('host'), given.required('service')];
    const [service] = await listServices(db.query, { host, binary });
    if (!service) {
      env.print(`error: Could not find binary ${binary} on host ${host}.`);
      return 2;
    }
    const change = { disabled, disabledReason: null };
    await changeService(db.query, service.num, change, isoMicros(env.clock.now()));
    env.print(`Service ${binary} on host ${host} ${disabled ? 'disabled' : 'enabled'}.`);
    return 0;
  };

/** What a host has, what of it is used, and by which project. */
async function describeResource({ db: open, env, given }: Run): Promise<number> {
  const db = await open();
  const host = given.required('host');
  const [node] = await listNodes(db.query, { hosts: [host] });
  if (!node) {
    env.print('An unexpected error has occurred.');
    env.print(`[Result] Compute host ${host} could not be found.`);
    return 2;
  }
  const servers = await serversOnHost(db.query, host);
  const sum = (own: typeof servers): readonly number[] => [
    own.reduce((total, { flavor }) => total + flavor.vcpus, 0),
    own.reduce((total, { flavor }) => total + flavor.memoryMb, 0),
    own.reduce((total, { flavor }) => total + flavor.rootGb + flavor.ephemeralGb, 0),
  ];
  const right = (value: unknown, width: number): string => String(value).padStart(width);
  const total = (label: string, width: number, [cpu, memory, disk]: readonly number[]): string =>
    `${host.padEnd(16)}${label}${right(cpu, width)}${right(memory, 8)}${right(disk, 8)}`;
  env.print(`${'HOST'.padEnd(25)}${right('PROJECT', 16)}${right('cpu', 8)}${right('mem(mb)', 8)}${right('hdd', 8)}`);
  env.print(total('(total)', 26, [node.vcpus, node.memoryMb, node.diskGb]));
  env.print(total('(used_now)', 23, [node.vcpusUsed, node.memoryMbUsed, node.diskGbUsed]));
  env.print(total('(used_max)', 23, sum(servers)));
  for (const [project, own] of Map.groupBy(servers, (server) => server.projectId)) {
    const [cpu, memory, disk] = sum(own);
    env.print(`${host.padEnd(25)}${right(project, 16)}${right(cpu, 8)}${right(memory, 8)}${right(disk, 8)}`);
  }
  return 0;
}

async function listHosts({ db: open, env, conf, given }: Run): Promise<void> {
  const db = await open();
  const zoneOf = await createHostDirectory({ db, clock: env.clock, conf }).zones();
  const wanted = given.text('zone');
  const hosts = new Map<string, string>();
  for (const service of await listServices(db.query)) {
    const compute = service.binary === 'nova-compute';
    if (compute || !hosts.has(service.host))
      hosts.set(service.host, compute ? zoneOf(service.host) : conf.DEFAULT.internal_service_availability_zone);
  }
  env.print(`${'host'.padEnd(25)}\t${'zone'.padEnd(15)}`);
  for (const [host, zone] of hosts)
    if (wanted === null || wanted === zone) env.print(`${host.padEnd(25)}\t${zone.padEnd(15)}`);
}

export const serviceCommands: readonly Command[] = [
  {
    name: 'service list',
    arguments: ['host', 'service'],
    help: 'List the daemons of Nova and whether they live.',
    run: list,
  },
  {
    name: 'service enable',
    arguments: ['host', 'service'],
    help: 'Let a daemon take work again.',
    run: switchService(false),
  },
  {
    name: 'service disable',
    arguments: ['host', 'service'],
    help: 'Give a daemon no more work.',
    run: switchService(true),
  },
  {
    name: 'service describe_resource',
    arguments: ['host'],
    help: 'What a host has, and what projects use of it.',
    run: describeResource,
  },
  { name: 'host list', arguments: ['zone'], help: 'List hosts with their zones.', run: listHosts },
];
