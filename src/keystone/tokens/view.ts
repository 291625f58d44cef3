import { isoSeconds } from '#common/clock.ts';
import { catalogView, v2CatalogView } from '../catalog/view.ts';
import type { ValidToken } from './provider.ts';
import type { Subject } from './subjects.ts';

/** `2026-11-23T02:03:16.000000Z` */
const isoMicrosZ = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 23) + '000Z';

function scopeView({ scope, target }: Subject) {
  if (scope.kind === 'unscoped') return {};
  if (scope.kind === 'system') return { system: { all: true } };
  if (!target) return {};
  const { id, name, domain } = target;
  if (scope.kind === 'domain') return { domain: { id, name } };
  return { project: { domain: { id: domain.id, name: domain.name }, id, name }, is_domain: target.isDomain };
}

/** The body of a v3 token. */
export function v3TokenView({ payload, subject }: ValidToken, withCatalog: boolean) {
  const { user, roles, catalog } = subject;
  const scoped = payload.scope.kind !== 'unscoped';
  return {
    token: {
      methods: payload.methods,
      user: {
        domain: { id: user.domain.id, name: user.domain.name },
        id: user.id,
        name: user.name,
        password_expires_at: null,
      },
      audit_ids: payload.auditIds,
      expires_at: isoMicrosZ(payload.expiresAt),
      issued_at: isoMicrosZ(payload.issuedAt),
      ...scopeView(subject),
      ...(scoped && { roles }),
      ...(scoped && withCatalog && { catalog: catalogView(catalog) }),
    },
  };
}

/** The body of a v2.0 token. */
export function v2TokenView({ token, payload, subject }: ValidToken) {
  const { user, roles, target, catalog } = subject;
  return {
    access: {
      token: {
        issued_at: new Date(payload.issuedAt).toISOString().slice(0, 23) + '000',
        expires: isoSeconds(new Date(payload.expiresAt)),
        id: token,
        ...(target && {
          tenant: { description: target.description, enabled: target.enabled, id: target.id, name: target.name },
        }),
        audit_ids: payload.auditIds,
      },
      serviceCatalog: v2CatalogView(catalog),
      user: {
        username: user.name,
        roles_links: [],
        id: user.id,
        roles: roles.map((role) => ({ name: role.name })),
        name: user.name,
      },
      metadata: { is_admin: 0, roles: roles.map((role) => role.id) },
    },
  };
}

/** Renders once per token and form: a token is validated far more often than its meaning changes. */
export function rendered(valid: ValidToken, form: string, view: (valid: ValidToken) => unknown): string {
  let text = valid.rendered.get(form);
  if (text === undefined) valid.rendered.set(form, (text = JSON.stringify(view(valid))));
  return text;
}

export const v3TokenText = (valid: ValidToken, withCatalog: boolean): string =>
  rendered(valid, withCatalog ? 'v3' : 'v3 nocatalog', () => v3TokenView(valid, withCatalog));

export const v2TokenText = (valid: ValidToken): string => rendered(valid, 'v2', v2TokenView);
