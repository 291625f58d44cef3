/** What the commands in `bin/` run: `main.ts nova list`. Loads the one client, and of it the one command. */
import { createReadStream, fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { runClient, type Client } from './base/client.ts';
import type { Input, Shell } from './base/shell.ts';
import { askLine, askSecret } from './base/terminal.ts';
import { createCliTransport } from './base/transport.ts';

type Run = (argv: readonly string[], shell: Shell) => Promise<number>;
const client =
  <Api>(load: () => Promise<Client<Api>>): Run =>
  async (argv, shell) =>
    runClient(await load(), argv, shell);

const clients: Readonly<Record<string, Run>> = {
  keystone: client(async () => (await import('./keystone/client.ts')).keystoneClient),
  glance: client(async () => (await import('./glance/client.ts')).glanceClient),
  nova: client(async () => (await import('./nova/client.ts')).novaClient),
  neutron: client(async () => (await import('./neutron/client.ts')).neutronClient),
  cinder: client(async () => (await import('./cinder/client.ts')).cinderClient),
};

const out = (text: string): void => void process.stdout.write(text);
const err = (text: string): void => void process.stderr.write(text);

/** A reader that stopped reading (`| head`) is no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

/** Data that is piped in. A device is none: neither a terminal nor /dev/null. */
function input(): Input | undefined {
  try {
    const stats = fstatSync(0);
    if (stats.isFile()) return { data: createReadStream('', { fd: 0, highWaterMark: 1 << 20 }), length: stats.size };
    return stats.isFIFO() || stats.isSocket() ? { data: process.stdin, length: undefined } : undefined;
  } catch {
    return undefined; // standard input is closed, as under cron
  }
}

function interrupted(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
}

async function pipeOut(data: Readable): Promise<void> {
  for await (const chunk of data as AsyncIterable<Buffer>)
    if (!process.stdout.write(chunk)) await new Promise((resolve) => process.stdout.once('drain', resolve));
}

async function start(name: string, argv: readonly string[]): Promise<number> {
  if (name.startsWith('openstack-')) {
    const ended = (await import('./tools/main.ts')).runTool(name, argv, { out, err }, process.env);
    if (ended) return ended;
  }
  if (name.endsWith('-manage')) {
    const { isManager, runManage } = await import('./tools/manage.ts');
    if (isManager(name)) return runManage(name, argv, { out, err }, process.env);
  }
  const run = Object.hasOwn(clients, name) ? clients[name] : undefined;
  if (!run) {
    err(`There is no command "${name}". ${Object.keys(clients).join(', ')} are there.\n`);
    return 2;
  }
  return run(argv, {
    env: process.env,
    out,
    err,
    pipeOut,
    input,
    askLine,
    askSecret,
    isTerminal: process.stdout.isTTY,
    transport: createCliTransport,
    now: () => performance.now(),
    runProgram: async (argv_) => (await import('#common/host/run-visibly.ts')).runVisibly(argv_, { input: 'inherit' }),
    interrupted,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const timer = setTimeout(resolve, ms);
        signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
      }),
  });
}

const [name = '', ...argv] = process.argv.slice(2);
process.exitCode = await start(name, argv);
