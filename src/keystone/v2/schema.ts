/** The v2.0 API's bodies. Icehouse checked little of them, so little is demanded here. */
import { Type } from '@sinclair/typebox';
import { nameUpTo, nullable, open } from '../api/schemas.ts';

const Text = Type.Optional(nullable(Type.String()));
const Enabled = Type.Optional(Type.Boolean());

export const Authenticate = Type.Object({
  auth: Type.Object(
    {
      passwordCredentials: Type.Optional(
        Type.Object({ username: Text, userId: Text, password: Type.Optional(nullable(Type.String())) }, open),
      ),
      token: Type.Optional(Type.Object({ id: Type.String() }, open)),
      tenantName: Text,
      tenantId: Text,
      trust_id: Text,
    },
    open,
  ),
});

export const CreateTenant = Type.Object(
  { tenant: Type.Object({ name: nameUpTo(64), description: Text, enabled: Enabled }, open) },
  open,
);
export const UpdateTenant = Type.Object(
  { tenant: Type.Object({ name: Type.Optional(nameUpTo(64)), description: Text, enabled: Enabled }, open) },
  open,
);

const user = { email: Text, enabled: Enabled, password: Text, tenantId: Text, tenant_id: Text };
export const CreateUser = Type.Object({ user: Type.Object({ ...user, name: nameUpTo(255) }, open) }, open);
export const UpdateUser = Type.Object(
  { user: Type.Object({ ...user, name: Type.Optional(nameUpTo(255)) }, open) },
  open,
);
export const OwnPassword = Type.Object(
  { user: Type.Object({ password: Type.String({ minLength: 1 }), original_password: Type.String() }, open) },
  open,
);

export const CreateRole = Type.Object({ role: Type.Object({ name: nameUpTo(255) }, open) }, open);
export const CreateService = Type.Object(
  {
    'OS-KSADM:service': Type.Object({ name: Text, type: Type.String({ minLength: 1 }), description: Text }, open),
  },
  open,
);
export const CreateEndpoint = Type.Object(
  {
    endpoint: Type.Object(
      {
        service_id: Type.String(),
        region: Text,
        publicurl: Type.String({ minLength: 1 }),
        internalurl: Text,
        adminurl: Text,
      },
      open,
    ),
  },
  open,
);
export const CreateEc2 = Type.Object({ tenant_id: Type.String() }, open);

/** Answers. */
const Tenant = Type.Object({ id: Type.String(), name: Type.String(), enabled: Type.Boolean() }, open);
export const TenantAnswer = Type.Object({ tenant: Tenant });
export const TenantsAnswer = Type.Object({ tenants: Type.Array(Tenant), tenants_links: Type.Array(Type.Unknown()) });
const User = Type.Object({ id: Type.String(), name: Type.String(), enabled: Type.Boolean() }, open);
export const UserAnswer = Type.Object({ user: User });
export const UsersAnswer = Type.Object({ users: Type.Array(User) });
const Role = Type.Object({ id: Type.String(), name: Type.String() });
export const RoleAnswer = Type.Object({ role: Role });
export const RolesAnswer = Type.Object({ roles: Type.Array(Role) });
const Service = Type.Object({ id: Type.String(), type: Type.String() }, open);
export const ServiceAnswer = Type.Object({ 'OS-KSADM:service': Service });
export const ServicesAnswer = Type.Object({ 'OS-KSADM:services': Type.Array(Service) });
const Endpoint = Type.Object({ id: Type.String(), service_id: Type.String() }, open);
export const EndpointAnswer = Type.Object({ endpoint: Endpoint });
export const EndpointsAnswer = Type.Object({ endpoints: Type.Array(Endpoint) });
/** Rendered once and sent as text. */
export const AccessAnswer = Type.Unsafe<string>(Type.Object({ access: Type.Object({}, open) }));
