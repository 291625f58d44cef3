import { configDriveFiles, type MetadataSource } from '../metadata/documents.ts';
import type { SpawnRequest } from '../rpc.ts';
import { instanceName, type PortInfo, type Server } from '../servers/model.ts';
import type { GuestInterface } from '../virt/driver.ts';
import { guestDisks, layOut, noVolumes, type GuestVolumes } from '../volumes/layout.ts';
import type { BlockDevice } from '../volumes/model.ts';

const oneOf = <T extends string>(value: string | undefined, allowed: readonly T[], otherwise: T): T =>
  allowed.find((one) => one === value) ?? otherwise;

/** `/dev/vda`; what the root disk is called in the guest. */
export const rootDeviceName = (server: Server, devices: readonly BlockDevice[]): string | null =>
  layOut(server, devices)[0]?.name ?? null;

export function guestInterface(port: PortInfo, server: Server): GuestInterface {
  return {
    portId: port.portId,
    mac: port.mac,
    mtu: port.mtu,
    model: oneOf(server.image?.properties['hw_vif_model'], ['virtio', 'e1000', 'rtl8139'], 'virtio'),
    vif: port.vif,
  };
}

/**
 * What a compute host must know to make a server's guest.
 * @param metadata for the config drive; null without one
 * @param volumes what `connectVolumes` has given for the host
 */
export function spawnRequest(
  server: Server,
  metadata: MetadataSource | null,
  options: { readonly nameTemplate: string; readonly vncListen: string | null },
  volumes: GuestVolumes = noVolumes,
): SpawnRequest {
  const { image } = server;
  const commandLine = image?.properties['os_command_line'];
  return {
    guest: {
      id: server.id,
      name: instanceName(options.nameTemplate, server.num),
      displayName: server.name,
      projectId: server.projectId,
      vcpus: server.flavor.vcpus,
      memoryMb: server.flavor.memoryMb,
      disks: guestDisks(server, volumes),
      ...(commandLine !== undefined && { kernelCommandLine: commandLine }),
      ...(/^(1|yes|true|on)$/i.test(image?.properties['hw_qemu_guest_agent'] ?? '') && { guestAgent: true }),
      interfaces: server.ports.map((port) => guestInterface(port, server)),
      ...(metadata && { configDrive: configDriveFiles(metadata) }),
      vnc: options.vncListen === null ? null : { listen: options.vncListen },
    },
    imageId: server.imageId,
    kernelId: image?.kernelId ?? null,
    ramdiskId: image?.ramdiskId ?? null,
    // The user's right to the image was checked when the server was asked for; the compute host fetches it as the service.
    token: null,
  };
}
