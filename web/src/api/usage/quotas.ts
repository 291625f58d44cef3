import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { request } from '../client.ts';
import { sessionNow } from '../session.ts';
import type { Limit, Limits } from './quota-rules.ts';
import { makeTurnstile } from './turnstile.ts';

export type QuotaService = 'compute' | 'volume' | 'network';
export const quotaServices: readonly QuotaService[] = ['compute', 'volume', 'network'];

/**
 * What is counted, in the order it is shown (`ram` in MiB; `gigabytes`, `backup_gigabytes` and `per_volume_gigabytes` in GiB).
 * Resources that a service of another make counts besides are left alone.
 */
export const quotaResources = {
  compute: ['instances', 'cores', 'ram', 'key_pairs', 'server_groups', 'server_group_members', 'metadata_items'],
  volume: ['volumes', 'gigabytes', 'snapshots', 'backups', 'backup_gigabytes', 'per_volume_gigabytes', 'groups'],
  network: ['network', 'subnet', 'port', 'router', 'floatingip', 'security_group', 'security_group_rule'],
} as const;
export type QuotaResource = (typeof quotaResources)[QuotaService][number];

interface Detail {
  readonly limit: number;
  readonly in_use?: number;
  readonly used?: number;
  readonly reserved?: number | string;
}

/** Nova and Cinder say `in_use`, Neutron `used`; what is reserved is as good as used. */
export function limitsOf(service: QuotaService, details: Readonly<Record<string, Detail | string>>): Limits {
  const found: [string, Limit][] = [];
  for (const resource of quotaResources[service]) {
    const one = details[resource];
    if (typeof one !== 'object') continue;
    const used = (one.in_use ?? one.used ?? 0) + Number(one.reserved ?? 0);
    found.push([resource, { limit: one.limit, used }]);
  }
  return Object.fromEntries(found);
}

/** Tables read every project's: so many at a time, that other requests of the page get through. */
const turnstile = makeTurnstile(3);

const path: Readonly<Record<QuotaService, (project: string) => string>> = {
  compute: (project) => `/os-quota-sets/${project}/detail`,
  volume: (project) => `/os-quota-sets/${project}?usage=True`,
  network: (project) => `/quotas/${project}/details`,
};

/** A project's limits and what it uses of them. @throws ApiFault */
export const readQuota = (service: QuotaService, project: string, signal?: AbortSignal): Promise<Limits> =>
  turnstile(async () => {
    const body = await request<Record<string, Record<string, Detail | string>>>(service, path[service](project), {
      signal,
    });
    return limitsOf(service, body['quota_set'] ?? body['quota'] ?? {});
  }, signal);

/** Under `quota`, so that an event of a quota reads it again. */
export const quotaKey = (service: QuotaService, project: string): readonly unknown[] => [
  'quota',
  'part',
  project,
  service,
];

export const useQuota = (service: QuotaService, project: string, enabled = true): UseQueryResult<Limits> =>
  useQuery({
    queryKey: quotaKey(service, project),
    queryFn: ({ signal }) => readQuota(service, project, signal),
    enabled,
    refetchInterval: 30_000,
  });

export interface QuotaCall {
  readonly method: 'PUT' | 'DELETE';
  readonly url: string;
  readonly body?: unknown;
}

const wrapper = (service: QuotaService): string => (service === 'network' ? 'quota' : 'quota_set');
const setPath = (service: QuotaService, project: string): string =>
  service === 'network' ? `/quotas/${project}` : `/os-quota-sets/${project}`;

/**
 * @param force Nova refuses a limit below what is used unless told so; the other two do not ask
 */
const setBody = (service: QuotaService, limits: Readonly<Record<string, number>>, force: boolean): unknown => ({
  [wrapper(service)]: { ...limits, ...(service === 'compute' && force && { force: true }) },
});

const serviceUrl = (service: QuotaService, path: string): string => {
  const session = sessionNow();
  return `${(session?.signedIn ? session.services[service]?.url : undefined) ?? ''}${path}`;
};

/** Gives a project limits of its own; −1: without limit. @throws ApiFault */
export const setQuota = (
  service: QuotaService,
  project: string,
  limits: Readonly<Record<string, number>>,
  force = false,
): Promise<void> =>
  request(service, setPath(service, project), { method: 'PUT', body: setBody(service, limits, force) });
export const setQuotaCall = (
  service: QuotaService,
  project: string,
  limits: Readonly<Record<string, number>>,
  force = false,
): QuotaCall => ({
  method: 'PUT',
  url: serviceUrl(service, setPath(service, project)),
  body: setBody(service, limits, force),
});

/** The project has the default limits again. @throws ApiFault */
export const resetQuota = (service: QuotaService, project: string): Promise<void> =>
  request(service, setPath(service, project), { method: 'DELETE' });

const plain = (service: QuotaService, limits: Readonly<Record<string, unknown>>): Limits =>
  Object.fromEntries(
    quotaResources[service].flatMap((name) => {
      const limit = limits[name];
      return typeof limit === 'number' ? [[name, { limit, used: 0 }] as const] : [];
    }),
  );

/**
 * The limits of projects that have none of their own.
 * @param project any: Neutron tells its defaults only by way of a project
 */
export async function readDefaults(service: QuotaService, project: string, signal?: AbortSignal): Promise<Limits> {
  if (service === 'network') {
    const { quota } = await request<{ quota: Record<string, unknown> }>('network', `/quotas/${project}/default`, {
      signal,
    });
    return plain(service, quota);
  }
  const { quota_class_set: set } = await request<{ quota_class_set: Record<string, unknown> }>(
    service,
    '/os-quota-class-sets/default',
    { signal },
  );
  return plain(service, set);
}

export const useDefaults = (service: QuotaService, project: string, enabled = true): UseQueryResult<Limits> =>
  useQuery({
    queryKey: ['quota', 'part', 'default', service],
    queryFn: ({ signal }) => readDefaults(service, project, signal),
    enabled,
    staleTime: 30_000,
  });

/** The default class's limits: of every project without its own. Neutron has its in a file. @throws ApiFault */
export const setDefaults = (
  service: Exclude<QuotaService, 'network'>,
  limits: Readonly<Record<string, number>>,
): Promise<void> =>
  request(service, '/os-quota-class-sets/default', { method: 'PUT', body: { quota_class_set: limits } });
