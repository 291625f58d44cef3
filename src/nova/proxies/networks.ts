import { Type } from '@sinclair/typebox';
import { ApiError, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { FloatingIp, Network } from '#clients/network.ts';
import { IdParams, nullable } from '../api/schemas.ts';
import { OverQuota } from '../quotas/quotas.ts';
import { proxied, type ProxyDeps } from './deps.ts';

const route = routesFor<ProxyDeps>();

/** What nova-network would have known; Neutron's networks have it in subnets and elsewhere. */
const unknown = Object.fromEntries(
  (
    'cidr netmask gateway broadcast dns1 dns2 cidr_v6 gateway_v6 netmask_v6 created_at updated_at deleted_at deleted ' +
    'injected bridge vlan vpn_public_address vpn_public_port vpn_private_address dhcp_start project_id host ' +
    'bridge_interface multi_host priority rxtx_base mtu dhcp_server enable_dhcp share_address'
  )
    .split(' ')
    .map((name) => [name, null]),
);
const show = (network: Network) => ({ ...unknown, id: network.id, label: network.name });
const brief = (network: Network) => ({ id: network.id, label: network.name, cidr: null });

/** The project's networks and the shared ones; an administrator's are his project's too. */
async function usable(deps: ProxyDeps, ctx: RequestContext): Promise<Network[]> {
  const { networks } = deps.networkAs(ctx);
  const [own, shared] = await Promise.all([
    networks.list({ tenant_id: ctx.projectId ?? '' }),
    networks.list({ shared: 'true' }),
  ]);
  return [...new Map([...own, ...shared].map((network) => [network.id, network])).values()];
}
async function find(deps: ProxyDeps, ctx: RequestContext, id: string): Promise<Network> {
  return deps
    .networkAs(ctx)
    .networks.show(id)
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) throw notFound('Network not found');
      throw error;
    });
}

const networkRoutes = [
  route({
    id: 'networks.list',
    summary: 'List networks (Neutron)',
    method: 'GET',
    path: '/os-networks',
    versions: proxied,
    policy: 'os_compute_api:os-networks:list',
    status: 200,
    handle: async (deps, { ctx }) => ({ networks: (await deps.networkAs(ctx).networks.list()).map(show) }),
  }),
  route({
    id: 'networks.show',
    summary: 'Show a network (Neutron)',
    method: 'GET',
    path: '/os-networks/:id',
    versions: proxied,
    policy: 'os_compute_api:os-networks:show',
    status: 200,
    params: IdParams,
    handle: async (deps, { ctx, params }) => ({ network: show(await find(deps, ctx, params.id)) }),
  }),
  route({
    id: 'tenant_networks.list',
    summary: "List the project's networks (Neutron)",
    method: 'GET',
    path: '/os-tenant-networks',
    versions: proxied,
    policy: 'os_compute_api:os-tenant-networks:list',
    status: 200,
    handle: async (deps, { ctx }) => ({ networks: (await usable(deps, ctx)).map(brief) }),
  }),
  route({
    id: 'tenant_networks.show',
    summary: "Show one of the project's networks (Neutron)",
    method: 'GET',
    path: '/os-tenant-networks/:id',
    versions: proxied,
    policy: 'os_compute_api:os-tenant-networks:show',
    status: 200,
    params: IdParams,
    handle: async (deps, { ctx, params }) => ({ network: brief(await find(deps, ctx, params.id)) }),
  }),
];

// ---- floating IPs

/** Pools are external networks by name. */
async function pools(deps: ProxyDeps, ctx: RequestContext): Promise<readonly Network[]> {
  return deps.networkAs(ctx).networks.list({ 'router:external': 'true' });
}

async function showFloating(deps: ProxyDeps, ctx: RequestContext, ips: readonly FloatingIp[]) {
  const names = new Map((await pools(deps, ctx)).map((network) => [network.id, network.name]));
  const portIds = ips.flatMap((ip) => ip.port_id ?? []);
  const ports = portIds.length > 0 ? await deps.networkAs(ctx).ports.list({ id: portIds }) : [];
  const devices = new Map(ports.map((port) => [port.id, port.device_id]));
  return ips.map((ip) => ({
    id: ip.id,
    ip: ip.floating_ip_address,
    pool: names.get(ip.floating_network_id) ?? ip.floating_network_id,
    fixed_ip: ip.fixed_ip_address,
    instance_id: ip.port_id === null ? null : (devices.get(ip.port_id) ?? null),
  }));
}

