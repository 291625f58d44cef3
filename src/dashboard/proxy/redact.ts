import { Transform, type TransformCallback } from 'node:stream';

/**
 * Replaces every occurrence of a secret by asterisks, of the same length, across chunks too: should a service tell the token
 * in an answer or a message, the browser does not see it. Holds back only bytes that may be the secret's beginning.
 */
export function redactor(secret: string): Transform {
  const wanted = Buffer.from(secret);
  const stars = Buffer.alloc(wanted.length, '*');
  let held: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      let bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      let at = bytes.indexOf(wanted);
      if (at >= 0 && bytes === chunk) bytes = Buffer.from(chunk);
      for (; at >= 0; at = bytes.indexOf(wanted, at + wanted.length)) stars.copy(bytes, at);
      const keep = beginningAt(bytes, wanted);
      held = bytes.subarray(keep);
      done(null, bytes.subarray(0, keep));
    },
    flush(done: TransformCallback) {
      done(null, held);
    },
  });
}

/** Where the end of `bytes` may be the beginning of `wanted`; the length when it is not. */
function beginningAt(bytes: Buffer, wanted: Buffer): number {
  const first = wanted[0] as number;
  let at = bytes.indexOf(first, Math.max(0, bytes.length - wanted.length + 1));
  for (; at >= 0; at = bytes.indexOf(first, at + 1))
    if (wanted.subarray(0, bytes.length - at).equals(bytes.subarray(at))) return at;
  return bytes.length;
}
