import type { BackendConfig } from '../config.ts';
import type { DriverDeps } from './deps.ts';
import type { VolumeDriver } from './driver.ts';

export interface DriverKit {
  /** False: volumes are noted only, so that there are no bytes to copy. */
  readonly real: boolean;
  create(deps: DriverDeps & { readonly statePath: string; readonly section: string | null }): Promise<VolumeDriver>;
}

/** Every driver by the name that `volume_driver` has for it; a driver's code is loaded when it is chosen. */
export const drivers: Readonly<Record<BackendConfig['volume_driver'], () => Promise<DriverKit>>> = {
  lvm: async () => {
    const { createLvmDriver } = await import('./lvm/lvm-driver.ts');
    return { real: true, create: createLvmDriver };
  },
  file: async () => {
    const { createFileDriver } = await import('./file/file-driver.ts');
    return { real: true, create: async (deps) => createFileDriver(deps) };
  },
  nfs: async () => {
    const { createNfsDriver } = await import('./nfs/nfs-driver.ts');
    return { real: true, create: async (deps) => createNfsDriver(deps) };
  },
  rbd: async () => {
    const { RbdDriver } = await import('./rbd/rbd-driver.ts');
    return { real: true, create: async (deps) => new RbdDriver(deps) };
  },
  fake: async () => {
    const { FakeVolumeDriver } = await import('./fake/fake-driver.ts');
    return {
      real: false,
      create: ({ statePath, section }) =>
        FakeVolumeDriver.create(`${statePath}/fake-volumes${section === null ? '' : `-${section}`}.json`),
    };
  },
};
