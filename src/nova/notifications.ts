import type { Bus } from '#common/bus/bus.ts';
import { currentRequestId, type Logger } from '#common/telemetry/log.ts';
import type { ServerSummary } from './servers/model.ts';
import { statusOf } from './servers/states.ts';

/** Tells the cloud what happens to servers: `compute.instance.create.end` … Never fails: nobody's boot depends on it. */
export type Notify = (event: string, server: ServerSummary, extra?: Readonly<Record<string, unknown>>) => Promise<void>;

/** @param publisher `api` or `compute` */
export function createNotify(bus: Bus, publisher: string, host: string, log: Logger): Notify {
  return async (event, server, extra = {}) => {
    const requestId = currentRequestId();
    await bus
      .notify({
        eventType: event,
        publisherId: `${publisher}.${server.host ?? host}`,
        priority: event.endsWith('.error') ? 'ERROR' : 'INFO',
        payload: { ...payloadOf(server), ...extra },
        projectId: server.projectId,
        ...(requestId !== undefined && { requestId }),
      })
      .catch((error: unknown) => log.warn(`The notification ${event} of ${server.id} was not sent`, error));
  };
}

const payloadOf = (server: ServerSummary): Record<string, unknown> => ({
  instance_id: server.id,
  tenant_id: server.projectId,
  user_id: server.userId,
  display_name: server.name,
  hostname: server.hostname,
  host: server.host,
  node: server.node,
  availability_zone: server.availabilityZone,
  reservation_id: server.reservationId,
  instance_type: server.flavor.name,
  instance_flavor_id: server.flavor.id,
  vcpus: server.flavor.vcpus,
  memory_mb: server.flavor.memoryMb,
  root_gb: server.flavor.rootGb,
  ephemeral_gb: server.flavor.ephemeralGb,
  disk_gb: server.flavor.rootGb + server.flavor.ephemeralGb,
  image_ref_url: server.imageId ?? '',
  status: statusOf(server),
  state: server.vmState,
  state_description: server.taskState ?? '',
  metadata: server.metadata,
  fixed_ips: server.ports.flatMap((port) =>
    port.addresses.map(({ address, version }) => ({ address, version, label: port.label, vif_mac: port.mac })),
  ),
  created_at: server.createdAt,
  launched_at: server.launchedAt ?? '',
  deleted_at: server.terminatedAt ?? '',
});
