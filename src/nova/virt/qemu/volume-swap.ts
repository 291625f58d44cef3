import { setTimeout as sleep } from 'node:timers/promises';
import type { QmpClient } from '#common/host/qmp.ts';
import type { BlockDevice } from './block-devices.ts';
import { addNode, removeNode } from './hot-plug.ts';

interface Job {
  readonly id: string;
  /** `running`, `ready`, `concluded` … */
  readonly status: string;
  readonly error?: string;
}

interface Inserted {
  readonly 'node-name'?: string;
  readonly image?: { readonly 'virtual-size': number };
}

/** What is behind a device of a running guest. */
async function behind(qmp: QmpClient, deviceId: string): Promise<Inserted | undefined> {
  const found = await qmp.execute<readonly { qdev?: string; inserted?: Inserted }[]>('query-block');
  // virtio-blk calls its block device by a path below the device's own.
  return found.find(({ qdev }) => qdev === deviceId || qdev?.split('/').includes(deviceId))?.inserted;
}

/** A mirror's two sides must be alike in size: as much of a larger volume as the old one has, and the whole of it afterwards. */
function cropped(to: BlockDevice, bytes: number | undefined): { part: BlockDevice; whole: BlockDevice['node'] | null } {
  const { node } = to;
  if (node['driver'] !== 'raw' || bytes === undefined) return { part: to, whole: null };
  const name = `file-${node['node-name'].replace(/^node-/, '')}`;
  const file = { ...(node['file'] as object), 'node-name': name };
  return { part: { ...to, node: { ...node, file, size: bytes } }, whole: { ...node, file: name } };
}

/** Follows a mirror to its end: asks for the change when both are alike. @throws Error with QEMU's reason */
async function follow(qmp: QmpClient, id: string, signal: AbortSignal): Promise<void> {
  for (let asked = false; ;) {
    signal.throwIfAborted();
    const job = (await qmp.execute<readonly Job[]>('query-jobs')).find((one) => one.id === id);
    if (!job) return;
    if (job.status === 'concluded') {
      await qmp.execute('job-dismiss', { id });
      if (job.error !== undefined)
        throw new Error(`The copy to the new volume failed; the server goes on with the old one: ${job.error}`);
      return;
    }
    if (job.status === 'ready' && !asked) {
      asked = true;
      await qmp.execute('job-complete', { id });
    }
    await sleep(50, undefined, { signal });
  }
}

/** Ends a mirror that is no longer wanted, whatever it is doing. */
async function abandon(qmp: QmpClient, id: string): Promise<void> {
  await qmp.execute('block-job-cancel', { device: id, force: true }).catch(() => undefined);
  await follow(qmp, id, new AbortController().signal).catch(() => undefined);
}

/**
 * Mirrors what is behind `from`'s device to `to`, and puts `to` behind the device once both are alike. A copy that a
 * predecessor has begun is followed to its end. When it fails the guest has what it had.
 */
export async function swapNodes(
  qmp: QmpClient,
  from: BlockDevice,
  to: BlockDevice,
  signal: AbortSignal,
): Promise<void> {
  const [device, target] = [from.node['node-name'], to.node['node-name']];
  const swapped = async (): Promise<boolean> => (await behind(qmp, from.device.id))?.['node-name'] === target;
  const { part, whole } = cropped(to, (await behind(qmp, from.device.id))?.image?.['virtual-size']);
  const id = `swap-${target}`;
  if (!(await swapped()))
    try {
      await addNode(qmp, part);
      const jobs = await qmp.execute<readonly Job[]>('query-jobs');
      if (!jobs.some((job) => job.id === id))
        await qmp.execute('blockdev-mirror', { 'job-id': id, device, target, sync: 'full', 'auto-dismiss': false });
      await follow(qmp, id, signal);
      if (!(await swapped())) throw new Error('The guest did not take the new volume; it goes on with the old one.');
    } catch (error) {
      await abandon(qmp, id);
      if (!(await swapped())) await removeNode(qmp, to).catch(() => undefined);
      throw error;
    }
  if (whole) await qmp.execute('blockdev-reopen', { options: [whole] });
  await removeNode(qmp, from);
}
