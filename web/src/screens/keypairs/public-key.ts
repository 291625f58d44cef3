import { fromBase64 } from './openssh.ts';

const kinds =
  /^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/;

/** Why a text is not taken as a public key. */
export type KeyRefusal = 'empty' | 'private' | 'several' | 'form' | 'kind' | 'cut';
export type PublicKeyReading =
  | { readonly line: string; readonly kind: string; readonly comment: string; readonly refusal: null }
  | { readonly refusal: KeyRefusal };

/** Reads what somebody pasted, and sees at once what Nova (or, worse, only ssh) would refuse. */
export function readPublicKey(text: string): PublicKeyReading {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const [line] = lines;
  if (line === undefined) return { refusal: 'empty' };
  if (/PRIVATE KEY/.test(text)) return { refusal: 'private' };
  if (line.startsWith('-----') || line.startsWith('---- ')) return { refusal: 'form' };
  // Pasted out of a narrow terminal: one key over several lines.
  const [first = ''] = line.split(/\s+/);
  if (lines.length > 1 && lines.slice(1).some((other) => kinds.test(other.split(/\s+/)[0] ?? '')))
    return { refusal: 'several' };
  if (!kinds.test(first)) return { refusal: 'kind' };
  const [kind = '', base64 = '', ...comment] = lines.length > 1 ? joined(lines) : line.split(/\s+/);
  if (!isWhole(kind, base64)) return { refusal: 'cut' };
  return { line: [kind, base64, ...comment].join(' '), kind, comment: comment.join(' '), refusal: null };
}

/** The words of a key that was broken into lines: breaks within its base64 are not spaces. */
function joined(lines: readonly string[]): readonly string[] {
  const [kind = '', ...rest] = lines.join('\n').split(/[ \t]+/);
  const [base64 = '', ...comment] = rest.join(' ').replaceAll('\n', '').split(' ');
  return [kind, base64, ...comment];
}

/** The blob names its kind itself, and its fields fill it: a key that was cut does not. */
function isWhole(kind: string, base64: string): boolean {
  let blob: Uint8Array;
  try {
    blob = fromBase64(base64);
  } catch {
    return false;
  }
  const view = new DataView(blob.buffer);
  let at = 0;
  let fields = 0;
  while (at + 4 <= blob.length) {
    const length = view.getUint32(at);
    if (at + 4 + length > blob.length) return false;
    if (fields === 0 && new TextDecoder().decode(blob.subarray(4, 4 + length)) !== kind) return false;
    at += 4 + length;
    fields++;
  }
  return at === blob.length && fields >= 2;
}
