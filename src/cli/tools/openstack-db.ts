import type { Run } from '#common/host/run.ts';
import type { Io } from './manage.ts';
import { MysqlRoot, quoted } from './mysql-root.ts';

const usage = `Set up a local database (MySQL) for use with openstack-<service>.
This makes a '<service>' database and the user '<service>' of it.

Usage: openstack-db --service <service> --init|--drop|--update [options]
Options:
  --help | -h
      Print usage information.
  --drop
      Drop the database.
  --init
      Initialise the database.
  --update
      Update an initialised database.
  --password <pw> | -p <pw>
      The password of the service's database user. By default it is the
      service's name.
  --rootpw <pw> | -r <pw>
      The password of the database's root user, instead of being asked.
  --service <service>
      The service that the database is of. Needed.
  --yes | -y
      Do what there would be a question about.
`;

/** How a service's tables are made: its command, and the command's words. */
export const schemaCommands: Readonly<Record<string, readonly [string, ...string[]]>> = {
  nova: ['nova-manage', 'db', 'sync'],
  glance: ['glance-manage', 'db_sync'],
  keystone: ['keystone-manage', 'db_sync'],
  cinder: ['cinder-manage', 'db', 'sync'],
  neutron: ['neutron-db-manage', 'upgrade', 'head'],
};
/** Services that the tool knows and this cloud does not have. */
const absent = ['heat', 'trove'];

export interface OpenstackDbDeps {
  readonly io: Io;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly run: Run;
  /** Asks for something that is not shown; what is piped in counts as typed. */
  readonly askSecret: (prompt: string) => Promise<string>;
  readonly askLine: (prompt: string) => Promise<string>;
  /** Whether a program is installed. */
  readonly installed: (program: string) => boolean;
  /** Makes or updates a service's tables with its own command. @returns the command's exit status */
  readonly sync: (service: string, password: string) => Promise<number>;
  /** The connection in the service's configuration; undefined when it says nothing. */
  readonly connectionOf: () => string | undefined;
  /** Puts a password into the connection of a service's configuration. @returns the files that it changed */
  readonly changePassword: (service: string, password: string) => readonly string[];
}

interface Request {
  readonly mode: 'init' | 'drop' | 'update';
  readonly service: string;
  readonly password: string | undefined;
  readonly rootPassword: string | undefined;
  readonly yes: boolean;
}

/** What was asked for; undefined when something is missing. As ever, words that are not known are passed over. */
function readRequest(argv: readonly string[]): Request | 'help' | undefined {
  let [mode, service, password, rootPassword]: (string | undefined)[] = [];
  let yes = false;
  for (let at = 0; at < argv.length; at++) {
    const [word = '', attached] = (argv[at] as string).split(/=(.*)/s);
    const value = (): string => attached ?? argv[++at] ?? '';
    if (word === '-h' || word === '--help') return 'help';
    if (['--init', '--drop', '--update'].includes(word)) mode = word.slice(2);
    else if (word === '--service') service = value();
    else if (['-p', '--password', '--pass'].includes(word)) password = value();
    else if (['-r', '--rootpw'].includes(word)) rootPassword = value();
    else if (word === '-y' || word === '--yes') yes = true;
    else at++;
  }
  if (mode === undefined || !service) return undefined;
  return { mode: mode as Request['mode'], service, password, rootPassword, yes };
}

/** The service that a command line is about. */
export function serviceOf(argv: readonly string[]): string | undefined {
  const request = readRequest(argv);
  return request === 'help' ? undefined : request?.service;
}

/** An end that is no success, with its exit status. */
class End extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * `openstack-db`: makes, updates or drops a service's database on the local MySQL or MariaDB, with the dialogue of the
 * manual. Passwords go to the database by the environment and standard input, never on a command line.
 * @returns the exit status
 */
export async function openstackDb(argv: readonly string[], deps: OpenstackDbDeps): Promise<number> {
  const { io } = deps;
  const request = readRequest(argv);
  if (request === 'help' || request === undefined) {
    (request === 'help' ? io.out : io.err)(usage);
    return request === 'help' ? 0 : 1;
  }
  try {
    await perform(request, deps);
    io.out('Complete!\n');
    return 0;
  } catch (error) {
    if (!(error instanceof End)) throw error;
    (error.status === 0 ? io.out : io.err)(`${error.message}\n`);
    return error.status;
  }
}

async function perform(request: Request, deps: OpenstackDbDeps): Promise<void> {
  const { service, mode } = request;
  const known = Object.keys(schemaCommands).join('|');
  if (absent.includes(service)) throw new End(1, `There is no ${service} in this cloud. Please specify ${known}`);
  if (!Object.hasOwn(schemaCommands, service))
    throw new End(1, `Unrecognized --service ${service}\nPlease specify ${known}`);
  const password = request.password ?? service;
  if (mode === 'update') return sync(service, password, deps);
  const connection = deps.connectionOf();
  if (mode === 'init' && connection !== undefined && !/^(mysql|mariadb)\b/.test(connection))
    await confirm(
      request,
      deps,
      `${service} default DB is not mysql. Would you like to reset to mysql now? (y/n): `,
      'Aborting.',
    );
  const root = await connect(request, deps);
  if (mode === 'drop') return drop(service, root, deps);
  await create(service, password, root, deps);
  if (password !== service) {
    const changed = deps.changePassword(service, password);
    if (changed.length > 0) deps.io.out(`Updating '${service}' database password in ${changed.join(' ')}\n`);
  }
  deps.io.out(`Initializing the ${service} database, please wait...\n`);
  await sync(service, password, deps);
  if ((await root.query(`SHOW TABLES FROM ${service};`)).length === 0)
    throw new End(1, `Final sanity check failed: the ${service} database has no tables.`);
}

