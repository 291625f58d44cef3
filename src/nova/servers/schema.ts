import { Type, type Static, type TProperties } from '@sinclair/typebox';
import { LegacyMapping, MappingV2 } from '../volumes/schema.ts';
import { Count, Flag, Metadata, Name, nullable, strict, Uuid } from '../api/schemas.ts';

export const Address4 = Type.Union([Type.String({ format: 'ipv4' }), Type.Literal('')]);
export const Address6 = Type.Union([Type.String({ format: 'ipv6' }), Type.Literal('')]);
const Tag = Type.String({ minLength: 1, maxLength: 60, pattern: '^[^,/]*$' });
export const DiskConfig = Type.Union([Type.Literal('AUTO'), Type.Literal('MANUAL')]);
export const Description = nullable(
  Type.String({ maxLength: 255, pattern: '^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]*$' }),
);
export const Hostname = Type.String({
  minLength: 1,
  maxLength: 63,
  pattern: '^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$',
});
export const Certificates = nullable(
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 50, uniqueItems: true }),
);
const Base64 = Type.String({ pattern: '^[A-Za-z0-9+/=\\s]*$' });
export const UserData = Type.String({ maxLength: 65_535, pattern: '^[A-Za-z0-9+/=\\s]*$' });
export const Personality = Type.Array(strict({ path: Type.String(), contents: Base64 }));

const RequestedNetwork = strict({
  uuid: Type.Optional(Uuid),
  port: Type.Optional(nullable(Uuid)),
  fixed_ip: Type.Optional(Type.String({ pattern: '^[0-9a-fA-F:.]{2,45}$' })),
  tag: Type.Optional(Tag),
});

/** What every version of the API takes. */
const common = {
  name: Name,
  flavorRef: Type.Union([Type.String({ minLength: 1 }), Type.Integer({ minimum: 0 })]),
  imageRef: Type.Optional(Type.String()),
  adminPass: Type.Optional(Type.String()),
  metadata: Type.Optional(Metadata),
  min_count: Type.Optional(Count(1)),
  max_count: Type.Optional(Count(1)),
  return_reservation_id: Type.Optional(Flag),
  key_name: Type.Optional(nullable(Type.String())),
  user_data: Type.Optional(nullable(UserData)),
  config_drive: Type.Optional(nullable(Type.Union([Flag, Type.Literal('')]))),
  availability_zone: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 255 }))),
  security_groups: Type.Optional(Type.Array(strict({ name: Type.String({ minLength: 1, maxLength: 255 }) }))),
  accessIPv4: Type.Optional(Address4),
  accessIPv6: Type.Optional(Address6),
  block_device_mapping: Type.Optional(Type.Array(LegacyMapping)),
  block_device_mapping_v2: Type.Optional(Type.Array(MappingV2)),
  'OS-DCF:diskConfig': Type.Optional(DiskConfig),
  auto_disk_config: Type.Optional(Flag),
  personality: Type.Optional(Personality),
  networks: Type.Optional(
    Type.Union([Type.Array(RequestedNetwork), Type.Literal('none'), Type.Literal('auto'), Type.Null()]),
  ),
  description: Type.Optional(Description),
  tags: Type.Optional(Type.Array(Tag, { maxItems: 50 })),
  trusted_image_certificates: Type.Optional(Certificates),
  host: Type.Optional(Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._]*$' })),
  hypervisor_hostname: Type.Optional(Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._]*$' })),
  hostname: Type.Optional(Hostname),
};
const _NewServer = strict(common);
export type NewServer = Static<typeof _NewServer>;

export const Hints = Type.Object(
  {
    group: Type.Optional(Type.String({ format: 'uuid' })),
    different_host: Type.Optional(Type.Union([Uuid, Type.Array(Uuid)])),
    same_host: Type.Optional(Type.Union([Uuid, Type.Array(Uuid)])),
  },
  { additionalProperties: true },
);

/** Microversions at which the body of a new server changed. */
export const createVersions = ['2.1', '2.19', '2.37', '2.52', '2.57', '2.63', '2.74', '2.90'] as const;
export type CreateVersion = (typeof createVersions)[number];

const since: Readonly<Record<string, CreateVersion>> = {
  description: '2.19',
  tags: '2.52',
  trusted_image_certificates: '2.63',
  host: '2.74',
  hypervisor_hostname: '2.74',
  hostname: '2.90',
};
const minor = (version: string): number => Number(version.split('.')[1]);

/** The body of POST /servers from `version` on. The static type is that of all versions together. */
export function createBody(version: CreateVersion) {
  const properties: TProperties = Object.fromEntries(
    Object.entries(common).filter(([name]) => {
      if (name === 'personality') return minor(version) < 57;
      return minor(version) >= minor(since[name] ?? '2.1');
    }),
  );
  properties['networks'] =
    minor(version) >= 37
      ? Type.Union([Type.Array(RequestedNetwork), Type.Literal('none'), Type.Literal('auto')])
      : Type.Optional(Type.Union([Type.Array(RequestedNetwork), Type.Null()]));
  return strict({
    server: strict(properties) as unknown as typeof _NewServer,
    'os:scheduler_hints': Type.Optional(nullable(Hints)),
    'OS-SCH-HNT:scheduler_hints': Type.Optional(nullable(Hints)),
  });
}

const changes = {
  name: Type.Optional(Name),
  accessIPv4: Type.Optional(nullable(Address4)),
  accessIPv6: Type.Optional(nullable(Address6)),
  'OS-DCF:diskConfig': Type.Optional(DiskConfig),
  auto_disk_config: Type.Optional(Flag),
};
export const UpdateBody = strict({ server: strict(changes) });
export const UpdateBody219 = strict({ server: strict({ ...changes, description: Type.Optional(Description) }) });
export const UpdateBody290 = strict({
  server: strict({ ...changes, description: Type.Optional(Description), hostname: Type.Optional(Hostname) }),
});
export type ServerUpdate = Static<typeof UpdateBody290>['server'];
