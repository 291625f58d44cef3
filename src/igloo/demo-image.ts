import { existsSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import type { Session } from '#common/auth/session.ts';
import type { Run } from '#common/host/run.ts';
import { hasImage, uploadImage } from './demo.ts';
import type { Machine } from './machine.ts';
import type { Progress } from './progress.ts';
import type { StateFolder } from './state.ts';

/** The demo image on its way: it is built while the services start. */
export interface PendingImage {
  /** Uploads it as `cirros` unless it is there. */
  upload(admin: Session): Promise<void>;
}

const NAME = 'cirros';
type Built = { readonly path: string; readonly format: 'qcow2' | 'raw' } | { readonly failed: string };

/**
 * Begins to build the image where it lacks. With fake drivers an empty disk will do: nothing boots it. A build that fails
 * costs the image, never the cloud.
 */
export function ensureDemoImage(state: StateFolder, machine: Machine, run: Run, progress: Progress): PendingImage {
  const built = (async (): Promise<Built> => {
    if (machine.virt === 'fake') {
      const path = state.path('cache', 'empty.raw');
      await writeFile(path, '');
      await truncate(path, 1024 * 1024);
      return { path, format: 'raw' };
    }
    const kept = state.path('cache', `${NAME}-disk.img`);
    if (existsSync(kept)) return { path: kept, format: 'qcow2' };
    const { buildGuestImage } = await import('./image/build.ts');
    const image = await buildGuestImage({
      outDir: state.path('cache'),
      name: NAME,
      cacheDir: state.path('cache', 'debs'),
      run,
      log: () => undefined,
    });
    progress.step(`test image built in ${image.seconds.toFixed(0)} s`);
    return { path: image.disk, format: 'qcow2' };
  })().catch((error: unknown) => ({ failed: (error as Error).message }));
  return {
    async upload(admin) {
      if (await hasImage(admin, NAME)) return;
      const image = await built;
      if ('failed' in image)
        progress.say(`          note: no image "${NAME}": ${image.failed}. ./igloo image build tells more.`);
      else await uploadImage(admin, NAME, image.path, image.format);
    },
  };
}
