import { randomBytes } from 'node:crypto';
import { rm, rename } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '#common/host/run.ts';
import type { Monitor } from './monitor.ts';

/** Jobs and nodes of ours, in a guest that may have outlived the process that began them. */
const OURS = 'igloo-copy-';

interface Block {
  readonly inserted?: {
    readonly 'node-name'?: string;
    readonly image: { readonly filename: string; readonly 'virtual-size': number };
  };
}
interface Job {
  readonly id: string;
  readonly status: string;
  readonly error?: string;
}

export interface BackupOptions {
  /** The disk's file, by which it is found in the guest. */
  readonly disk: string;
  readonly to: string;
  readonly format: 'qcow2' | 'raw';
  readonly run: Run;
  readonly signal: AbortSignal;
}

/**
 * Copies a disk of a running guest, as it is at one moment, into a standalone image; the guest goes on meanwhile.
 * @throws Error when the guest has no such disk or QEMU cannot write
 */
export async function backUpDisk(monitor: Monitor, { disk, to, format, run, signal }: BackupOptions): Promise<void> {
  await endLeftovers(monitor, signal);
  const blocks = await monitor.execute<Block[]>('query-block');
  const source = blocks.find(({ inserted }) => inserted?.image.filename === disk)?.inserted;
  if (!source) throw new Error(`The guest has no disk ${disk}: a copy of it cannot be made.`);
  const part = `${to}.part`;
  await rm(part, { force: true });
  await run(['qemu-img', 'create', '-q', '-f', format, part, `${source.image['virtual-size']}`]);
  const job = OURS + randomBytes(4).toString('hex');
  await monitor.execute('blockdev-add', {
    driver: format,
    'node-name': job,
    // Empty regions of the disk stay empty regions of the file.
    discard: 'unmap',
    'detect-zeroes': 'unmap',
    file: { driver: 'file', filename: part, discard: 'unmap' },
  });
  try {
    await monitor.execute('blockdev-backup', {
      'job-id': job,
      device: source['node-name'],
      target: job,
      sync: 'full',
      'auto-dismiss': false,
    });
    await ended(monitor, job, signal);
  } finally {
    await endLeftovers(monitor, new AbortController().signal);
  }
  await rename(part, to);
}

/** Waits for a job's end. @throws Error with what went wrong */
async function ended(monitor: Monitor, id: string, signal: AbortSignal): Promise<void> {
  for (let pause = 10; ; pause = Math.min(pause * 2, 500)) {
    const job = (await monitor.execute<Job[]>('query-jobs')).find((one) => one.id === id);
    if (!job) throw new Error('The copy of the disk was ended by somebody else.');
    if (job.status === 'concluded') {
      if (job.error !== undefined) throw new Error(`The copy of the disk could not be written: ${job.error}`);
      return;
    }
    await sleep(pause, undefined, { signal });
  }
}

/** Ends copies that this process or a predecessor has begun, and closes their files. */
async function endLeftovers(monitor: Monitor, signal: AbortSignal): Promise<void> {
  const jobs = async (): Promise<Job[]> =>
    (await monitor.execute<Job[]>('query-jobs')).filter(({ id }) => id.startsWith(OURS));
  for (let left = await jobs(); left.length > 0; left = await jobs()) {
    for (const { id, status } of left)
      await monitor.execute(status === 'concluded' ? 'job-dismiss' : 'job-cancel', { id }).catch(() => undefined);
    if ((await jobs()).length > 0) await sleep(20, undefined, { signal });
  }
  const nodes = await monitor.execute<{ 'node-name'?: string }[]>('query-named-block-nodes', { flat: true });
  for (const { 'node-name': name } of nodes)
    if (name?.startsWith(OURS)) await monitor.execute('blockdev-del', { 'node-name': name });
}

/** Copies the disk of a guest that is off. */
export async function copyIdleDisk({ disk, to, format, run, signal }: BackupOptions): Promise<void> {
  const part = `${to}.part`;
  await rm(part, { force: true });
  await run(['qemu-img', 'convert', '-f', 'qcow2', '-O', format, disk, part], { timeoutMs: 6 * 3_600_000, signal });
  await rename(part, to);
}
