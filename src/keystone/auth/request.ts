import { ApiError, badRequest } from '#common/api/errors.ts';
import type { SignedRequest } from '../oauth1/signature.ts';
import type { AuthRequest, DomainReference, Proof, UserReference, WantedScope } from './model.ts';
import type { AuthenticateBody } from './schema.ts';

type Identity = AuthenticateBody['auth']['identity'];
interface Named {
  readonly id?: string;
  readonly name?: string;
  readonly domain?: { readonly id?: string; readonly name?: string };
}

/**
 * Reads a v3 authentication request.
 * @param signed the request, should its header sign it
 * @throws ApiError 400 for a part that is missing, 401 for a method that is not known
 */
export function readAuthRequest({ auth: { identity, scope } }: AuthenticateBody, signed: SignedRequest): AuthRequest {
  if (identity.methods.length === 0) throw badRequest('Expecting to find methods in identity.');
  return { proofs: identity.methods.map((method) => proofOf(method, identity, signed)), scope: scopeOf(scope) };
}

function proofOf(method: string, identity: Identity, signed: SignedRequest): Proof {
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
  if (method === 'application_credential') return applicationCredentialOf(identity);
  if (method === 'oauth1') return { method, signed };
  throw new ApiError(401, 'Attempted to authenticate with an unsupported method.');
}

function applicationCredentialOf({ application_credential: given }: Identity): Proof {
  const where = 'application_credential';
  if (!given) throw missing(where, 'identity');
  const { id, name, user, secret } = given;
  if (secret === undefined) throw missing('secret', where);
  if (id !== undefined) return { method: where, credential: { id }, secret };
  if (name === undefined) throw missing('id or name', where);
  if (!user) throw missing('user', where);
  return { method: where, credential: { name, user: referenceOf(user, 'user') }, secret };
}

function scopeOf(scope: AuthenticateBody['auth']['scope']): WantedScope {
  if (scope === undefined) return { kind: 'default' };
  if (typeof scope === 'string') {
    if (scope === 'unscoped') return { kind: 'unscoped' };
    throw badRequest(`Expecting to find project, domain or system in scope, not "${scope}".`);
  }
  if (scope.unscoped !== undefined) return { kind: 'unscoped' };
  const trust = scope['OS-TRUST:trust'];
  const wanted = [scope.project, scope.domain, scope.system, trust].filter((part) => part !== undefined);
  if (wanted.length !== 1) throw badRequest('Scope must be one of: project, domain, system, OS-TRUST:trust, unscoped.');
  if (trust) {
    if (trust.id === undefined) throw missing('trust_id', 'OS-TRUST:trust');
    return { kind: 'trust', id: trust.id };
  }
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
