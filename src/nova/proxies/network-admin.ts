import { Type } from '@sinclair/typebox';
import { badRequest, unavailable } from '#common/api/errors.ts';
import { routesFor, type AnyRoute, type Method } from '#common/api/route.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { IdParams } from '../api/schemas.ts';
import { notImplemented } from '../api/removed.ts';
import { serversOnHost } from '../servers/rows.ts';
import type { ProxyDeps } from './deps.ts';

const route = routesFor<ProxyDeps>();
const versions = { apis: ['v2'] } as const;
const Any = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]);

/** What nova-network did and Neutron does elsewhere: Icehouse answers 501 with Neutron behind it. */
const refused = (id: string, method: Method, path: string, policy: string, message: string): AnyRoute<ProxyDeps> =>
  route({
    id,
    summary: message,
    method,
    path,
    versions,
    policy,
    status: 202,
    ...((method === 'POST' || method === 'PUT') && { body: Any }),
    handle: () => {
      throw notImplemented(message);
    },
  });

const networks = 'Networks are made and deleted through Neutron.';
const associations: Readonly<Record<string, string>> = {
  disassociate: 'Disassociate network is not implemented by the configured Network API',
  disassociate_host: 'Disassociate host is not implemented by the configured Network API',
  disassociate_project: 'Disassociate project is not implemented by the configured Network API',
  associate_host: 'Associate host is not implemented by the configured Network API',
};

const networkWrites = [
  refused('networks.create', 'POST', '/os-networks', 'os_compute_api:os-networks:create', networks),
  refused('networks.delete', 'DELETE', '/os-networks/:id', 'os_compute_api:os-networks:delete', networks),
  refused('networks.add', 'POST', '/os-networks/add', 'os_compute_api:os-networks:action', networks),
  route({
    id: 'networks.action',
    summary: 'Associate a network with a host or a project: Neutron does not',
    method: 'POST',
    path: '/os-networks/:id/action',
    versions,
    policy: 'os_compute_api:os-networks:action',
    status: 202,
    params: IdParams,
    body: Type.Record(Type.String(), Type.Unknown()),
    handle: (_deps, { body }) => {
      const [action = ''] = Object.keys(body);
      const message = Object.hasOwn(associations, action) ? associations[action] : undefined;
      if (message === undefined) throw badRequest(`There is no such action: ${action}`);
      throw notImplemented(message);
    },
  }),
  route({
    id: 'tenant_networks.create',
    summary: 'Make a network of the project: through Neutron only',
    method: 'POST',
    path: '/os-tenant-networks',
    versions,
    policy: 'os_compute_api:os-tenant-networks:create',
    status: 200,
    body: Any,
    handle: (_deps, { body }) => {
      if (typeof body?.['network'] !== 'object') throw badRequest('Missing network in body');
      // Icehouse's words for whatever the network API refuses.
      throw unavailable('Create networks failed');
    },
  }),
  refused(
    'tenant_networks.delete',
    'DELETE',
    '/os-tenant-networks/:id',
    'os_compute_api:os-tenant-networks:delete',
    networks,
  ),
];

const rules = 'Default rules of security groups are not supported with Neutron.';
const ruleRoutes = (
  [
    ['GET', '/os-security-group-default-rules', 'list'],
    ['POST', '/os-security-group-default-rules', 'create'],
    ['GET', '/os-security-group-default-rules/:id', 'show'],
    ['DELETE', '/os-security-group-default-rules/:id', 'delete'],
  ] as const
).map(([method, path, id]) =>
  refused(`default_rules.${id}`, method, path, 'os_compute_api:os-security-group-default-rules', rules),
);

