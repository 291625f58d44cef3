import { Type, type Static } from '@sinclair/typebox';
import { Flag, Metadata, SizeOrNull, Text, UuidOrNull, wrapped } from '../api/schemas.ts';

const Reference = Type.Unsafe<string | null>({ type: ['string', 'null'] });

/** A new volume in v1's, v2's and v3's spelling. What is not known is ignored, as in Cinder. */
export const CreateBody = Type.Object({
  volume: Type.Object({
    size: Type.Optional(SizeOrNull),
    name: Type.Optional(Text),
    display_name: Type.Optional(Text),
    description: Type.Optional(Text),
    display_description: Type.Optional(Text),
    volume_type: Type.Optional(Text),
    metadata: Type.Optional(Type.Union([Metadata, Type.Null()])),
    snapshot_id: Type.Optional(UuidOrNull),
    source_volid: Type.Optional(UuidOrNull),
    backup_id: Type.Optional(UuidOrNull),
    group_id: Type.Optional(UuidOrNull),
    consistencygroup_id: Type.Optional(UuidOrNull),
    availability_zone: Type.Optional(Text),
    multiattach: Type.Optional(Type.Union([Flag, Type.Null()])),
    imageRef: Type.Optional(Reference),
    image_id: Type.Optional(Reference),
    project_id: Type.Optional(Text),
    user_id: Type.Optional(Text),
    scheduler_hints: Type.Optional(Type.Unknown()),
  }),
  'OS-SCH-HNT:scheduler_hints': Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
});
export type VolumeRequest = Static<typeof CreateBody>['volume'];

const changeable = {
  name: Type.Optional(Text),
  display_name: Type.Optional(Text),
  description: Type.Optional(Text),
  display_description: Type.Optional(Text),
  metadata: Type.Optional(Metadata),
};
export const UpdateBody = Type.Object({ volume: Type.Object(changeable) });
/** From 3.53 on: something must be changed, and nothing unknown. */
export const UpdateBody353 = wrapped(
  'volume',
  Type.Object(changeable, { additionalProperties: false, minProperties: 1 }),
);
export type VolumeUpdate = Static<typeof UpdateBody>['volume'];
