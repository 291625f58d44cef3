import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { StartupError } from '../daemon.ts';

/**
 * Writes this process's id for an init script. Answers what removes the file again, unless another process has taken it.
 * @throws StartupError when it cannot be written
 */
export function writePidFile(path: string): () => void {
  const mine = `${process.pid}\n`;
  try {
    writeFileSync(path, mine);
  } catch (error) {
    throw new StartupError(`The pid file ${path} cannot be written: ${(error as Error).message}`);
  }
  return () => {
    try {
      if (readFileSync(path, 'utf8') === mine) rmSync(path);
    } catch {
      // gone already
    }
  };
}
