import type { ApiVersion } from '#common/api/version.ts';
import { linksTo, type Place } from '../api/links.ts';
import type { Flavor } from './rows.ts';

type Shown = Record<string, unknown>;

export const briefFlavor = (place: Place, flavor: Flavor, version: ApiVersion): Shown => ({
  id: flavor.id,
  name: flavor.name,
  ...(version.atLeast('2.55') && { description: flavor.description }),
  links: linksTo(place, `flavors/${flavor.id}`),
});

/** @param withSpecs whether the caller may see extra specs (2.61) */
export const showFlavor = (place: Place, flavor: Flavor, version: ApiVersion, withSpecs: boolean): Shown => ({
  id: flavor.id,
  name: flavor.name,
  ram: flavor.memoryMb,
  disk: flavor.rootGb,
  swap: flavor.swapMb || (version.atLeast('2.75') ? 0 : ''),
  'OS-FLV-EXT-DATA:ephemeral': flavor.ephemeralGb,
  'OS-FLV-DISABLED:disabled': flavor.disabled,
  vcpus: flavor.vcpus,
  'os-flavor-access:is_public': flavor.isPublic,
  rxtx_factor: flavor.rxtxFactor,
  links: linksTo(place, `flavors/${flavor.id}`),
  ...(version.atLeast('2.55') && { description: flavor.description }),
  ...(withSpecs && version.atLeast('2.61') && { extra_specs: flavor.extraSpecs }),
});
