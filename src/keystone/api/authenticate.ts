import { timingSafeEqual } from 'node:crypto';
import type { Authenticate } from '#common/api/app.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { adminContext } from '#common/auth/context.ts';
import { authenticationRequired } from '../errors.ts';
import type { TokenProvider, ValidToken } from '../tokens/provider.ts';

export interface AuthenticateDeps {
  readonly tokens: TokenProvider;
  /** `[DEFAULT] admin_token`. */
  readonly adminToken: string | null;
}

/** Keystone asks itself about its callers' tokens. */
export function createAuthenticate({ tokens, adminToken }: AuthenticateDeps): Authenticate {
  const secret = adminToken === null || adminToken === '' ? null : Buffer.from(adminToken);
  const isAdminToken = (token: string): boolean => {
    const given = Buffer.from(token);
    return secret !== null && given.length === secret.length && timingSafeEqual(given, secret);
  };
  return async (token, requestId) => {
    if (!token) throw authenticationRequired();
    if (isAdminToken(token)) return adminContext(requestId);
    const valid = await tokens.validate(token);
    if (!valid) throw authenticationRequired();
    return contextOf(valid, requestId);
  };
}

function contextOf({ token, subject }: ValidToken, requestId: string): RequestContext {
  const { user, target, roles, scope } = subject;
  const project = scope.kind === 'project' ? target : null;
  const names = roles.map((role) => role.name.toLowerCase());
  return {
    requestId,
    userId: user.id,
    userName: user.name,
    userDomainId: user.domain.id,
    projectId: project?.id ?? null,
    projectName: project?.name ?? null,
    projectDomainId: project?.domain.id ?? null,
    roles: names,
    isAdmin: names.includes('admin'),
    token,
  };
}