/** Goes on after a yes. @throws End otherwise */
async function confirm(request: Request, deps: OpenstackDbDeps, question: string, refusal: string): Promise<void> {
  if (request.yes) return;
  const answer = (await deps.askLine(question)).trim();
  if (/^n$/i.test(answer)) throw new End(0, refusal);
  if (!/^y$/i.test(answer)) throw new End(1, 'Invalid response.');
}

/** The database server as its root, installed and started first when it has to be. @throws End */
async function connect(request: Request, deps: OpenstackDbDeps): Promise<MysqlRoot> {
  const { io, run, env } = deps;
  const server = ['mysqld', 'mariadbd'].find((program) => deps.installed(program));
  const remote = env['MYSQL_HOST'] !== undefined;
  if (server === undefined && !remote) await install(request, deps);
  const root = new MysqlRoot({ run, env, program: deps.installed('mysql') ? 'mysql' : 'mariadb' });
  if (!(await root.answers())) {
    if (remote) throw new End(1, `No MySQL server answers at ${env['MYSQL_HOST']}.`);
    await start(request, deps, root);
  }
  root.password =
    request.rootPassword ?? (await deps.askSecret("Please enter the password for the 'root' MySQL user: "));
  try {
    await root.query('SELECT 1;');
  } catch {
    throw new End(1, 'Failed to connect to the MySQL server.  Please check your root user credentials.');
  }
  io.out('Verified connectivity to MySQL.\n');
  return root;
}

async function install(request: Request, deps: OpenstackDbDeps): Promise<void> {
  await confirm(
    request,
    deps,
    'mysql-server is not installed.  Would you like to install it now? (y/n): ',
    'mysql-server must be installed.  Please install it before proceeding.',
  );
  const installers: readonly (readonly [string, ...string[]])[] = [
    ['apt-get', 'install', '-y', 'mariadb-server'],
    ['dnf', 'install', '-y', 'mariadb-server'],
    ['yum', 'install', '-y', 'mysql-server'],
  ];
  const installer = installers.find(([program]) => deps.installed(program));
  if (!installer) throw new End(1, 'There is no apt-get, dnf or yum here to install mysql-server with.');
  await deps.run(installer, { timeoutMs: 900_000 }).catch((error: unknown) => {
    throw new End(1, `mysql-server cannot be installed: ${(error as Error).message}`);
  });
}

async function start(request: Request, deps: OpenstackDbDeps, root: MysqlRoot): Promise<void> {
  await confirm(
    request,
    deps,
    'mysqld is not running.  Would you like to start it now? (y/n): ',
    'mysqld must be running.  Please start it before proceeding.',
  );
  const names = ['mysqld', 'mariadb', 'mysql'];
  const ways = deps.installed('systemctl')
    ? names.map((name) => ['systemctl', 'start', `${name}.service`])
    : names.map((name) => ['service', name, 'start']);
  for (const way of ways) {
    await deps.run(way, { timeoutMs: 120_000 }).catch(() => undefined);
    if (await root.answers()) return;
  }
  throw new End(
    1,
    `mysqld cannot be started here with ${ways.map((way) => way.join(' ')).join(', ')}. Start it by hand.`,
  );
}

async function create(service: string, password: string, root: MysqlRoot, { io }: OpenstackDbDeps): Promise<void> {
  const again = `Please consider first running:\nopenstack-db --drop --service ${service}`;
  const count = async (what: string): Promise<number> => Number((await root.query(`SELECT COUNT(*) FROM ${what};`))[0]);
  if ((await count(`INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME='${service}'`)) > 0)
    throw new End(1, `Database '${service}' already exists. ${again}`);
  if ((await count(`mysql.user WHERE User = '${service}'`)) > 0)
    throw new End(1, `User '${service}' already exists. ${again}`);
  io.err(`Creating '${service}' database.\n`);
  const hosts = ['localhost', '%'];
  await root.query(
    [
      `CREATE DATABASE ${service} DEFAULT CHARACTER SET utf8;`,
      ...hosts.map((host) => `CREATE USER '${service}'@'${host}' IDENTIFIED BY ${quoted(password)};`),
      ...hosts.map((host) => `GRANT ALL ON ${service}.* TO '${service}'@'${host}';`),
      'FLUSH PRIVILEGES;',
    ].join('\n'),
  );
}

async function drop(service: string, root: MysqlRoot, { io }: OpenstackDbDeps): Promise<void> {
  io.err(`Dropping '${service}' database.\n`);
  const hosts = await root.query(`SELECT Host FROM mysql.user WHERE User = '${service}';`);
  await root.query(
    [
      ...hosts.map((host) => `DROP USER '${service}'@${quoted(host)};`),
      `DROP DATABASE IF EXISTS ${service};`,
      'FLUSH PRIVILEGES;',
    ].join('\n'),
  );
}

async function sync(service: string, password: string, deps: OpenstackDbDeps): Promise<void> {
  if ((await deps.sync(service, password)) !== 0)
    throw new End(1, `Error updating the database. ${schemaCommands[service]?.join(' ')} says why, above.`);
}
