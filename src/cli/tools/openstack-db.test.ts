import { describe, expect, it } from 'vitest';
import { CommandError, type Run } from '#common/host/run.ts';
import { openstackDb, serviceOf, type OpenstackDbDeps } from './openstack-db.ts';

interface Machine {
  readonly programs?: readonly string[];
  readonly databases?: readonly string[];
  readonly users?: readonly string[];
  /** The root password of the database. */
  readonly secret?: string;
  /** Starts with the server stopped. */
  readonly stopped?: boolean;
  readonly answers?: readonly string[];
  readonly connection?: string;
  readonly syncStatus?: number;
}

/** A machine with a database server, as far as the tool sees it. */
function machine(state: Machine = {}) {
  const printed = { out: '', err: '' };
  const statements: string[] = [];
  const commands: string[][] = [];
  const answers = [...(state.answers ?? [])];
  const synced: string[][] = [];
  let running = state.stopped !== true;
  const programs = new Set(state.programs ?? ['mysqld', 'mysql', 'systemctl']);
  const run: Run = (argv, options = {}) => {
    commands.push([...argv]);
    if (argv[0] === 'systemctl') running ||= argv[2] === 'mysqld.service';
    if (argv[0] === 'apt-get') ['mysqld', 'mysql'].forEach((name) => programs.add(name));
    if (argv[0] !== 'mysql') return Promise.resolve({ status: 0, stdout: '', stderr: '' });
    const refuse = (why: string): Promise<never> => Promise.reject(new CommandError(argv, 1, '', why));
    if (!running) return refuse("ERROR 2002 (HY000): Can't connect to local server through socket");
    if ((options.env?.['MYSQL_PWD'] ?? '') !== (state.secret ?? '')) return refuse('ERROR 1045 (28000): Access denied');
    const input = String(options.input);
    statements.push(input);
    const among = (names: readonly string[] = []): string =>
      String(names.filter((name) => input.includes(`'${name}'`)).length);
    const stdout = input.includes('SCHEMATA')
      ? among(state.databases)
      : input.includes('COUNT(*) FROM mysql.user')
        ? among(state.users)
        : input.includes('SELECT Host')
          ? 'localhost\n%'
          : '1';
    return Promise.resolve({ status: 0, stdout: `${stdout}\n`, stderr: '' });
  };
  const ask = (prompt: string): Promise<string> => {
    printed.out += prompt;
    return Promise.resolve(answers.shift() ?? '');
  };
  const deps: OpenstackDbDeps = {
    io: { out: (text) => void (printed.out += text), err: (text) => void (printed.err += text) },
    env: {},
    run,
    installed: (program) => programs.has(program),
    askLine: ask,
    async askSecret(prompt) {
      const answer = await ask(prompt);
      printed.out += '\n';
      return answer;
    },
    connectionOf: () => state.connection,
    changePassword: (service) => [`/etc/${service}/${service}.conf`],
    sync: (service, password) => {
      synced.push([service, password]);
      return Promise.resolve(state.syncStatus ?? 0);
    },
  };
  return { deps, printed, statements, commands, synced };
}

