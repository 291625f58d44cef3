import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartupError } from '#common/daemon.ts';
import { newFernetKey, parseFernetKey, type FernetKey } from './fernet.ts';

/**
 * A folder of Fernet keys, one file each, as Keystone has it: the highest number is the primary key (it encrypts), 0 is
 * staged (it becomes the primary at the next rotation, so that other hosts can have it before), the others only decrypt.
 */
export interface FernetKeys {
  /** Primary first. */
  all(): readonly [FernetKey, ...FernetKey[]];
}

const numbersIn = (folder: string): number[] =>
  readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => b - a);

/** Keys are read again when the folder has changed, so that a rotation needs no restart. @throws StartupError */
export function openFernetKeys(folder: string): FernetKeys {
  let [keys, readAt] = read(folder);
  return {
    all() {
      const changed = mtimeOf(folder);
      if (changed !== null && changed !== readAt) [keys, readAt] = read(folder);
      return keys;
    },
  };
}

const mtimeOf = (folder: string): number | null => statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? null;

function read(folder: string): [readonly [FernetKey, ...FernetKey[]], number | null] {
  const readAt = mtimeOf(folder);
  const numbers = readAt === null ? [] : numbersIn(folder);
  const keys = numbers.map((number) => {
    const key = parseFernetKey(readFileSync(join(folder, String(number)), 'utf8'));
    if (!key) throw new StartupError(`${join(folder, String(number))} is no Fernet key. Remove it, or make new keys.`);
    return key;
  });
  const [primary, ...others] = keys;
  if (!primary)
    throw new StartupError(
      `There are no Fernet keys in ${folder}. Make them with "keystone-manage fernet_setup", or correct [fernet_tokens] key_repository.`,
    );
  return [[primary, ...others], readAt];
}

/** Makes the folder with its first two keys, unless it has some. @returns whether it made them */
export function setupFernetKeys(folder: string): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (numbersIn(folder).length > 0) return false;
  writeKey(folder, 0);
  writeKey(folder, 1);
  return true;
}

/**
 * The staged key becomes the primary one, a new one is staged, the oldest beyond `maxActive` are removed. May be
 * interrupted at any point: the folder always has a primary key, and the next rotation goes on.
 * @throws StartupError when there are no keys to rotate
 */
export function rotateFernetKeys(folder: string, maxActive: number): void {
  const numbers = mtimeOf(folder) === null ? [] : numbersIn(folder);
  const highest = numbers[0];
  if (highest === undefined)
    throw new StartupError(
      `There are no Fernet keys in ${folder} to rotate. Run "keystone-manage fernet_setup" first.`,
    );
  if (!numbers.includes(0)) writeKey(folder, 0);
  renameSync(join(folder, '0'), join(folder, String(highest + 1)));
  writeKey(folder, 0);
  const keep = Math.max(1, maxActive - 1); // beside the staged one
  const secondary = numbersIn(folder).filter((number) => number !== 0);
  for (const number of secondary.slice(keep)) rmSync(join(folder, String(number)));
}

/** Under a name of its own first: whoever reads the folder sees whole keys only. */
function writeKey(folder: string, number: number): void {
  const path = join(folder, String(number));
  writeFileSync(`${path}.tmp`, newFernetKey(), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}
