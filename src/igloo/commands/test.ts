import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartupError } from '#common/daemon.ts';
import { findProgram } from '#common/host/privileges.ts';
import type { Run } from '#common/host/run.ts';
import { runVisibly } from '#common/host/run-visibly.ts';
import { debianPackages, installObstacle, installPackages, missingPackages, type DebianPackage } from '../packages.ts';
import { parseStrict } from '../options.ts';
import { buildWebApp, describeWebApp } from '../web-app.ts';
import type { Command } from './command.ts';

/** The real peers that tests work with, beyond what a cloud needs itself. */
const peers: readonly Omit<DebianPackage, 'needs'>[] = [
  { name: 'mariadb-server', file: '/usr/sbin/mariadbd', why: 'a database that services are tested on' },
  { name: 'postgresql', file: '/usr/share/postgresql-common', why: 'a database that services are tested on' },
  { name: 'rabbitmq-server', program: 'rabbitmq-server', why: 'the broker that daemons are tested on' },
  { name: 'libvirt-daemon-system', program: 'libvirtd', why: 'a hypervisor manager that guests are tested on' },
  { name: 'libvirt-clients', program: 'virsh', why: 'a hypervisor manager that guests are tested on' },
  { name: 'python3-openstackclient', program: 'openstack', why: 'the ordinary client' },
  { name: 'python3-novaclient', program: 'nova', why: 'an ordinary client' },
  { name: 'python3-neutronclient', program: 'neutron', why: 'an ordinary client' },
  { name: 'python3-glanceclient', program: 'glance', why: 'an ordinary client' },
  { name: 'python3-cinderclient', program: 'cinder', why: 'an ordinary client' },
  { name: 'tempest', program: 'tempest', why: 'the OpenStack project’s own tests' },
  { name: 'python3-stestr', program: 'stestr', why: 'runs Tempest' },
  { name: 'subunit', program: 'subunit2csv', why: 'reads what Tempest tells' },
  { name: 'swift-proxy', program: 'swift-proxy-server', why: 'an object store that images are kept in' },
  { name: 'swift-account', program: 'swift-account-server', why: 'an object store that images are kept in' },
  { name: 'swift-container', program: 'swift-container-server', why: 'an object store that images are kept in' },
  { name: 'swift-object', program: 'swift-object-server', why: 'an object store that images are kept in' },
  { name: 'memcached', program: 'memcached', why: 'keeps the dashboard’s sessions' },
  { name: 'chromium', program: 'chromium', why: 'the browser that the dashboard is opened in' },
  { name: 'fonts-noto-cjk', file: '/usr/share/fonts/opentype/noto', why: 'shows the console in Chinese' },
  { name: 'bridge-utils', program: 'brctl', why: 'a command of the manual' },
  { name: 'openssh-client', program: 'ssh', why: 'logs in to guests' },
  { name: 'busybox-static', program: 'busybox', why: 'serves metadata to the test guest' },
  { name: 'dosfstools', program: 'mkfs.vfat', why: 'makes config drives of the other kind' },
  { name: 'iputils-ping', program: 'ping', why: 'reaches guests' },
];

const suites = ['types', 'lint', 'format', 'unit', 'integration', 'e2e', 'tempest', 'browser', 'manual'] as const;
/** Suites that need a machine's programs. */
const withPeers: ReadonlySet<string> = new Set(['integration', 'e2e', 'tempest', 'browser', 'manual']);
type Suite = (typeof suites)[number];
/**
 * What runs beside what, to keep two processors busy: the lanes of a stage at once, a lane's suites one after the other. Suites
 * whose tests have time limits have the machine to themselves. The last lane is watched, the others tell at their end.
 */
