import { createHash, type Hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { PassThrough, Writable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createDeflate, createInflate, createZstdCompress, createZstdDecompress } from 'node:zlib';
import type { BackupStore } from './store.ts';

/** Bytes that are compared, kept and skipped together. */
const PIECE = 1024 ** 2;
const ZEROS = Buffer.alloc(PIECE);
const ZERO_HASH = createHash('sha256').update(ZEROS).digest();
const INDEX = 'backup.json';
const HASHES = 'hashes';

export type Compression = 'none' | 'zlib' | 'zstd';

/** A stretch of the volume that a backup has. */
interface StoredObject {
  /** Null: it is all zeros, and there is no file. */
  readonly name: string | null;
  readonly offset: number;
  readonly length: number;
  /** Of the bytes before compression, hexadecimal. */
  readonly sha256: string | null;
  readonly compression: Compression;
}

/** `backup.json`: written last, so that a backup without it is none. */
export interface BackupIndex {
  readonly version: 1;
  readonly backupId: string;
  readonly volumeId: string;
  readonly parentId: string | null;
  readonly sizeBytes: number;
  readonly createdAt: string;
  /** What the volume was, for restores into a new one. */
  readonly volume: {
    readonly name: string | null;
    readonly description: string | null;
    readonly bootable: boolean;
    readonly imageMetadata: Readonly<Record<string, string>> | null;
  };
  readonly objects: readonly StoredObject[];
}

export interface WriteBackup {
  readonly store: BackupStore;
  readonly folder: string;
  readonly about: Omit<BackupIndex, 'version' | 'objects' | 'sizeBytes'>;
  /** A raw file or block device; null when there are no bytes. */
  readonly source: string | null;
  readonly compression: Compression;
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Folder of the backup that this one builds on. */
  readonly parentFolder: string | null;
  readonly signal: AbortSignal;
}

/**
 * Writes a backup: the stretches of the volume that are not zeros, or that differ from the parent's.
 * @returns the number of objects
 */
export async function writeBackup(job: WriteBackup): Promise<number> {
  const { store, folder, source, parentFolder, signal } = job;
  const parent = parentFolder === null ? null : await readHashes(store, parentFolder);
  const objects: StoredObject[] = [];
  const hashes: Buffer[] = [];
  let sizeBytes = 0;
  if (source !== null) {
    const writer = new ObjectWriter(job, objects);
    const file = await open(source, 'r');
    try {
      for (;;) {
        signal.throwIfAborted();
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(PIECE), 0, PIECE, sizeBytes);
        if (bytesRead === 0) break;
        const piece = buffer.subarray(0, bytesRead);
        const zero = piece.equals(ZEROS.subarray(0, bytesRead));
        const hash = zero && bytesRead === PIECE ? ZERO_HASH : createHash('sha256').update(piece).digest();
        const known = parent?.subarray(hashes.length * 32, hashes.length * 32 + 32);
        hashes.push(hash);
        // What no parent has is zeros already when it is restored.
        const needed = known && known.length > 0 ? !known.equals(hash) : !zero;
        if (!needed) await writer.end();
        else if (zero) await writer.zeros(sizeBytes, bytesRead);
        else await writer.data(sizeBytes, piece);
        sizeBytes += bytesRead;
      }
      await writer.end();
    } catch (error) {
      writer.abandon(error as Error);
      throw error;
    } finally {
      await file.close();
    }
  }
  await store.writeWhole(folder, HASHES, Buffer.concat(hashes));
  const index: BackupIndex = { version: 1, ...job.about, sizeBytes, objects };
  await store.writeWhole(folder, INDEX, JSON.stringify(index));
  return objects.length;
}

export async function readIndex(store: BackupStore, folder: string): Promise<BackupIndex> {
  const text = await store.readWhole(folder, INDEX);
  if (text === null) throw new Error(`The backup in ${folder} is not whole: ${INDEX} is missing.`);
  return JSON.parse(text.toString()) as BackupIndex;
}

