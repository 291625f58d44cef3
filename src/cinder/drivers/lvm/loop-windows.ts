import { mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Run } from '#common/host/run.ts';
import { createQueue } from '../kit.ts';

/** A part of a block device. */
export interface Extent {
  readonly device: string;
  readonly offset: number;
  readonly bytes: number;
}

interface LoopDevice {
  readonly name: string;
  readonly offset: number;
  readonly sizelimit: number;
  readonly 'back-file': string;
}

/**
 * Block devices for logical volumes on machines without device-mapper: a loop device over that part of the physical volume,
 * and the link `/dev/<group>/<name>` to it. Both are gone after a reboot; a volume that is opened has them again.
 */
export class LoopWindows {
  readonly #run: Run;
  readonly #inTurn = createQueue();

  constructor(run: Run) {
    this.#run = run;
  }

  /** Idempotent; one of another size is replaced. */
  open(link: string, extent: Extent, signal: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      const known = await this.#over(extent);
      const fitting = known.find((one) => one.sizelimit === extent.bytes);
      for (const other of known) if (other !== fitting) await this.#run(['losetup', '-d', other.name], { ok: [0, 1] });
      const device = fitting?.name ?? (await this.#make(extent, signal));
      if ((await readlink(link).catch(() => null)) === device) return;
      await mkdir(dirname(link), { recursive: true });
      const fresh = `${link}.${process.pid}.new`;
      await rm(fresh, { force: true });
      await symlink(device, fresh);
      await rename(fresh, link);
    });
  }

  close(link: string, extent: Extent): Promise<void> {
    return this.#inTurn(async () => {
      await rm(link, { force: true });
      for (const { name } of await this.#over(extent)) await this.#run(['losetup', '-d', name], { ok: [0, 1] });
    });
  }

  async #make({ device, offset, bytes }: Extent, signal: AbortSignal): Promise<string> {
    const argv = ['losetup', '-f', '--show', '-o', String(offset), '--sizelimit', String(bytes), device];
    return (await this.#run(argv, { signal })).stdout.trim();
  }

  async #over({ device, offset }: Extent): Promise<LoopDevice[]> {
    const { stdout } = await this.#run(['losetup', '--json', '-l', '-O', 'NAME,OFFSET,SIZELIMIT,BACK-FILE']);
    const { loopdevices } = JSON.parse(stdout || '{"loopdevices":[]}') as { loopdevices: LoopDevice[] };
    return loopdevices.filter((one) => one['back-file'] === device && one.offset === offset);
  }
}
