import { Type } from '@sinclair/typebox';
import { RpcRemoteError, RpcTimeout } from '#common/bus/bus.ts';
import { ApiError, conflict } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { IdParams, nullable } from '../api/schemas.ts';
import type { GuestDiagnostics, Traffic } from '../virt/driver.ts';
import { devicesOf } from '../volumes/rows.ts';
import type { Server } from './model.ts';
import type { ServerService } from './service.ts';

const route = routesFor<ServerService>();

const Total = Type.Integer({ minimum: 0 });
const Metrics = Type.Object({
  metrics: Type.Object({
    time: Type.String(),
    uptime: nullable(Total),
    state: Type.String(),
    cpus: Type.Array(Type.Object({ id: Total, time_ns: nullable(Total), utilisation: Type.Null() })),
    memory: Type.Object({ maximum: Total, used: nullable(Total) }),
    nics: Type.Array(
      Type.Object({
        port_id: nullable(Type.String()),
        mac: Type.String(),
        ...{ rx_octets: Total, rx_packets: Total, rx_errors: Total, rx_drop: Total },
        ...{ tx_octets: Total, tx_packets: Total, tx_errors: Total, tx_drop: Total },
      }),
    ),
    disks: Type.Array(
      Type.Object({
        device: Type.String(),
        volume_id: nullable(Type.String()),
        ...{ read_bytes: Total, read_requests: Total, write_bytes: Total, write_requests: Total },
      }),
    ),
  }),
});

/** Metrics of a guest under the names of what its owner knows: ports and volumes. */
function metricsOf(
  { power, uptimeSeconds, cpus, memory, nics, disks }: GuestDiagnostics,
  server: Pick<Server, 'ports'>,
  volumeOn: ReadonlyMap<string, string>,
  time: string,
) {
  return {
    time: `${time}Z`,
    uptime: uptimeSeconds,
    state: power,
    // Hypervisors count time; what share of it that is, is for whoever looks twice to say.
    cpus: cpus.map(({ id, nanoseconds }) => ({ id, time_ns: nanoseconds, utilisation: null })),
    memory: { maximum: memory.maximumMb, used: memory.guestUsedMb ?? null },
    nics: nics.map(({ mac, rx, tx }) => ({
      port_id: server.ports.find((port) => port.mac === mac)?.portId ?? null,
      mac,
      ...trafficOf('rx', rx),
      ...trafficOf('tx', tx),
    })),
    disks: disks.map(({ device, readBytes, readRequests, writeBytes, writeRequests }) => ({
      device,
      volume_id: volumeOn.get(device) ?? null,
      read_bytes: readBytes,
      read_requests: readRequests,
      write_bytes: writeBytes,
      write_requests: writeRequests,
    })),
  };
}

const trafficOf = <W extends 'rx' | 'tx'>(way: W, { octets, packets, errors, drops }: Traffic) =>
  ({
    [`${way}_octets`]: octets,
    [`${way}_packets`]: packets,
    [`${way}_errors`]: errors,
    [`${way}_drop`]: drops,
  }) as Record<`${W}_${'octets' | 'packets' | 'errors' | 'drop'}`, number>;

/** An extension of ours: docs/operate/extensions.md. */
export const serverMetricsRoutes = [
  route({
    id: 'server_metrics.show',
    summary: "What a server's guest uses, for its owner (an addition of Igloo)",
    method: 'GET',
    path: '/servers/:id/os-metrics',
    policy: 'os_compute_api:os-server-metrics',
    status: 200,
    params: IdParams,
    response: Metrics,
    handle: async (servers, { ctx, params }) => {
      const server = await servers.show(ctx, params.id);
      const notRunning = (cause?: unknown): ApiError =>
        conflict(
          `Server ${server.id} does not run (it is ${server.vmState}): there is nothing to measure. Start it first.`,
          { cause },
        );
      if (server.host === null) throw notRunning();
      const [found, devices] = await Promise.all([
        servers.deps.compute.call('diagnostics', { id: server.id }, { host: server.host }).catch((error: unknown) => {
          // The host's name, and what went wrong there, are for administrators: they have the log.
          if (error instanceof RpcTimeout)
            throw new ApiError(503, `The host of server ${server.id} does not answer. Try again shortly.`, {
              cause: error,
            });
          if (error instanceof RpcRemoteError) throw notRunning(error);
          throw error;
        }),
        devicesOf(servers.db.query, server.id),
      ]);
      const volumeOn = new Map(
        devices.flatMap(({ deviceName, volumeId }) =>
          deviceName === null || volumeId === null ? [] : [[deviceName.replace(/^\/dev\//, ''), volumeId] as const],
        ),
      );
      return { metrics: metricsOf(found, server, volumeOn, servers.now()) };
    },
  }),
];
