import { sizeField, type Finding, type FormatReader } from './format.ts';

// Layout: MS-VHDX; little endian. GUIDs as they lie on the disk.
const regionTables = [192 * 1024, 256 * 1024];
const guid = {
  metadata: '06a27c8b90479a4bb8fe575f050f886e',
  size: '2442a52f1bcd7648b2115dbed83bf4b8',
  parameters: '3767a1ca36fa434db3b633f0aa44e76b',
  parentLocator: '2d5fd3a80bb34d45abf7d3d84834ab0c',
};
const hasParent = 2;

/** Hyper-V. */
export const readVhdx: FormatReader = ({ head }) => {
  if (head.subarray(0, 8).toString('latin1') !== 'vhdxfile') return null;
  for (const table of regionTables) {
    const at = metadataOf(head, table);
    if (at !== null) return readMetadata(head, at);
  }
  return dangerous('its metadata is not where it should be');
};

const dangerous = (danger: string): Finding => ({ format: 'vhdx', virtualSize: null, danger });

interface Entry {
  readonly id: string;
  readonly at: number;
}

/** Where the metadata region begins, as a region table says. */
function metadataOf(head: Buffer, table: number): number | null {
  if (head.length < table + 16 || head.subarray(table, table + 4).toString('latin1') !== 'regi') return null;
  const count = Math.min(head.readUInt32LE(table + 8), 2047);
  for (let index = 0; index < count; index++) {
    const entry = table + 16 + index * 32;
    if (entry + 32 > head.length) return null;
    if (head.subarray(entry, entry + 16).toString('hex') === guid.metadata)
      return sizeField(head.readBigUInt64LE(entry + 16));
  }
  return null;
}

function readMetadata(head: Buffer, region: number): Finding {
  if (head.length < region + 32 || head.subarray(region, region + 8).toString('latin1') !== 'metadata')
    return dangerous('its metadata is not at its beginning');
  const entries: Entry[] = [];
  const count = Math.min(head.readUInt16LE(region + 10), 2047);
  for (let index = 0; index < count; index++) {
    const entry = region + 32 + index * 32;
    if (entry + 32 > head.length) break;
    entries.push({ id: head.subarray(entry, entry + 16).toString('hex'), at: region + head.readUInt32LE(entry + 16) });
  }
  const find = (id: string): number | undefined => entries.find((entry) => entry.id === id)?.at;
  const [parameters, size] = [find(guid.parameters), find(guid.size)];
  if (parameters === undefined || size === undefined || Math.max(parameters, size) + 8 > head.length)
    return dangerous('its metadata is incomplete');
  if (find(guid.parentLocator) !== undefined || head.readUInt32LE(parameters + 4) & hasParent)
    return dangerous('it is a difference to another image');
  return { format: 'vhdx', virtualSize: sizeField(head.readBigUInt64LE(size)) };
}
