import { Type } from '@sinclair/typebox';
import { CollectionLinks, nullable, open, SelfLink } from '../api/schemas.ts';

const description = Type.Optional(nullable(Type.String()));
export const CreateConsumer = Type.Object({ consumer: Type.Object({ description }, open) }, open);
export const UpdateConsumer = CreateConsumer;
const ConsumerBody = Type.Object(
  { id: Type.String(), description: Type.Union([Type.String(), Type.Null()]), links: SelfLink },
  open,
);
export const ConsumerAnswer = Type.Object({ consumer: ConsumerBody });
export const ConsumersAnswer = Type.Object({ consumers: Type.Array(ConsumerBody), links: CollectionLinks });

export const Authorize = Type.Object(
  {
    roles: Type.Array(Type.Object({ id: Type.Optional(Type.String()), name: Type.Optional(Type.String()) }, open), {
      minItems: 1,
    }),
  },
  open,
);
export const VerifierAnswer = Type.Object({ token: Type.Object({ oauth_verifier: Type.String() }) });
/** `oauth_token=…&oauth_token_secret=…` */
export const TokenText = Type.String();

const AccessTokenBody = Type.Object(
  {
    id: Type.String(),
    consumer_id: Type.String(),
    project_id: Type.String(),
    authorizing_user_id: Type.String(),
    expires_at: Type.Union([Type.String(), Type.Null()]),
    links: Type.Object({ self: Type.String(), roles: Type.String() }),
  },
  open,
);
export const AccessTokenAnswer = Type.Object({ access_token: AccessTokenBody });
export const AccessTokensAnswer = Type.Object({ access_tokens: Type.Array(AccessTokenBody), links: CollectionLinks });
