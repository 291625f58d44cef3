import { setTimeout as sleep } from 'node:timers/promises';
import type { Domain, LibvirtClient } from './libvirt-client.ts';

/**
 * Mirrors a running domain's disk to what `xml` describes, and lets the guest go on with that. A copy that a predecessor has begun
 * is followed to its end; when it fails the guest has what it had.
 */
export async function swapBlock(
  client: LibvirtClient,
  domain: Domain,
  disk: string,
  xml: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (!(await client.blockJob(domain, disk))) await client.blockCopy(domain, disk, xml);
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
