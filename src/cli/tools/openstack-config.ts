import { readFileSync, statSync, writeFileSync, renameSync, chownSync } from 'node:fs';
import { addSection, editIni, getIni, sectionsOf } from './ini-edit.ts';
import type { Io } from './manage.ts';

const usage = `usage: openstack-config --set [--existing] FILE SECTION [OPTION] [VALUE]
       openstack-config --get FILE [SECTION] [OPTION]
       openstack-config --del [--existing] FILE SECTION [OPTION]
       openstack-config --has FILE SECTION [OPTION]
`;

/** How many words each action takes, besides the file. */
const words: Readonly<Record<string, readonly [number, number]>> = {
  '--set': [1, 3],
  '--get': [0, 2],
  '--del': [1, 2],
  '--has': [1, 2],
};

/**
 * `openstack-config`: changes one option of an INI file and leaves every other line alone. The file is replaced in one go,
 * with its mode and owner kept.
 * @returns the exit status
 */
export function openstackConfig(argv: readonly string[], io: Io): number {
  const existing = argv.includes('--existing');
  const [action = '', file = '', ...rest] = argv.filter((word) => word !== '--existing');
  const counts = words[action];
  if (action === '--help' || action === '-h') {
    io.out(usage);
    return 0;
  }
  if (!counts || file === '' || rest.length < counts[0] || rest.length > counts[1]) {
    io.err(usage);
    return 2;
  }
  try {
    return action === '--get' || action === '--has'
      ? look(action, file, rest, io)
      : change(action, file, rest, existing, io);
  } catch (error) {
    io.err(`${(error as Error).message}\n`);
    return 1;
  }
}

const notFound = (section: string, option: string | undefined): string =>
  option === undefined ? `Section not found: ${section}\n` : `Parameter not found: ${option}\n`;

function look(action: string, file: string, [section, option]: readonly string[], io: Io): number {
  const text = readFileSync(file, 'utf8');
  const found = section === undefined ? sectionsOf(text) : getIni(text, section, option);
  if (found === undefined) {
    if (action === '--get')
      io.err(notFound(section ?? '', getIni(text, section ?? '', undefined) === undefined ? undefined : option));
    return 1;
  }
  if (action === '--get') io.out(found.map((line) => `${line}\n`).join(''));
  return 0;
}

function change(
  action: string,
  file: string,
  [section = '', option, value = '']: readonly string[],
  existing: boolean,
  io: Io,
): number {
  const before = readIfThere(file, action === '--set' && !existing);
  if (existing && getIni(before, section, option) === undefined) {
    io.err(notFound(section, getIni(before, section, undefined) === undefined ? undefined : option));
    return 1;
  }
  // A section without an option is only made sure of.
  const after =
    action === '--set' && option === undefined
      ? addSection(before, section)
      : editIni(before, section, option, action === '--set' ? value : undefined);
  if (after !== before) replace(file, after);
  return 0;
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
