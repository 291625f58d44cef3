import { Type } from '@sinclair/typebox';
import { ApiError, badRequest, conflict, notFound } from '#common/api/errors.ts';
import { Count, nullable, strict } from '../api/schemas.ts';
import { guestActions } from './guest-actions.ts';
import { imageActions } from './image-actions.ts';
import type { Server } from './model.ts';
import { moveActions } from './move-actions.ts';
import { networkActions } from './network-actions.ts';
import { rebuildActions } from './rebuild-action.ts';
import { action, Nothing, started, type ActionCall, type ServerAction } from './server-action.ts';
import { shelveActions } from './shelve-actions.ts';
import type { ServerService } from './service.ts';

/** The addresses of a server's interfaces, with the port that has each. */
const fixedAddresses = (server: Server) =>
  server.ports.flatMap((port) => port.addresses.map((one) => ({ ...one, portId: port.portId })));

async function addFloatingIp(
  servers: ServerService,
  { ctx, params: { id } }: ActionCall,
  { address, fixed_address: wanted }: { address: string; fixed_address?: string },
): Promise<undefined> {
  const server = await servers.show(ctx, id);
  const candidates = fixedAddresses(server).filter((one) => one.version === 4);
  if (candidates.length === 0) throw badRequest('No nw_info cache associated with instance');
  const fixed = wanted === undefined ? candidates[0] : candidates.find((one) => one.address === wanted);
  if (!fixed) throw badRequest('Specified fixed address not assigned to instance');
  const network = servers.deps.networkAs(ctx);
  const [floating] = await network.floatingIps.list({ floating_ip_address: address });
  if (!floating) throw notFound('floating IP not found');
  await network.floatingIps
    .update(floating.id, { port_id: fixed.portId, fixed_ip_address: fixed.address })
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 409) throw badRequest(error.message);
      throw error;
    });
  await servers.deps.refresher.refresh(server.id);
  // It may have been another server's until now.
  if (floating.port_id !== null && floating.port_id !== fixed.portId) {
    const port = await servers.deps.network.ports.show(floating.port_id).catch(() => null);
    if (port && port.device_id !== '' && port.device_id !== server.id)
      await servers.deps.refresher.changed(port.device_id);
  }
  return undefined;
}

async function removeFloatingIp(
  servers: ServerService,
  { ctx, params: { id } }: ActionCall,
  { address }: { address: string },
): Promise<undefined> {
  const server = await servers.show(ctx, id);
  const network = servers.deps.networkAs(ctx);
  const [floating] = await network.floatingIps.list({ floating_ip_address: address });
  if (!floating) throw notFound('floating IP not found');
  if (!server.ports.some((port) => port.portId === floating.port_id))
    throw conflict(`Floating IP ${address} is not associated with instance ${id}.`);
  await network.floatingIps.update(floating.id, { port_id: null });
  await servers.deps.refresher.refresh(server.id);
  return undefined;
}

/** Adds a group to, or takes it from, all ports of a server. */
async function changeGroups(
  servers: ServerService,
  { ctx, params: { id } }: ActionCall,
  name: string,
  change: (groups: readonly string[], group: string) => readonly string[],
): Promise<undefined> {
  const server = await servers.show(ctx, id);
  const network = servers.deps.networkAs(ctx);
  const known = await network.securityGroups.list({ tenant_id: ctx.projectId ?? '' });
  const group = known.find((one) => one.id === name) ?? known.find((one) => one.name === name);
  if (!group) throw notFound(`Security group ${name} not found for project ${ctx.projectId}.`);
  const ports = await network.ports.list({ device_id: server.id });
  if (ports.length === 0)
    throw badRequest(
      `Network requires port_security_enabled and subnet associated in order to apply security groups: instance ${id} has no port.`,
    );
  for (const port of ports) {
    const groups = change(port.security_groups, group.id);
    if (groups.length !== port.security_groups.length) await network.ports.update(port.id, { security_groups: groups });
  }
  await servers.deps.refresher.refresh(server.id);
  return undefined;
}

const Group = strict({ name: Type.String({ minLength: 1, maxLength: 255 }) });

