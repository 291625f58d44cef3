import { policyFileOption } from '#common/auth/policy-file.ts';
import { databaseOptions, loggingOptions, notificationOptions } from '#common/config/common-options.ts';
import { bool, int, list, optionalStr, str, type ConfigOf } from '#common/config/config.ts';

/** What pki_setup and ssl_setup make. @param name the certificate's common name */
const certificateOptions = (certificate: string, key: string, bits: number, name: string) =>
  ({
    certfile: str({ default: `/etc/keystone/ssl/certs/${certificate}`, help: 'The certificate.' }),
    keyfile: str({ default: `/etc/keystone/ssl/private/${key}`, help: 'Its private key.' }),
    ca_certs: str({ default: '/etc/keystone/ssl/certs/ca.pem', help: 'The certificate of the CA that issued it.' }),
    ca_key: str({ default: '/etc/keystone/ssl/private/cakey.pem', help: "The CA's private key." }),
    ca_password: optionalStr({ default: null, help: "The password of the CA's private key.", secret: true }),
    key_size: int({ default: bits, help: 'Bits of the keys that are made.' }),
    valid_days: int({ default: 3650, help: 'Days that the certificates that are made are valid.' }),
    cert_subject: str({
      default: `/C=US/ST=Unset/L=Unset/O=Unset/CN=${name}`,
      help: 'The subject of the certificate that is made.',
    }),
  }) as const;

