import { setTimeout as sleep } from 'node:timers/promises';
import { QmpError, type QmpClient } from '#common/host/qmp.ts';
import type { BlockDevice } from './block-devices.ts';
import { addNode, removeNode } from './hot-plug.ts';

interface Job {
  readonly device: string;
  readonly ready: boolean;
}

/** The node behind a device of a running guest. */
async function nodeBehind(qmp: QmpClient, deviceId: string): Promise<string | undefined> {
  const found = await qmp.execute<readonly { qdev?: string; inserted?: { 'node-name'?: string } }[]>('query-block');
  // virtio-blk calls its block device by a path below the device's own.
  const mine = found.find(({ qdev }) => qdev === deviceId || qdev?.split('/').includes(deviceId));
  return mine?.inserted?.['node-name'];
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
  const [source, target] = [from.node['node-name'], to.node['node-name']];
  if ((await nodeBehind(qmp, from.device.id)) !== target) {
    const job = `swap-${target}`;
    const jobs = async (): Promise<Job | undefined> =>
      (await qmp.execute<readonly Job[]>('query-block-jobs')).find(({ device }) => device === job);
    try {
      await addNode(qmp, to);
      if (!(await jobs()))
        await qmp.execute('blockdev-mirror', { 'job-id': job, device: source, target, sync: 'full' });
      for (let asked = false; ;) {
        signal.throwIfAborted();
        const now = await jobs();
        if (!now) break;
        if (now.ready && !asked) {
          asked = true;
          await qmp.execute('block-job-complete', { device: job });
        }
        await sleep(50, undefined, { signal });
      }
      if ((await nodeBehind(qmp, from.device.id)) !== target)
        throw new Error(`The copy to the new volume failed; the server goes on with the old one.`);
    } catch (error) {
      await qmp.execute('block-job-cancel', { device: job, force: true }).catch(() => undefined);
      while (await jobs().catch(() => undefined)) await sleep(50);
      if ((await nodeBehind(qmp, from.device.id).catch(() => target)) !== target) {
        await removeNode(qmp, to).catch(() => undefined);
        throw error;
      }
      if (!(error instanceof QmpError)) throw error;
    }
  }
  await removeNode(qmp, from);
}
