import { Type } from '@sinclair/typebox';
import { CollectionLinks, Flag, Id, listQuery, nullable, open, SelfLink, Url } from '../api/schemas.ts';

const RegionId = Type.String({ maxLength: 255 });
const regionProperties = {
  description: Type.Optional(nullable(Type.String())),
  parent_region_id: Type.Optional(nullable(RegionId)),
};
export const CreateRegion = Type.Object(
  { region: Type.Object({ ...regionProperties, id: Type.Optional(RegionId) }, open) },
  open,
);
export const UpdateRegion = Type.Object({ region: Type.Object(regionProperties, open) }, open);
export const knownOfRegion = Object.keys(regionProperties);
export const RegionQuery = listQuery({ parent_region_id: Type.Optional(Type.String()) });
const RegionBody = Type.Object(
  {
    id: Type.String(),
    description: Type.String(),
    parent_region_id: Type.Union([Type.String(), Type.Null()]),
    links: SelfLink,
  },
  open,
);
export const RegionAnswer = Type.Object({ region: RegionBody });
export const RegionsAnswer = Type.Object({ regions: Type.Array(RegionBody), links: CollectionLinks });

const serviceProperties = {
  name: Type.Optional(nullable(Type.String({ minLength: 0, maxLength: 255 }))),
  description: Type.Optional(nullable(Type.String())),
  enabled: Type.Optional(Type.Boolean()),
};
const ServiceType = Type.String({ minLength: 1, maxLength: 255 });
export const CreateService = Type.Object(
  { service: Type.Object({ ...serviceProperties, type: ServiceType }, open) },
  open,
);
export const UpdateService = Type.Object(
  { service: Type.Object({ ...serviceProperties, type: Type.Optional(ServiceType) }, open) },
  open,
);
export const knownOfService = ['type', ...Object.keys(serviceProperties)];
export const ServiceQuery = listQuery({ type: Type.Optional(Type.String()) });
const ServiceBody = Type.Object(
  {
    name: Type.Optional(Type.String()),
    id: Type.String(),
    type: Type.String(),
    enabled: Type.Boolean(),
    description: Type.Optional(Type.String()),
    links: SelfLink,
  },
  open,
);
export const ServiceAnswer = Type.Object({ service: ServiceBody });
export const ServicesAnswer = Type.Object({ services: Type.Array(ServiceBody), links: CollectionLinks });

const InterfaceName = Type.Union([Type.Literal('public'), Type.Literal('internal'), Type.Literal('admin')]);
const endpointProperties = {
  region_id: Type.Optional(nullable(RegionId)),
  region: Type.Optional(nullable(RegionId)),
  enabled: Type.Optional(Type.Boolean()),
};
export const CreateEndpoint = Type.Object(
  { endpoint: Type.Object({ ...endpointProperties, interface: InterfaceName, service_id: Id, url: Url }, open) },
  open,
);
export const UpdateEndpoint = Type.Object(
  {
    endpoint: Type.Object(
      {
        ...endpointProperties,
        interface: Type.Optional(InterfaceName),
        service_id: Type.Optional(Id),
        url: Type.Optional(Url),
      },
      open,
    ),
  },
  open,
);
export const knownOfEndpoint = ['interface', 'service_id', 'url', ...Object.keys(endpointProperties)];
export const EndpointQuery = Type.Object(
  {
    interface: Type.Optional(Type.String()),
    service_id: Type.Optional(Type.String()),
    region_id: Type.Optional(Type.String()),
    region: Type.Optional(Type.String()),
    enabled: Flag,
  },
  open,
);
const EndpointBody = Type.Object(
  {
    id: Type.String(),
    interface: InterfaceName,
    region_id: Type.Union([Type.String(), Type.Null()]),
    service_id: Type.String(),
    url: Type.String(),
    enabled: Type.Boolean(),
    region: Type.Union([Type.String(), Type.Null()]),
    links: SelfLink,
  },
  open,
);
export const EndpointAnswer = Type.Object({ endpoint: EndpointBody });
export const EndpointsAnswer = Type.Object({ endpoints: Type.Array(EndpointBody), links: CollectionLinks });
