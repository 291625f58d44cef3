import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { StartupError } from '#common/daemon.ts';
import { output, type Run } from '#common/host/run.ts';

/** The tree into which the Debian packages were unpacked. */
export interface Staging {
  readonly tree: string;
  /** A file of the packages. Debian 12 keeps some in /bin, /sbin, /lib, Debian 13 all below /usr. */
  path(inTree: string): string;
  /** Copies a program into a root tree, with the shared libraries that it needs. */
  installProgram(inTree: string, root: string): Promise<void>;
}

const libraryFolder = 'lib/x86_64-linux-gnu';

export function openStaging(tree: string, run: Run): Staging {
  const path = (inTree: string): string => {
    const found = [join(tree, 'usr', inTree), join(tree, inTree)].find(existsSync);
    if (!found) throw new StartupError(`The Debian packages have no ${inTree}: run apt-get update and try again.`);
    return found;
  };

  // The packages' own loader names the libraries, so that this machine's never get in.
  const librariesOf = async (program: string): Promise<string[]> => {
    const folders = [join(tree, 'usr', libraryFolder), join(tree, libraryFolder)];
    const loader = path(`${libraryFolder}/ld-linux-x86-64.so.2`);
    const text = await output(run, [loader, '--inhibit-cache', '--library-path', folders.join(':'), '--list', program]);
    return [...text.matchAll(/^\s*(\S+) => (\S+) /gm)]
      .filter(([, name]) => !name?.startsWith('ld-linux'))
      .map(([, name, file]) => {
        if (!file?.startsWith(tree))
          throw new StartupError(`The guest's ${basename(program)} needs ${name}, which no downloaded package has.`);
        return file;
      });
  };

  const installProgram = async (inTree: string, root: string): Promise<void> => {
    const program = path(inTree);
    const folder = join(root, libraryFolder);
    await mkdir(folder, { recursive: true });
    await mkdir(join(root, 'lib64'), { recursive: true });
    await copyFile(program, join(root, inTree));
    await copyFile(path(`${libraryFolder}/ld-linux-x86-64.so.2`), join(root, 'lib64/ld-linux-x86-64.so.2'));
    for (const library of await librariesOf(program)) await copyFile(library, join(folder, basename(library)));
  };

  return { tree, path, installProgram };
}
