import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rename, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readIfExists, writeFileAtomic } from '#common/host/files.ts';
import type { Monitor } from '../monitor/monitor.ts';

/** A suspended guest's memory, and where its devices were plugged. */
const MEMORY = 'memory';
const PLACES = 'memory.places';
/** Bytes per second: more than any disk takes, so that QEMU's own limit of 128 MiB/s does not count. */
const UNLIMITED = 64 * 1024 ** 3;

/** Ids of devices → their places on the PCI bus, as `addr` has them. */
export type Places = Readonly<Record<string, string>>;

interface PciDevice {
  readonly qdev_id: string;
  readonly slot: number;
  readonly function: number;
}

/** Writes a running guest's memory into its folder; the guest stands still from then on, to be ended. */
export async function saveMemory(qmp: Monitor, folder: string, signal: AbortSignal): Promise<void> {
  // A predecessor's attempt may have come to its end in QEMU, and not on the disk.
  if ((await statusOf(qmp)) === 'postmigrate') await qmp.execute('cont');
  await qmp.execute('stop');
  const [bus] = await qmp.execute<{ readonly devices: readonly PciDevice[] }[]>('query-pci');
  const places = Object.fromEntries(
    (bus?.devices ?? [])
      .filter(({ qdev_id: id }) => id !== '')
      .map((device) => [device.qdev_id, `${device.slot.toString(16)}.${device.function}`]),
  );
  const part = join(folder, `${MEMORY}.part`);
  try {
    await writeFileAtomic(join(folder, PLACES), JSON.stringify(places));
    await withSocket(async (path) => {
      const server = createServer();
      const received = new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.once('connection', (socket) => {
          pipeline(socket, createWriteStream(part, { mode: 0o600 })).then(resolve, reject);
        });
      });
      received.catch(() => undefined);
      await new Promise<void>((resolve) => server.listen(path, resolve));
      try {
        await qmp.execute('migrate-set-parameters', { 'max-bandwidth': UNLIMITED });
        await qmp.execute('migrate', { uri: `unix:${path}` });
        await migrated(qmp, signal);
        await received;
      } finally {
        server.close();
      }
    });
    const file = await open(part, 'r+');
    await file.sync();
    await file.close();
    await rename(part, join(folder, MEMORY));
  } catch (error) {
    await rm(part, { force: true });
    await qmp.execute('cont').catch(() => undefined);
    throw error;
  }
}

/** Where the devices of a guest with saved memory must be; null when it has none. */
export async function savedPlaces(folder: string): Promise<Places | null> {
  const file = await open(join(folder, MEMORY)).catch(() => null);
  if (!file) return null;
  await file.close();
  return JSON.parse((await readIfExists(join(folder, PLACES))) ?? '{}') as Places;
}

/** Gives the saved memory to a QEMU that waits for it. The guest stands still afterwards. */
export async function loadMemory(qmp: Monitor, folder: string, signal: AbortSignal): Promise<void> {
  await withSocket(async (path) => {
    await qmp.execute('migrate-incoming', { uri: `unix:${path}` });
    const socket = await connect(path);
    // QEMU hangs up at the end of the memory, which may be before we have: what counts is what it says itself.
    let broken: unknown;
    const sent = pipeline(createReadStream(join(folder, MEMORY)), socket).catch((error: unknown) => (broken = error));
    try {
      await migrated(qmp, signal);
    } catch (error) {
      await sent;
      throw broken === undefined ? error : new Error(`${(error as Error).message} (${(broken as Error).message})`);
    }
    socket.destroy();
  });
  for (let status = await statusOf(qmp); status === 'inmigrate'; status = await statusOf(qmp))
    await sleep(10, undefined, { signal });
}

/** A guest that goes on must never go back to this moment: its disks have gone on too. */
export async function forgetMemory(folder: string): Promise<void> {
  for (const file of [MEMORY, PLACES]) await rm(join(folder, file), { force: true });
}

export const statusOf = async (qmp: Monitor): Promise<string> =>
  (await qmp.execute<{ readonly status: string }>('query-status')).status;

async function migrated(qmp: Monitor, signal: AbortSignal): Promise<void> {
  for (let pause = 5; ; pause = Math.min(pause * 2, 200)) {
    const { status, 'error-desc': why } = await qmp.execute<{ status?: string; 'error-desc'?: string }>(
      'query-migrate',
    );
    if (status === 'completed') return;
    if (status === 'failed' || status === 'cancelled')
      throw new Error(`The guest's memory could not be transferred: ${why ?? status}`);
    await sleep(pause, undefined, { signal });
  }
}

/** In a short folder that only we can enter: a socket's path may have 107 characters. */
async function withSocket(work: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nova-'));
  try {
    await work(join(folder, 's'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const connect = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createConnection({ path }, () => resolve(socket));
    socket.once('error', reject);
  });
