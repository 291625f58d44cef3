import { constants } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Whether files below `folder` can bypass the page cache (O_DIRECT): tmpfs and some network file systems cannot. */
export async function supportsDirectIo(folder: string): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `.directio.${process.pid}`);
  try {
    await (await open(path, constants.O_CREAT | constants.O_WRONLY | constants.O_DIRECT, 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return false;
    throw error;
  } finally {
    await rm(path, { force: true });
  }
}
