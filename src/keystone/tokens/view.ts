import { isoSeconds } from '#common/clock.ts';
import { catalogView, v2CatalogView } from '../catalog/view.ts';
import type { ValidToken } from './provider.ts';
import type { Subject } from './subjects.ts';

/**
 * Tokens are sent as text. All tokens of one user in one scope share nearly all of theirs, so that part is made once and
 * kept with what it shows; a token's own times and ids are put in front.
 */
interface Parts {
  readonly user: string;
  /** `,"project":{…},…,"roles":[…]` */
  readonly scope: string;
  readonly catalog: string;
  readonly tenant: string;
  /** `,"serviceCatalog":[…],"user":{…},"metadata":{…}` */
  readonly v2: string;
}

const kept = new WeakMap<Subject, Parts>();

function partsOf(subject: Subject): Parts {
  let parts = kept.get(subject);
  if (!parts) kept.set(subject, (parts = render(subject)));
  return parts;
}

/** The members of an object as they follow others: `,"a":1,"b":2`. */
const members = (object: object): string => {
  const text = JSON.stringify(object).slice(1, -1);
  return text === '' ? '' : `,${text}`;
};

function render(subject: Subject): Parts {
  const { user, scope, target, roles, catalog } = subject;
  const scoped = scope.kind !== 'unscoped';
  return {
    user: JSON.stringify({
      domain: { id: user.domain.id, name: user.domain.name },
      id: user.id,
      name: user.name,
      password_expires_at: user.passwordExpiresAt,
    }),
    scope: members({ ...scopeView(subject), ...(scoped && { roles }), ...delegatedView(subject) }),
    catalog: scoped ? members({ catalog: catalogView(catalog) }) : '',
    tenant: target
      ? members({
          tenant: { description: target.description, enabled: target.enabled, id: target.id, name: target.name },
        })
      : '',
    v2: members({
      serviceCatalog: v2CatalogView(catalog),
      user: {
        username: user.name,
        roles_links: [],
        id: user.id,
        roles: roles.map((role) => ({ name: role.name })),
        name: user.name,
      },
      metadata: { is_admin: 0, roles: roles.map((role) => role.id) },
      ...v2TrustView(subject),
    }),
  };
}

function scopeView({ scope, target }: Subject) {
  if (scope.kind === 'system') return { system: { all: true } };
  if (scope.kind === 'unscoped' || !target) return {};
  const { id, name, domain } = target;
  if (scope.kind === 'domain') return { domain: { id, name } };
  return { project: { domain: { id: domain.id, name: domain.name }, id, name }, is_domain: target.isDomain };
}

/** By what right the user acts, if it is not the user's own. */
function delegatedView({ delegated }: Subject) {
  if (delegated?.kind === 'trust')
    return {
      'OS-TRUST:trust': {
        id: delegated.id,
        trustor_user: { id: delegated.trustorId },
        trustee_user: { id: delegated.trusteeId },
        impersonation: delegated.impersonation,
      },
    };
  if (delegated?.kind === 'application_credential')
    return {
      application_credential: {
        id: delegated.id,
        name: delegated.name,
        restricted: delegated.restricted,
        ...(delegated.accessRules.length > 0 && { access_rules: delegated.accessRules }),
      },
    };
  if (delegated?.kind === 'oauth1')
    return { 'OS-OAUTH1': { access_token_id: delegated.id, consumer_id: delegated.consumerId } };
  return {};
}

function v2TrustView({ delegated }: Subject) {
  if (delegated?.kind !== 'trust') return {};
  const { id, trustorId, trusteeId, impersonation } = delegated;
  return { trust: { id, trustee_user_id: trusteeId, trustor_user_id: trustorId, impersonation } };
}

/** `2026-11-23T02:03:16.000000` */
const micros = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 23) + '000';

/** The body of a v3 token. */
export function v3TokenText({ payload, subject }: ValidToken, withCatalog: boolean): string {
  const { user, scope, catalog } = partsOf(subject);
  const { methods, auditIds, expiresAt, issuedAt } = payload;
  return (
    `{"token":{"methods":${JSON.stringify(methods)},"user":${user},"audit_ids":${JSON.stringify(auditIds)},` +
    `"expires_at":"${micros(expiresAt)}Z","issued_at":"${micros(issuedAt)}Z"${scope}${withCatalog ? catalog : ''}}}`
  );
}

/** The body of a v2.0 token. */
export function v2TokenText({ token, payload, subject }: ValidToken): string {
  const { tenant, v2 } = partsOf(subject);
  const { auditIds, expiresAt, issuedAt } = payload;
  return (
    `{"access":{"token":{"issued_at":"${micros(issuedAt)}","expires":"${isoSeconds(new Date(expiresAt))}",` +
    `"id":${JSON.stringify(token)}${tenant},"audit_ids":${JSON.stringify(auditIds)}}${v2}}}`
  );
}
