import type { FloatingIp } from '#clients/network.ts';
import { ApiError } from '#common/api/errors.ts';
import { done, type Ec2Action, type Ec2Call, type Ec2Deps } from './deps.ts';
import { Ec2Error } from './errors.ts';
import { ec2Id, serverUuids } from './ids.ts';
import { filtered } from './params.ts';
import { serverNumbers } from './rows.ts';

const own = ({ networkAs }: Ec2Deps, { ctx }: Ec2Call): Promise<readonly FloatingIp[]> =>
  networkAs(ctx).floatingIps.list({ tenant_id: ctx.projectId ?? '' });

/** The address of `PublicIp`. @throws Ec2Error InvalidAddress.NotFound */
async function theAddress(deps: Ec2Deps, call: Ec2Call): Promise<FloatingIp> {
  const address = call.params.required('PublicIp');
  const found = (await own(deps, call)).find((ip) => ip.floating_ip_address === address);
  if (!found) throw new Ec2Error(404, 'InvalidAddress.NotFound', `Floating ip not found for address ${address}.`);
  return found;
}

/** Which server each address leads to, by port. */
async function devicesOf(deps: Ec2Deps, { ctx }: Ec2Call, ips: readonly FloatingIp[]): Promise<Map<string, string>> {
  const ids = ips.flatMap((ip) => ip.port_id ?? []);
  const ports = ids.length > 0 ? await deps.networkAs(ctx).ports.list({ id: ids }) : [];
  return new Map(ports.filter((port) => port.device_id !== '').map((port) => [port.id, port.device_id]));
}

const describeAddresses: Ec2Action = async (deps, call) => {
  const { params } = call;
  const ips = await own(deps, call);
  const asked = params.list('PublicIp');
  const missing = asked.find((address) => !ips.some((ip) => ip.floating_ip_address === address));
  if (missing !== undefined)
    throw new Ec2Error(404, 'InvalidAddress.NotFound', `Floating ip not found for address ${missing}.`);
  const devices = await devicesOf(deps, call, ips);
  const numbers = await serverNumbers(deps.db.query, [...devices.values()]);
  const shown = ips
    .filter((ip) => asked.length === 0 || asked.includes(ip.floating_ip_address))
    .map((ip) => {
      const num = ip.port_id === null ? undefined : numbers.get(devices.get(ip.port_id) ?? '');
      return { publicIp: ip.floating_ip_address, instanceId: num === undefined ? null : ec2Id('i', num) };
    });
  const addressesSet = filtered(shown, params.filters(), (ip, name) =>
    name === 'public-ip' ? [ip.publicIp] : name === 'instance-id' ? [ip.instanceId] : null,
  );
  return { addressesSet };
};

const allocateAddress: Ec2Action = async ({ networkAs }, { ctx }) => {
  const network = networkAs(ctx);
  const [pool] = await network.networks.list({ 'router:external': 'true' });
  if (!pool) throw new Ec2Error(404, 'NoMoreFloatingIps', 'Zero floating ips available: there is no external network.');
  const made = await network.floatingIps.create({ floating_network_id: pool.id }).catch((error: unknown) => {
    if (error instanceof ApiError && error.type === 'OverQuota')
      throw new Ec2Error(413, 'AddressLimitExceeded', 'Maximum number of floating ips exceeded', { cause: error });
    if (error instanceof ApiError && error.type === 'IpAddressGenerationFailure')
      throw new Ec2Error(404, 'NoMoreFloatingIps', 'Zero floating ips available.', { cause: error });
    throw error;
  });
  return { publicIp: made.floating_ip_address };
};

const changed = async (deps: Ec2Deps, call: Ec2Call, ip: FloatingIp): Promise<void> => {
  for (const serverId of (await devicesOf(deps, call, [ip])).values()) await deps.refresher.changed(serverId);
};

const releaseAddress: Ec2Action = async (deps, call) => {
  const ip = await theAddress(deps, call);
  await deps.networkAs(call.ctx).floatingIps.delete(ip.id);
  await changed(deps, call, ip);
  return done;
};

const associateAddress: Ec2Action = async (deps, call) => {
  const { ctx, params } = call;
  const ip = await theAddress(deps, call);
  const [id = ''] = await serverUuids(deps.db, ctx, [params.required('InstanceId')]);
  const server = await deps.servers.show(ctx, id);
  const fixed = server.ports
    .flatMap((port) => port.addresses.map((one) => ({ ...one, portId: port.portId })))
    .find((one) => one.version === 4);
  if (!fixed) throw new Ec2Error(400, 'NoMoreFixedIps', 'Unable to associate IP Address, no fixed_ips.');
  await deps.networkAs(ctx).floatingIps.update(ip.id, { port_id: fixed.portId, fixed_ip_address: fixed.address });
  // It may have been another server's until now.
  await changed(deps, call, ip);
  await deps.refresher.changed(id);
  return done;
};

const disassociateAddress: Ec2Action = async (deps, call) => {
  const ip = await theAddress(deps, call);
  if (ip.port_id === null) throw new Ec2Error(400, 'InvalidAssociationID.NotFound', 'Floating ip is not associated.');
  await deps.networkAs(call.ctx).floatingIps.update(ip.id, { port_id: null });
  await changed(deps, call, ip);
  return done;
};

export const addressActions = {
  DescribeAddresses: describeAddresses,
  AllocateAddress: allocateAddress,
  ReleaseAddress: releaseAddress,
  AssociateAddress: associateAddress,
  DisassociateAddress: disassociateAddress,
} satisfies Record<string, Ec2Action>;
