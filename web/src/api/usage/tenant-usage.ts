import { request } from '../client.ts';
import { addUsage, type TenantUsage } from './usage-period.ts';

interface Page {
  readonly tenant_usage: TenantUsage | Record<string, never>;
  readonly tenant_usage_links?: readonly { readonly rel: string; readonly href: string }[];
}

/**
 * What a project's servers have used in a period, page by page.
 * @param start ISO 8601, UTC, without a zone; `end` likewise
 * @returns null when no server ran
 * @throws ApiFault
 */
export async function tenantUsage(
  project: string,
  { start, end }: { readonly start: string; readonly end: string },
  signal?: AbortSignal,
): Promise<TenantUsage | null> {
  let sum: TenantUsage | null = null;
  for (let marker = ''; ;) {
    const query = new URLSearchParams({ start, end, ...(marker !== '' && { marker }) });
    const page: Page = await request('compute', `/os-simple-tenant-usage/${project}?${query}`, { signal });
    if ('server_usages' in page.tenant_usage) sum = addUsage(sum, page.tenant_usage as TenantUsage);
    const last = sum?.server_usages.at(-1)?.instance_id;
    if (!page.tenant_usage_links?.some(({ rel }) => rel === 'next') || last === undefined || last === marker)
      return sum;
    marker = last;
  }
}