describe('openstack-db', () => {
  it('makes the database and its accounts with the five lines of the manual (M009)', async () => {
    const { deps, printed, statements, commands, synced } = machine({ secret: 'root pw', answers: ['root pw'] });
    expect(await openstackDb(['--init', '--service', 'keystone', '--pass', 'keystone'], deps)).toBe(0);
    expect(printed).toEqual({
      out: [
        "Please enter the password for the 'root' MySQL user: ",
        'Verified connectivity to MySQL.',
        'Initializing the keystone database, please wait...',
        'Complete!',
        '',
      ].join('\n'),
      err: "Creating 'keystone' database.\n",
    });
    expect(statements.join('\n')).toContain("CREATE USER 'keystone'@'%' IDENTIFIED BY 'keystone';");
    expect(synced).toEqual([['keystone', 'keystone']]);
    expect(commands.flat().join(' ')).not.toContain('root pw');
  });

  it('puts another password into the configuration, as a text of SQL', async () => {
    const { deps, printed, statements } = machine();
    expect(await openstackDb(['--init', '--service=nova', '-p', "it's", '-r', ''], deps)).toBe(0);
    expect(statements.join('\n')).toContain("IDENTIFIED BY 'it\\'s';");
    expect(printed.out).toContain("Updating 'nova' database password in /etc/nova/nova.conf\n");
  });

  it('refuses what is there already, naming the way out', async () => {
    const there = machine({ databases: ['glance'] });
    expect(await openstackDb(['--init', '--service', 'glance', '--rootpw', ''], there.deps)).toBe(1);
    expect(there.printed.err).toBe(
      "Database 'glance' already exists. Please consider first running:\nopenstack-db --drop --service glance\n",
    );
    const user = machine({ users: ['glance'] });
    expect(await openstackDb(['--init', '--service', 'glance', '--rootpw', ''], user.deps)).toBe(1);
    expect(user.printed.err).toContain("User 'glance' already exists.");
  });

  it('drops the database and all accounts of its name', async () => {
    const { deps, printed, statements } = machine();
    expect(await openstackDb(['--drop', '--service', 'cinder', '-r', '', '-y'], deps)).toBe(0);
    expect(statements.at(-1)).toBe(
      "DROP USER 'cinder'@'localhost';\nDROP USER 'cinder'@'%';\nDROP DATABASE IF EXISTS cinder;\nFLUSH PRIVILEGES;",
    );
    expect([printed.err, printed.out]).toEqual([
      "Dropping 'cinder' database.\n",
      'Verified connectivity to MySQL.\nComplete!\n',
    ]);
  });

  it('installs and starts a server that is not there, after a yes', async () => {
    const bare = machine({ programs: ['apt-get', 'systemctl'], stopped: true, answers: ['y', 'Y', ''] });
    expect(await openstackDb(['--init', '--service', 'nova'], bare.deps)).toBe(0);
    expect(bare.commands[0]).toEqual(['apt-get', 'install', '-y', 'mariadb-server']);
    expect(bare.commands).toContainEqual(['systemctl', 'start', 'mysqld.service']);
    const no = machine({ programs: ['apt-get'], answers: ['n'] });
    expect(await openstackDb(['--init', '--service', 'nova'], no.deps)).toBe(0);
    expect(no.printed.out).toBe(
      'mysql-server is not installed.  Would you like to install it now? (y/n): mysql-server must be installed.  Please install it before proceeding.\n',
    );
    const mumbled = machine({ stopped: true, answers: ['perhaps'] });
    expect(await openstackDb(['--init', '--service', 'nova'], mumbled.deps)).toBe(1);
    expect(mumbled.printed.err).toBe('Invalid response.\n');
  });

  it.each([
    [['--init', '--service', 'keystone', '-r', 'wrong'], {}, /^Failed to connect to the MySQL server/],
    [['--init', '--service', 'swift'], {}, /^Unrecognized --service swift\nPlease specify nova\|glance\|keystone/],
    [['--init', '--service', 'heat'], {}, /^There is no heat in this cloud/],
    [['--init'], {}, /^Set up a local database/],
    [['--update', '--service', 'nova'], { syncStatus: 1 }, /^Error updating the database\. nova-manage db sync/],
  ])('ends with 1 for %j', async (argv, state, words) => {
    const { deps, printed } = machine(state);
    expect(await openstackDb(argv, deps)).toBe(1);
    expect(printed.err).toMatch(words);
  });

  it('asks before it takes a service away from another kind of database', async () => {
    const { deps, printed, statements } = machine({ connection: 'sqlite:////var/x', answers: ['n'] });
    expect(await openstackDb(['--init', '--service', 'nova'], deps)).toBe(0);
    expect(printed.out).toBe('nova default DB is not mysql. Would you like to reset to mysql now? (y/n): Aborting.\n');
    expect(statements).toEqual([]);
  });

  it('knows which service a command line is about', () => {
    expect(serviceOf(['--init', '--pass', 'x', '--service', 'nova'])).toBe('nova');
    expect(serviceOf(['--help'])).toBe(undefined);
  });
});
