import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionInfo } from '#clients/volume.ts';
import type { Run } from '#common/host/run.ts';
import type { LocalVolume } from '../drivers/driver.ts';
import { COPY_TIMEOUT_MS } from '../drivers/kit.ts';

/** Where bytes are: on this host, or as a connection says. */
export type Place = LocalVolume | ConnectionInfo;

/** Moves the bytes of volumes. */
export interface Copier {
  /** Every byte of `to` as far as `from` reaches; the rest of `to` stays. Both must be there. */
  copy(from: Place, to: Place, signal: AbortSignal): Promise<void>;
}

/** For back ends that only note their volumes. */
export const noCopier: Copier = { copy: async () => undefined };

/** By qemu-img, which reads and writes all that a volume can be. Secrets go in files. */
export function createCopier(run: Run): Copier {
  return {
    async copy(from, to, signal) {
      const folder = await mkdtemp(join(tmpdir(), 'cinder-copy-'));
      try {
        const source = await imageOptions(from, folder, 'source');
        const target = await imageOptions(to, folder, 'target');
        const argv = ['qemu-img', 'convert', '-n', '-U', ...source.objects, ...target.objects];
        const places = ['--image-opts', source.options, '--target-image-opts', target.options];
        await run([...argv, ...places], { signal, timeoutMs: COPY_TIMEOUT_MS });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

interface QemuImage {
  readonly objects: readonly string[];
  readonly options: string;
}

async function imageOptions(place: Place, folder: string, side: string): Promise<QemuImage> {
  if ('path' in place) return { objects: [], options: await fileOptions(place) };
  switch (place.driver_volume_type) {
    case 'local':
      return { objects: [], options: await fileOptions({ path: place.data.device_path, format: place.data.format }) };
    case 'iscsi': {
      const { target_portal, target_iqn, target_lun, auth_username, auth_password } = place.data;
      const options = { transport: 'tcp', portal: target_portal, target: target_iqn, lun: String(target_lun) };
      if (auth_username === undefined) return { objects: [], options: optionsOf('iscsi', options) };
      const file = join(folder, side);
      await writeFile(file, auth_password ?? '', { mode: 0o600 });
      return {
        objects: ['--object', `secret,id=${side},file=${file}`],
        options: optionsOf('iscsi', { ...options, user: auth_username, 'password-secret': side }),
      };
    }
    case 'rbd': {
      const [pool = '', image = ''] = place.data.name.split('/');
      const user = place.data.auth_username;
      return { objects: [], options: optionsOf('rbd', { pool, image, ...(user !== null && { user }) }) };
    }
    case 'nfs':
      throw new Error(
        'A volume on NFS is read on a host that has its share mounted: run this on the host of its back end.',
      );
  }
}

async function fileOptions({ path, format }: LocalVolume): Promise<string> {
  if (path.startsWith('rbd:')) return `driver=raw,${escaped('file.filename', path)}`;
  const driver = (await stat(path)).isBlockDevice() ? 'host_device' : 'file';
  return optionsOf(driver, { filename: path }, format);
}

const optionsOf = (driver: string, options: Readonly<Record<string, string>>, format = 'raw'): string =>
  [
    `driver=${format}`,
    `file.driver=${driver}`,
    ...Object.entries(options).map(([name, value]) => escaped(`file.${name}`, value)),
  ].join(',');

/** A comma within a value is written twice. */
const escaped = (name: string, value: string): string => `${name}=${value.replaceAll(',', ',,')}`;
