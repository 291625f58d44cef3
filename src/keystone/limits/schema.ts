import { Type } from '@sinclair/typebox';
import { Id, nullable, open, SelfLink } from '../api/schemas.ts';

const Count = Type.Integer({ minimum: -1, maximum: 0x7fffffff });
const description = Type.Optional(nullable(Type.String()));
const RegionId = Type.Optional(nullable(Type.String({ maxLength: 255 })));
const ResourceName = Type.String({ minLength: 1, maxLength: 255 });
const place = { service_id: Id, region_id: RegionId, resource_name: ResourceName };
export const registeredParams = Type.Object({ registered_limit_id: Type.String() });
export const limitParams = Type.Object({ limit_id: Type.String() });

export const CreateRegistered = Type.Object(
  {
    registered_limits: Type.Array(Type.Object({ ...place, default_limit: Count, description }, open), { minItems: 1 }),
  },
  open,
);
export const UpdateRegistered = Type.Object(
  {
    registered_limit: Type.Object(
      {
        service_id: Type.Optional(Id),
        region_id: RegionId,
        resource_name: Type.Optional(ResourceName),
        default_limit: Type.Optional(Count),
        description,
      },
      open,
    ),
  },
  open,
);
export const CreateLimits = Type.Object(
  {
    limits: Type.Array(
      Type.Object(
        {
          ...place,
          project_id: Type.Optional(nullable(Id)),
          domain_id: Type.Optional(nullable(Id)),
          resource_limit: Count,
          description,
        },
        open,
      ),
      { minItems: 1 },
    ),
  },
  open,
);
export const UpdateLimit = Type.Object(
  { limit: Type.Object({ resource_limit: Type.Optional(Count), description }, open) },
  open,
);
export const LimitQuery = Type.Object(
  {
    service_id: Type.Optional(Type.String()),
    region_id: Type.Optional(Type.String()),
    resource_name: Type.Optional(Type.String()),
    project_id: Type.Optional(Type.String()),
    domain_id: Type.Optional(Type.String()),
  },
  open,
);
export const RegisteredBody = Type.Object({ id: Type.String(), links: SelfLink }, open);
export const LimitBody = RegisteredBody;
