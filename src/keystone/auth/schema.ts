import { Type, type Static } from '@sinclair/typebox';
import { open, SelfLink } from '../api/schemas.ts';

const Domain = Type.Object({ id: Type.Optional(Type.String()), name: Type.Optional(Type.String()) }, open);
const Named = {
  id: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  domain: Type.Optional(Domain),
};

const Scope = Type.Object(
  {
    project: Type.Optional(Type.Object(Named, open)),
    domain: Type.Optional(Domain),
    system: Type.Optional(Type.Object({ all: Type.Optional(Type.Boolean()) }, open)),
    unscoped: Type.Optional(Type.Unknown()),
    'OS-TRUST:trust': Type.Optional(Type.Object({ id: Type.Optional(Type.String()) }, open)),
  },
  open,
);

export const Authenticate = Type.Object(
  {
    auth: Type.Object(
      {
        identity: Type.Object(
          {
            methods: Type.Array(Type.String()),
            password: Type.Optional(
              Type.Object(
                { user: Type.Optional(Type.Object({ ...Named, password: Type.Optional(Type.String()) }, open)) },
                open,
              ),
            ),
            token: Type.Optional(Type.Object({ id: Type.String() }, open)),
            application_credential: Type.Optional(
              Type.Object(
                {
                  id: Type.Optional(Type.String()),
                  name: Type.Optional(Type.String()),
                  secret: Type.Optional(Type.String()),
                  user: Type.Optional(Type.Object(Named, open)),
                },
                open,
              ),
            ),
          },
          open,
        ),
        scope: Type.Optional(Type.Unsafe<Static<typeof Scope> | string>({ ...Scope, type: ['object', 'string'] })),
      },
      open,
    ),
  },
  open,
);
export type AuthenticateBody = Static<typeof Authenticate>;

export const TokenQuery = Type.Object({ nocatalog: Type.Optional(Type.String()) }, open);
/** The body is rendered once and sent as text: see tokens/view.ts. */
export const TokenAnswer = Type.Unsafe<string>(Type.Object({ token: Type.Object({}, open) }, open));

export const CatalogAnswer = Type.Object({ catalog: Type.Array(Type.Unknown()), links: SelfLink });
export const SystemAnswer = Type.Object({
  system: Type.Array(Type.Object({ all: Type.Boolean() })),
  links: SelfLink,
});
