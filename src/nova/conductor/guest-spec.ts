import { configDriveFiles, type MetadataSource } from '../metadata/documents.ts';
import type { SpawnRequest } from '../rpc.ts';
import { instanceName, type PortInfo, type Server } from '../servers/model.ts';
import type { GuestDisk, GuestInterface } from '../virt/driver.ts';

type Bus = GuestDisk['bus'];
const prefixes: Readonly<Record<Bus, string>> = { virtio: 'vd', ide: 'hd', scsi: 'sd' };

const oneOf = <T extends string>(value: string | undefined, allowed: readonly T[], otherwise: T): T =>
  allowed.find((one) => one === value) ?? otherwise;

/** Root disk, ephemeral disk and swap, as the flavor has them. */
function disksOf({ flavor, imageId, image }: Server): GuestDisk[] {
  const bus = oneOf<Bus>(image?.properties['hw_disk_bus'], ['virtio', 'ide', 'scsi'], 'virtio');
  let next = 0;
  const device = (): string => `${prefixes[bus]}${String.fromCharCode(97 + next++)}`;
  const disks: GuestDisk[] = [];
  if (imageId !== null) disks.push({ kind: 'image', device: device(), bus, basePath: imageId, sizeGb: flavor.rootGb });
  if (flavor.ephemeralGb > 0)
    disks.push({
      kind: 'blank',
      device: device(),
      bus,
      sizeMb: flavor.ephemeralGb * 1024,
      format: 'ext3',
      label: 'ephemeral0',
      file: 'disk.eph0',
    });
  if (flavor.swapMb > 0)
    disks.push({
      kind: 'blank',
      device: device(),
      bus,
      sizeMb: flavor.swapMb,
      format: 'swap',
      label: 'swap',
      file: 'disk.swap',
    });
  return disks;
}

/** `/dev/vda`; what the root disk is called in the guest. */
export const rootDeviceName = (server: Server): string | null => {
  const [root] = disksOf(server);
  return root ? `/dev/${root.device}` : null;
};

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
 */
export function spawnRequest(
  server: Server,
  metadata: MetadataSource | null,
  options: { readonly nameTemplate: string; readonly vncListen: string | null },
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
      disks: disksOf(server),
      ...(commandLine !== undefined && { kernelCommandLine: commandLine }),
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
