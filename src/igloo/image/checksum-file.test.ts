import { describe, expect, it } from 'vitest';
import { findDigest } from './checksum-file.ts';

const [a, b] = ['a'.repeat(64), 'B'.repeat(64)];

describe('findDigest', () => {
  it('reads the lines of coreutils', () => {
    const text = `${a}  other.img\n${b} *guest.img\n`;
    expect(findDigest(text, 'guest.img', 'sha256')).toBe(b.toLowerCase());
    expect(findDigest(text, 'other.img', 'sha256')).toBe(a);
  });

  it('reads the lines of BSD in a signed text', () => {
    const text = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# guest.img: 5 bytes\nSHA256 (guest.img) = ${a}\n`;
    expect(findDigest(text, 'guest.img', 'sha256')).toBe(a);
  });

  it('takes neither a part of a name nor a digest of another kind', () => {
    expect(findDigest(`${a}  my-guest.img\n`, 'guest.img', 'sha256')).toBeUndefined();
    expect(findDigest(`${a}  guest.img\n`, 'guest.img', 'sha512')).toBeUndefined();
  });
});
