import { sizeField, type FormatReader } from './format.ts';

// Layout: QEMU docs/interop/qcow2.txt. Numbers are big endian.
const incompatible = { dirty: 1n, corrupt: 2n, dataFile: 4n, compression: 8n, extendedL2: 16n };
const known = Object.values(incompatible).reduce((a, b) => a | b);
const externalDataExtension = 0x44415441;

/**
 * Refuses what makes QEMU open other files: a backing file, an external data file; and what nobody can vouch for:
 * features and versions that are unknown here.
 */
export const readQcow2: FormatReader = ({ head }) => {
  if (head.length < 4 || head.readUInt32BE(0) !== 0x514649fb) return null;
  if (head.length < 72) return { format: 'qcow2', virtualSize: null, danger: 'its header is cut off' };
  const version = head.readUInt32BE(4);
  if (version === 1) return { format: 'qcow', virtualSize: sizeField(head.readBigUInt64BE(24)) };
  const virtualSize = sizeField(head.readBigUInt64BE(24));
  const dangerous = (danger: string) => ({ format: 'qcow2', virtualSize, danger }) as const;
  if (version !== 2 && version !== 3) return dangerous(`its version ${version} is unknown`);
  if (virtualSize === null) return dangerous('its virtual size is impossible');
  if (head.readBigUInt64BE(8) !== 0n) return dangerous('it has a backing file');
  if (version === 2) return { format: 'qcow2', virtualSize };
  if (head.length < 104) return dangerous('its header is cut off');
  const features = head.readBigUInt64BE(72);
  if (features & incompatible.dataFile) return dangerous('it has an external data file');
  if (features & ~known) return dangerous('it has unknown incompatible features');
  const problem = extensionProblem(head, head.readUInt32BE(100), head.readUInt32BE(20));
  return problem === undefined ? { format: 'qcow2', virtualSize } : dangerous(problem);
};

/** Walks the header extensions, which lie between the header and the end of the first cluster. */
function extensionProblem(head: Buffer, headerLength: number, clusterBits: number): string | undefined {
  if (headerLength < 104 || clusterBits < 9 || clusterBits > 21) return 'its header is malformed';
  const end = Math.min(head.length, 2 ** clusterBits);
  for (let at = headerLength; at + 8 <= end;) {
    const type = head.readUInt32BE(at);
    if (type === 0) return undefined;
    if (type === externalDataExtension) return 'it names an external data file';
    at += 8 + Math.ceil(head.readUInt32BE(at + 4) / 8) * 8;
  }
  return undefined;
}
