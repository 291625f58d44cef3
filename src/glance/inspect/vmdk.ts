import type { FormatReader } from './format.ts';

const sector = 512;
/** The two kinds of VMDK that are one file; all others name further files. */
const selfContained = ['monolithicsparse', 'streamoptimized'];

// Layout: VMware "Virtual Disk Format 5.0". Numbers are little endian.
export const readVmdk: FormatReader = ({ head }) => {
  const start = head.subarray(0, 512).toString('latin1');
  const dangerous = (danger: string) => ({ format: 'vmdk', virtualSize: null, danger }) as const;
  if (/^\s*# disk descriptorfile/i.test(start)) return dangerous('it is a descriptor that names other files');
  if (start.startsWith('COWD')) return dangerous('it is of the ESX sparse kind, which may name other files');
  if (!start.startsWith('KDMV')) return null;
  if (head.length < 512) return dangerous('its header is cut off');
  const capacity = head.readBigUInt64LE(12);
  const from = head.readBigUInt64LE(28) * BigInt(sector);
  const length = head.readBigUInt64LE(36) * BigInt(sector);
  if (capacity > BigInt(Number.MAX_SAFE_INTEGER) / BigInt(sector)) return dangerous('its virtual size is impossible');
  if (from === 0n || length === 0n) return dangerous('it has no descriptor');
  if (from + length > BigInt(head.length)) return dangerous('its descriptor is not at its beginning');
  const problem = descriptorProblem(head.subarray(Number(from), Number(from + length)).toString('latin1'));
  return problem === undefined ? { format: 'vmdk', virtualSize: Number(capacity) * sector } : dangerous(problem);
};

function descriptorProblem(descriptor: string): string | undefined {
  const lines = descriptor
    .replace(/\0[^]*$/, '')
    .split(/\r?\n/)
    .map((line) => line.trim());
  const value = (key: string): string[] =>
    lines.flatMap((line) => {
      const [name, text] = line.split('=', 2);
      return name?.trim().toLowerCase() === key ? [(text ?? '').trim().replace(/^"|"$/g, '').toLowerCase()] : [];
    });
  const kinds = value('createtype');
  if (kinds.length !== 1 || !selfContained.includes(kinds[0] as string))
    return `its kind "${kinds.join()}" is not self-contained (monolithicSparse or streamOptimized)`;
  if (value('parentfilenamehint').length > 0 || value('parentcid').some((cid) => cid !== 'ffffffff'))
    return 'it has a parent image';
  const extents = lines.filter((line) => /^(rw|rdonly|noaccess)\s/i.test(line));
  if (extents.length > 1 || extents.some((line) => !/^\w+\s+\d+\s+sparse\s+"[^"/]*"(\s+0)?$/i.test(line)))
    return 'its extents name other files';
  return undefined;
}
