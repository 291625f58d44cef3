import { Type } from '@sinclair/typebox';
import { ApiError, badRequest, gone } from '#common/api/errors.ts';
import { nullable, strict } from '../api/schemas.ts';
import { imageSnapshot } from './create-checks.ts';
import { generatePassword } from './create.ts';
import type { ImageSnapshot, Server } from './model.ts';
import { action, Nothing, started, type ActionCall } from './server-action.ts';
import type { ServerService } from './service.ts';
import { withQuota } from './with-quota.ts';

/** How long a caller waits for a password to be set, ms. */
const passwordMs = 60_000;

/** The system to start from: the one that is asked for, or the server's own image. @throws ApiError 400 */
async function rescueImage(
  servers: ServerService,
  { ctx }: ActionCall,
  server: Server,
  ref: string | undefined,
): Promise<ImageSnapshot> {
  if (server.imageId === null || !server.image)
    throw badRequest(`Instance ${server.id} cannot be rescued: Cannot rescue a volume-backed instance`);
  if (ref === undefined) return { ...server.image, id: server.imageId };
  const unsupported = (): ApiError => badRequest(`Requested rescue image '${ref}' is not supported`);
  const image = await servers.deps
    .imageAs(ctx)
    .show(ref.split('/').at(-1) as string)
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.status < 500) throw unsupported();
      throw error;
    });
  if (image.status !== 'active' || 'block_device_mapping' in image || 'img_block_device_mapping' in image)
    throw unsupported();
  return imageSnapshot(image);
}

async function rescue(
  servers: ServerService,
  call: ActionCall,
  input: { readonly adminPass?: string; readonly rescue_image_ref?: string } | null,
): Promise<unknown> {
  const { ctx, params } = call;
  const server = await servers.allowed(ctx, params.id, 'rescue');
  const image = await rescueImage(servers, call, server, input?.rescue_image_ref);
  const adminPass = input?.adminPass ?? generatePassword(servers.deps.conf);
  await servers.begin(ctx, params.id, 'rescue', 'server.rescue', { image }, async (current) =>
    current.configDrive ? { admin_password: adminPass } : {},
  );
  return { adminPass };
}

/** The guest's own agent is asked while the caller waits. @throws ApiError 409 where it has none, or it refuses */
async function changePassword(
  servers: ServerService,
  { ctx, params, signal }: ActionCall,
  { adminPass }: { readonly adminPass: string },
): Promise<undefined> {
  const operation = await servers.begin(ctx, params.id, 'changePassword', 'server.change_password', {}, async () => ({
    admin_password: adminPass,
  }));
  await servers.outcome(operation, passwordMs, signal);
  return undefined;
}

/** A soft-deleted server counts for no quota: what it was must fit again. */
async function restore(servers: ServerService, { ctx, params, api }: ActionCall): Promise<undefined> {
  const server = await servers.allowed(ctx, params.id, 'restore');
  const asked = { instances: 1, cores: server.flavor.vcpus, ram: server.flavor.memoryMb };
  const within = withQuota(servers, server, asked, api);
  return started(servers.begin(ctx, params.id, 'restore', 'server.restore', {}, undefined, within));
}

/** Consoles of a kind that no hypervisor here offers. */
const noConsole = (name: string, type: string) =>
  action({
    name,
    policy: 'os_compute_api:os-remote-consoles:list',
    max: '2.5',
    status: 200,
    input: strict({ type: Type.Unsafe<string>({ type: 'string', enum: [type] }) }),
    async run(servers, { ctx, params }) {
      servers.hostOf(await servers.show(ctx, params.id));
      throw badRequest(`Unavailable console type ${type}.`);
    },
  });

/** Actions of hypervisors that inject a guest's network settings; ours read them by DHCP, metadata and config drive. */
const ofXen = (name: string, policy: string) => [
  action({
    name,
    policy,
    max: '2.0',
    input: Nothing,
    async run(servers, { ctx, params }) {
      const server = await servers.show(ctx, params.id);
      servers.checkLock(ctx, server);
      await servers.deps.refresher.refresh(server.id);
      return undefined;
    },
  }),
];

export const guestActions = [
  action({
    name: 'suspend',
    policy: 'os_compute_api:os-suspend-server:suspend',
    input: Nothing,
    run: (servers, { ctx, params }) => started(servers.begin(ctx, params.id, 'suspend', 'server.suspend', {})),
  }),
  action({
    name: 'resume',
    policy: 'os_compute_api:os-suspend-server:resume',
    input: Nothing,
    run: (servers, { ctx, params }) => started(servers.begin(ctx, params.id, 'resume', 'server.resume', {})),
  }),
  action({
    name: 'rescue',
    policy: 'os_compute_api:os-rescue',
    status: 200,
    input: nullable(
      strict({
        adminPass: Type.Optional(Type.String()),
        rescue_image_ref: Type.Optional(Type.String({ minLength: 1 })),
      }),
    ),
    run: rescue,
  }),
  action({
    name: 'unrescue',
    policy: 'os_compute_api:os-unrescue',
    input: Nothing,
    run: (servers, { ctx, params }) => started(servers.begin(ctx, params.id, 'unrescue', 'server.unrescue', {})),
  }),
  action({
    name: 'changePassword',
    policy: 'os_compute_api:os-admin-password',
    input: strict({ adminPass: Type.String({ maxLength: 255 }) }),
    run: changePassword,
  }),
  action({
    name: 'restore',
    policy: 'os_compute_api:os-deferred-delete:restore',
    input: Nothing,
    run: restore,
  }),
  action({
    name: 'trigger_crash_dump',
    policy: 'os_compute_api:servers:trigger_crash_dump',
    min: '2.17',
    input: Type.Null(),
    run: (servers, { ctx, params }) =>
      started(servers.begin(ctx, params.id, 'triggerCrashDump', 'server.trigger_crash_dump', {})),
  }),
  noConsole('os-getSPICEConsole', 'spice-html5'),
  noConsole('os-getRDPConsole', 'rdp-html5'),
  ...ofXen('resetNetwork', 'os_compute_api:os-admin-actions:reset_network'),
  ...ofXen('injectNetworkInfo', 'os_compute_api:os-admin-actions:inject_network_info'),
  action({
    name: 'resetNetwork',
    policy: 'os_compute_api:os-admin-actions:reset_network',
    min: '2.1',
    input: Nothing,
    run() {
      throw gone('This resource is no longer available. No forwarding address is given.');
    },
  }),
  action({
    name: 'injectNetworkInfo',
    policy: 'os_compute_api:os-admin-actions:inject_network_info',
    min: '2.1',
    input: Nothing,
    async run(servers, { ctx, params }) {
      const server = await servers.show(ctx, params.id);
      servers.checkLock(ctx, server);
      await servers.deps.refresher.refresh(server.id);
      return undefined;
    },
  }),
];
