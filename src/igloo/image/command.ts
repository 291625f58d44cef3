import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '#common/daemon.ts';
import type { CommandDeps } from '../commands/command.ts';
import { parseStrict } from '../options.ts';
import { createProgress } from '../progress.ts';
import { defaultStateDir } from '../state.ts';
import { buildGuestImage } from './build.ts';
import { catalogue as publishers, type Catalogue } from './catalogue.ts';
import { fetchCloudImage } from './fetch.ts';

export interface ImageCommandDeps extends CommandDeps {
  readonly signal?: AbortSignal;
  readonly catalogue?: Catalogue;
}

const usage = `igloo image build [--dir DIR] [--name NAME] [--password PASSWORD] [--disk-megabytes N] [--parts]
igloo image fetch NAME [--dir DIR]
igloo image list [--dir DIR]
`;

/** `igloo image build|fetch|list`: guest images as files. @throws StartupError with one clear line */
export async function imageCommand(argv: readonly string[], deps: ImageCommandDeps): Promise<number> {
  const { values, positionals } = parseStrict(argv, {
    dir: { type: 'string', default: join(defaultStateDir(), 'cache', 'images') },
    'cache-dir': { type: 'string', default: join(defaultStateDir(), 'cache', 'debs') },
    name: { type: 'string' },
    password: { type: 'string' },
    'disk-megabytes': { type: 'string' },
    parts: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
  const [action, ...names] = positionals;
  const dir = String(values['dir']);
  if (values['help']) deps.write(usage);
  else if (action === 'build' && names.length === 0) await build(values, dir, deps);
  else if (action === 'fetch' && names.length === 1) await fetchNamed(names[0] as string, dir, deps);
  else if (action === 'list' && names.length === 0) await list(dir, deps);
  else throw new StartupError(`igloo image takes build, fetch NAME or list:\n${usage.trimEnd()}`);
  return 0;
}

async function build(values: Record<string, unknown>, dir: string, deps: ImageCommandDeps): Promise<void> {
  const image = await buildGuestImage({
    outDir: dir,
    cacheDir: String(values['cache-dir']),
    name: fileName(values['name'] as string | undefined),
    password: values['password'] as string | undefined,
    diskMegabytes: wholeNumber('disk-megabytes', values['disk-megabytes'] as string | undefined),
    parts: values['parts'] === true,
    run: deps.run,
    log: createProgress(deps.warn).step,
    signal: deps.signal,
  });
  for (const path of [image.disk, image.kernel, image.initrd, image.root]) if (path) deps.write(`${path}\n`);
  deps.warn(`built in ${image.seconds.toFixed(1)} s; ${uploadHint(image.disk)}`);
}

async function fetchNamed(name: string, dir: string, deps: ImageCommandDeps): Promise<void> {
  const { signal, catalogue } = deps;
  const log = createProgress(deps.warn).step;
  const { path } = await fetchCloudImage({ name, outDir: dir, log, signal, catalogue });
  deps.write(`${path}\n`);
  deps.warn(uploadHint(path));
}

async function list(dir: string, { write, catalogue = publishers }: ImageCommandDeps): Promise<void> {
  write('To fetch (igloo image fetch NAME):\n');
  for (const [name, image] of Object.entries(catalogue))
    write(`  ${name.padEnd(8)} ${image.title.padEnd(18)} login: ${image.login}\n`);
  write(`Here (${dir}):\n`);
  const files = (await readdir(dir).catch(() => [])).filter((file) => !file.endsWith('.part')).sort();
  if (files.length === 0) write('  nothing yet; igloo image build makes a small test guest\n');
  for (const file of files) {
    const { size } = await stat(join(dir, file));
    write(`  ${(size / 1e6).toFixed(1).padStart(8)} MB  ${file}\n`);
  }
}

const uploadHint = (path: string): string =>
  `upload it with: openstack image create --disk-format qcow2 --container-format bare --file ${path} NAME`;

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new StartupError(`--${option} takes a whole number, not "${text}".`);
  return Number(text);
}

function fileName(name: string | undefined): string | undefined {
  if (name !== undefined && !/^[\w.+-]+$/.test(name))
    throw new StartupError(`--name takes the start of a file name, not "${name}".`);
  return name;
}
