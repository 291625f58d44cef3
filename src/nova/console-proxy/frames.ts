/** WebSocket frames (RFC 6455), the server's side: what clients send is masked, what we send is not. */

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  readonly opcode: number;
  /** The last frame of its message. */
  readonly final: boolean;
  readonly payload: Buffer;
}

/** A client that does not keep to the protocol; `code` is the close status. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Bytes per frame; what VNC clients send is tiny. */
const maxPayload = 1 << 20;

/** Cuts a stream of bytes into frames. @returns the frames that are complete now; throws ProtocolError */
export class FrameReader {
  #buffered: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Frame[] {
    this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | null {
    const bytes = this.#buffered;
    if (bytes.length < 2) return null;
    const [first, second] = [bytes[0] as number, bytes[1] as number];
    if ((first & 0x70) !== 0) throw new ProtocolError(1002, 'Reserved bits are set and no extension was agreed on');
    if ((second & 0x80) === 0) throw new ProtocolError(1002, 'A frame of a client must be masked');
    const opcode = first & 0x0f;
    let length = second & 0x7f;
    let at = 2;
    if (opcode >= 8 && (length > 125 || (first & 0x80) === 0))
      throw new ProtocolError(1002, 'A control frame must be short and whole');
    if (length === 126) {
      if (bytes.length < 4) return null;
      length = bytes.readUInt16BE(2);
      at = 4;
    } else if (length === 127) {
      if (bytes.length < 10) return null;
      const long = bytes.readBigUInt64BE(2);
      if (long > BigInt(maxPayload)) throw new ProtocolError(1009, 'The frame is too large');
      length = Number(long);
      at = 10;
    }
    if (length > maxPayload) throw new ProtocolError(1009, 'The frame is too large');
    if (bytes.length < at + 4 + length) return null;
    const mask = bytes.subarray(at, at + 4);
    const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + length));
    for (let index = 0; index < length; index++)
      payload[index] = (payload[index] as number) ^ (mask[index & 3] as number);
    this.#buffered = bytes.subarray(at + 4 + length);
    return { opcode, final: (first & 0x80) !== 0, payload };
  }
}

/** One whole frame to a client. */
export function encodeFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = 0x80 | opcode;
  if (length < 126) header[1] = length;
  else if (length < 65_536) {
    header[1] = 126;
    header.writeUInt16BE(length, 2);
  } else {
    header[1] = 127;
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([header, payload]);
}

export function encodeClose(code: number, reason = ''): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return encodeFrame(opcodes.close, payload);
}
