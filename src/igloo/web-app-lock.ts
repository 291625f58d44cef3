import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive, type ProcessIdentity } from '#common/host/process.ts';

/**
 * Takes the lock `path` unless a living process has it. One whose owner died is taken over.
 * @returns gives it back; null when another has it
 */
export function takeLock(path: string, own: ProcessIdentity): (() => void) | null {
  const mine = `${path}.${own.pid}`;
  writeFileSync(mine, JSON.stringify(own));
  try {
    for (let tries = 0; tries < 3; tries++) {
      if (tryLink(mine, path)) return () => rmSync(path, { force: true });
      const owner = lockOwner(path);
      if (owner && isAlive(owner)) return null;
      const dead = `${mine}.dead`;
      // Of several that find it dead, one gets it out of the way.
      if (!tryRename(path, dead)) continue;
      const moved = lockOwner(dead);
      if (moved && isAlive(moved)) tryLink(dead, path); // another had just taken it over
      rmSync(dead, { force: true });
    }
    return null;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Who has the lock; undefined when nobody does, or nobody can tell. */
export function lockOwner(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

const tryLink = (from: string, to: string): boolean => done(() => linkSync(from, to), 'EEXIST');
const tryRename = (from: string, to: string): boolean => done(() => renameSync(from, to), 'ENOENT');

function done(work: () => void, expected: string): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === expected) return false;
    throw error;
  }
}
