/**
 * Options that every service has, spelled as the manual's files spell them. A service spreads or names them in its own
 * table: `{ DEFAULT: { ...loggingOptions, … }, database: databaseOptions(url), keystone_authtoken: authtokenOptions }`.
 */
import { bool, int, list, oneOf, optionalStr, str } from './config.ts';

/** Section `database`. @param connection the service's default, an SQLite file */
export const databaseOptions = (connection: string) => ({
  connection: str({
    default: connection,
    help: 'Where the service keeps its rows: sqlite:////absolute/path, mysql://user:password@host/database or postgresql://user:password@host/database.',
    deprecated: ['sql/connection', 'DEFAULT/sql_connection', 'DATABASE/sql_connection'],
    secret: true,
  }),
  max_retries: int({
    default: 10,
    help: 'How often to try to reach the database at start before giving up; -1 never gives up.',
    deprecated: ['sql/max_retries', 'DEFAULT/sql_max_retries', 'DATABASE/sql_max_retries'],
  }),
  retry_interval: int({
    default: 10,
    help: 'Seconds between two such tries.',
    deprecated: ['DEFAULT/sql_retry_interval', 'DATABASE/reconnect_interval'],
  }),
  max_pool_size: int({
    default: 10,
    help: 'The most connections that one process keeps open to a database server. Not for SQLite.',
    deprecated: ['DEFAULT/sql_max_pool_size', 'DATABASE/sql_max_pool_size'],
  }),
});

/** In section `DEFAULT`. */
export const loggingOptions = {
  debug: bool({ default: false, help: 'Log everything, with stacks (level DEBUG).' }),
  verbose: bool({ default: true, help: 'Log what happens (level INFO) rather than only warnings and errors.' }),
  log_file: optionalStr({
    default: null,
    help: 'Log to this file, in log_dir when the name is relative. Unset: to log_dir/<daemon>.log when log_dir is set, to standard error otherwise.',
    deprecated: ['DEFAULT/logfile'],
  }),
  log_dir: optionalStr({ default: null, help: 'The folder of the log file.', deprecated: ['DEFAULT/logdir'] }),
  use_stderr: bool({ default: false, help: 'Log to standard error beside the log file.' }),
  use_json: bool({ default: false, help: "Log one JSON object per line instead of OpenStack's line format." }),
} as const;

/**
 * In section `DEFAULT`, of services that need the message broker for nothing else: without a driver they do not reach for one.
 * `tellsChanges` reads it.
 */
export const notificationOptions = {
  notification_driver: list({
    default: [],
    help: 'messaging: tell every change on the message bus (image.update, identity.user.created …), for igloo-events and others who listen. Unset or noop: tell nobody. The old dotted module names are understood.',
    deprecated: ['oslo_messaging_notifications/driver'],
  }),
} as const;

export const tellsChanges = ({
  notification_driver: drivers,
}: {
  readonly notification_driver: readonly string[];
}): boolean => drivers.some((driver) => /messaging|rpc_notifier|rabbit/.test(driver));

/** Section `keystone_authtoken`: how a service checks its callers' tokens. */
export const authtokenOptions = {
  auth_uri: optionalStr({
    default: null,
    help: 'The public Identity endpoint that a caller without a token is referred to in WWW-Authenticate.',
    deprecated: ['keystone_authtoken/www_authenticate_uri'],
  }),
  identity_uri: optionalStr({
    default: null,
    help: 'The Identity admin endpoint, unversioned (http://controller:35357). Wins over auth_protocol, auth_host and auth_port.',
  }),
  auth_host: str({ default: '127.0.0.1', help: 'Host of the Identity admin endpoint.' }),
  auth_port: int({ default: 35357, help: 'Port of the Identity admin endpoint.' }),
  auth_protocol: oneOf(['http', 'https'], {
    default: 'https',
    help: 'Scheme of the Identity admin endpoint. A deployment without TLS must set http.',
  }),
  auth_admin_prefix: str({ default: '', help: 'Path before the version in the Identity admin endpoint.' }),
  admin_token: optionalStr({
    default: null,
    help: "Keystone's admin_token, instead of a service account.",
    secret: true,
  }),
  admin_user: optionalStr({ default: null, help: 'Name of the service account that validates tokens.' }),
  admin_password: optionalStr({ default: null, help: 'Its password.', secret: true }),
  admin_tenant_name: str({ default: 'admin', help: 'The tenant that the service account authenticates in.' }),
  token_cache_time: int({
    default: 300,
    help: 'Seconds that a validated token is trusted without asking again; -1 asks each time.',
  }),
  revocation_cache_time: int({ default: 10, help: 'Seconds between two looks at the list of revoked tokens.' }),
  signing_dir: optionalStr({
    default: null,
    help: 'A folder that the certificates for checking PKI tokens are kept in; unset keeps them in memory.',
  }),
  hash_algorithms: list({
    default: ['md5'],
    help: "The hash that signed tokens are known by, as Keystone's [token] hash_algorithm; the first counts.",
  }),
  memcached_servers: list({
    default: [],
    help: 'memcached servers (host:port) that the processes of a service share validated tokens in; empty keeps them in memory.',
    deprecated: ['keystone_authtoken/memcache_servers'],
  }),
  delay_auth_decision: bool({
    default: false,
    help: 'Let requests without a valid token through and leave the refusal to the service.',
  }),
} as const;
