import { kvmAbility } from '#common/host/privileges.ts';
import type { ComputeDriver } from './driver.ts';

/** Whether guests get hardware virtualisation: asked for by `virt_type`, and possible on this machine. */
export function accelerationFor(virtType: 'kvm' | 'qemu'): ComputeDriver['acceleration'] {
  if (virtType === 'qemu') return { kvm: false, reason: 'virt_type is qemu: guests are emulated' };
  const { usable, why } = kvmAbility();
  return usable
    ? { kvm: true, reason: why }
    : { kvm: false, reason: `${why}; guests are emulated, several times slower` };
}
