import { open } from 'node:fs/promises';

/** What the first bytes of an image file say, read without any program that would follow the file's own references. */
export interface ImageHeader {
  /** qemu-img's name of the format that the magic bytes belong to; `raw` when none is known. */
  readonly format: 'qcow2' | 'qed' | 'vmdk' | 'vdi' | 'vpc' | 'vhdx' | 'luks' | 'parallels' | 'raw';
  /** Why the file must not be opened: it refers to other files of the host, or its content is secret. */
  readonly refusal: string | undefined;
}

const MAGICS: readonly { readonly format: ImageHeader['format']; readonly at: number; readonly bytes: string }[] = [
  { format: 'qcow2', at: 0, bytes: 'QFI\xfb' },
  { format: 'qed', at: 0, bytes: 'QED\0' },
  { format: 'vmdk', at: 0, bytes: 'KDMV' },
  { format: 'vmdk', at: 0, bytes: 'COWD' },
  { format: 'vmdk', at: 0, bytes: '# Disk DescriptorFile' },
  { format: 'vpc', at: 0, bytes: 'conectix' },
  { format: 'vhdx', at: 0, bytes: 'vhdxfile' },
  { format: 'vdi', at: 0x40, bytes: '\x7f\x10\xda\xbe' },
  { format: 'luks', at: 0, bytes: 'LUKS\xba\xbe' },
  { format: 'parallels', at: 0, bytes: 'WithoutFreeSpace' },
  { format: 'parallels', at: 0, bytes: 'WithouFreSpacExt' },
];

/** Bytes enough for every check: a VMDK's embedded description lies within the first 64 KiB. */
const LENGTH = 65_536;

export async function readImageHeader(path: string): Promise<ImageHeader> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LENGTH), 0, LENGTH, 0);
    return judgeHeader(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

export function judgeHeader(bytes: Buffer): ImageHeader {
  const magic = MAGICS.find(({ at, bytes: wanted }) => bytes.toString('latin1', at, at + wanted.length) === wanted);
  const format = magic?.format ?? 'raw';
  return {
    format,
    refusal: format === 'qcow2' ? refuseQcow2(bytes) : format === 'vmdk' ? refuseVmdk(bytes) : undefined,
  };
}

// docs/interop/qcow2.rst of QEMU
const DATA_FILE = 1n << 2n;
const KNOWN_FEATURES = 0x1fn;

function refuseQcow2(bytes: Buffer): string | undefined {
  if (bytes.length < 72) return 'its qcow2 header is cut off.';
  const version = bytes.readUInt32BE(4);
  if (version !== 2 && version !== 3) return `it is of an unknown qcow2 version (${version}).`;
  if (bytes.readBigUInt64BE(8) !== 0n)
    return 'it has a backing file. Flatten it with "qemu-img convert" and upload the result.';
  if (bytes.readUInt32BE(32) !== 0) return 'it is encrypted. Upload it without encryption.';
  if (version === 2) return undefined;
  if (bytes.length < 104) return 'its qcow2 header is cut off.';
  const features = bytes.readBigUInt64BE(72);
  if (features & DATA_FILE)
    return 'its data is in an external file. Convert it with "qemu-img convert" and upload the result.';
  if (features & ~KNOWN_FEATURES) return 'it needs qcow2 features that this host does not know.';
  return undefined;
}

/** Only VMDKs that hold their data themselves: the others name further files, which the host would open. */
function refuseVmdk(bytes: Buffer): string | undefined {
  const type = /createType="?([A-Za-z]+)"?/i.exec(bytes.toString('latin1'))?.[1];
  const whole = bytes.toString('latin1', 0, 4) === 'KDMV';
  if (whole && (type === 'monolithicSparse' || type === 'streamOptimized')) return undefined;
  return `it is a VMDK of type ${type ?? 'unknown'}; only monolithicSparse and streamOptimized hold their data themselves.`;
}
