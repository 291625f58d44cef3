/** XDR (RFC 4506), as far as libvirt's protocol needs it: big endian, everything in steps of four bytes. */
export class XdrWriter {
  readonly #parts: Buffer[] = [];

  int(value: number): this {
    const part = Buffer.alloc(4);
    part.writeInt32BE(value);
    this.#parts.push(part);
    return this;
  }

  uint(value: number): this {
    const part = Buffer.alloc(4);
    part.writeUInt32BE(value);
    this.#parts.push(part);
    return this;
  }

  hyper(value: bigint): this {
    const part = Buffer.alloc(8);
    part.writeBigUInt64BE(value);
    this.#parts.push(part);
    return this;
  }

  /** Bytes of a length that both sides know. */
  fixed(bytes: Buffer): this {
    this.#parts.push(bytes, Buffer.alloc(padding(bytes.length)));
    return this;
  }

  /** Bytes with their length before them. */
  opaque(bytes: Buffer): this {
    return this.uint(bytes.length).fixed(bytes);
  }

  string(text: string): this {
    return this.opaque(Buffer.from(text, 'utf8'));
  }

  /** A string that may be missing. */
  optional(text: string | null): this {
    return text === null ? this.int(0) : this.int(1).string(text);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

export class XdrReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  uint(): number {
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }

  /** 64 bits. */
  hyper(): bigint {
    this.#at += 8;
    return this.#bytes.readBigUInt64BE(this.#at - 8);
  }

  fixed(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('The message of libvirt is cut off');
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end + padding(length);
    return part;
  }

  string(): string {
    return this.fixed(this.uint()).toString('utf8');
  }

  optional(): string | null {
    return this.int() === 0 ? null : this.string();
  }

  array<T>(item: () => T): T[] {
    return Array.from({ length: this.uint() }, item);
  }
}

const padding = (length: number): number => (4 - (length % 4)) % 4;
