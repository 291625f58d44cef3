import { Type } from '@sinclair/typebox';
import { CollectionLinks, nullable, open, SelfLink } from '../api/schemas.ts';

const Filters = Type.Object(
  {
    service_id: Type.Optional(Type.String()),
    region_id: Type.Optional(Type.String()),
    interface: Type.Optional(Type.Union([Type.Literal('public'), Type.Literal('internal'), Type.Literal('admin')])),
  },
  { additionalProperties: false, minProperties: 1 },
);
const properties = { description: Type.Optional(nullable(Type.String())) };
export const CreateEndpointGroup = Type.Object(
  {
    endpoint_group: Type.Object(
      { ...properties, name: Type.String({ minLength: 1, maxLength: 255 }), filters: Filters },
      open,
    ),
  },
  open,
);
export const UpdateEndpointGroup = Type.Object(
  {
    endpoint_group: Type.Object(
      {
        ...properties,
        name: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
        filters: Type.Optional(Filters),
      },
      open,
    ),
  },
  open,
);
const Body = Type.Object({ id: Type.String(), name: Type.String(), filters: Type.Unknown(), links: SelfLink }, open);
export const EndpointGroupAnswer = Type.Object({ endpoint_group: Body });
export const EndpointGroupsAnswer = Type.Object({ endpoint_groups: Type.Array(Body), links: CollectionLinks });
export const EndpointGroupQuery = Type.Object({ name: Type.Optional(Type.String()) }, open);
