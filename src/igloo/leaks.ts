import { readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { createHttpTransport } from '#common/api/http.ts';
import { createSession, type Session } from '#common/auth/session.ts';
import { systemClock } from '#common/clock.ts';
import { StartupError } from '#common/daemon.ts';
import { systemOpenvswitch } from '#common/host/openvswitch.ts';
import { commandLine } from '#common/host/process.ts';
import { OvsBridges } from '#common/host/ovs-bridges.ts';
import type { Run } from '#common/host/run.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { volumeTraces } from '#cinder/volume/leaks.ts';
import { findNetworkLeaks } from '#neutron/agents/leaks.ts';
import { portsAt } from './ports.ts';
import { restOf } from './rest.ts';
import { loadSecrets, runningCloud, type CloudRecord, type StateFolder } from './state.ts';
import { switchFolder } from './switch.ts';

/** Something that belongs to nothing the cloud knows. */
export interface Leak {
  readonly kind: string;
  readonly name: string;
  readonly why: string;
}

interface Port {
  readonly id: string;
  readonly device_id: string;
  readonly device_owner: string;
  readonly 'binding:host_id'?: string;
}

/** What the services know, as far as this host is concerned. */
interface Known {
  readonly serverIds: ReadonlySet<string>;
  readonly routerIds: ReadonlySet<string>;
  readonly networkIds: ReadonlySet<string>;
  readonly poolIds: ReadonlySet<string>;
  readonly ports: readonly Port[];
}

/**
 * Compares guests, folders, ports, devices, namespaces, chains and sets on this machine with what the running cloud knows.
 * @throws StartupError when no cloud runs: there would be nothing to compare with
 */
export async function findLeaks(state: StateFolder, run: Run): Promise<Leak[]> {
  const cloud = runningCloud(state);
  if (!cloud) throw new StartupError('Leaks are found by asking the running cloud what it knows: ./igloo up first.');
  const known = await ask(cloud, state);
  return [
    ...orphanPorts(known),
    ...(await strayGuests(known, state)),
    ...(await strayVolumes(cloud, state)),
    ...(await strayNetwork(known, cloud, state, run)),
  ];
}

/** The administrator of the running cloud. */
const adminSession = async (cloud: CloudRecord, state: StateFolder): Promise<Session> =>
  createSession(
    {
      authUrl: `http://${cloud.address}:${portsAt(cloud.portOffset).keystonePublic}`,
      username: 'admin',
      password: (await loadSecrets(state)).adminPassword,
      projectName: 'admin',
    },
    { transport: createHttpTransport(), clock: systemClock },
  );

async function ask(cloud: CloudRecord, state: StateFolder): Promise<Known> {
  const session = await adminSession(cloud, state);
  const network = await restOf(session, 'network');
  const compute = await restOf(session, 'compute');
  const ids = (rows: readonly { id: string }[]): Set<string> => new Set(rows.map((row) => row.id));
  // Ports first: a server that is made meanwhile must not look like nobody's.
  const { ports } = await network.json<{ ports: Port[] }>('GET', '/v2.0/ports');
  const { routers } = await network.json<{ routers: { id: string }[] }>('GET', '/v2.0/routers');
  const { networks } = await network.json<{ networks: { id: string }[] }>('GET', '/v2.0/networks');
  const { servers } = await compute.json<{ servers: { id: string }[] }>('GET', '/servers?all_tenants=1');
  const { extensions } = await network.json<{ extensions: { alias: string }[] }>('GET', '/v2.0/extensions');
  const { pools } = extensions.some(({ alias }) => alias === 'lbaas')
    ? await network.json<{ pools: { id: string }[] }>('GET', '/v2.0/lb/pools')
    : { pools: [] };
  return { serverIds: ids(servers), routerIds: ids(routers), networkIds: ids(networks), poolIds: ids(pools), ports };
}

const orphanPorts = ({ ports, serverIds, routerIds }: Known): Leak[] =>
  ports
    .filter(
      (port) =>
        (port.device_owner.startsWith('compute:') && !serverIds.has(port.device_id)) ||
        (port.device_owner.startsWith('network:router_') && !routerIds.has(port.device_id)),
    )
    .map((port) => ({ kind: 'port', name: port.id, why: `its ${port.device_owner} ${port.device_id} does not exist` }));

/** Processes and folders of guests that are no server of ours. */
async function strayGuests({ serverIds }: Known, state: StateFolder): Promise<Leak[]> {
  const instances = state.path('nova', 'instances');
  const folders = (await readdir(instances).catch(() => [])).filter((name) => /^[0-9a-f]{8}-/.test(name));
  return [
    ...folders
      .filter((name) => !serverIds.has(name.slice(0, 36)))
      .map((name) => ({ kind: 'guest folder', name: `${instances}/${name}`, why: 'no server has this id' })),
    ...runningGuests(instances)
      .filter((id) => !serverIds.has(id))
      .map((id) => ({ kind: 'guest process', name: id, why: 'no server has this id' })),
  ];
}

/** Files, exports and backups of volumes that Cinder does not know. */
async function strayVolumes(cloud: CloudRecord, state: StateFolder): Promise<Leak[]> {
  // First what is there: a volume that is made meanwhile must not look like nobody's.
  const traces = await volumeTraces(state.path('cinder'));
  if (traces.length === 0) return [];
  const volume = await restOf(await adminSession(cloud, state), 'volumev3');
  const known = new Set<string>();
  for (const what of ['volumes', 'snapshots', 'backups'] as const)
    for (let marker = ''; ;) {
      const query = `all_tenants=1&limit=1000${marker && `&marker=${marker}`}`;
      const page = (await volume.json<Record<string, { id: string }[]>>('GET', `/${what}?${query}`))[what] ?? [];
      for (const { id } of page) known.add(id);
      if (page.length < 1000) break;
      marker = page.at(-1)?.id ?? '';
    }
  return traces
    .filter(({ id }) => !known.has(id))
    .map(({ kind, name }) => ({ kind, name, why: 'no volume, snapshot or backup has this id' }));
}

/** Ids of the guests whose disks are below `instances`, whoever started their QEMU. */
function runningGuests(instances: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const argv = commandLine(Number(pid));
      const id = argv[argv.indexOf('-uuid') + 1];
      return argv.includes('-uuid') && id && argv.some((word) => word.includes(`${instances}/${id}`)) ? [id] : [];
    });
}

async function strayNetwork(known: Known, cloud: CloudRecord, state: StateFolder, run: Run): Promise<Leak[]> {
  if (cloud.network === 'fake') return [];
  const here = known.ports.filter((port) => port['binding:host_id'] === hostname());
  const ovs = await systemOpenvswitch(run, cloud.openvswitchPrivate ? switchFolder(state) : undefined);
  const bridges = ovs && (await OvsBridges.connect(ovs.socket, silentLogger));
  try {
    const leaks = await findNetworkLeaks(
      {
        networkIds: known.networkIds,
        routerIds: known.routerIds,
        poolIds: known.poolIds,
        portIds: new Set(here.map((port) => port.id)),
      },
      { run, statePath: state.path('neutron'), ...(bridges && { bridges }) },
    );
    return leaks.map((leak) => ({ ...leak, why: 'no port, network, router or pool of this host has it' }));
  } finally {
    bridges?.close();
  }
}
