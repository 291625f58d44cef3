import { makeGuestDisks } from './disks/guest-disks.ts';
import type { DriverDeps } from './deps.ts';
import type { GuestSpec } from './driver.ts';
import { GuestFolders, type KeptSpec } from './guest-folders.ts';

/** What the drivers of real guests share: folders, disks and wiring around the hypervisor's own part. */
export class GuestKit {
  readonly folders: GuestFolders;
  readonly #deps: DriverDeps;

  constructor(deps: DriverDeps) {
    this.#deps = deps;
    this.folders = new GuestFolders(deps);
  }

  /**
   * Everything around a guest that does not run is as the specification says: definition kept, disks made, interfaces wired.
   * May be called again after a crash at any point of it.
   */
  async prepare(spec: GuestSpec, makeTap: boolean): Promise<KeptSpec> {
    const { folders } = this;
    const before = await folders.read(spec.id);
    const definition = await folders.write(spec);
    const kept = new Set(spec.interfaces.map((nic) => nic.portId));
    const dropped = before?.spec.interfaces.filter((nic) => !kept.has(nic.portId)) ?? [];
    const { run, cache, configDriveFormat, vif } = this.#deps;
    // Both to their ends, also when one fails: what comes after (a removal) must not meet the other still at work.
    const [disks, wiring] = await Promise.allSettled([
      makeGuestDisks({ run, cache, configDriveFormat }, folders.path(spec.id), spec),
      vif.unplug(dropped).then(() => vif.plug(spec.id, spec.interfaces, { makeTap })),
    ]);
    if (disks.status === 'rejected') throw disks.reason;
    if (wiring.status === 'rejected') throw wiring.reason;
    return definition.spec;
  }

  /** What `prepare` made goes; the folder with its definition last, so that a crash in between can go on. */
  async discard(id: string): Promise<void> {
    const definition = await this.folders.read(id);
    if (!definition) return;
    await this.#deps.vif.unplug(definition.spec.interfaces);
    await this.folders.remove(id);
  }
}
