const LOWER = 'abcdefghjkmnpqrstuvwxyz';
const UPPER = 'ABCDEFGHJKMNPQRSTUVWXYZ';
const DIGITS = '23456789';
const SIGNS = '-_+=.:';
const ALL = LOWER + UPPER + DIGITS + SIGNS;

/**
 * A password of 20 characters that can be read aloud (no O, 0, l, 1, I) with every class in it: about 118 bits.
 * @param random fills the bytes; the browser's own source unless given
 */
export function generatePassword(
  random: (bytes: Uint8Array<ArrayBuffer>) => void = (bytes) => void crypto.getRandomValues(bytes),
): string {
  const pick = (alphabet: string): string => {
    const byte = new Uint8Array(1);
    // Bytes above the last whole multiple would favour the alphabet's beginning.
    const fair = 256 - (256 % alphabet.length);
    do random(byte);
    while ((byte[0] ?? 0) >= fair);
    return alphabet.charAt((byte[0] ?? 0) % alphabet.length);
  };
  for (;;) {
    const text = Array.from({ length: 20 }, () => pick(ALL)).join('');
    const every = [LOWER, UPPER, DIGITS, SIGNS].every((alphabet) => [...text].some((one) => alphabet.includes(one)));
    // A leading sign would be taken for an option on a command line.
    if (every && !SIGNS.includes(text.charAt(0))) return text;
  }
}