const stages: readonly (readonly (readonly Suite[])[])[] = [
  [['types', 'lint', 'format'], ['unit']],
  [['integration']],
  [['e2e']],
  [['browser'], ['tempest', 'manual']],
];
/** Suites that see the console's code or the built console. */
const withWebApp: ReadonlySet<string> = new Set(['types', 'lint', 'unit', 'e2e', 'browser', 'manual']);
const anyStatus = Array.from({ length: 256 }, (_, status) => status);
const timeoutMs = 600_000;
const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** `igloo test [SUITE …]`: what CI runs. Suites: those below, all unless named. */
export const test: Command = async (argv, { run, write }) => {
  const { values, positionals } = parseStrict(argv, { 'no-install': { type: 'boolean', default: false } });
  const unknown = positionals.find((name) => !suites.some((suite) => suite === name));
  if (unknown) throw new StartupError(`There is no suite "${unknown}": ${suites.join(', ')}.`);
  const wanted = suites.filter((suite) => positionals.length === 0 || positionals.includes(suite));

  if (wanted.some((suite) => withPeers.has(suite))) {
    const all: DebianPackage[] = [
      ...missingPackages(new Set(debianPackages.map((one) => one.needs)), existsSync),
      ...peers
        .filter((one) => !(one.program ? findProgram(one.program) : existsSync(one.file as string)))
        .map((one) => ({ ...one, needs: 'guests' as const })),
    ];
    const obstacle = installObstacle(values['no-install'] === true);
    if (all.length > 0) {
      for (const one of all) write(`missing: ${one.name}: ${one.why}\n`);
      if (obstacle === null) await installPackages(run, all);
      else write(`They are not installed (${obstacle}); what needs them is skipped, with the reason.\n`);
    }
  }
  if (wanted.some((suite) => withWebApp.has(suite))) await prepareWebApp(write, run);
  const failed: string[] = [];
  const runSuite = async (suite: Suite, watched: boolean): Promise<void> => {
    const started = performance.now();
    let status = 0;
    let said = '';
    for (const command of commandsOf(suite))
      if (watched) status ||= await runVisibly(command, { cwd: root, env: { FORCE_COLOR: '0' } });
      else {
        const ended = await run(command, { cwd: root, ok: anyStatus, timeoutMs });
        status ||= ended.status;
        said += ended.stdout + ended.stderr;
      }
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    write(`${said}== ${suite}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s\n`);
    if (status !== 0) failed.push(suite);
  };
  for (const stage of stages) {
    const lanes = stage.map((lane) => lane.filter((suite) => wanted.includes(suite))).filter((lane) => lane.length > 0);
    await Promise.all(
      lanes.map(async (lane, at) => {
        for (const suite of lane) await runSuite(suite, at === lanes.length - 1);
      }),
    );
  }
  if (failed.length > 0) throw new StartupError(`Failed: ${failed.join(', ')}.`);
  return 0;
};

/** The console is checked, and shown to a browser, as it is built. */
async function prepareWebApp(write: (text: string) => void, run: Run): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'igloo-test-'));
  const say = (message: string): void => write(`${message}\n`);
  const app = await buildWebApp({
    checkout: root,
    run,
    signal: new AbortController().signal,
    log: { info: say, warn: say },
    record: join(folder, 'web-app.json'),
  });
  rmSync(folder, { recursive: true, force: true });
  if (app.state !== 'current') throw new StartupError(`The dashboard is ${describeWebApp(app)}`);
}

/** The programs of node_modules, run by this very Node. */
function commandsOf(suite: Suite): string[][] {
  const tool = (path: string, ...args: string[]): string[] => [
    process.execPath,
    join(root, 'node_modules', path),
    ...args,
  ];
  switch (suite) {
    case 'types':
      return ['.', 'web'].map((project) => tool('typescript-native/bin/tsc', '--noEmit', '-p', project));
    case 'lint':
      return [tool('eslint/bin/eslint.js', '--cache', '--cache-location', 'node_modules/.cache/eslint', '.')];
    case 'format':
      return [tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')];
    case 'tempest':
      // The official Icehouse list; with real guests, and the lists of today, it is `npm run test:tempest`.
      return [[process.execPath, join(root, 'test/tempest/run.ts'), '--guests', 'fake']];
    case 'manual':
      // Without the appendices, which are about the machine's own tools.
      return [[process.execPath, join(root, 'test/manual/main.ts'), 'M001-M459']];
    default:
      return [tool('vitest/vitest.mjs', 'run', '--project', suite)];
  }
}
