import { errors } from '../errors.ts';
import { formatCidr, parseCidr, type Cidr, type IpVersion } from '../ipam/address.ts';
import { prefixesOf } from './prefixes.ts';

/** How long prefixes of a pool's subnets may be. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

export const cidrsOfText = (texts: readonly string[]): readonly Cidr[] =>
  texts.map(parseCidr).filter((cidr) => cidr !== null);

/** The version and the fewest prefixes of what a user wrote. @throws ApiError 400 */
export function readPrefixes(texts: readonly string[]): {
  readonly version: IpVersion;
  readonly prefixes: readonly string[];
} {
  const cidrs = cidrsOfText(texts);
  const version = cidrs[0]?.version;
  if (version === undefined) throw errors.emptySubnetPool();
  if (cidrs.some((cidr) => cidr.version !== version)) throw errors.poolOfBothVersions();
  return { version, prefixes: prefixesOf(version, cidrs).map(formatCidr) };
}

/** The bounds with what stands when nothing is said. @throws ApiError 400 for impossible ones */
export function readBounds(version: IpVersion, given: { readonly [K in keyof Bounds]: number | undefined }): Bounds {
  const most = version === 4 ? 32 : 128;
  const min = given.min ?? (version === 4 ? 8 : 64);
  const max = given.max ?? most;
  const usual = given.default ?? min;
  const refuse = errors.illegalPrefixBounds;
  if (min > max) throw refuse('min_prefixlen', min, 'max_prefixlen', max);
  if (max > most) throw refuse('max_prefixlen', max, 'ip_version_max', most);
  if (usual < min) throw refuse('default_prefixlen', usual, 'min_prefixlen', min);
  if (usual > max) throw refuse('default_prefixlen', usual, 'max_prefixlen', max);
  return { min, max, default: usual };
}
