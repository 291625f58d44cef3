import { fileURLToPath } from 'node:url';
import { StartupError } from '#common/daemon.ts';
import { spawnDetached } from '#common/host/detach.ts';
import { returnIdleMemory } from '#common/process/idle-memory.ts';
import { parseUpOptions, type UpOptions } from '../options.ts';
import { createProgress } from '../progress.ts';
import { start, type StartedCloud } from '../start.ts';
import { prepareStateFolder, runningCloud, stateFolder, type StateFolder } from '../state.ts';
import { buildWebApp, describeWebApp, keepReason, webAppOf, webAppRecord } from '../web-app.ts';
import type { Command, CommandDeps } from './command.ts';

const checkout = fileURLToPath(new URL('../../..', import.meta.url));

/** What the detached cloud tells the command that started it. */
type Message = { readonly line: string } | { readonly failed: string } | { readonly ready: true };

/** `igloo up`: sets up what is missing, starts the cloud, and stays (or goes on in the background with --detach). */
export const up: Command = async (argv, deps) => {
  const options = parseUpOptions(argv);
  const state = stateFolder(options.stateDir);
  const running = runningCloud(state);
  if (running) {
    deps.write(
      `The cloud runs already (pid ${running.process.pid}, since ${running.startedAt}). ./igloo down stops it.\n`,
    );
    return 0;
  }
  return options.detach ? upDetached(argv, options, deps) : upHere(options, deps);
};

async function upDetached(argv: readonly string[], options: UpOptions, { write }: CommandDeps): Promise<number> {
  const state = stateFolder(options.stateDir);
  prepareStateFolder(state);
  const ready = Promise.withResolvers<number>();
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const child = spawnDetached(
    [process.execPath, ...process.execArgv, main, 'up', ...argv.filter((one) => one !== '--detach')],
    {
      logFile: state.path('log', 'igloo.out'),
      onMessage: (raw) => {
        const message = raw as Message;
        if ('line' in message) write(`${message.line}\n`);
        else if ('failed' in message) ready.reject(new StartupError(message.failed));
        else ready.resolve(0);
      },
    },
  );
  void child.ended.then((status) =>
    ready.reject(
      new StartupError(`The cloud ended with status ${status}: ${state.path('log', 'igloo.out')} has its last words.`),
    ),
  );
  const status = await ready.promise;
  child.release();
  return status;
}

async function upHere(options: UpOptions, { run, write }: CommandDeps): Promise<number> {
  // With a channel, the starting command prints; it goes away when all is ready.
  const tell = (message: Message): void => void (process.connected && process.send?.(message));
  const detached = process.send !== undefined;
  const print = (line: string): void => (detached ? tell({ line }) : write(`${line}\n`));
  process.on('disconnect', () => undefined);
  const ended = Promise.withResolvers<string>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ended.resolve(signal));
  process.on('unhandledRejection', (error) => process.stderr.write(`Unhandled: ${(error as Error).stack ?? error}\n`));

  let cloud: StartedCloud;
  try {
    cloud = await start(options, run, createProgress(print));
  } catch (error) {
    if (detached)
      tell({ failed: error instanceof StartupError ? error.message : ((error as Error).stack ?? String(error)) });
    throw error;
  }
  const { log } = cloud;
  const ending = new AbortController();
  // In the background: the cloud is ready without it, and the dashboard serves it as soon as it is there.
  const record = webAppRecord(cloud.settings.state);
  if (options.noInstall) await keepReason(checkout, record, '--no-install was given');
  const building = options.noInstall ? undefined : buildWebApp({ checkout, run, signal: ending.signal, log, record });
  for (const line of summary(cloud)) print(line);
  tell({ ready: true });
  const stopReturning = returnIdleMemory();
  await ended.promise;
  stopReturning();
  ending.abort();
  await building;
  await cloud.stop();
  return 0;
}

function summary({ settings, machine, seconds, dashboardTrouble }: StartedCloud): string[] {
  const { address, ports, state } = settings;
  const url = (port: number, path = ''): string => `http://${address}:${port}${path}`;
  return [
    '',
    `  identity  ${url(ports.keystonePublic, '/v3')}   image    ${url(ports.glance)}`,
    `  compute   ${url(ports.nova, '/v2.1')} network  ${url(ports.neutron)}`,
    `  console   ${dashboardTrouble === null ? url(ports.dashboard, '/dashboard') : `does not run: ${dashboardTrouble}`}`,
    ...(dashboardTrouble === null ? consoleNotes(state) : []),
    `  guests    ${settings.virt}, ${machine.facts.kvm.usable ? 'hardware virtualisation' : `emulated (${machine.facts.kvm.why})`}`,
    '',
    `  credentials in ${state.root}: clouds.yaml, admin-openrc, demo-openrc`,
    '  in this shell:  eval "$(./igloo env demo)"   then: openstack server list',
    '',
    `ready in ${seconds.toFixed(1)} s`,
  ];
}

/** How to sign in, and how the web app stands when it cannot be opened yet. */
function consoleNotes(state: StateFolder): string[] {
  const standing = describeWebApp(webAppOf(checkout, webAppRecord(state)));
  return [
    '            sign in as demo or admin; ./igloo env demo prints the password',
    ...(standing === '' ? [] : [`            ${standing}`]),
  ];
}
