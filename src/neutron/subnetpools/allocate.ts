import type { Scope } from '../api/access.ts';
import { errors } from '../errors.ts';
import { parseCidr, type Cidr, type IpVersion } from '../ipam/address.ts';
import type { Db } from '../store.ts';
import type { SubnetPoolRow } from '../tables.ts';
import { cidrsOfText } from './layout.ts';
import { covers, prefixesOf, subtract } from './prefixes.ts';
import { defaultSubnetPool, findSubnetPool, lockSubnetPool, subnetsOfPool } from './rows.ts';

export interface PoolRequest {
  readonly subnetpool_id: string | null | undefined;
  readonly use_default_subnetpool: boolean;
  readonly ip_version: number;
}

/** The pool that a new subnet asks for, held until the transaction ends; null when it asks for none. @throws ApiError 400, 404 */
export async function poolOf(db: Db, scope: Scope, request: PoolRequest): Promise<SubnetPoolRow | null> {
  const { subnetpool_id: id, use_default_subnetpool: useDefault, ip_version: version } = request;
  if (id && useDefault)
    throw errors.badRequest('subnets', 'subnetpool_id and use_default_subnetpool cannot both be specified');
  if (!id && !useDefault) return null;
  const found = id ? await findSubnetPool(db, id, scope) : await defaultSubnetPool(db, version, scope);
  if (!found) {
    if (id) throw errors.subnetPoolNotFound(id);
    throw errors.badRequest('subnets', `No default subnetpool found for IPv${version}`);
  }
  const pool = await lockSubnetPool(db, found.id);
  if (!pool) throw errors.subnetPoolNotFound(found.id);
  if (pool.ip_version !== version)
    throw errors.badRequest('subnets', `Cannot allocate IPv${version} subnet from IPv${pool.ip_version} subnet pool`);
  return pool;
}

/**
 * Addresses of the (held) pool that no subnet has: the named ones, or the first that fit a prefix of that length, out of the
 * smallest free block. @throws ApiError 400, 409
 */
export async function takeFromPool(
  db: Db,
  pool: SubnetPoolRow,
  projectId: string,
  wanted: { readonly cidr: Cidr } | { readonly prefix: number | undefined },
): Promise<Cidr> {
  const length = 'cidr' in wanted ? wanted.cidr.prefix : (wanted.prefix ?? pool.default_prefixlen);
  if (length > pool.max_prefixlen) throw errors.subnetPrefixTooLong(length, pool.max_prefixlen);
  if (length < pool.min_prefixlen) throw errors.subnetPrefixTooShort(length, pool.min_prefixlen);
  const subnets = await subnetsOfPool(db, pool.id);
  checkQuota(
    pool,
    subnets.filter((subnet) => subnet.project_id === projectId).map(({ cidr }) => parseCidr(cidr)?.prefix ?? 0),
    length,
  );
  const free = subtract(cidrsOfText(JSON.parse(pool.prefixes) as string[]), cidrsOfText(subnets.map((s) => s.cidr)));
  if ('cidr' in wanted) {
    if (covers(free, [wanted.cidr])) return wanted.cidr;
    throw errors.subnetAllocation('Cannot allocate requested subnet from the available set of prefixes');
  }
  const version = pool.ip_version as IpVersion;
  const blocks = prefixesOf(version, free).toSorted((a, b) => b.prefix - a.prefix);
  const block = blocks.find(({ prefix }) => prefix <= length);
  if (!block) throw errors.subnetAllocation(`Insufficient prefix space to allocate subnet size /${length}`);
  const size = 1n << BigInt((version === 4 ? 32 : 128) - length);
  return { version, prefix: length, first: block.first, last: block.first + size - 1n };
}

/** A project's share is counted in addresses of IPv4, in /64 networks of IPv6. */
function checkQuota(pool: SubnetPoolRow, taken: readonly number[], wanted: number): void {
  // 0 and null are without limit.
  if (!pool.default_quota) return;
  const unit = pool.ip_version === 4 ? 32 : 64;
  const used = [...taken, wanted].reduce((sum, prefix) => sum + 2 ** (unit - prefix), 0);
  if (used > pool.default_quota) throw errors.subnetPoolQuota();
}