/** Everything that can be done to a server by `POST …/action`. What is not here is no action. */
export const serverActions: readonly ServerAction[] = [
  ...moveActions,
  ...rebuildActions,
  ...imageActions,
  ...shelveActions,
  ...guestActions,
  ...networkActions,
  action({
    name: 'os-start',
    policy: 'os_compute_api:servers:start',
    input: Nothing,
    run: (servers, { ctx, params }) => started(servers.begin(ctx, params.id, 'start', 'server.start', {})),
  }),
  action({
    name: 'os-stop',
    policy: 'os_compute_api:servers:stop',
    input: Nothing,
    run: (servers, { ctx, params }) => started(servers.begin(ctx, params.id, 'stop', 'server.stop', {})),
  }),
  action({
    name: 'reboot',
    policy: 'os_compute_api:servers:reboot',
    input: strict({
      type: Type.Unsafe<string>({ type: 'string', enum: ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft'] }),
    }),
    run(servers, { ctx, params }, { type }) {
      const soft = type.toLowerCase() === 'soft';
      return started(
        servers.begin(ctx, params.id, soft ? 'rebootSoft' : 'rebootHard', 'server.reboot', {
          type: soft ? 'soft' : 'hard',
        }),
      );
    },
  }),
  action({
    name: 'pause',
    policy: 'os_compute_api:os-pause-server:pause',
    input: Nothing,
    run: (servers, { ctx, params }) => started(servers.begin(ctx, params.id, 'pause', 'server.pause', {})),
  }),
  action({
    name: 'unpause',
    policy: 'os_compute_api:os-pause-server:unpause',
    input: Nothing,
    run: (servers, { ctx, params }) => started(servers.begin(ctx, params.id, 'unpause', 'server.unpause', {})),
  }),
  action({
    name: 'lock',
    policy: 'os_compute_api:os-lock-server:lock',
    max: '2.72',
    input: Nothing,
    async run(servers, { ctx, params }) {
      await servers.lock(ctx, params.id, null);
      return undefined;
    },
  }),
  action({
    name: 'lock',
    policy: 'os_compute_api:os-lock-server:lock',
    min: '2.73',
    input: nullable(strict({ locked_reason: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })) })),
    async run(servers, { ctx, params }, input) {
      await servers.lock(ctx, params.id, input?.locked_reason ?? null);
      return undefined;
    },
  }),
  action({
    name: 'unlock',
    policy: 'os_compute_api:os-lock-server:unlock',
    input: Nothing,
    async run(servers, { ctx, params }) {
      await servers.unlock(ctx, params.id);
      return undefined;
    },
  }),
  action({
    name: 'forceDelete',
    policy: 'os_compute_api:os-deferred-delete:force',
    input: Nothing,
    async run(servers, { ctx, params }) {
      await servers.forceDelete(ctx, params.id);
      return undefined;
    },
  }),
  action({
    name: 'os-resetState',
    policy: 'os_compute_api:os-admin-actions:reset_state',
    input: strict({ state: Type.Unsafe<'active' | 'error'>({ type: 'string', enum: ['active', 'error'] }) }),
    async run(servers, { ctx, params }, { state }) {
      await servers.resetState(ctx, params.id, state);
      return undefined;
    },
  }),
  action({
    name: 'os-getConsoleOutput',
    policy: 'os_compute_api:os-console-output',
    status: 200,
    input: nullable(Type.Object({ length: Type.Optional(nullable(Count(-1))) }, { additionalProperties: false })),
    async run(servers, { ctx, params }, input) {
      const length = input?.length ?? null;
      return { output: await servers.consoleOutput(ctx, params.id, length === null ? null : Number(length)) };
    },
  }),
  action({
    name: 'os-getVNCConsole',
    policy: 'os_compute_api:os-remote-consoles:list',
    max: '2.5',
    status: 200,
    input: strict({ type: Type.Unsafe<'novnc' | 'xvpvnc'>({ type: 'string', enum: ['novnc', 'xvpvnc'] }) }),
    async run(servers, { ctx, params }, { type }) {
      return { console: { type, url: await servers.vncUrl(ctx, params.id, type) } };
    },
  }),
  action({
    name: 'os-getSerialConsole',
    policy: 'os_compute_api:os-remote-consoles:list',
    max: '2.5',
    status: 200,
    input: strict({ type: Type.Literal('serial') }),
    async run(servers, { ctx, params }, { type }) {
      return { console: { type, url: await servers.serialUrl(ctx, params.id) } };
    },
  }),
  action({
    name: 'addFloatingIp',
    policy: 'os_compute_api:os-floating-ips:add',
    max: '2.43',
    input: strict({
      address: Type.String({ format: 'ipv4' }),
      fixed_address: Type.Optional(Type.String({ format: 'ipv4' })),
    }),
    run: addFloatingIp,
  }),
  action({
    name: 'removeFloatingIp',
    policy: 'os_compute_api:os-floating-ips:remove',
    max: '2.43',
    input: strict({ address: Type.String({ format: 'ipv4' }) }),
    run: removeFloatingIp,
  }),
  action({
    name: 'addSecurityGroup',
    policy: 'os_compute_api:os-security-groups:add',
    input: Group,
    run: (servers, call, { name }) => changeGroups(servers, call, name, (groups, id) => [...new Set([...groups, id])]),
  }),
  action({
    name: 'removeSecurityGroup',
    policy: 'os_compute_api:os-security-groups:remove',
    input: Group,
    run: (servers, call, { name }) =>
      changeGroups(servers, call, name, (groups, id) => {
        if (!groups.includes(id))
          throw notFound(`Security group ${name} not associated with the instance ${call.params.id}`);
        return groups.filter((one) => one !== id);
      }),
  }),
];
