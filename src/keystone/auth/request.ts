import { ApiError, badRequest } from '#common/api/errors.ts';
import type { AuthRequest, DomainReference, Proof, UserReference, WantedScope } from './model.ts';
import type { AuthenticateBody } from './schema.ts';

type Identity = AuthenticateBody['auth']['identity'];
interface Named {
  readonly id?: string;
  readonly name?: string;
  readonly domain?: { readonly id?: string; readonly name?: string };
}

/** Reads a v3 authentication request. @throws ApiError 400 for a part that is missing, 401 for a method that is not known */
export function readAuthRequest({ auth: { identity, scope } }: AuthenticateBody): AuthRequest {
  if (identity.methods.length === 0) throw badRequest('Expecting to find methods in identity.');
  return { proofs: identity.methods.map((method) => proofOf(method, identity)), scope: scopeOf(scope) };
}

function proofOf(method: string, identity: Identity): Proof {
  if (method === 'password') {
    const user = identity.password?.user;
    if (!user) throw missing('user', 'password');
    if (user.password === undefined) throw missing('password', 'user');
    return { method, user: referenceOf(user, 'user'), password: user.password };
  }
  if (method === 'token') {
    if (!identity.token) throw missing('token', 'identity');
    return { method, token: identity.token.id };
  }
  throw new ApiError(401, 'Attempted to authenticate with an unsupported method.');
}

function scopeOf(scope: AuthenticateBody['auth']['scope']): WantedScope {
  if (scope === undefined) return { kind: 'default' };
  if (typeof scope === 'string') {
    if (scope === 'unscoped') return { kind: 'unscoped' };
    throw badRequest(`Expecting to find project, domain or system in scope, not "${scope}".`);
  }
  if (scope.unscoped !== undefined) return { kind: 'unscoped' };
  const wanted = [scope.project, scope.domain, scope.system].filter((part) => part !== undefined);
  if (wanted.length !== 1) throw badRequest('Scope must be one of: project, domain, system, unscoped.');
  if (scope.project) return { kind: 'project', project: referenceOf(scope.project, 'project') };
  if (scope.domain) return { kind: 'domain', domain: domainOf(scope.domain) };
  if (scope.system?.all !== true) throw badRequest('Expecting to find all: true in system.');
  return { kind: 'system' };
}

function referenceOf({ id, name, domain }: Named, what: string): UserReference {
  if (id !== undefined) return { id };
  if (name === undefined) throw missing('id or name', what);
  if (!domain) throw missing('domain', what);
  return { name, domain: domainOf(domain) };
}

function domainOf({ id, name }: { readonly id?: string; readonly name?: string }): DomainReference {
  if (id !== undefined) return { id };
  if (name === undefined) throw missing('id or name', 'domain');
  return { name };
}

const missing = (attribute: string, where: string): ApiError =>
  badRequest(
    `Expecting to find ${attribute} in ${where}. The server could not comply with the request since it is either ` +
      'malformed or otherwise incorrect. The client is assumed to be in error.',
  );
