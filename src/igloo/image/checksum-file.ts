/**
 * Finds a file's digest in a publisher's list. Knows coreutils' lines (`digest  file`, `digest *file`) and BSD's
 * (`SHA256 (file) = digest`), signed or not.
 * @returns lower-case hexadecimal; undefined when the file is not listed
 */
export function findDigest(text: string, file: string, algorithm: 'sha256' | 'sha512'): string | undefined {
  const length = algorithm === 'sha256' ? 64 : 128;
  for (const line of text.split(/\r?\n/)) {
    const coreutils = /^([0-9a-fA-F]+) [ *](.+)$/.exec(line);
    const bsd = /^(\S+) \((.+)\) = ([0-9a-fA-F]+)$/.exec(line);
    const [name, digest] = coreutils ? [coreutils[2], coreutils[1]] : [bsd?.[2], bsd?.[3]];
    if (name === file && digest?.length === length) return digest.toLowerCase();
  }
  return undefined;
}
