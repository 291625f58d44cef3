import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '#common/host/run.ts';
import { freePort } from '#test/fixtures/ports.ts';
import { endProcess, privateDir, startProcess } from '#test/fixtures/private-server.ts';

/** A whole Swift of one disk, with tempauth and the S3 API. */
export interface SwiftServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Of tempauth; as S3 credentials the same. */
export const swiftTestAccount = { user: 'test:tester', key: 'testing' } as const;

/** Debian's Swift in a folder of its own, on ephemeral ports of 127.0.0.1. */
export async function startSwift(): Promise<SwiftServer> {
  const dir = privateDir('swift');
  mkdirSync(join(dir, 'disks/d1'), { recursive: true });
  const ports = { account: await freePort(), container: await freePort(), object: await freePort() };
  for (const [ring, port] of Object.entries(ports)) {
    const build = (...args: string[]) => run(['swift-ring-builder', `${ring}.builder`, ...args], { cwd: dir });
    await build('create', '4', '1', '0');
    await build('add', `r1z1-127.0.0.1:${port}/d1`, '1');
    await build('rebalance');
  }
  const common = (port: number): string =>
    `[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = ${port}\nworkers = 0\nuser = ${userInfo().username}\nswift_dir = ${dir}\n` +
    `devices = ${dir}/disks\nmount_check = false\nlog_address = ${dir}/log\nfallocate_reserve = 0\n`;
  const proxyPort = await freePort();
  const configs: Record<string, string> = Object.fromEntries(
    Object.entries(ports).map(([kind, port]) => [
      kind,
      `${common(port)}[pipeline:main]\npipeline = ${kind}-server\n[app:${kind}-server]\nuse = egg:swift#${kind}\n`,
    ]),
  );
  configs['proxy'] =
    `${common(proxyPort)}[pipeline:main]\npipeline = catch_errors cache s3api tempauth slo dlo proxy-server\n` +
    '[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\nerror_suppression_limit = 100000\n' +
    `[filter:tempauth]\nuse = egg:swift#tempauth\nuser_${swiftTestAccount.user.replace(':', '_')} = ${swiftTestAccount.key} .admin\n` +
    ['catch_errors', 's3api', 'slo', 'dlo'].map((name) => `[filter:${name}]\nuse = egg:swift#${name}\n`).join('') +
    '[filter:cache]\npaste.filter_factory = swift_server:memory_cache\n';
  const launcher = join(import.meta.dirname, 'swift_server.py');
  const running: Awaited<ReturnType<typeof startProcess>>[] = [];
  for (const [kind, text] of Object.entries(configs)) {
    const file = join(dir, `${kind}.conf`);
    writeFileSync(file, text);
    running.push(
      await startProcess({ name: `swift-${kind}`, dir, argv: ['/usr/bin/python3', launcher, file, `${kind}-server`] }),
    );
  }
  // An account answers before its servers do: only what is written has been through all of them.
  const ready = async (): Promise<boolean> => {
    const login = { 'x-auth-user': swiftTestAccount.user, 'x-auth-key': swiftTestAccount.key };
    const answer = await fetch(`http://127.0.0.1:${proxyPort}/auth/v1.0`, { headers: login });
    if (!answer.ok) return false;
    const headers = { 'x-auth-token': answer.headers.get('x-auth-token') ?? '' };
    for (const path of ['/ready', '/ready/object']) {
      const url = (answer.headers.get('x-storage-url') ?? '') + path;
      if (!(await fetch(url, { method: 'PUT', headers, body: path })).ok) return false;
    }
    return true;
  };
  while (!(await ready().catch(() => false))) {
    const dead = running.find(({ exitCode }) => exitCode !== null);
    if (dead) throw new Error(`A server of Swift ended at once; its output is in ${dir}.`);
    await sleep(50);
  }
  return {
    port: proxyPort,
    async stop() {
      for (const one of running) await endProcess(one, 'SIGKILL');
      await rm(dir, { recursive: true, force: true });
    },
  };
}
