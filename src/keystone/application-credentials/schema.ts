import { Type } from '@sinclair/typebox';
import { CollectionLinks, Id, nameUpTo, nullable, open, SelfLink } from '../api/schemas.ts';

const Rule = Type.Object(
  {
    id: Type.Optional(Type.String()),
    path: Type.Optional(Type.String({ minLength: 1, maxLength: 255, pattern: '^/' })),
    method: Type.Optional(
      Type.Union(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => Type.Literal(method))),
    ),
    service: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  },
  { additionalProperties: false },
);
export const CreateApplicationCredential = Type.Object(
  {
    application_credential: Type.Object(
      {
        name: nameUpTo(255),
        description: Type.Optional(nullable(Type.String())),
        secret: Type.Optional(nullable(Type.String())),
        expires_at: Type.Optional(nullable(Type.String())),
        unrestricted: Type.Optional(nullable(Type.Boolean())),
        roles: Type.Optional(
          Type.Array(Type.Object({ id: Type.Optional(Id), name: Type.Optional(Type.String()) }, open)),
        ),
        access_rules: Type.Optional(Type.Array(Rule)),
      },
      open,
    ),
  },
  open,
);
const Body = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    project_id: Type.String(),
    unrestricted: Type.Boolean(),
    roles: Type.Array(Type.Unknown()),
    links: SelfLink,
  },
  open,
);
export const ApplicationCredentialAnswer = Type.Object({ application_credential: Body });
export const ApplicationCredentialsAnswer = Type.Object({
  application_credentials: Type.Array(Body),
  links: CollectionLinks,
});
export const ApplicationCredentialQuery = Type.Object({ name: Type.Optional(Type.String()) }, open);
const RuleBody = Type.Object(
  { id: Type.String(), path: Type.String(), method: Type.String(), service: Type.String() },
  open,
);
export const AccessRuleAnswer = Type.Object({ access_rule: RuleBody });
export const AccessRulesAnswer = Type.Object({ access_rules: Type.Array(RuleBody), links: CollectionLinks });
