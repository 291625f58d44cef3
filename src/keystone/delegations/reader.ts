import type { Db } from '../changes.ts';
import { findApplicationCredential } from '../application-credentials/rows.ts';
import { findAccessToken } from '../oauth1/rows.ts';
import type { Delegation } from '../tokens/payload.ts';
import { findTrust } from '../trusts/rows.ts';
import type { DelegationReader, Right } from './model.ts';

/** Looks up by what right a token's user acts. Its end in time is the token's own: tokens never outlive their right. */
export const delegationReader =
  (db: Db): DelegationReader =>
  async (delegation, userId, scope) => {
    const right = await readers[delegation.kind](db, delegation, userId);
    return right && scope.kind === 'project' && scope.id === right.projectId ? right : null;
  };

type Reader = (
  db: Db,
  delegation: Delegation,
  userId: string,
) => Promise<(Right & { projectId: string | null }) | null>;

const readers: Readonly<Record<Delegation['kind'], Reader>> = {
  async trust(db, { id }, userId) {
    const trust = await findTrust(db, id);
    if (!trust || userId !== (trust.impersonation ? trust.trustorId : trust.trusteeId)) return null;
    const { trustorId, trusteeId, impersonation, roleIds, projectId } = trust;
    return {
      holderId: trustorId,
      roleIds,
      allNeeded: true,
      projectId,
      userIds: [trustorId, trusteeId],
      view: { kind: 'trust', id, trustorId, trusteeId, impersonation },
    };
  },
  async application_credential(db, { id }, userId) {
    const found = await findApplicationCredential(db, id);
    if (found?.userId !== userId) return null;
    const { name, unrestricted, accessRules, roleIds, projectId } = found;
    return {
      holderId: userId,
      roleIds,
      allNeeded: false,
      projectId,
      userIds: [],
      view: { kind: 'application_credential', id, name, restricted: !unrestricted, accessRules },
    };
  },
  async oauth1(db, { id }, userId) {
    const token = await findAccessToken(db, id);
    if (token?.userId !== userId) return null;
    const { consumerId, roleIds, projectId } = token;
    return {
      holderId: userId,
      roleIds,
      allNeeded: false,
      projectId,
      userIds: [],
      view: { kind: 'oauth1', id, consumerId },
    };
  },
};
