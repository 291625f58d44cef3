import { badRequest, conflict, forbidden } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { NetworkClient, Port } from '#clients/network.ts';
import { ApiError } from '#common/api/errors.ts';
import type { RequestedNetwork, RequestedNetworking } from '../servers/model.ts';

/** One entry of a request's `networks`. */
export interface WantedNetwork {
  readonly uuid?: string | undefined;
  readonly port?: string | null | undefined;
  readonly fixed_ip?: string | undefined;
  readonly tag?: string | undefined;
}
export type WantedNetworks = readonly WantedNetwork[] | 'auto' | 'none' | null;

/**
 * Settles which networks and security groups a new server gets, asking Neutron as the user: what the user may not see is
 * not there.
 * @param network Neutron with the user's token
 * @param count how many servers are asked for
 * @throws ApiError 400 for what does not exist or does not fit, 403 for an external network, 409 for a used port and when
 * nothing is named and there are several networks
 */
export async function resolveNetworking(
  network: NetworkClient,
  ctx: RequestContext,
  wanted: WantedNetworks,
  groups: readonly string[],
  count: number,
): Promise<RequestedNetworking> {
  const networks = await resolveNetworks(network, ctx, wanted, count);
  const makes = networks.some((one) => one.portId === null);
  const securityGroupIds =
    makes && groups.some((name) => name !== 'default') ? await groupIds(network, ctx, groups) : null;
  return { networks, securityGroupIds };
}

async function resolveNetworks(
  network: NetworkClient,
  ctx: RequestContext,
  wanted: WantedNetworks,
  count: number,
): Promise<RequestedNetwork[]> {
  if (wanted === 'none') return [];
  if (wanted === 'auto' || wanted === null || wanted.length === 0) {
    const [own, shared] = await Promise.all([
      network.networks.list({ tenant_id: ctx.projectId ?? '' }),
      network.networks.list({ shared: 'true' }),
    ]);
    const usable = [...new Map([...own, ...shared].map((one) => [one.id, one])).values()].filter(
      (one) =>
        one.admin_state_up && one.subnets.length > 0 && (!one['router:external'] || one.tenant_id === ctx.projectId),
    );
    if (usable.length > 1) throw conflict('Multiple possible networks found, use a Network ID to be more specific.');
    const [only] = usable;
    if (!only) {
      if (wanted === 'auto')
        throw badRequest('Unable to automatically allocate a network for project: it has none, and none is shared.');
      return [];
    }
    return [{ networkId: only.id, portId: null, fixedIp: null, tag: null }];
  }

  const ids = [...new Set(wanted.flatMap((one) => (one.port || one.uuid === undefined ? [] : [one.uuid])))];
  const known = new Map((ids.length > 0 ? await network.networks.list({ id: ids }) : []).map((one) => [one.id, one]));
  const resolved: RequestedNetwork[] = [];
  for (const { uuid, port, fixed_ip: fixedIp = null, tag = null } of wanted) {
    if (port) {
      if (fixedIp !== null)
        throw badRequest(
          `Specified Fixed IP '${fixedIp}' cannot be used with port '${port}': the two cannot be specified together.`,
        );
      if (count > 1)
        throw badRequest(
          'Unable to launch multiple instances with a single configured port ID. Please launch your instance one by one with different ports.',
        );
      const found = await portOf(network, port);
      resolved.push({ networkId: found.network_id, portId: found.id, fixedIp: null, tag });
      continue;
    }
    if (uuid === undefined) throw badRequest('Bad networks format: network uuid is not in proper format (None)');
    const found = known.get(uuid);
    if (!found) throw badRequest(`Network ${uuid} could not be found.`);
    if (found['router:external'] && !found.shared && found.tenant_id !== ctx.projectId && !ctx.isAdmin)
      throw forbidden(`It is not allowed to create an interface on external network ${uuid}`);
    if (found.subnets.length === 0)
      throw badRequest(`Network ${uuid} requires a subnet in order to boot instances on.`);
    if (fixedIp !== null && count > 1)
      throw badRequest('max_count cannot be greater than 1 if an fixed_ip is specified.');
    resolved.push({ networkId: uuid, portId: null, fixedIp, tag });
  }
  const ports = resolved.flatMap((one) => one.portId ?? []);
  if (new Set(ports).size < ports.length) throw badRequest('Port is requested more than once.');
  return resolved;
}

/** @throws ApiError 400, 409 */
export async function portOf(network: NetworkClient, id: string): Promise<Port> {
  const port = await network.ports.show(id).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) throw badRequest(`Port id ${id} could not be found.`);
    throw error;
  });
  if (port.device_id !== '') throw conflict(`Port ${id} is still in use.`);
  if (port.fixed_ips.length === 0) throw badRequest(`Port ${id} requires a FixedIP in order to be used.`);
  return port;
}

/** Security groups by name or by id. @throws ApiError 400 for what is not there, 409 for an ambiguous name */
export async function groupIds(
  network: NetworkClient,
  ctx: RequestContext,
  groups: readonly string[],
): Promise<string[]> {
  const known = await network.securityGroups.list({ tenant_id: ctx.projectId ?? '' });
  return [...new Set(groups)].map((wanted) => {
    const byId = known.find((group) => group.id === wanted);
    const byName = known.filter((group) => group.name === wanted);
    if (!byId && byName.length > 1)
      throw conflict(`Multiple security groups found matching '${wanted}'. Use an ID to be more specific.`);
    const found = byId ?? byName[0];
    if (!found) throw badRequest(`Security group ${wanted} not found for project ${ctx.projectId}.`);
    return found.id;
  });
}
