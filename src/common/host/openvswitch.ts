import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { ensureFolder } from './files.ts';
import { ovsKernelDatapath } from './privileges.ts';
import type { Run } from './run.ts';
import type { Supervisor } from './supervisor.ts';

/** A running Open vSwitch. */
export interface OpenVswitch {
  /** Socket of its database. */
  readonly socket: string;
  /** Where the bridges' management sockets are. */
  readonly runDir: string;
  /** Ours alone, or the machine's. */
  readonly private: boolean;
  readonly datapathType: 'system' | 'netdev';
}

export interface OpenVswitchDeps {
  /** Folder of a private one: database, sockets, pid files, logs. Short: a socket's path may have 107 characters. */
  readonly folder: string;
  readonly run: Run;
  readonly supervisor: Supervisor;
  /** Its name in Open vSwitch's external_ids. */
  readonly hostname: string;
}

const SYSTEM_RUN_DIR = '/run/openvswitch';
const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';

/** The machine's own Open vSwitch, when it runs. */
export async function systemOpenvswitch(run: Run, runDir = SYSTEM_RUN_DIR): Promise<OpenVswitch | undefined> {
  const socket = join(runDir, 'db.sock');
  if (!(await answers(socket))) return undefined;
  return { socket, runDir, private: false, datapathType: await datapathType(run) };
}

/** The machine's Open vSwitch when it runs, a private one otherwise (adopted when it runs already). */
export async function provideOpenvswitch(deps: OpenVswitchDeps): Promise<OpenVswitch> {
  return (await systemOpenvswitch(deps.run)) ?? (await startOpenvswitch(deps));
}

/**
 * Starts a private Open vSwitch and keeps it alive. Idempotent. Bridges and ports survive its restarts in its database.
 * @throws CommandError when a program is missing or does not start
 */
export async function startOpenvswitch({ folder, run, supervisor, hostname }: OpenVswitchDeps): Promise<OpenVswitch> {
  await ensureFolder(folder, 0o750);
  const file = (name: string): string => join(folder, name);
  const env = { OVS_RUNDIR: folder, OVS_LOGDIR: folder, OVS_DBDIR: folder };
  const socket = file('db.sock');
  if (!existsSync(file('conf.db'))) {
    // Made aside first: a database that was cut off half-way would be refused for ever.
    await run(['rm', '-f', file('new.db'), file('.new.db.~lock~')]);
    await run(['ovsdb-tool', 'create', file('new.db'), SCHEMA]);
    await run(['mv', file('new.db'), file('conf.db')]);
  }
  const common = (program: string): string[] => [
    '-vconsole:off',
    '-vsyslog:off',
    '-vfile:info',
    '--no-chdir',
    `--log-file=${file(`${program}.log`)}`,
    `--pidfile=${file(`${program}.pid`)}`,
    `--unixctl=${file(`${program}.ctl`)}`,
    '--detach',
  ];
  await supervisor.ensure({
    name: 'ovsdb-server',
    argv: ['ovsdb-server', file('conf.db'), `--remote=punix:${socket}`, ...common('ovsdb-server')],
    pidFile: file('ovsdb-server.pid'),
    env,
  });
  const ids = [`external_ids:hostname=${hostname}`, `external_ids:system-id=${hostname}`];
  await run(['ovs-vsctl', `--db=unix:${socket}`, '--no-wait', 'init', '--', 'set', 'Open_vSwitch', '.', ...ids], {
    env,
  });
  await supervisor.ensure({
    name: 'ovs-vswitchd',
    argv: ['ovs-vswitchd', `unix:${socket}`, ...common('ovs-vswitchd')],
    pidFile: file('ovs-vswitchd.pid'),
    env,
  });
  return { socket, runDir: folder, private: true, datapathType: await datapathType(run) };
}

/** Ends a private Open vSwitch. Its database stays; with the userspace datapath its devices go. */
export async function stopOpenvswitch(supervisor: Supervisor): Promise<void> {
  await supervisor.stop('ovs-vswitchd');
  await supervisor.stop('ovsdb-server');
}

const datapathType = async (run: Run): Promise<OpenVswitch['datapathType']> =>
  (await ovsKernelDatapath(run)).usable ? 'system' : 'netdev';

const answers = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const connection = createConnection({ path: socket });
    connection.on('connect', () => resolve(true));
    connection.on('error', () => resolve(false));
    connection.on('connect', () => connection.destroy());
  });
