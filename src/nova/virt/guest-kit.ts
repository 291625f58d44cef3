import { rm } from 'node:fs/promises';
import { CONFIG_DRIVE, diskFile, makeGuestDisks } from './disks/guest-disks.ts';
import type { DriverDeps } from './deps.ts';
import type { GuestDisk, GuestSpec, RescueSystem } from './driver.ts';
import { GuestFolders, type Aside, type GuestDefinition, type KeptSpec } from './guest-folders.ts';
import { makeRescueDisks, removeRescueDisks } from './rescue.ts';

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
   * @param fromAside the tag under which the disks are that it goes on with
   */
  async prepare(asked: GuestSpec, makeTap: boolean, fromAside?: string): Promise<KeptSpec> {
    const { folders } = this;
    const aside = fromAside === undefined ? undefined : await this.#aside(asked.id, fromAside);
    const spec = aside ? onSameBases(asked, aside.definition.spec) : asked;
    const before = await folders.read(spec.id);
    const definition = await folders.write(spec);
    const kept = new Set(spec.interfaces.map((nic) => nic.portId));
    const dropped = before?.spec.interfaces.filter((nic) => !kept.has(nic.portId)) ?? [];
    const { run, cache, configDriveFormat, vif } = this.#deps;
    // Both to their ends, also when one fails: what comes after (a removal) must not meet the other still at work.
    const [disks, wiring] = await Promise.allSettled([
      makeGuestDisks({ run, cache, configDriveFormat }, folders.path(spec.id), spec, aside),
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

  /** A guest that is off loses its disks: all, or (`keepEphemeral`) all but the blank ones. Volumes are elsewhere. */
  async removeDisks({ spec }: GuestDefinition, keepEphemeral: boolean): Promise<void> {
    const folder = (file: string): string => this.folders.path(spec.id, file);
    const files = spec.disks
      .filter((disk) => !(keepEphemeral && disk.kind === 'blank'))
      .flatMap((disk) => diskFile(disk) ?? []);
    for (const file of [...files, CONFIG_DRIVE]) await rm(folder(file), { force: true });
    await this.endRescue(spec);
  }

  /** A guest that is off is set aside; its wiring goes, since another guest may get it. */
  async setAside({ spec }: GuestDefinition, tag: string): Promise<void> {
    await this.#deps.vif.unplug(spec.interfaces);
    await this.folders.setAside(spec.id, tag);
  }

  /** A guest that is off is to start from another system. */
  async beginRescue({ spec }: GuestDefinition, system: RescueSystem): Promise<KeptSpec> {
    const { run, cache, configDriveFormat } = this.#deps;
    const { configDrive, ...rescue } = system;
    const kept = await this.folders.write({ ...spec, rescue: { ...rescue, configDrive: configDrive !== undefined } });
    await makeRescueDisks({ run, cache, configDriveFormat }, this.folders.path(spec.id), system);
    return kept.spec;
  }

  /** A guest that is off is to start from its own disks again. */
  async endRescue(spec: KeptSpec): Promise<KeptSpec> {
    const { rescue, ...own } = spec;
    const kept = rescue ? (await this.folders.write(own)).spec : spec;
    await removeRescueDisks(this.folders.path(spec.id));
    return kept;
  }

  async #aside(id: string, tag: string): Promise<Aside> {
    const aside = await this.folders.aside(id);
    if (aside?.tag === tag) return aside;
    throw new Error(
      `The disks of instance ${id} are not on host ${this.#deps.host}: they are where the server was, and disks are not carried from host to host yet. Choose the same host (allow_resize_to_same_host = true).`,
    );
  }
}

/** Disks that are carried over stand on the bases that they stood on, whatever the image's id leads to today. */
function onSameBases(spec: GuestSpec, before: KeptSpec): GuestSpec {
  const { kernelPath, ramdiskPath } = before;
  const old = (disk: GuestDisk): GuestDisk =>
    before.disks.find((one) => one.kind === 'image' && diskFile(one) === diskFile(disk)) ?? disk;
  return {
    ...spec,
    disks: spec.disks.map((disk) =>
      disk.kind === 'image' ? { ...disk, basePath: (old(disk) as typeof disk).basePath } : disk,
    ),
    ...(kernelPath !== undefined && { kernelPath }),
    ...(ramdiskPath !== undefined && { ramdiskPath }),
  };
}
