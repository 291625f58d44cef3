import type { ApiError } from '#common/api/errors.ts';
import type { Identity } from '../identity.ts';

/** v2.0 gives a user who is created with a tenant the role `_member_` on it. */
export async function joinTenant(identity: Identity, userId: string, tenantId: string): Promise<void> {
  await identity.assignments.grant({
    actor: { kind: 'user', id: userId },
    target: { kind: 'project', id: tenantId },
    roleId: await memberRole(identity),
  });
}

/** A user whose tenant changes loses `_member_` on the old one and has it on the new one. */
export async function moveTenant(
  identity: Identity,
  userId: string,
  from: string | null,
  to: string | null,
): Promise<void> {
  if (from === to) return;
  if (to !== null) await joinTenant(identity, userId, to);
  if (from === null) return;
  const roleId = await memberRole(identity);
  try {
    await identity.assignments.revoke({
      actor: { kind: 'user', id: userId },
      target: { kind: 'project', id: from },
      roleId,
    });
  } catch (error) {
    if ((error as ApiError).status !== 404) throw error; // the role was taken away before, or the tenant is gone
  }
}

/** The role is made by db_sync; an operator who configured another one may not have made it yet. */
async function memberRole({ roles, config }: Identity): Promise<string> {
  const { member_role_id: id, member_role_name: name } = config.DEFAULT;
  const known = await roles.list({ ids: [id] });
  if (known.length === 0) await roles.create({ id, name });
  return id;
}