/** keystone.conf. */
export const keystoneOptions = {
  DEFAULT: {
    ...loggingOptions,
    ...notificationOptions,
    policy_file: policyFileOption('/etc/keystone'),
    public_port: int({ default: 5000, help: 'The port of the public API.' }),
    admin_port: int({ default: 35357, help: 'The port of the admin API.' }),
    public_bind_host: str({
      default: '0.0.0.0',
      help: 'The address that the public API listens on.',
      deprecated: ['DEFAULT/bind_host'],
    }),
    admin_bind_host: str({
      default: '0.0.0.0',
      help: 'The address that the admin API listens on.',
      deprecated: ['DEFAULT/bind_host'],
    }),
    admin_token: optionalStr({
      default: null,
      help: 'A request whose X-Auth-Token equals it is an administrator, without any user. For setting up; unset it afterwards. (Icehouse had the default ADMIN, which opens every cloud that forgets it; here it is off.)',
      secret: true,
    }),
    public_endpoint: optionalStr({
      default: null,
      help: 'The public API as clients reach it (http://controller:5000): what $(public_endpoint)s means in endpoints.',
    }),
    admin_endpoint: optionalStr({ default: null, help: 'The same for the admin API and $(admin_endpoint)s.' }),
    compute_port: int({ default: 8774, help: 'What $(compute_port)s means in the URLs of endpoints.' }),
    max_project_tree_depth: int({
      default: 5,
      help: 'The most projects of a domain that may lie one below the other.',
    }),
    member_role_id: str({
      default: '9fe2ff9ee4384b1894a90878d3e92bab',
      help: 'The role that the v2.0 API gives a user on the tenant that the user is created with.',
    }),
    member_role_name: str({ default: '_member_', help: 'Its name, should it have to be made.' }),
  },
  database: databaseOptions('sqlite:////var/lib/keystone/keystone.sqlite'),
  identity: {
    default_domain_id: str({ default: 'default', help: 'The domain that the v2.0 API works in.' }),
    password_hash_rounds: int({
      default: 10,
      help: 'The cost of a password hash (bcrypt, 4 to 31): one more doubles the time of a first sign-in and of a guess.',
      deprecated: ['DEFAULT/crypt_strength'],
    }),
    max_password_length: int({ default: 4096, help: 'The longest password that is accepted.' }),
  },
  token: {
    provider: optionalStr({
      default: null,
      help: 'What tokens are: pki or pkiz (signed; services verify them by themselves), uuid (kept in the database), fernet (encrypted, kept nowhere). Unset: as [signing] token_format says, else pki.',
    }),
    hash_algorithm: str({
      default: 'md5',
      help: 'The hash that signed tokens are known by, in the database and in the list of revoked tokens.',
    }),
    expiration: int({ default: 3600, help: 'Seconds that a token is valid.' }),
    allow_rescope_scoped_token: bool({
      default: true,
      help: 'Whether a token for one project may be exchanged for one for another project.',
    }),
  },
  signing: {
    token_format: optionalStr({
      default: null,
      help: 'The older name of the choice: PKI, UUID or FERNET. It may not contradict [token] provider.',
    }),
    ...certificateOptions('signing_cert.pem', 'signing_key.pem', 2048, 'www.example.com'),
  },
  ssl: {
    enable: bool({ default: false, help: 'Not served: put a proxy that speaks TLS in front, and leave this off.' }),
    ...certificateOptions('keystone.pem', 'keystonekey.pem', 1024, 'localhost'),
  },
  fernet_tokens: {
    key_repository: str({
      default: '/etc/keystone/fernet-keys',
      help: 'The folder of the Fernet keys; keystone-manage fernet_setup makes it.',
    }),
    max_active_keys: int({
      default: 3,
      help: 'How many keys are kept when rotating: the staged one, the primary, and older ones that still decrypt.',
    }),
  },
  credential: {
    key_repository: str({
      // Beside the Fernet keys, which is /etc/keystone/credential-keys unless those are elsewhere.
      default: '${fernet_tokens.key_repository}/../credential-keys',
      help: 'The folder of the keys that credentials are encrypted with; bootstrap and keystone-manage credential_setup make it.',
    }),
    user_limit: int({ default: -1, help: 'The most credentials that a user may have; -1: any number.' }),
  },
  assignment: {
    prohibited_implied_role: list({ default: ['admin'], help: 'Roles that no other role may imply.' }),
  },
  trust: {
    allow_redelegation: bool({ default: false, help: 'Whether who acts for somebody may let others do so.' }),
    max_redelegation_count: int({ default: 3, help: 'How often a trust may be passed on.' }),
  },
  application_credential: {
    user_limit: int({ default: -1, help: 'The most application credentials that a user may have; -1: any number.' }),
  },
  endpoint_filter: {
    return_all_endpoints_if_no_filter: bool({
      default: true,
      help: 'Whether a project without endpoints of its own has all of them in its catalogue.',
    }),
  },
  oauth1: {
    request_token_duration: int({ default: 28_800, help: 'Seconds that a request token is valid.' }),
    access_token_duration: int({ default: 86_400, help: 'Seconds that an access token is valid; 0: for ever.' }),
  },
  security_compliance: {
    lockout_failure_attempts: int({
      default: 0,
      help: 'After so many wrong passwords in a row an account is locked for lockout_duration. 0: never.',
    }),
    lockout_duration: int({ default: 1800, help: 'Seconds that a locked account stays locked.' }),
    disable_user_account_days_inactive: int({
      default: 0,
      help: 'A user who has not signed in for so many days is disabled. 0: never.',
    }),
    password_expires_days: int({ default: 0, help: 'Days after which a password must be changed. 0: never.' }),
    unique_last_password_count: int({
      default: 0,
      help: 'A new password must differ from so many, itself included. 0 and 1: no history is looked at.',
    }),
    minimum_password_age: int({ default: 0, help: 'Days that a user must keep a password. 0: none.' }),
    password_regex: optionalStr({ default: null, help: 'What a new password must match.' }),
    password_regex_description: optionalStr({ default: null, help: 'The same in words, for users.' }),
    change_password_upon_first_use: bool({
      default: false,
      help: 'Whether users must change a password that an administrator gave them.',
    }),
  },
} as const;

export type KeystoneConfig = ConfigOf<typeof keystoneOptions>;
