import { Type } from '@sinclair/typebox';
import { badRequest, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { isIP } from 'node:net';
import type { Port } from '#clients/network.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { IdParams } from '../api/schemas.ts';
import { notImplemented } from '../api/removed.ts';
import { findServer } from '../servers/rows.ts';
import type { ProxyDeps } from './deps.ts';

const route = routesFor<ProxyDeps>();
const versions = { apis: ['v2'] } as const;
const policy = 'os_compute_api:os-fixed-ips';

/** @throws ApiError 400 for what is no address, 404 for one that nobody has */
async function portOf(deps: ProxyDeps, ctx: RequestContext, address: string): Promise<Port> {
  if (isIP(address) === 0) throw badRequest(`Fixed IP address ${address} is invalid.`);
  const ports = await deps.networkAs(ctx).ports.list({ fixed_ips: `ip_address=${address}` });
  const port = ports.find((one) => one.fixed_ips.some((fixed) => fixed.ip_address === address));
  if (!port) throw notFound(`Fixed ip not found for address ${address}.`);
  return port;
}

/** Who has a fixed address; it was nova-network's, and Neutron knows. */
export const fixedIpRoutes = [
  route({
    id: 'fixed_ips.show',
    summary: 'Show who has a fixed address (Neutron)',
    method: 'GET',
    path: '/os-fixed-ips/:id',
    versions,
    policy,
    status: 200,
    params: IdParams,
    handle: async (deps, { ctx, params: { id: address } }) => {
      const port = await portOf(deps, ctx, address);
      const subnetId = port.fixed_ips.find((fixed) => fixed.ip_address === address)?.subnet_id ?? '';
      const [subnet, server] = await Promise.all([
        deps.networkAs(ctx).subnets.show(subnetId),
        port.device_id === '' ? null : findServer(deps.db.query, port.device_id),
      ]);
      return {
        fixed_ip: { cidr: subnet.cidr, hostname: server?.hostname ?? null, host: server?.host ?? null, address },
      };
    },
  }),
  route({
    id: 'fixed_ips.action',
    summary: 'Reserve a fixed address, or give it free: Neutron does neither',
    method: 'POST',
    path: '/os-fixed-ips/:id/action',
    versions,
    policy,
    status: 202,
    params: IdParams,
    body: Type.Record(Type.String(), Type.Unknown()),
    handle: async (deps, { ctx, params: { id: address }, body }) => {
      if (!('reserve' in body) && !('unreserve' in body)) throw badRequest('No valid action specified');
      await portOf(deps, ctx, address);
      throw notImplemented('Neutron reserves no fixed addresses: make a port with the address instead.');
    },
  }),
];
