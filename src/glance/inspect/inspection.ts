import type { Finding, FormatReader, Sample } from './format.ts';
import { readQcow2 } from './qcow2.ts';
import { readIso, readPloop, readQed, readVdi, readVhd } from './virtual-disks.ts';
import { readVhdx } from './vhdx.ts';
import { readVmdk } from './vmdk.ts';

/** What lies at offset 0 counts first: it is what a hypervisor that probes would believe. */
const readers: readonly FormatReader[] = [readQcow2, readQed, readVmdk, readVhdx, readPloop, readVdi, readVhd, readIso];

/** What the data is. Anything that no reader knows is raw. */
export function identify(sample: Sample): Finding {
  for (const read of readers) {
    const finding = read(sample);
    if (finding) return finding;
  }
  return { format: 'raw', virtualSize: sample.size };
}

const headBytes = 64 * 1024;
/** A VHDX has its metadata behind the first MiB. */
const vhdxHeadBytes = 4 * 1024 * 1024;
const tailBytes = 512;

const vhdxMagic = Buffer.from('vhdxfile');

/** Looks at image data while it passes by, keeping no more of it than the readers need. */
export class Inspection {
  #head: Buffer[] = [];
  #headLength = 0;
  #wanted = headBytes;
  #tail: Buffer = Buffer.alloc(0);
  #size = 0;

  /** Takes the next bytes; they may be overwritten afterwards. */
  push(block: Uint8Array): void {
    if (this.#size < vhdxMagic.length) {
      const beginning = Buffer.concat([...this.#head, block.subarray(0, vhdxMagic.length)]);
      if (beginning.subarray(0, vhdxMagic.length).equals(vhdxMagic)) this.#wanted = vhdxHeadBytes;
    }
    if (this.#headLength < this.#wanted) {
      const part = Buffer.from(block.subarray(0, this.#wanted - this.#headLength));
      this.#head.push(part);
      this.#headLength += part.length;
    }
    this.#size += block.length;
    this.#tail =
      block.length >= tailBytes
        ? Buffer.from(block.subarray(-tailBytes))
        : Buffer.concat([this.#tail, block]).subarray(-tailBytes);
  }

  /** Whether the beginning is known: what `early` says will not change. */
  get ready(): boolean {
    return this.#headLength >= this.#wanted;
  }

  /** By the beginning alone: what is worth refusing before the rest has come. */
  early(): Finding {
    return identify({ head: Buffer.concat(this.#head), tail: Buffer.alloc(0), size: this.#size });
  }

  /** By everything. */
  finish(): Finding {
    return identify({ head: Buffer.concat(this.#head), tail: this.#tail, size: this.#size });
  }
}
