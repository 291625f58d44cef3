import { Type } from '@sinclair/typebox';
import { CollectionLinks, Id, listQuery, nameUpTo, nullable, open, Options, SelfLink } from '../api/schemas.ts';

const properties = {
  domain_id: Type.Optional(nullable(Id)),
  description: Type.Optional(nullable(Type.String())),
  options: Type.Optional(Options),
};
export const CreateRole = Type.Object({ role: Type.Object({ ...properties, name: nameUpTo(255) }, open) }, open);
export const UpdateRole = Type.Object(
  { role: Type.Object({ ...properties, name: Type.Optional(nameUpTo(255)) }, open) },
  open,
);
export const known = ['name', ...Object.keys(properties)];

export const RoleQuery = listQuery({ domain_id: Type.Optional(Type.String()) });

export const RoleBody = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    domain_id: Type.Union([Type.String(), Type.Null()]),
    description: Type.Union([Type.String(), Type.Null()]),
    options: Type.Unknown(),
    links: SelfLink,
  },
  open,
);
export const RoleAnswer = Type.Object({ role: RoleBody });
export const RolesAnswer = Type.Object({ roles: Type.Array(RoleBody), links: CollectionLinks });

const RoleReference = Type.Object({ id: Type.String(), links: SelfLink, name: Type.String() });
const Inference = Type.Object({ prior_role: RoleReference, implies: Type.Array(RoleReference) });
export const InferencesAnswer = Type.Object({ role_inferences: Type.Array(Inference) });
export const ImpliedAnswer = Type.Object({ role_inference: Inference, links: SelfLink });
export const InferenceAnswer = Type.Object({
  role_inference: Type.Object({ prior_role: RoleReference, implies: RoleReference }),
  links: SelfLink,
});
