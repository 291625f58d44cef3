import type { View } from '../api/resource.ts';
import { standardView } from '../api/standard-view.ts';
import type { SubnetPoolRow } from '../tables.ts';

/** A row as the API answers it: lengths of prefixes are texts, as in Neutron. */
export const subnetPoolView = (row: SubnetPoolRow): View => ({
  id: row.id,
  name: row.name,
  prefixes: JSON.parse(row.prefixes) as unknown,
  ip_version: row.ip_version,
  min_prefixlen: String(row.min_prefixlen),
  max_prefixlen: String(row.max_prefixlen),
  default_prefixlen: String(row.default_prefixlen),
  default_quota: row.default_quota,
  shared: row.shared === 1,
  is_default: row.is_default === 1,
  address_scope_id: null,
  ...standardView(row),
});
