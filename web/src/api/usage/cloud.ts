import { request, whole } from '../client.ts';
import type { ServiceKey } from '../client.ts';

const ids = async (service: ServiceKey, path: string, name: string, signal: AbortSignal): Promise<number> =>
  (await whole<{ id: string }>(service, path, (body: Record<string, { id: string }[]>) => body[name] ?? [], signal))
    .length;
/** Without pages: Keystone's lists, and Neutron's by ids alone. */
const listed = async (service: ServiceKey, path: string, name: string, signal: AbortSignal): Promise<number> =>
  (await request<Record<string, unknown[]>>(service, path, { signal }))[name]?.length ?? 0;

/** How the cloud's things are counted, each as cheaply as its service allows. Administrators only. */
export const countables = {
  projects: { service: 'identity', count: (signal) => listed('identity', '/projects', 'projects', signal) },
  users: { service: 'identity', count: (signal) => listed('identity', '/users', 'users', signal) },
  servers: { service: 'compute', count: (signal) => ids('compute', '/servers?all_tenants=1', 'servers', signal) },
  volumes: { service: 'volume', count: (signal) => ids('volume', '/volumes?all_tenants=1', 'volumes', signal) },
  snapshots: { service: 'volume', count: (signal) => ids('volume', '/snapshots?all_tenants=1', 'snapshots', signal) },
  images: { service: 'image', count: (signal) => ids('image', '/images', 'images', signal) },
  networks: { service: 'network', count: (signal) => listed('network', '/networks?fields=id', 'networks', signal) },
  routers: { service: 'network', count: (signal) => listed('network', '/routers?fields=id', 'routers', signal) },
  ports: { service: 'network', count: (signal) => listed('network', '/ports?fields=id', 'ports', signal) },
  floatingIps: {
    service: 'network',
    count: (signal) => listed('network', '/floatingips?fields=id', 'floatingips', signal),
  },
} as const satisfies Readonly<
  Record<string, { readonly service: ServiceKey; readonly count: (signal: AbortSignal) => Promise<number> }>
>;
export type Countable = keyof typeof countables;

/** A project's quota of one thing and what it has; a limit of -1 is none. */
export interface Quota {
  readonly limit: number;
  readonly used: number;
}
export type Quotas = Readonly<Record<string, Quota>>;

type Raw = Record<string, { limit: number; in_use?: number; used?: number; reserved?: number } | string>;
const quotasIn = (raw: Raw): Quotas =>
  Object.fromEntries(
    Object.entries(raw).flatMap(([name, value]) =>
      typeof value === 'object'
        ? [[name, { limit: value.limit, used: (value.in_use ?? value.used ?? 0) + (value.reserved ?? 0) }]]
        : [],
    ),
  );

export type QuotaService = 'compute' | 'volume' | 'network';

/** A project's quotas and use in one service. Administrators only. @throws ApiFault */
export async function quotasOf(service: QuotaService, project: string, signal?: AbortSignal): Promise<Quotas> {
  if (service === 'network')
    return quotasIn((await request<{ quota: Raw }>('network', `/quotas/${project}/details`, { signal })).quota);
  const path = service === 'compute' ? `/os-quota-sets/${project}/detail` : `/os-quota-sets/${project}?usage=true`;
  return quotasIn((await request<{ quota_set: Raw }>(service, path, { signal })).quota_set);
}

/** What a project gets of which nothing else is said. @throws ApiFault */
export async function quotaDefaults(
  service: QuotaService,
  project: string,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const raw =
    service === 'network'
      ? (await request<{ quota: Record<string, number> }>('network', `/quotas/${project}/default`, { signal })).quota
      : (
          await request<{ quota_class_set: Record<string, number> }>(service, '/os-quota-class-sets/default', {
            signal,
          })
        ).quota_class_set;
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => typeof value === 'number'));
}
