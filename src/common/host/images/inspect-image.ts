import { stat } from 'node:fs/promises';
import type { Run } from '../run.ts';
import { ImageUnacceptable } from './image-unacceptable.ts';
import { readImageHeader } from './image-header.ts';

/** An image file that was looked at and may be converted. */
export interface InspectedImage {
  /** qemu-img's name of the format. */
  readonly format: string;
  /** Size of the disk that guests will see. */
  readonly virtualBytes: number;
}

/** Glance's disk_format → qemu-img's name. The amazon formats and ISO images are bytes as they are. */
const FORMATS: Readonly<Record<string, string>> = {
  raw: 'raw',
  iso: 'raw',
  ami: 'raw',
  aki: 'raw',
  ari: 'raw',
  qcow2: 'qcow2',
  vmdk: 'vmdk',
  vdi: 'vdi',
  vhd: 'vpc',
  vhdx: 'vhdx',
};

/** An image is somebody's upload: a program that reads it gets little time and little memory. */
const LIMITS = ['prlimit', '--cpu=30', '--as=1073741824', '--'];

interface QemuImgInfo {
  readonly format?: string;
  readonly 'virtual-size'?: number;
  readonly 'backing-filename'?: string;
  readonly 'full-backing-filename'?: string;
  readonly encrypted?: boolean;
  readonly 'format-specific'?: { readonly data?: { readonly 'data-file'?: string; readonly corrupt?: boolean } };
}

/**
 * Judges an image before any hypervisor sees it: its real format must be the announced one, and it must hold all of
 * its data itself.
 * @throws ImageUnacceptable with the reason in words
 */
export async function inspectImage(
  run: Run,
  image: { readonly id: string; readonly path: string; readonly diskFormat: string },
): Promise<InspectedImage> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new ImageUnacceptable(image.id, why, cause);
  };
  const announced =
    FORMATS[image.diskFormat] ?? refuse(`disk format "${image.diskFormat}" cannot be run by this host.`);
  const header = await readImageHeader(image.path);
  if (header.format !== announced)
    refuse(
      `it is announced as ${image.diskFormat}, but its content is ${header.format}. Upload it with --disk-format ${header.format}.`,
    );
  if (header.refusal !== undefined) refuse(header.refusal);
  // Raw bytes have no structure to ask for, and must never be probed for one.
  if (announced === 'raw') return { format: 'raw', virtualBytes: (await stat(image.path)).size };

  const argv = [...LIMITS, 'qemu-img', 'info', '--output=json', '-f', announced, image.path];
  const answer = await run(argv, { env: { LC_ALL: 'C' }, timeoutMs: 60_000 }).catch((cause: unknown) =>
    refuse(`qemu-img cannot read it as ${announced}. It may be damaged; upload it again.`, cause),
  );
  const info = JSON.parse(answer.stdout) as QemuImgInfo;
  if (info.format !== announced) refuse(`qemu-img sees ${info.format} where ${announced} was announced.`);
  if (info['backing-filename'] !== undefined || info['full-backing-filename'] !== undefined)
    refuse('it has a backing file. Flatten it with "qemu-img convert" and upload the result.');
  const data = info['format-specific']?.data;
  if (data?.['data-file'] !== undefined) refuse('its data is in an external file.');
  if (info.encrypted) refuse('it is encrypted. Upload it without encryption.');
  if (data?.corrupt) refuse('it is marked as corrupt. Repair it with "qemu-img check -r all" and upload it again.');
  const virtualBytes = info['virtual-size'] ?? refuse('qemu-img does not tell its size.');
  return { format: announced, virtualBytes };
}

/** Converts an inspected image; the source's format is given, never probed. */
export async function convertToRaw(run: Run, from: string, format: string, to: string, signal?: AbortSignal) {
  const argv = ['prlimit', '--as=4294967296', '--', 'qemu-img', 'convert', '-f', format, '-O', 'raw', from, to];
  await run(argv, { timeoutMs: 3_600_000, ...(signal && { signal }) });
}
