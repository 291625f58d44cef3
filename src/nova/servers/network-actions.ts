import { Type } from '@sinclair/typebox';
import { ApiError, badRequest } from '#common/api/errors.ts';
import { strict } from '../api/schemas.ts';
import { action, type ActionCall } from './server-action.ts';
import type { ServerService } from './service.ts';

/** Gives the server's port on a network one more address. @throws ApiError 400 when it has none there, or none is left */
async function addFixedIp(
  servers: ServerService,
  { ctx, params: { id } }: ActionCall,
  { networkId }: { readonly networkId: string | number },
): Promise<undefined> {
  const server = await servers.show(ctx, id);
  servers.checkLock(ctx, server);
  const wanted = String(networkId);
  const port = server.ports.find((one) => one.networkId === wanted);
  const subnet = port?.subnets[0];
  if (!port || !subnet) throw badRequest(`No fixed IP addresses available for network: ${wanted}`);
  const network = servers.deps.networkAs(ctx);
  const { fixed_ips: fixed } = await network.ports.show(port.portId);
  await network.ports
    .update(port.portId, { fixed_ips: [...fixed, { subnet_id: subnet.id }] })
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.status < 500)
        throw badRequest(`No fixed IP addresses available for network: ${wanted}`);
      throw error;
    });
  await servers.deps.refresher.refresh(server.id);
  return undefined;
}

/** @throws ApiError 400 for an address that the server does not have */
async function removeFixedIp(
  servers: ServerService,
  { ctx, params: { id } }: ActionCall,
  { address }: { readonly address: string },
): Promise<undefined> {
  const server = await servers.show(ctx, id);
  servers.checkLock(ctx, server);
  const owner = server.ports.find((port) => port.addresses.some((one) => one.address === address));
  if (!owner) throw badRequest(`Instance ${server.id} does not have fixed IP '${address}'.`);
  const network = servers.deps.networkAs(ctx);
  const { fixed_ips: fixed } = await network.ports.show(owner.portId);
  await network.ports.update(owner.portId, { fixed_ips: fixed.filter((one) => one.ip_address !== address) });
  await servers.deps.refresher.refresh(server.id);
  return undefined;
}

/** Addresses of a server's ports; gone from 2.44 on, where Neutron is asked instead. */
export const networkActions = [
  action({
    name: 'addFixedIp',
    policy: 'os_compute_api:os-multinic:add',
    max: '2.43',
    input: strict({ networkId: Type.Union([Type.String({ minLength: 1 }), Type.Integer()]) }),
    run: addFixedIp,
  }),
  action({
    name: 'removeFixedIp',
    policy: 'os_compute_api:os-multinic:remove',
    max: '2.43',
    input: strict({ address: Type.String({ format: 'ipv4' }) }),
    run: removeFixedIp,
  }),
];
