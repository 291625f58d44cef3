import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ensureFolder, readIfExists, writeFileAtomic } from '#common/host/files.ts';

/** The mark of the guests and devices that this installation makes; the same as long as `statePath` lives. */
export async function installationId(statePath: string): Promise<string> {
  await ensureFolder(statePath);
  const path = join(statePath, 'installation-id');
  const known = (await readIfExists(path))?.trim();
  if (known) return known;
  const id = randomUUID();
  await writeFileAtomic(path, `${id}\n`, { fsync: true });
  return id;
}
