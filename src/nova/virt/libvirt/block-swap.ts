import { setTimeout as sleep } from 'node:timers/promises';
import type { Domain, LibvirtClient } from './libvirt-client.ts';
import { printXml, xml, type XmlElement } from './xml.ts';

/** A mirror's two sides must be alike in size: as much of a larger volume as the old one has. The guest sees the rest at its next start. */
const cropped = (device: XmlElement, bytes: bigint): XmlElement => ({
  ...device,
  content: device.content.map((part) =>
    typeof part === 'string' || part.name !== 'source'
      ? part
      : {
          ...part,
          content: [
            ...part.content,
            xml('slices', {}, xml('slice', { type: 'storage', offset: '0', size: String(bytes) })),
          ],
        },
  ),
});

/**
 * Mirrors a running domain's disk to what `device` describes, and lets the guest go on with that. A copy that a predecessor has
 * begun is followed to its end; when it fails the guest has what it had.
 */
export async function swapBlock(
  client: LibvirtClient,
  domain: Domain,
  disk: string,
  device: XmlElement,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (!(await client.blockJob(domain, disk)))
      await client.blockCopy(domain, disk, printXml(cropped(device, await client.blockSize(domain, disk))));
    for (;;) {
      signal.throwIfAborted();
      const job = await client.blockJob(domain, disk);
      if (!job) throw new Error('The copy to the new volume failed; the server goes on with the old one.');
      if (job.total > 0n && job.done === job.total) break;
      await sleep(50, undefined, { signal });
    }
    await client.endBlockJob(domain, disk, true);
  } catch (error) {
    await client.endBlockJob(domain, disk, false).catch(() => undefined);
    throw error;
  }
}
