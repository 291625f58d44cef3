import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { identify } from '#common/host/process.ts';

const pattern = /^work-(\d+)-/;

/** Makes a folder below `parent` that goes at the end of the scope; clears those of builds that died. */
export async function makeWorkFolder(parent: string): Promise<{ path: string } & AsyncDisposable> {
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const pid = pattern.exec(name)?.[1];
    if (pid && !identify(Number(pid))) await rm(join(parent, name), { recursive: true, force: true });
  }
  const path = await mkdtemp(join(parent, `work-${process.pid}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
