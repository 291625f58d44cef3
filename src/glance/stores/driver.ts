import type { Readable } from 'node:stream';

/** Bytes `start` to `end`, both inclusive, as HTTP's Range counts. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Where image data is kept. Locations are URLs; each scheme belongs to one store. */
export interface ImageStore {
  /** As `x-image-meta-store` and `/v2/info/stores` name it. */
  readonly name: string;
  /** What `/v2/info/stores/detail` shows to administrators; no secrets. */
  readonly details?: Readonly<Record<string, string | number>>;
  /** URL schemes of its locations, without the colon. */
  readonly schemes: readonly string[];
  /**
   * Bytes of the data at a location; undefined when the store cannot say.
   * @throws StoreError `missing` when nothing is there
   */
  size(location: string, signal: AbortSignal): Promise<number | undefined>;
  /** The data, or a range of it. @throws StoreError `missing` when nothing is there */
  read(location: string, range: ByteRange | undefined, signal: AbortSignal): Promise<Readable>;
  /** In stores that do not read every location: @throws StoreError `refused` for one that it does not. */
  check?(location: string): void;
  /** Absent in read-only stores. */
  readonly writing?: StoreWriting;
}

/** The ability to keep new data. */
export interface StoreWriting {
  /**
   * Begins to write an image. Nothing is visible at its location before `commit`.
   * @param expected bytes, when known: a store without that much room refuses at once
   * @throws StoreError `full`, `denied`
   */
  create(imageId: string, expected: number | undefined): Promise<StoreSink>;
  /** Removes the data at a location. Absent is not an error. */
  remove(location: string): Promise<void>;
  /** Removes whatever an interrupted upload of this image left behind, finished or not. */
  discard(imageId: string): Promise<void>;
  /** Removes what interrupted uploads of this host left behind, whatever the image. */
  sweep(): Promise<void>;
}

/** One upload on its way into a store. */
export interface StoreSink {
  /** Blocks come in order, but the next may be given before the last is written. @throws StoreError `full` */
  write(block: Uint8Array, position: number): Promise<void>;
  /** Makes the data visible; returns its location. */
  commit(): Promise<string>;
  /** Forgets everything. Safe to call at any time before `commit` has returned, and twice. */
  abort(): Promise<void>;
}

export type StoreProblem = 'missing' | 'full' | 'denied' | 'refused' | 'unreachable';

/** A store cannot do what was asked; the message is for the user. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly problem: StoreProblem;

  constructor(problem: StoreProblem, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.problem = problem;
  }
}