const missing =
  (id: string) =>
  (error: unknown): never => {
    if (error instanceof ApiError && error.status === 404) throw notFound(`Floating IP not found for ID ${id}`);
    throw error;
  };

const floatingRoutes = [
  route({
    id: 'floating_ip_pools.list',
    summary: 'List pools of floating IPs (Neutron)',
    method: 'GET',
    path: '/os-floating-ip-pools',
    versions: proxied,
    policy: 'os_compute_api:os-floating-ip-pools:list',
    status: 200,
    handle: async (deps, { ctx }) => ({
      floating_ip_pools: (await pools(deps, ctx)).map(({ name }) => ({ name })),
    }),
  }),
  route({
    id: 'floating_ips.list',
    summary: 'List floating IPs (Neutron)',
    method: 'GET',
    path: '/os-floating-ips',
    versions: proxied,
    policy: 'os_compute_api:os-floating-ips:list',
    status: 200,
    handle: async (deps, { ctx }) => {
      const ips = await deps.networkAs(ctx).floatingIps.list({ tenant_id: ctx.projectId ?? '' });
      return { floating_ips: await showFloating(deps, ctx, ips) };
    },
  }),
  route({
    id: 'floating_ips.create',
    summary: 'Take a floating IP (Neutron)',
    method: 'POST',
    path: '/os-floating-ips',
    versions: proxied,
    policy: 'os_compute_api:os-floating-ips:create',
    status: 200,
    body: nullable(Type.Object({ pool: Type.Optional(nullable(Type.String())) })),
    handle: async (deps, { ctx, body, api }) => {
      const known = await pools(deps, ctx);
      const wanted = body?.pool ?? null;
      const pool = wanted === null ? known[0] : known.find((one) => one.name === wanted || one.id === wanted);
      if (!pool) throw notFound(wanted === null ? 'No more floating IPs available.' : 'Floating IP pool not found.');
      const made = await deps
        .networkAs(ctx)
        .floatingIps.create({ floating_network_id: pool.id })
        .catch((error: unknown) => {
          if (!(error instanceof ApiError)) throw error;
          if (error.type === 'OverQuota') throw new OverQuota('Floating IP allocation over quota.', api);
          if (error.type === 'IpAddressGenerationFailure') throw notFound(`No more floating IPs in pool ${pool.name}.`);
          throw error;
        });
      return { floating_ip: (await showFloating(deps, ctx, [made]))[0] };
    },
  }),
  route({
    id: 'floating_ips.show',
    summary: 'Show a floating IP (Neutron)',
    method: 'GET',
    path: '/os-floating-ips/:id',
    versions: proxied,
    policy: 'os_compute_api:os-floating-ips:show',
    status: 200,
    params: IdParams,
    handle: async (deps, { ctx, params }) => {
      const ip = await deps.networkAs(ctx).floatingIps.show(params.id).catch(missing(params.id));
      return { floating_ip: (await showFloating(deps, ctx, [ip]))[0] };
    },
  }),
  route({
    id: 'floating_ips.delete',
    summary: 'Give a floating IP back (Neutron)',
    method: 'DELETE',
    path: '/os-floating-ips/:id',
    versions: proxied,
    policy: 'os_compute_api:os-floating-ips:delete',
    status: 202,
    params: IdParams,
    handle: async (deps, { ctx, params }) => {
      const { floatingIps, ports } = deps.networkAs(ctx);
      const ip = await floatingIps.show(params.id).catch(missing(params.id));
      const port = ip.port_id === null ? null : await ports.show(ip.port_id).catch(() => null);
      await floatingIps.delete(params.id);
      if (port && port.device_id !== '') await deps.refresher.changed(port.device_id);
      return undefined;
    },
  }),
];

export const networkProxyRoutes = [...networkRoutes, ...floatingRoutes];
