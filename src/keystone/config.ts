import { policyFileOption } from '#common/auth/policy-file.ts';
import { databaseOptions, loggingOptions } from '#common/config/common-options.ts';
import { bool, int, optionalStr, str, type ConfigOf } from '#common/config/config.ts';

/** keystone.conf. */
export const keystoneOptions = {
  DEFAULT: {
    ...loggingOptions,
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
      help: 'What tokens are: uuid (kept in the database) or fernet (encrypted, kept nowhere). Unset: as [signing] token_format says, else uuid.',
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
      help: 'The older name of the choice: UUID or FERNET. It may not contradict [token] provider.',
    }),
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
  security_compliance: {
    lockout_failure_attempts: int({
      default: 0,
      help: 'After so many wrong passwords in a row an account is locked for lockout_duration. 0: never.',
    }),
    lockout_duration: int({ default: 1800, help: 'Seconds that a locked account stays locked.' }),
  },
} as const;

export type KeystoneConfig = ConfigOf<typeof keystoneOptions>;
