import type { Role } from '../roles/model.ts';
import { roleReference } from '../roles/view.ts';
import type { Trust } from './model.ts';

/** As a list shows it. @param host `http://host:port` */
export const trustSummary = (trust: Trust, host: string) => ({
  ...trust.extra,
  id: trust.id,
  trustor_user_id: trust.trustorId,
  trustee_user_id: trust.trusteeId,
  project_id: trust.projectId,
  impersonation: trust.impersonation,
  expires_at: trust.expiresAt === null ? null : `${trust.expiresAt}Z`,
  remaining_uses: trust.remainingUses,
  redelegation_count: trust.redelegationCount,
  ...(trust.redelegatedTrustId !== null && { redelegated_trust_id: trust.redelegatedTrustId }),
  deleted_at: null,
  links: { self: `${host}/v3/OS-TRUST/trusts/${trust.id}` },
});

export const trustView = (trust: Trust, roles: readonly Role[], host: string) => ({
  ...trustSummary(trust, host),
  roles: roles.map((role) => roleReference(role, host)),
  roles_links: { self: `${host}/v3/OS-TRUST/trusts/${trust.id}/roles`, next: null, previous: null },
});
