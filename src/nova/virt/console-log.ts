import { createReadStream, createWriteStream } from 'node:fs';
import { open, stat, truncate } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** A guest can write without end; the log keeps at least the last megabyte of it. */
const LIMIT = 16 * 1024 * 1024;

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;

async function tail(path: string, maxBytes: number): Promise<Buffer> {
  const size = await sizeOf(path);
  const length = Math.min(size, maxBytes);
  if (length === 0) return Buffer.alloc(0);
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The last `maxBytes` of a console log, across the point where it was cut. Empty when there is none. */
export async function readConsoleLog(path: string, maxBytes: number): Promise<Buffer> {
  const recent = await tail(path, maxBytes);
  if (recent.length === maxBytes) return recent;
  return Buffer.concat([await tail(`${path}.0`, maxBytes - recent.length), recent]);
}

/**
 * Cuts a log that has grown beyond the limit, keeping the last of it, as much as the limit, beside it. QEMU appends, so it
 * goes on at the new end; what it writes between the copy and the cut is lost.
 */
export async function limitConsoleLog(path: string, limit = LIMIT): Promise<void> {
  const size = await sizeOf(path);
  if (size <= limit) return;
  await pipeline(createReadStream(path, { start: size - limit }), createWriteStream(`${path}.0`, { mode: 0o600 }));
  await truncate(path, 0);
}

/** A guest that starts begins a new log. */
export async function beginConsoleLog(path: string): Promise<void> {
  await (await open(path, 'w', 0o600)).close();
  await truncate(`${path}.0`, 0).catch(() => undefined);
}
