import { readFileSync, statSync, writeFileSync, renameSync, chownSync } from 'node:fs';
import { editIni, getIni } from './ini-edit.ts';
import type { Io } from './manage.ts';

const usage = `usage: openstack-config --set FILE SECTION OPTION VALUE
       openstack-config --get FILE SECTION [OPTION]
       openstack-config --del FILE SECTION [OPTION]
       openstack-config --has FILE SECTION [OPTION]
`;

/** Where each action's words are, besides the file. */
const words: Readonly<Record<string, readonly [number, number]>> = {
  '--set': [3, 3],
  '--get': [1, 2],
  '--del': [1, 2],
  '--has': [1, 2],
};

/**
 * `openstack-config`: changes one option of an INI file and leaves every other line alone. The file is replaced in one go,
 * with its mode and owner kept.
 * @returns the exit status
 */
export function openstackConfig(argv: readonly string[], io: Io): number {
  const [action = '', file = '', ...rest] = argv;
  const counts = words[action];
  if (action === '--help' || action === '-h') {
    io.out(usage);
    return 0;
  }
  if (!counts || file === '' || rest.length < counts[0] || rest.length > counts[1]) {
    io.err(usage);
    return 2;
  }
  const [section = '', option, value = ''] = rest;
  try {
    if (action === '--get' || action === '--has') {
      const found = getIni(readFileSync(file, 'utf8'), section, option);
      if (found === undefined) {
        if (action === '--get')
          io.err(option === undefined ? `Section not found: ${section}\n` : `Parameter not found: ${option}\n`);
        return 1;
      }
      if (action === '--get') io.out(found.map((line) => `${line}\n`).join(''));
      return 0;
    }
    const before = readIfThere(file, action === '--set');
    const after = editIni(before, section, option, action === '--set' ? value : undefined);
    if (after !== before) replace(file, after);
    return 0;
  } catch (error) {
    io.err(`${(error as Error).message}\n`);
    return 1;
  }
}

function readIfThere(file: string, create: boolean): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (create && (error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function replace(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  const before = statSync(file, { throwIfNoEntry: false });
  writeFileSync(temporary, text, { mode: before ? before.mode & 0o7777 : 0o640 });
  if (before && process.getuid?.() === 0) chownSync(temporary, before.uid, before.gid);
  renameSync(temporary, file);
}
