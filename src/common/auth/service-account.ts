import type { Authenticate } from '../api/app.ts';
import type { HttpTransport } from '../api/transport.ts';
import type { Clock } from '../clock.ts';
import type { ConfigOf } from '../config/config.ts';
import type { authtokenOptions } from '../config/common-options.ts';
import { createAuthToken } from './auth-token.ts';
import { createSession, type Session } from './session.ts';

/** Section `[keystone_authtoken]`, read. */
export type AuthtokenConfig = ConfigOf<{ keystone_authtoken: typeof authtokenOptions }>['keystone_authtoken'];

interface Deps {
  readonly transport: HttpTransport;
  readonly clock: Clock;
}

/** The Identity admin endpoint that the section names: `identity_uri`, or the older host, port and protocol. */
export function identityUri(section: AuthtokenConfig): string {
  const { identity_uri, auth_protocol, auth_host, auth_port, auth_admin_prefix } = section;
  return identity_uri ?? `${auth_protocol}://${auth_host}:${auth_port}${auth_admin_prefix}`;
}

/** The service's own account, with which it validates tokens and calls other services. */
export function serviceSession(section: AuthtokenConfig, deps: Deps): Session {
  return createSession(
    {
      authUrl: identityUri(section),
      username: section.admin_user ?? '',
      password: section.admin_password ?? '',
      projectName: section.admin_tenant_name,
    },
    deps,
  );
}

/** The `authenticate` of a service's mounts, as its `[keystone_authtoken]` section says. */
export function authTokenOf(section: AuthtokenConfig, session: Session, deps: Deps): Authenticate {
  const identityUrl = identityUri(section);
  return createAuthToken({
    identityUrl,
    authUri: section.auth_uri ?? identityUrl,
    session,
    ...deps,
    cacheSeconds: Math.max(0, section.token_cache_time),
    signingDir: section.signing_dir,
    listSeconds: section.revocation_cache_time,
    hashAlgorithm: section.hash_algorithms[0] ?? 'md5',
  });
}
