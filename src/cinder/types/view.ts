import type { VolumeType } from './rows.ts';

export interface TypeSight {
  readonly api: string;
  readonly isAdmin: boolean;
  readonly seesSpecs: boolean;
  readonly seesQos: boolean;
}

/** Specs that everybody may see; the others name back ends. */
const forEverybody = new Set(['RESKEY:availability_zones', 'multiattach', 'replication_enabled']);

/** @param kind Zed's answers to create, update and for the default type leave out some attributes */
export function typeView(
  type: VolumeType,
  sight: TypeSight,
  kind: 'shown' | 'created' | 'updated' | 'default' = 'shown',
) {
  const specs =
    sight.isAdmin || sight.api !== 'v3'
      ? type.extraSpecs
      : Object.fromEntries(Object.entries(type.extraSpecs).filter(([name]) => forEverybody.has(name)));
  if (sight.api === 'v1') return { id: type.id, name: type.name, extra_specs: type.extraSpecs };
  return {
    id: type.id,
    name: type.name,
    is_public: type.isPublic,
    description: type.description,
    ...(sight.seesSpecs && { extra_specs: specs }),
    ...(sight.seesQos && (kind === 'shown' || kind === 'default') && { qos_specs_id: type.qosSpecsId }),
    ...((kind === 'shown' || kind === 'created') && { 'os-volume-type-access:is_public': type.isPublic }),
  };
}
