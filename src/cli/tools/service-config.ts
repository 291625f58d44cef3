import { existsSync, readFileSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { editIni, getIni } from './ini-edit.ts';
import { managerFiles, runManage, type Io } from './manage.ts';
import { schemaCommands } from './openstack-db.ts';

/** A service's configuration files that are there, in reading order. */
async function filesOf(service: string): Promise<readonly string[]> {
  const command = schemaCommands[service]?.[0] ?? '';
  return (await managerFiles(command)).filter((file) => existsSync(file));
}

const connectionIn = (file: string): string | undefined =>
  getIni(readFileSync(file, 'utf8'), 'database', 'connection')?.[0] ??
  getIni(readFileSync(file, 'utf8'), 'DEFAULT', 'sql_connection')?.[0];

/** What `openstack-db` asks of the services' configuration and commands. */
export async function serviceConfig(
  service: string,
  env: Readonly<Record<string, string | undefined>>,
  io: Io,
): Promise<{
  readonly connectionOf: () => string | undefined;
  readonly changePassword: (service: string, password: string) => readonly string[];
  readonly sync: (service: string, password: string) => Promise<number>;
}> {
  const files = await filesOf(service);
  const connectionOf = (): string | undefined => files.map(connectionIn).findLast((one) => one !== undefined);
  return {
    connectionOf,
    changePassword(name, password) {
      return files.filter((file) => {
        const text = readFileSync(file, 'utf8');
        const before = connectionIn(file);
        const match =
          before === undefined
            ? null
            : new RegExp(`^((?:mysql|mariadb)(?:\\+\\w+)?://${name}:).*(@[^@]*)$`).exec(before);
        if (!match) return false;
        const section = getIni(text, 'database', 'connection') ? 'database' : 'DEFAULT';
        const option = section === 'database' ? 'connection' : 'sql_connection';
        writeFileSync(file, editIni(text, section, option, `${match[1]}${encodeURIComponent(password)}${match[2]}`));
        return true;
      });
    },
    async sync(name, password) {
      const [command, ...words] = schemaCommands[name] as readonly [string, ...string[]];
      const options = files.flatMap((file) => ['--config-file', file]);
      if (/^(mysql|mariadb)\b/.test(connectionOf() ?? '')) return runManage(command, [...options, ...words], io, env);
      // A service that nobody has told of its database yet: it is the one that was just made.
      const folder = mkdtempSync(join(tmpdir(), 'openstack-db-'));
      try {
        const file = join(folder, 'database.conf');
        const socket = env['MYSQL_UNIX_PORT'];
        const where = `${env['MYSQL_HOST'] ?? 'localhost'}${env['MYSQL_TCP_PORT'] ? `:${env['MYSQL_TCP_PORT']}` : ''}`;
        const url = `mysql://${name}:${encodeURIComponent(password)}@${where}/${name}${socket ? `?unix_socket=${socket}` : ''}`;
        writeFileSync(file, `[database]\nconnection = ${url}\n`, { mode: 0o600 });
        return await runManage(command, [...options, '--config-file', file, ...words], io, env);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}
