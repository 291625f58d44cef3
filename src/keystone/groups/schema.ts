import { Type } from '@sinclair/typebox';
import { CollectionLinks, Id, listQuery, nameUpTo, open, SelfLink } from '../api/schemas.ts';

const properties = { domain_id: Type.Optional(Id), description: Type.Optional(Type.String()) };
export const CreateGroup = Type.Object({ group: Type.Object({ ...properties, name: nameUpTo(64) }, open) }, open);
export const UpdateGroup = Type.Object(
  { group: Type.Object({ ...properties, name: Type.Optional(nameUpTo(64)) }, open) },
  open,
);
export const known = ['name', ...Object.keys(properties)];

export const GroupQuery = listQuery({ domain_id: Type.Optional(Type.String()) });

export const GroupBody = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    domain_id: Type.String(),
    description: Type.String(),
    links: SelfLink,
  },
  open,
);
export const GroupAnswer = Type.Object({ group: GroupBody });
export const GroupsAnswer = Type.Object({ groups: Type.Array(GroupBody), links: CollectionLinks });
