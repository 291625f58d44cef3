import { hasProgram } from '#common/host/privileges.ts';
import { join } from 'node:path';
import type { DriverDeps } from './deps.ts';
import type { ComputeDriver } from './driver.ts';
import { findLibvirt } from './libvirt/connection.ts';
import { libvirtFolder } from './libvirt/libvirt-driver.ts';

export type DriverName = 'libvirt' | 'qemu' | 'fake';

export interface DriverKit {
  /** Its guests have disks made of images, and devices on the host's network. */
  readonly real: boolean;
  create(deps: DriverDeps): Promise<ComputeDriver>;
}

/** Every driver by name; a driver's code is loaded when it is chosen. */
export const drivers: Readonly<Record<DriverName, () => Promise<DriverKit>>> = {
  libvirt: async () => ({ real: true, create: (await import('./libvirt/libvirt-driver.ts')).createLibvirtDriver }),
  qemu: async () => ({ real: true, create: (await import('./qemu/qemu-driver.ts')).createQemuDriver }),
  fake: async () => {
    const { FakeDriver } = await import('./fake/fake-driver.ts');
    return {
      real: false,
      create: ({ host, statePath, serial }) =>
        FakeDriver.create({ host, stateFile: join(statePath, 'fake-guests.json'), serial: serial !== null }),
    };
  },
};

export interface DriverChoice {
  readonly name: DriverName;
  /** What the machine has, in words. */
  readonly reason: string;
}

/**
 * Chooses a driver for this machine: libvirt where the machine's own libvirtd answers, else plain QEMU, which starts a guest
 * several times faster than a libvirtd that we would have to start, else the fake.
 * @param statePath where a private libvirtd is or would be
 */
export async function chooseDriver(wanted: 'auto' | DriverName, statePath: string): Promise<DriverChoice> {
  if (wanted !== 'auto') return { name: wanted, reason: 'asked for by compute_driver' };
  const libvirt = await findLibvirt(libvirtFolder(statePath));
  if (libvirt.kind === 'system') return { name: 'libvirt', reason: `libvirtd answers at ${libvirt.socket}` };
  if (hasProgram('qemu-system-x86_64') && hasProgram('qemu-img'))
    return { name: 'qemu', reason: "QEMU is installed, and the machine's own libvirtd does not run" };
  return {
    name: 'fake',
    reason: `QEMU is not installed (apt-get install qemu-system-x86 qemu-utils): guests are simulated`,
  };
}
