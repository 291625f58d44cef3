import { Type } from '@sinclair/typebox';
import { ApiError, badRequest, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { ApiVersion } from '#common/api/version.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Port } from '#clients/network.ts';
import { IdParams, Metadata, nullable, strict, Uuid, wrapped } from '../api/schemas.ts';
import { portOf } from '../networks/request.ts';
import { OverQuota } from '../quotas/quotas.ts';
import type { Server } from './model.ts';
import type { ServerService } from './service.ts';
import { checkState, type ActionKey } from './states.ts';
import { addressesOf } from './view.ts';

const route = routesFor<ServerService>();
const base = '/servers/:id';
const KeyParams = Type.Object({ id: Type.String(), key: Type.String() });

// ---- metadata

/** Changes a server's metadata under its lock. @throws ApiError 403 (413 in v2) beyond the quota, 409 in the wrong state */
async function changeMetadata(
  servers: ServerService,
  ctx: RequestContext,
  id: string,
  api: string,
  action: ActionKey,
  change: (metadata: Readonly<Record<string, string>>) => Record<string, string>,
): Promise<Server> {
  const limit = (await servers.deps.quotas.limits(ctx.projectId ?? '')).metadata_items;
  return servers.change(ctx, id, (server) => {
    servers.checkLock(ctx, server);
    checkState(server, action);
    const metadata = change(server.metadata);
    if (limit >= 0 && Object.keys(metadata).length > limit)
      throw new OverQuota(`Maximum number of metadata items exceeds ${limit}`, api);
    return { metadata: JSON.stringify(metadata) };
  });
}

const one = (metadata: Readonly<Record<string, string>>, key: string): string => {
  const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  if (value === undefined) throw notFound('Metadata item was not found');
  return value;
};

const metadataRoutes = [
  route({
    id: 'server_metadata.list',
    summary: "List a server's metadata",
    method: 'GET',
    path: `${base}/metadata`,
    policy: 'os_compute_api:server-metadata:index',
    status: 200,
    params: IdParams,
    handle: async (servers, { ctx, params }) => ({ metadata: (await servers.show(ctx, params.id)).metadata }),
  }),
  route({
    id: 'server_metadata.create',
    summary: 'Add metadata',
    method: 'POST',
    path: `${base}/metadata`,
    policy: 'os_compute_api:server-metadata:create',
    status: 200,
    params: IdParams,
    body: wrapped('metadata', Metadata),
    handle: async (servers, { ctx, params, body, api }) => {
      const { metadata } = await changeMetadata(servers, ctx, params.id, api, 'updateMetadata', (known) => ({
        ...known,
        ...body.metadata,
      }));
      return { metadata };
    },
  }),
  route({
    id: 'server_metadata.replace',
    summary: 'Replace all metadata',
    method: 'PUT',
    path: `${base}/metadata`,
    policy: 'os_compute_api:server-metadata:update_all',
    status: 200,
    params: IdParams,
    body: wrapped('metadata', Metadata),
    handle: async (servers, { ctx, params, body, api }) => {
      const { metadata } = await changeMetadata(servers, ctx, params.id, api, 'updateMetadata', () => body.metadata);
      return { metadata };
    },
  }),
  route({
    id: 'server_metadata.show',
    summary: 'Show one item of metadata',
    method: 'GET',
    path: `${base}/metadata/:key`,
    policy: 'os_compute_api:server-metadata:show',
    status: 200,
    params: KeyParams,
    handle: async (servers, { ctx, params: { id, key } }) => ({
      meta: { [key]: one((await servers.show(ctx, id)).metadata, key) },
    }),
  }),
  route({
    id: 'server_metadata.update',
    summary: 'Set one item of metadata',
    method: 'PUT',
    path: `${base}/metadata/:key`,
    policy: 'os_compute_api:server-metadata:update',
    status: 200,
    params: KeyParams,
    body: wrapped('meta', Metadata),
    handle: async (servers, { ctx, params: { id, key }, body, api }) => {
      const keys = Object.keys(body.meta);
      if (keys.length !== 1) throw badRequest('Request body contains too many items');
      if (keys[0] !== key) throw badRequest('Request body and URI mismatch');
      await changeMetadata(servers, ctx, id, api, 'updateMetadata', (known) => ({ ...known, ...body.meta }));
      return { meta: body.meta };
    },
  }),
  route({
    id: 'server_metadata.delete',
    summary: 'Remove one item of metadata',
    method: 'DELETE',
    path: `${base}/metadata/:key`,
    policy: 'os_compute_api:server-metadata:delete',
    status: 204,
    params: KeyParams,
    handle: async (servers, { ctx, params: { id, key }, api }) => {
      await changeMetadata(servers, ctx, id, api, 'deleteMetadata', (known) => {
        one(known, key);
        return Object.fromEntries(Object.entries(known).filter(([name]) => name !== key));
      });
      return undefined;
    },
  }),
];

// ---- tags

const maxTags = 50;
const Tag = Type.String({ minLength: 1, maxLength: 60, pattern: '^[^,/]*$' });
const TagParams = Type.Object({ id: Type.String(), tag: Tag });
const tagged = { min: '2.26', apis: ['v2.1'] };
const noTag = (id: string, tag: string): ApiError => notFound(`Server ${id} has no tag '${tag}'`);

const tagRoutes = [
  route({
    id: 'server_tags.list',
    summary: "List a server's tags",
    method: 'GET',
    path: `${base}/tags`,
    versions: tagged,
    policy: 'os_compute_api:os-server-tags:index',
    status: 200,
    params: IdParams,
    handle: async (servers, { ctx, params }) => ({ tags: (await servers.show(ctx, params.id)).tags }),
  }),
  route({
    id: 'server_tags.replace',
    summary: 'Replace all tags',
    method: 'PUT',
    path: `${base}/tags`,
    versions: tagged,
    policy: 'os_compute_api:os-server-tags:update_all',
    status: 200,
    params: IdParams,
    body: strict({ tags: Type.Array(Tag, { maxItems: maxTags }) }),
    handle: async (servers, { ctx, params, body }) => {
      const tags = JSON.stringify([...new Set(body.tags)]);
      return { tags: (await servers.change(ctx, params.id, () => ({ tags }))).tags };
    },
  }),
  route({
    id: 'server_tags.delete_all',
    summary: 'Remove all tags',
    method: 'DELETE',
    path: `${base}/tags`,
    versions: tagged,
    policy: 'os_compute_api:os-server-tags:delete_all',
    status: 204,
    params: IdParams,
    handle: async (servers, { ctx, params }) => {
      await servers.change(ctx, params.id, () => ({ tags: '[]' }));
      return undefined;
    },
  }),
  route({
    id: 'server_tags.show',
    summary: 'Whether a server has a tag',
    method: 'GET',
    path: `${base}/tags/:tag`,
    versions: tagged,
    policy: 'os_compute_api:os-server-tags:show',
    status: 204,
    params: TagParams,
    handle: async (servers, { ctx, params: { id, tag } }) => {
      if (!(await servers.show(ctx, id)).tags.includes(tag)) throw noTag(id, tag);
      return undefined;
    },
  }),
  route({
    id: 'server_tags.update',
    summary: 'Add a tag',
    method: 'PUT',
    path: `${base}/tags/:tag`,
    versions: tagged,
    policy: 'os_compute_api:os-server-tags:update',
    status: 204,
    params: TagParams,
    handle: async (servers, { ctx, params: { id, tag }, reply, host, prefix }) => {
      await servers.change(ctx, id, (server) => {
        if (server.tags.includes(tag)) return null;
        if (server.tags.length >= maxTags)
          throw badRequest(`The number of tags exceeded the per-server limit ${maxTags}`);
        reply.status(201);
        reply.header('location', `${host}${prefix}/servers/${id}/tags/${encodeURIComponent(tag)}`);
        return { tags: JSON.stringify([...server.tags, tag]) };
      });
      return undefined;
    },
  }),
  route({
    id: 'server_tags.delete',
    summary: 'Remove a tag',
    method: 'DELETE',
    path: `${base}/tags/:tag`,
    versions: tagged,
    policy: 'os_compute_api:os-server-tags:delete',
    status: 204,
    params: TagParams,
    handle: async (servers, { ctx, params: { id, tag } }) => {
      await servers.change(ctx, id, (server) => {
        if (!server.tags.includes(tag)) throw noTag(id, tag);
        return { tags: JSON.stringify(server.tags.filter((other) => other !== tag)) };
      });
      return undefined;
    },
  }),
];

// ---- addresses and interfaces

const showInterface = (port: Port, version: ApiVersion, tag: string | null) => ({
  port_id: port.id,
  net_id: port.network_id,
  mac_addr: port.mac_address,
  port_state: port.status,
  fixed_ips: port.fixed_ips.map(({ subnet_id, ip_address }) => ({ subnet_id, ip_address })),
  ...(version.atLeast('2.70') && { tag }),
});
const tagOf = (server: Server, portId: string): string | null =>
  server.ports.find((port) => port.portId === portId)?.tag ?? null;

/** Milliseconds that a client waits for an interface to be there. */
const attachMs = 90_000;

const networkRoutes = [
  route({
    id: 'server_ips.list',
    summary: "List a server's addresses",
    method: 'GET',
    path: `${base}/ips`,
    policy: 'os_compute_api:ips:index',
    status: 200,
    params: IdParams,
    handle: async (servers, { ctx, params }) => ({
      addresses: addressesOf((await servers.show(ctx, params.id)).ports, false),
    }),
  }),
  route({
    id: 'server_ips.show',
    summary: "List a server's addresses on one network",
    method: 'GET',
    path: `${base}/ips/:key`,
    policy: 'os_compute_api:ips:show',
    status: 200,
    params: KeyParams,
    handle: async (servers, { ctx, params: { id, key } }) => {
      const addresses = addressesOf((await servers.show(ctx, id)).ports, false);
      if (!Object.hasOwn(addresses, key)) throw notFound('Instance is not a member of specified network');
      return { [key]: addresses[key] };
    },
  }),
  route({
    id: 'server_interfaces.list',
    summary: "List a server's interfaces",
    method: 'GET',
    path: `${base}/os-interface`,
    policy: 'os_compute_api:os-attach-interfaces:list',
    status: 200,
    params: IdParams,
    handle: async (servers, { ctx, params, version }) => {
      const server = await servers.show(ctx, params.id);
      const ports = await servers.deps.networkAs(ctx).ports.list({ device_id: server.id });
      return { interfaceAttachments: ports.map((port) => showInterface(port, version, tagOf(server, port.id))) };
    },
  }),
  route({
    id: 'server_interfaces.show',
    summary: 'Show an interface of a server',
    method: 'GET',
    path: `${base}/os-interface/:key`,
    policy: 'os_compute_api:os-attach-interfaces:show',
    status: 200,
    params: KeyParams,
    handle: async (servers, { ctx, params: { id, key }, version }) => {
      const server = await servers.show(ctx, id);
      const port = await servers.deps
        .networkAs(ctx)
        .ports.show(key)
        .catch((error: unknown) => {
          if (error instanceof ApiError && error.status === 404) return null;
          throw error;
        });
      if (port?.device_id !== server.id) throw notFound(`Instance ${id} does not have a port with id ${key}`);
      return { interfaceAttachment: showInterface(port, version, tagOf(server, key)) };
    },
  }),
  route({
    id: 'server_interfaces.create',
    summary: 'Attach an interface to a server',
    method: 'POST',
    path: `${base}/os-interface`,
    policy: 'os_compute_api:os-attach-interfaces:create',
    status: 200,
    params: IdParams,
    body: strict({
      interfaceAttachment: Type.Optional(
        strict({
          port_id: Type.Optional(nullable(Uuid)),
          net_id: Type.Optional(nullable(Uuid)),
          fixed_ips: Type.Optional(
            Type.Array(strict({ ip_address: Type.String({ pattern: '^[0-9a-fA-F:.]{2,45}$' }) }), {
              minItems: 1,
              maxItems: 1,
            }),
          ),
          tag: Type.Optional(Tag),
        }),
      ),
    }),
    handle: async (servers, { ctx, params: { id }, body, version, signal }) => {
      const {
        port_id: portId = null,
        net_id: asked = null,
        fixed_ips: fixed,
        tag = null,
      } = body.interfaceAttachment ?? {};
      if (tag !== null && !version.atLeast('2.49'))
        throw badRequest(
          "Invalid input for field/attribute tag. Additional properties are not allowed ('tag' was unexpected)",
        );
      if (portId !== null && asked !== null) throw badRequest('Must not input both network_id and port_id');
      if (fixed && asked === null) throw badRequest('Must input network_id when request IP address');
      await servers.show(ctx, id);
      const network = servers.deps.networkAs(ctx);
      if (portId !== null) await portOf(network, portId);
      const networkId = portId !== null ? null : await attachableNetwork(servers, ctx, asked);
      const operation = await servers.begin(ctx, id, 'attachInterface', 'server.attach_interface', {
        portId,
        networkId,
        fixedIp: fixed?.[0]?.ip_address ?? null,
        tag,
      });
      const { state } = await servers.outcome(operation, attachMs, signal);
      const port = await network.ports.show(String(state['portId']));
      return { interfaceAttachment: showInterface(port, version, tag) };
    },
  }),
  route({
    id: 'server_interfaces.delete',
    summary: 'Detach an interface from a server',
    method: 'DELETE',
    path: `${base}/os-interface/:key`,
    policy: 'os_compute_api:os-attach-interfaces:delete',
    status: 202,
    params: KeyParams,
    handle: async (servers, { ctx, params: { id, key } }) => {
      const server = await servers.show(ctx, id);
      if (!server.ports.some((port) => port.portId === key))
        throw notFound(`Instance ${id} does not have a port with id ${key}`);
      await servers.begin(ctx, id, 'detachInterface', 'server.detach_interface', { portId: key });
      return undefined;
    },
  }),
];

/** A network that the caller may see, or the only one that he has. @throws ApiError 400, 404 */
async function attachableNetwork(servers: ServerService, ctx: RequestContext, asked: string | null): Promise<string> {
  const { networks } = servers.deps.networkAs(ctx);
  if (asked !== null)
    return networks.show(asked).then(
      (found) => found.id,
      (error: unknown) => {
        if (error instanceof ApiError && error.status === 404) throw badRequest(`Network ${asked} could not be found.`);
        throw error;
      },
    );
  const own = await networks.list({ tenant_id: ctx.projectId ?? '' });
  if (own.length > 1) throw badRequest('Multiple possible networks found, use a Network ID to be more specific.');
  const [only] = own;
  if (!only) throw badRequest('No network of the project can be attached.');
  return only.id;
}

// ---- password

const passwordRoutes = [
  route({
    id: 'server_password.show',
    summary: 'The password that the guest has set, encrypted for its key pair',
    method: 'GET',
    path: `${base}/os-server-password`,
    policy: 'os_compute_api:os-server-password:show',
    status: 200,
    params: IdParams,
    handle: async (servers, { ctx, params }) => ({
      password: (await servers.show(ctx, params.id)).guestPassword ?? '',
    }),
  }),
  route({
    id: 'server_password.clear',
    summary: 'Forget that password',
    method: 'DELETE',
    path: `${base}/os-server-password`,
    policy: 'os_compute_api:os-server-password:clear',
    status: 204,
    params: IdParams,
    handle: async (servers, { ctx, params }) => {
      await servers.change(ctx, params.id, () => ({ guest_password: null }));
      return undefined;
    },
  }),
];

/** What is below a server: metadata, tags, addresses, interfaces, password. */
export const serverSubRoutes = [...metadataRoutes, ...tagRoutes, ...networkRoutes, ...passwordRoutes];
