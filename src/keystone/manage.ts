import { parseArgs } from 'node:util';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { ConfigSource } from '#common/config/config.ts';
import { loadConfig } from '#common/config/load.ts';
import { StartupError } from '#common/daemon.ts';
import type { Ids } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import type { Database } from '#common/db/database.ts';
import { run, type Run } from '#common/host/run.ts';
import { bootstrapIdentity, syncIdentity, withoutTokens, type IdentityPlan } from './bootstrap.ts';
import { keystoneOptions, type KeystoneConfig } from './config.ts';
import { openKeystoneDatabase, requireCurrent } from './database.ts';
import { databaseVersion } from './generation-rows.ts';
import { createIdentity, type Identity } from './identity.ts';
import { keystoneMigrations } from './migrations/index.ts';
import { setupCertificates } from './pki.ts';
import { keystonePolicies } from './policies.ts';
import type { KeystoneTables } from './tables.ts';
import { rotateFernetKeys, setupFernetKeys } from './tokens/fernet-keys.ts';
import { purgeExpired } from './tokens/rows.ts';

/** What `keystone-manage` works with. */
export interface ManageEnv {
  readonly config: ConfigSource;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Prints one line to standard output. */
  readonly print: (line: string) => void;
  /** Prints one line to standard error. */
  readonly warn: (line: string) => void;
  /** The door to the machine's programs; the real one unless given. */
  readonly run?: Run;
}

interface Command {
  readonly help: string;
  run(args: readonly string[], env: ManageEnv, config: KeystoneConfig): Promise<void> | void;
}

/** The configuration files in reading order. */
export const keystoneManageFiles: readonly string[] = [
  '/usr/share/keystone/keystone-dist.conf',
  '/etc/keystone/keystone.conf',
];

