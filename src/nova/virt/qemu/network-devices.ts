import type { GuestInterface } from '../driver.ts';
import { vifNames } from '../vif/vif.ts';

type Json = Readonly<Record<string, unknown>>;

/** An interface in QEMU's terms, the same for the command line and for hot-plug. The tap is there already. */
export interface NetworkDevice {
  /** `netdev_add` */
  readonly backend: Json & { readonly id: string };
  /** `device_add` */
  readonly device: Json & { readonly id: string };
}

const MODELS = { virtio: 'virtio-net-pci', e1000: 'e1000', rtl8139: 'rtl8139' } as const;

export const nicId = (portId: string): string => `nic-${portId.slice(0, 11)}`;
export const netdevId = (portId: string): string => `net-${portId.slice(0, 11)}`;

/** @param vhost the kernel moves the packets (needs /dev/vhost-net) */
export function networkDevice(nic: GuestInterface, vhost: boolean): NetworkDevice {
  const { tap } = vifNames(nic.portId);
  const virtio = nic.model === 'virtio';
  return {
    backend: {
      type: 'tap',
      id: netdevId(nic.portId),
      ifname: tap,
      script: 'no',
      downscript: 'no',
      ...(virtio && vhost && { vhost: true }),
    },
    device: {
      driver: MODELS[nic.model],
      id: nicId(nic.portId),
      netdev: netdevId(nic.portId),
      mac: nic.mac,
      romfile: '', // no network boot: it would delay every boot by seconds
      // What DHCP says too; a guest that does not ask is right from its first packet.
      ...(virtio && { host_mtu: nic.mtu }),
    },
  };
}
