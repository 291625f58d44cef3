import { Type } from '@sinclair/typebox';
import { CollectionLinks, Id, nullable, open, SelfLink } from '../api/schemas.ts';

export const CreateCredential = Type.Object(
  {
    credential: Type.Object(
      {
        blob: Type.String(),
        project_id: Type.Optional(nullable(Id)),
        type: Type.String(),
        user_id: Type.Optional(Id),
      },
      open,
    ),
  },
  open,
);
export const UpdateCredential = Type.Object(
  {
    credential: Type.Object(
      {
        blob: Type.Optional(Type.String()),
        project_id: Type.Optional(nullable(Id)),
        type: Type.Optional(Type.String()),
        user_id: Type.Optional(Id),
      },
      open,
    ),
  },
  open,
);
export const known = ['blob', 'project_id', 'type', 'user_id'];
export const CredentialQuery = Type.Object(
  { user_id: Type.Optional(Type.String()), type: Type.Optional(Type.String()) },
  open,
);

const CredentialBody = Type.Object(
  {
    id: Type.String(),
    user_id: Type.String(),
    project_id: Type.Union([Type.String(), Type.Null()]),
    type: Type.String(),
    blob: Type.String(),
    links: SelfLink,
  },
  open,
);
export const CredentialAnswer = Type.Object({ credential: CredentialBody });
export const CredentialsAnswer = Type.Object({ credentials: Type.Array(CredentialBody), links: CollectionLinks });

const Ec2Body = Type.Object(
  {
    access: Type.String(),
    secret: Type.String(),
    user_id: Type.String(),
    tenant_id: Type.String(),
    trust_id: Type.Null(),
  },
  open,
);
export const CreateEc2 = Type.Object({ tenant_id: Id }, open);
export const Ec2Answer = Type.Object({ credential: Ec2Body });
export const Ec2sAnswer = Type.Object({ credentials: Type.Array(Ec2Body), links: Type.Optional(CollectionLinks) });