const dns = 'Neutron keeps no DNS entries of floating addresses.';
const dnsRoutes = (
  [
    ['GET', '/os-floating-ip-dns', 'domains', 'os-floating-ip-dns'],
    ['GET', '/os-floating-ip-dns/:id', 'domain', 'os-floating-ip-dns'],
    ['PUT', '/os-floating-ip-dns/:id', 'update_domain', 'os-floating-ip-dns:domain:update'],
    ['DELETE', '/os-floating-ip-dns/:id', 'delete_domain', 'os-floating-ip-dns:domain:delete'],
    ['GET', '/os-floating-ip-dns/:id/entries/:entry', 'show', 'os-floating-ip-dns'],
    ['PUT', '/os-floating-ip-dns/:id/entries/:entry', 'update', 'os-floating-ip-dns'],
    ['DELETE', '/os-floating-ip-dns/:id/entries/:entry', 'delete', 'os-floating-ip-dns'],
  ] as const
).map(([method, path, id, rule]) => refused(`floating_ip_dns.${id}`, method, path, `os_compute_api:${rule}`, dns));

/** All floating addresses of the cloud, as `nova floating-ip-bulk-list` prints them. */
async function bulk(deps: ProxyDeps, ctx: RequestContext) {
  const network = deps.networkAs(ctx);
  const [ips, pools] = await Promise.all([
    network.floatingIps.list(),
    network.networks.list({ 'router:external': 'true' }),
  ]);
  const names = new Map(pools.map((pool) => [pool.id, pool.name]));
  const portIds = ips.flatMap((ip) => ip.port_id ?? []);
  const ports = portIds.length > 0 ? await network.ports.list({ id: portIds }) : [];
  const devices = new Map(ports.map((port) => [port.id, port.device_id]));
  return ips.map((ip) => ({
    address: ip.floating_ip_address,
    fixed_ip: ip.fixed_ip_address,
    instance_uuid: (ip.port_id !== null && devices.get(ip.port_id)) || null,
    interface: null,
    pool: names.get(ip.floating_network_id) ?? ip.floating_network_id,
    project_id: ip.tenant_id,
  }));
}
const bulkPolicy = 'os_compute_api:os-floating-ips-bulk';
const ranges = "Ranges of floating addresses are the subnets of Neutron's external networks.";
const bulkRoutes = [
  route({
    id: 'floating_ips_bulk.list',
    summary: 'List the floating addresses of all projects (Neutron)',
    method: 'GET',
    path: '/os-floating-ips-bulk',
    versions,
    policy: bulkPolicy,
    status: 200,
    handle: async (deps, { ctx }) => ({ floating_ip_info: await bulk(deps, ctx) }),
  }),
  route({
    id: 'floating_ips_bulk.show',
    summary: "List the floating addresses of a host's servers (Neutron)",
    method: 'GET',
    path: '/os-floating-ips-bulk/:id',
    versions,
    policy: bulkPolicy,
    status: 200,
    params: IdParams,
    handle: async (deps, { ctx, params }) => {
      const local = new Set((await serversOnHost(deps.db.query, params.id)).map((server) => server.id));
      const all = await bulk(deps, ctx);
      return { floating_ip_info: all.filter((ip) => ip.instance_uuid !== null && local.has(ip.instance_uuid)) };
    },
  }),
  refused('floating_ips_bulk.create', 'POST', '/os-floating-ips-bulk', bulkPolicy, ranges),
  refused('floating_ips_bulk.update', 'PUT', '/os-floating-ips-bulk/:id', bulkPolicy, ranges),
];

const vpn = "Cloudpipe gateways need nova-network. Neutron's VPN service takes their place.";
const cloudpipe = 'os_compute_api:os-cloudpipe';
const cloudpipeRoutes = [
  route({
    id: 'cloudpipe.list',
    summary: 'List the VPN gateways of nova-network: there are none',
    method: 'GET',
    path: '/os-cloudpipe',
    versions,
    policy: cloudpipe,
    status: 200,
    handle: () => ({ cloudpipes: [] }),
  }),
  refused('cloudpipe.create', 'POST', '/os-cloudpipe', cloudpipe, vpn),
  refused('cloudpipe.update', 'PUT', '/os-cloudpipe/:id', cloudpipe, vpn),
];

export const networkAdminRoutes = [...networkWrites, ...ruleRoutes, ...dnsRoutes, ...bulkRoutes, ...cloudpipeRoutes];