async function readHashes(store: BackupStore, folder: string): Promise<Buffer> {
  const hashes = await store.readWhole(folder, HASHES);
  if (hashes === null) throw new Error(`The backup in ${folder}, which this one is to build on, is not whole.`);
  return hashes;
}

/**
 * Puts a backup's bytes together in a sparse file.
 * @param folders those of the full backup and of all that build on it, oldest first
 * @throws Error when an object is damaged
 */
export async function assembleBackup(
  store: BackupStore,
  folders: readonly string[],
  path: string,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.truncate(sizeBytes);
    for (const folder of folders)
      for (const { name, offset, length, sha256, compression } of (await readIndex(store, folder)).objects) {
        signal.throwIfAborted();
        if (name === null) {
          for (let at = 0; at < length; at += PIECE)
            await file.write(ZEROS, 0, Math.min(PIECE, length - at), offset + at);
          continue;
        }
        const hash = createHash('sha256');
        let at = offset;
        const sink = new Writable({
          write(chunk: Buffer, _, done) {
            hash.update(chunk);
            file.write(chunk, 0, chunk.length, at).then(() => done(), done);
            at += chunk.length;
          },
        });
        await pipeline(store.read(folder, name), expanding(compression), sink, { signal });
        if (at !== offset + length || hash.digest('hex') !== sha256)
          throw new Error(`The backup is damaged: ${folder}/${name} does not match its checksum.`);
      }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Pieces that follow each other become one object. */
class ObjectWriter {
  readonly #job: WriteBackup;
  readonly #objects: StoredObject[];
  #open:
    | { name: string; offset: number; length: number; input: PassThrough; hash: Hash; done: Promise<unknown> }
    | undefined;
  #zeros: { offset: number; length: number } | undefined;

  constructor(job: WriteBackup, objects: StoredObject[]) {
    this.#job = job;
    this.#objects = objects;
  }

  async data(offset: number, piece: Buffer): Promise<void> {
    if (this.#zeros || (this.#open && this.#open.length + piece.length > this.#job.fileBytes)) await this.end();
    const open = (this.#open ??= this.#begin(offset));
    open.hash.update(piece);
    open.length += piece.length;
    // Waits for the disk, or for its failure.
    if (!open.input.write(piece))
      await Promise.race([new Promise((resolve) => open.input.once('drain', resolve)), open.done]);
  }

  async zeros(offset: number, length: number): Promise<void> {
    if (this.#open) await this.end();
    if (this.#zeros) this.#zeros.length += length;
    else this.#zeros = { offset, length };
  }

  async end(): Promise<void> {
    const { compression } = this.#job;
    if (this.#zeros) this.#objects.push({ ...this.#zeros, name: null, sha256: null, compression: 'none' });
    this.#zeros = undefined;
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    open.input.end();
    await open.done;
    const { name, offset, length, hash } = open;
    this.#objects.push({ name, offset, length, sha256: hash.digest('hex'), compression });
  }

  abandon(error: Error): void {
    this.#open?.input.destroy(error);
  }

  #begin(offset: number) {
    const { store, folder, compression, signal } = this.#job;
    const name = String(this.#objects.length + 1).padStart(5, '0');
    const input = new PassThrough({ highWaterMark: 4 * PIECE });
    const packed = compressing(compression);
    const moving = pipeline(input, packed, { signal });
    const done = Promise.all([moving, store.write(folder, name, packed, signal)]);
    done.catch(() => undefined); // heard by whoever writes next
    return { name, offset, length: 0, input, hash: createHash('sha256'), done };
  }
}

const compressing = (compression: Compression): Transform =>
  compression === 'zlib' ? createDeflate() : compression === 'zstd' ? createZstdCompress() : new PassThrough();
const expanding = (compression: Compression): Transform =>
  compression === 'zlib' ? createInflate() : compression === 'zstd' ? createZstdDecompress() : new PassThrough();
