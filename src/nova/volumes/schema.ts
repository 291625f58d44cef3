import { Type, type Static } from '@sinclair/typebox';
import { Flag, nullable, strict } from '../api/schemas.ts';

const Text = Type.String({ minLength: 1, maxLength: 255 });
const DeviceName = Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9._\\-/]*$' });
const Size = nullable(
  Type.Union([Type.Integer({ minimum: 1 }), Type.String({ pattern: '^[0-9]+$' }), Type.Literal('')]),
);
const Tag = Type.String({ minLength: 1, maxLength: 60, pattern: '^[^,/]*$' });

/** Icehouse's form: `nova boot --block-device-mapping vda=<id>:snap:<size>:1`. */
export const LegacyMapping = strict({
  device_name: Type.Optional(DeviceName),
  virtual_name: Type.Optional(Text),
  volume_id: Type.Optional(Text),
  snapshot_id: Type.Optional(Text),
  volume_size: Type.Optional(Size),
  delete_on_termination: Type.Optional(Flag),
  no_device: Type.Optional(Type.Unknown()),
  connection_info: Type.Optional(Text),
});
export type LegacyMapping = Static<typeof LegacyMapping>;

export const MappingV2 = strict({
  source_type: Type.Optional(
    Type.Unsafe<'volume' | 'image' | 'snapshot' | 'blank'>({
      type: 'string',
      enum: ['volume', 'image', 'snapshot', 'blank'],
    }),
  ),
  destination_type: Type.Optional(Type.Unsafe<'local' | 'volume'>({ type: 'string', enum: ['local', 'volume'] })),
  uuid: Type.Optional(Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9._-]*$' })),
  boot_index: Type.Optional(nullable(Type.Union([Type.Integer(), Type.String({ pattern: '^-?[0-9]+$|^$' })]))),
  device_name: Type.Optional(nullable(DeviceName)),
  guest_format: Type.Optional(nullable(Type.String({ maxLength: 255 }))),
  device_type: Type.Optional(nullable(Type.String({ maxLength: 255 }))),
  disk_bus: Type.Optional(nullable(Type.String({ maxLength: 255 }))),
  volume_size: Type.Optional(Size),
  delete_on_termination: Type.Optional(Flag),
  no_device: Type.Optional(Type.Unknown()),
  image_id: Type.Optional(Text),
  volume_id: Type.Optional(Text),
  snapshot_id: Type.Optional(Text),
  virtual_name: Type.Optional(Text),
  connection_info: Type.Optional(Text),
  tag: Type.Optional(Tag),
  volume_type: Type.Optional(nullable(Type.String({ maxLength: 255 }))),
});
export type MappingV2 = Static<typeof MappingV2>;
