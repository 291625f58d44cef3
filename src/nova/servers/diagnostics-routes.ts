import { RpcRemoteError, RpcTimeout } from '#common/bus/bus.ts';
import { ApiError, conflict } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { IdParams } from '../api/schemas.ts';
import type { GuestDiagnostics } from '../virt/driver.ts';
import type { ServerService } from './service.ts';

const route = routesFor<ServerService>();

/** Before 2.48: whatever the hypervisor's counters are called. */
function counters({ cpus, disks, nics, memory }: GuestDiagnostics): Record<string, number> {
  return Object.fromEntries([
    ...cpus.flatMap(({ id, nanoseconds }) => (nanoseconds === null ? [] : [[`cpu${id}_time`, nanoseconds]])),
    ...disks.flatMap(({ device, ...disk }) => [
      [`${device}_read_req`, disk.readRequests],
      [`${device}_read`, disk.readBytes],
      [`${device}_write_req`, disk.writeRequests],
      [`${device}_write`, disk.writeBytes],
      [`${device}_errors`, disk.errors],
    ]),
    ...nics.flatMap(({ device, rx, tx }) =>
      Object.entries({ rx, tx }).flatMap(([way, traffic]) => [
        [`${device}_${way}`, traffic.octets],
        [`${device}_${way}_packets`, traffic.packets],
        [`${device}_${way}_errors`, traffic.errors],
        [`${device}_${way}_drop`, traffic.drops],
      ]),
    ),
    ['memory', memory.maximumMb * 1024],
    ...(memory.usedMb === null ? [] : [['memory-actual', memory.usedMb * 1024]]),
  ]) as Record<string, number>;
}

/** From 2.48 on: the same of every hypervisor. */
const details = ({ power, cpus, disks, nics, memory, ...guest }: GuestDiagnostics) => ({
  state: power,
  // The API knows few names: whatever makes guests of QEMU is one of them.
  driver: 'libvirt',
  hypervisor: guest.hypervisor,
  hypervisor_os: 'linux',
  uptime: guest.uptimeSeconds,
  config_drive: guest.configDrive,
  num_cpus: cpus.length,
  num_nics: nics.length,
  num_disks: disks.length,
  disk_details: disks.map((disk) => ({
    read_bytes: disk.readBytes,
    read_requests: disk.readRequests,
    write_bytes: disk.writeBytes,
    write_requests: disk.writeRequests,
    errors_count: disk.errors,
  })),
  cpu_details: cpus.map(({ id, nanoseconds }) => ({ id, time: nanoseconds, utilisation: null })),
  nic_details: nics.map(({ mac, rx, tx }) => ({
    mac_address: mac,
    rx_octets: rx.octets,
    rx_errors: rx.errors,
    rx_drop: rx.drops,
    rx_packets: rx.packets,
    rx_rate: null,
    tx_octets: tx.octets,
    tx_errors: tx.errors,
    tx_drop: tx.drops,
    tx_packets: tx.packets,
    tx_rate: null,
  })),
  memory_details: { maximum: memory.maximumMb, used: memory.usedMb ?? 0 },
});

export const serverDiagnosticsRoutes = [
  route({
    id: 'server_diagnostics.show',
    summary: "What a server's guest uses",
    method: 'GET',
    path: '/servers/:id/diagnostics',
    policy: 'os_compute_api:os-server-diagnostics',
    status: 200,
    params: IdParams,
    handle: async (servers, { ctx, params, version }) => {
      const server = await servers.show(ctx, params.id);
      const found = await servers.deps.compute
        .call('diagnostics', { id: server.id }, { host: servers.hostOf(server) })
        .catch((error: unknown) => {
          if (error instanceof RpcTimeout) throw new ApiError(503, `${error.message}.`, { cause: error });
          if (error instanceof RpcRemoteError)
            throw conflict(
              `Cannot 'get_diagnostics' instance ${server.id} while it is in vm_state ${server.vmState}: ${error.message}`,
              { cause: error },
            );
          throw error;
        });
      return version.atLeast('2.48') ? details(found) : counters(found);
    },
  }),
];
