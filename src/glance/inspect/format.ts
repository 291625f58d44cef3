/** What image data is, by its own bytes. */
export type ImageFormat = 'raw' | 'qcow2' | 'qcow' | 'qed' | 'vmdk' | 'vdi' | 'vhd' | 'vhdx' | 'iso' | 'ploop';

/** What a reader of one format finds. */
export interface Finding {
  readonly format: ImageFormat;
  /** Bytes that a guest would see as its disk; null when the format does not say. */
  readonly virtualSize: number | null;
  /** Why no hypervisor may open this image; undefined when it is self-contained. */
  readonly danger?: string;
}

/** The bytes that are looked at: the beginning of the data and its last bytes. */
export interface Sample {
  readonly head: Buffer;
  readonly tail: Buffer;
  /** Bytes of the whole. */
  readonly size: number;
}

/** Recognises one format; null when it is another. Must stand any bytes. */
export type FormatReader = (sample: Sample) => Finding | null;

/** A 64-bit number of a header; null when it is beyond what a size can be. */
export function sizeField(value: bigint): number | null {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null;
}
