import { Type } from '@sinclair/typebox';
import { CollectionLinks, Flag, Id, listQuery, nameUpTo, nullable, open, Options, SelfLink } from '../api/schemas.ts';

const properties = {
  description: Type.Optional(nullable(Type.String())),
  enabled: Type.Optional(Type.Boolean()),
  options: Type.Optional(Options),
  tags: Type.Optional(Type.Array(Type.String())),
};
export const CreateDomain = Type.Object(
  { domain: Type.Object({ ...properties, name: nameUpTo(64), explicit_domain_id: Type.Optional(Id) }, open) },
  open,
);
export const UpdateDomain = Type.Object(
  { domain: Type.Object({ ...properties, name: Type.Optional(nameUpTo(64)) }, open) },
  open,
);
export const known = ['name', 'explicit_domain_id', ...Object.keys(properties)];

export const DomainQuery = listQuery({ enabled: Flag });

export const DomainBody = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    description: Type.Union([Type.String(), Type.Null()]),
    enabled: Type.Boolean(),
    tags: Type.Array(Type.String()),
    options: Type.Unknown(),
    links: SelfLink,
  },
  open,
);
export const DomainAnswer = Type.Object({ domain: DomainBody });
export const DomainsAnswer = Type.Object({ domains: Type.Array(DomainBody), links: CollectionLinks });
