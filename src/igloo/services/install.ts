import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Run } from '#common/host/run.ts';
import { services } from './catalogue.ts';
import { initScript } from './init-script.ts';
import type { Package } from './packages.ts';

export interface InstallDeps {
  /** Folder of the program. */
  readonly checkout: string;
  readonly run: Run;
}

/**
 * Brings one of the manual's packages to this host: its account, its folders and first configuration files, its commands
 * in /usr/bin and its init scripts. Idempotent; configuration that is there stays.
 * @throws Error when the program lacks a command that the package should bring
 */
export async function installPackage(pack: Package, { checkout, run }: InstallDeps): Promise<void> {
  const owner = pack.user ?? 'root';
  if (pack.user) await ensureUser(pack.user, run);
  for (const folder of pack.folders ?? [])
    await run(['install', '-d', '-o', owner, '-g', owner, '-m', folder.startsWith('/etc/') ? '0750' : '0755', folder]);
  for (const [path, text] of Object.entries(pack.files ?? {})) {
    if (existsSync(path)) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    if (!path.startsWith('/etc/')) continue;
    await run(['chown', `root:${owner}`, path]); // passwords go in there: the daemon may read it, nobody else
    await chmod(path, 0o640);
  }
  const missing: string[] = [];
  const bring = async (command: string): Promise<void> => {
    if (!(await link(checkout, command))) missing.push(command);
  };
  for (const command of pack.commands ?? []) await bring(command);
  for (const name of pack.services ?? []) {
    const service = services.find((one) => one.name === name);
    if (!service) throw new Error(`There is no service ${name} in the catalogue`);
    await bring(service.program);
    const script = join('/etc/init.d', name);
    await writeFile(script, initScript(service, checkout));
    await chmod(script, 0o755);
  }
  if (missing.length > 0) throw new Error(`The program in ${checkout} has no ${missing.join(', no ')}`);
}

async function ensureUser(user: string, run: Run): Promise<void> {
  if ((await run(['getent', 'passwd', user], { ok: [0, 2] })).status === 0) return;
  const shell = '/usr/sbin/nologin';
  await run(['useradd', '--system', '--user-group', '--home-dir', `/var/lib/${user}`, '--shell', shell, user]);
}

async function link(checkout: string, command: string): Promise<boolean> {
  const target = join(checkout, 'bin', command);
  if (!existsSync(target)) return false;
  await rm(join('/usr/bin', command), { force: true });
  await symlink(target, join('/usr/bin', command));
  return true;
}
