import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '#common/host/run.ts';
import type { Host, TypeOptions, Typed } from './host.ts';
import { openSession } from './shell-session.ts';

const here = import.meta.dirname;
export const checkout = join(here, '../..');

export interface NamespaceHostOptions {
  /** `controller.magedu.com` */
  readonly name: string;
  /** Where its files lie while it lives; it must not exist. */
  readonly folder: string;
  /** Lines of its /etc/hosts besides localhost. */
  readonly hosts?: readonly string[];
}

/** A host in namespaces of this machine. */
export interface NamespaceHost extends Host {
  /** Its first process, as this machine numbers it. */
  readonly pid: number;
  /** A program and arguments in front of which it runs there. */
  readonly enter: readonly string[];
}

/**
 * A host of its own on this machine: network, mount, process and host name namespaces over a copy-on-write view of the
 * machine's files. What runs there sees nobody else's processes, and dies with this process.
 * @throws Error with what the host's first process said
 */
export async function startHost({ name, folder, hosts = [] }: NamespaceHostOptions): Promise<NamespaceHost> {
  await mkdir(folder, { recursive: true });
  const holder = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', '--'],
      ...[
        'unshare',
        '--net',
        '--mount',
        '--uts',
        '--ipc',
        '--pid',
        '--fork',
        '--kill-child',
        '--propagation',
        'private',
      ],
      ...['bash', join(here, 'host-init.sh'), folder, name, checkout, process.execPath],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  holder.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ready = await Promise.race([
    once(holder.stdout, 'data').then(() => true),
    once(holder, 'exit').then(() => false),
  ]);
  if (!ready) throw new Error(`The host ${name} did not start: ${said.trim()}`);
  const pid = await childOf(holder.pid as number);
  const root = `/proc/${pid}/root`;
  const enter = ['nsenter', '-t', String(pid), '-n', '-m', '-u', '-i', '-p', '--'];
  const env = {
    HOME: '/root',
    USER: 'root',
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  };
  await writeFile(`${root}/etc/hosts`, ['127.0.0.1 localhost localhost.localdomain', ...hosts, ''].join('\n'));
  await writeFile(`${root}/etc/hostname`, `${name}\n`);

  const interrupt = async (shellPid: number): Promise<void> =>
    void (await run([...enter, 'pkill', '-KILL', '-P', String(shellPid)], { ok: [0, 1] }));
  let sessions = 0;
  const session = async (): ReturnType<typeof openSession> => {
    const at = `/run/typed/${sessions++}`;
    await mkdir(root + at, { recursive: true });
    return openSession({ enter, folder: at, folderFromHere: root + at, interrupt, env });
  };
  const readers = await session();
  return {
    name,
    pid,
    enter,
    path: (file) => root + file,
    type: (line, { input = '', timeoutMs = 120_000 } = {}) => readers.type(line, input, timeoutMs),
    async aside(line: string, { input = '', timeoutMs = 120_000 }: TypeOptions = {}): Promise<Typed> {
      const own = await session();
      try {
        return await own.type(line, input, timeoutMs);
      } finally {
        own.close();
      }
    },
    async stop() {
      readers.close();
      const gone = once(holder, 'exit');
      holder.kill('SIGKILL'); // --kill-child takes the first process, and with it the kernel takes all others
      await gone;
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

async function childOf(pid: number): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim();
    if (children !== '') return Number(children.split(' ')[0]);
    await sleep(10);
  }
  throw new Error(`The process ${pid} has no child`);
}