/** Runs `work` with the open database. */
async function withDatabase<T>(
  env: ManageEnv,
  config: KeystoneConfig,
  work: (db: Database<KeystoneTables>) => Promise<T>,
): Promise<T> {
  const db = await openKeystoneDatabase(config, env.log);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

const certificateOptions = {
  'keystone-user': { type: 'string' },
  'keystone-group': { type: 'string' },
  rebuild: { type: 'boolean', default: false },
} as const;

const makeCertificates =
  (section: 'signing' | 'ssl'): Command['run'] =>
  async (args, env, config) => {
    const { values } = parseArgs({ args: [...args], options: certificateOptions, strict: true });
    await setupCertificates(
      { config: config[section], run: env.run ?? run, report: env.warn },
      { rebuild: values.rebuild, user: values['keystone-user'], group: values['keystone-group'] },
    );
  };

const commands: Readonly<Record<string, Command>> = {
  db_sync: {
    help: 'Bring the database up to date, or up to a version.',
    run: async (args, env, config) => {
      const { positionals } = parseArgs({ args: [...args], allowPositionals: true, strict: true });
      const [version] = positionals;
      if (version === undefined) return void (await syncIdentity(env));
      const names = Object.keys(keystoneMigrations);
      if (!/^\d+$/.test(version) || Number(version) > names.length)
        throw new StartupError(`There is no version ${version} of the database; the newest is ${names.length}.`);
      await withDatabase(env, config, async (db) => {
        const at = await databaseVersion(db.query);
        if (at > Number(version))
          throw new StartupError(`The database is at version ${at}. It cannot go back to ${version}: restore a copy.`);
        await db.migrate(Object.fromEntries(Object.entries(keystoneMigrations).slice(0, Number(version))));
      });
    },
  },
  db_version: {
    help: 'Print the version of the database.',
    run: async (_args, env, config) => {
      await withDatabase(env, config, async (db) => env.print(String(await databaseVersion(db.query))));
    },
  },
  pki_setup: {
    help: 'Make the certificates that PKI tokens are signed with.',
    run: makeCertificates('signing'),
  },
  ssl_setup: {
    help: 'Make certificates for serving the APIs over TLS.',
    run: makeCertificates('ssl'),
  },
  bootstrap: {
    help: 'Make the admin user, project and roles, and the Identity endpoint. May be repeated.',
    run: async (args, env) => {
      await bootstrapIdentity(adminPlan(args, env.env), env);
    },
  },
  token_flush: {
    help: 'Remove tokens that have ended.',
    run: async (_args, env, config) => {
      await withDatabase(env, config, async (db) => {
        await requireCurrent(db);
        const removed = await purgeExpired(db.query, isoMicros(env.clock.now()));
        env.print(`Removed ${removed} tokens that had ended.`);
      });
    },
  },
  fernet_setup: {
    help: 'Make the folder of Fernet keys with its first keys.',
    run: (_args, { print }, { fernet_tokens: { key_repository: folder } }) => {
      print(setupFernetKeys(folder) ? `Made Fernet keys in ${folder}.` : `${folder} has Fernet keys already.`);
    },
  },
  fernet_rotate: {
    help: 'Make the staged Fernet key the one that encrypts, and stage a new one.',
    run: (_args, { print }, { fernet_tokens: { key_repository: folder, max_active_keys: most } }) => {
      rotateFernetKeys(folder, most);
      print(`Rotated the Fernet keys in ${folder}.`);
    },
  },
  credential_setup: {
    help: 'Make the keys that credentials are encrypted with.',
    run: (_args, { print }, { credential: { key_repository: folder } }) => {
      print(setupFernetKeys(folder) ? `Made credential keys in ${folder}.` : `${folder} has keys already.`);
    },
  },
  credential_rotate: {
    help: 'Make the staged credential key the one that encrypts, and encrypt credentials with it.',
    run: async (_args, env, config) => {
      const { key_repository: folder } = config.credential;
      // As many keys as there may be: one that credentials still need must not go before they have been encrypted anew.
      rotateFernetKeys(folder, Number.MAX_SAFE_INTEGER);
      const count = await withIdentity(env, config, ({ credentials }) => credentials.reseal());
      env.print(`Rotated the keys in ${folder} and encrypted ${count} credentials anew.`);
    },
  },
  credential_migrate: {
    help: 'Encrypt with the newest key what is not yet.',
    run: async (_args, env, config) => {
      const count = await withIdentity(env, config, ({ credentials }) => credentials.reseal());
      env.print(`Encrypted ${count} credentials anew.`);
    },
  },
};

/** Runs `work` with Keystone's services, which need nothing of tokens. */
const withIdentity = <T>(env: ManageEnv, said: KeystoneConfig, work: (identity: Identity) => Promise<T>): Promise<T> =>
  withDatabase(env, said, async (db) => {
    await requireCurrent(db);
    const config = withoutTokens(said);
    return work(await createIdentity({ ...env, db, config, enforcer: createEnforcer(keystonePolicies) }));
  });

const options = {
  'bootstrap-username': { type: 'string', default: 'admin' },
  'bootstrap-password': { type: 'string' },
  'bootstrap-project-name': { type: 'string', default: 'admin' },
  'bootstrap-role-name': { type: 'string', default: 'admin' },
  'bootstrap-service-name': { type: 'string', default: 'keystone' },
  'bootstrap-region-id': { type: 'string', default: 'RegionOne' },
  'bootstrap-public-url': { type: 'string' },
  'bootstrap-internal-url': { type: 'string' },
  'bootstrap-admin-url': { type: 'string' },
} as const;

/** As Keystone's own bootstrap: options first, then OS_BOOTSTRAP_… of the environment. @throws StartupError */
function adminPlan(args: readonly string[], env: ManageEnv['env']): IdentityPlan {
  const { values } = parseArgs({ args: [...args], options, strict: true });
  const password = values['bootstrap-password'] ?? env['OS_BOOTSTRAP_PASSWORD'];
  if (!password)
    throw new StartupError('A password is needed: --bootstrap-password or OS_BOOTSTRAP_PASSWORD in the environment.');
  const user = env['OS_BOOTSTRAP_USERNAME'] ?? values['bootstrap-username'];
  const project = env['OS_BOOTSTRAP_PROJECT_NAME'] ?? values['bootstrap-project-name'];
  const role = env['OS_BOOTSTRAP_ROLE_NAME'] ?? values['bootstrap-role-name'];
  const urls = {
    public: values['bootstrap-public-url'],
    internal: values['bootstrap-internal-url'],
    admin: values['bootstrap-admin-url'],
  };
  const given = Object.fromEntries(Object.entries(urls).filter(([, url]) => url !== undefined));
  return {
    region: values['bootstrap-region-id'],
    projects: [{ name: project, description: 'Bootstrap project for initializing the cloud.' }],
    roles: [role, 'member', 'reader', 'service'],
    implied: { [role]: ['member'], member: ['reader'] },
    users: [{ name: user, password, resetPassword: true }],
    grants: [
      { user, role, project },
      { user, role },
    ],
    services:
      Object.keys(given).length === 0
        ? []
        : [{ name: values['bootstrap-service-name'], type: 'identity', urls: given }],
  };
}

const usage = (): string =>
  [
    'usage: keystone-manage [--config-file FILE] COMMAND',
    '',
    ...Object.entries(commands).map(([name, { help }]) => `  ${name.padEnd(16)}${help}`),
  ].join('\n');

/**
 * Runs one command of `keystone-manage`.
 * @param argv the command and its own arguments; configuration options have been taken out
 * @returns the exit status
 * @throws StartupError, to be printed as one line
 */
export async function keystoneManage(argv: readonly string[], env: ManageEnv): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    env.print(usage());
    return name === undefined ? 1 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new StartupError(`There is no command "${name}". ${Object.keys(commands).join(', ')} are there.`);
  try {
    await command.run(
      args,
      env,
      loadConfig(keystoneOptions, env.config, (line) => env.log.warn(line)),
    );
  } catch (error) {
    if (!(error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')) throw error;
    throw new StartupError(`${name}: ${(error as Error).message}`);
  }
  return 0;
}
