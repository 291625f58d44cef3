import { QmpError, type QmpClient } from '#common/host/qmp.ts';
import type { BlockDevice } from './block-devices.ts';
import type { NetworkDevice } from './network-devices.ts';

/** Ids of the devices that a running guest has and that were named by us. */
async function deviceIds(qmp: QmpClient): Promise<Set<string>> {
  const found = await qmp.execute<{ readonly name: string }[]>('qom-list', { path: '/machine/peripheral' });
  return new Set(found.map(({ name }) => name));
}

/** Runs a command whose work may be done already. */
async function unlessDone(work: Promise<unknown>, done: RegExp): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof QmpError) || !done.test(error.message)) throw error;
  });
}

const DUPLICATE = /duplicate|already (exists|in use)|attempt to add duplicate/i;
const ABSENT = /not found|failed to find|cannot find|does not exist/i;

/** Plugs a disk into a running guest. */
export async function plugDisk(qmp: QmpClient, block: BlockDevice): Promise<void> {
  if ((await deviceIds(qmp)).has(block.device.id)) return;
  try {
    await addNode(qmp, block);
    await qmp.execute('device_add', block.device);
  } catch (error) {
    // The volume is given back, or nobody else could have it.
    await removeNode(qmp, block).catch(() => undefined);
    throw error;
  }
}

/** Everything that `plugDisk` does before the guest sees the disk. */
export async function addNode(qmp: QmpClient, { secret, node }: BlockDevice): Promise<void> {
  if (secret)
    await unlessDone(qmp.execute('object-add', { 'qom-type': 'secret', id: secret.id, file: secret.file }), DUPLICATE);
  await unlessDone(qmp.execute('blockdev-add', node), DUPLICATE);
}

/** Afterwards QEMU has let go of the volume, and of its secret. */
export async function removeNode(qmp: QmpClient, { secret, node }: BlockDevice): Promise<void> {
  await unlessDone(qmp.execute('blockdev-del', { 'node-name': node['node-name'] }), ABSENT);
  if (secret) await unlessDone(qmp.execute('object-del', { id: secret.id }), ABSENT);
}

/** Pulls a disk out of a running guest. @throws Error when the guest does not let go in time */
export async function unplugDisk(
  qmp: QmpClient,
  block: BlockDevice,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (!(await pull(qmp, block.device.id, timeoutMs, signal)))
    throw new Error(
      `The guest did not release the disk within ${timeoutMs / 1000} s. Unmount it inside the guest, or stop the server, and detach it again.`,
    );
  await removeNode(qmp, block);
}

/** Plugs an interface into a running guest. */
export async function plugInterface(qmp: QmpClient, { backend, device }: NetworkDevice): Promise<void> {
  if ((await deviceIds(qmp)).has(device.id)) return;
  await unlessDone(qmp.execute('netdev_add', backend), DUPLICATE);
  await qmp.execute('device_add', device);
}

/** Pulls an interface out. A guest that does not let go keeps a card without a cable until it is next started. */
export async function unplugInterface(
  qmp: QmpClient,
  nicId: string,
  netdevId: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (await pull(qmp, nicId, timeoutMs, signal)) await unlessDone(qmp.execute('netdev_del', { id: netdevId }), ABSENT);
  else await qmp.execute('set_link', { name: nicId, up: false });
}

/** Asks the guest to release a device until it does. Says whether it did. */
async function pull(qmp: QmpClient, id: string, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  if (!(await deviceIds(qmp)).has(id)) return true;
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    // A guest that was still booting hears only a later request.
    const patience = Math.min(3_000, Math.max(1, deadline - performance.now()));
    const gone = qmp
      .waitForEvent('DEVICE_DELETED', ({ data }) => data['device'] === id, { timeoutMs: patience, signal })
      .then(
        () => true,
        () => false,
      );
    await unlessDone(qmp.execute('device_del', { id }), /in the process of unplug|not found/i);
    if ((await gone) || !(await deviceIds(qmp)).has(id)) return true;
  }
  return false;
}
