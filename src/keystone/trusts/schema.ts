import { Type } from '@sinclair/typebox';
import { CollectionLinks, Id, nullable, open, SelfLink } from '../api/schemas.ts';
import { RolesAnswer } from '../roles/schema.ts';

const properties = {
  trustor_user_id: Id,
  trustee_user_id: Id,
  impersonation: Type.Boolean(),
  project_id: Type.Optional(nullable(Id)),
  remaining_uses: Type.Optional(nullable(Type.Integer({ minimum: 1 }))),
  expires_at: Type.Optional(nullable(Type.String())),
  allow_redelegation: Type.Optional(nullable(Type.Boolean())),
  redelegation_count: Type.Optional(nullable(Type.Integer({ minimum: 0 }))),
  roles: Type.Optional(
    Type.Array(Type.Object({ id: Type.Optional(Type.String()), name: Type.Optional(Type.String()) }, open)),
  ),
};
export const CreateTrust = Type.Object({ trust: Type.Object(properties, open) }, open);
export const known = Object.keys(properties);

export const TrustQuery = Type.Object(
  { trustor_user_id: Type.Optional(Type.String()), trustee_user_id: Type.Optional(Type.String()) },
  open,
);
const TrustBody = Type.Object(
  {
    id: Type.String(),
    trustor_user_id: Type.String(),
    trustee_user_id: Type.String(),
    project_id: Type.Union([Type.String(), Type.Null()]),
    impersonation: Type.Boolean(),
    expires_at: Type.Union([Type.String(), Type.Null()]),
    links: SelfLink,
  },
  open,
);
export const TrustAnswer = Type.Object({ trust: TrustBody });
export const TrustsAnswer = Type.Object({ trusts: Type.Array(TrustBody), links: CollectionLinks });
export const TrustRolesAnswer = RolesAnswer;
