/** `npm run test:manual [-- M040-M120] [--keep]`: replays the manual and judges every command. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isRoot, ovsKernelDatapath } from '#common/host/privileges.ts';
import { run } from '#common/host/run.ts';
import { buildGuestImage } from '#igloo/image/build.ts';
import { buildWebApp, describeWebApp } from '#igloo/web-app.ts';
import { commands, type Command } from './commands.ts';
import { checkout } from './namespace-host.ts';
import { oneHost } from './one-host.ts';
import { stepOf } from './plan.ts';
import { createReplay, type Result } from './replay.ts';
import { failureText, reportText } from './report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    keep: { type: 'boolean', default: false },
    lab: { type: 'boolean', default: false },
    report: { type: 'string' },
  },
});
if (!isRoot()) throw new Error('The replay needs root: it makes hosts in namespaces');
if (values.lab) throw new Error('The lab with four hosts is not there yet; without --lab one host plays them all');

const [first = 'M001', last = first] = positionals[0]?.toUpperCase().split('-') ?? ['M001', 'M599'];
const wanted = ({ id }: Command): boolean => id >= first && id <= last;

/** In the order of the manual, but for what can only be run later. Chapters that the wanted ones do not build on are left out. */
function programme(): readonly Command[] {
  const needed = (command: Command): boolean =>
    command.id <= last && (wanted(command) || (command.node === 'lab') === (first >= 'M460' && first <= 'M598'));
  const list = commands.filter(needed);
  const late = list.filter((command) => stepOf(command).after !== undefined);
  return list
    .filter((command) => !late.includes(command))
    .flatMap((command) => [command, ...late.filter((one) => stepOf(one).after === command.id)]);
}

/** The test image, built once, and what the manual's outputs would say of it. */
async function testImage(): Promise<{ path: string; refs: Map<string, string> }> {
  const cache = join(checkout, '.igloo/cache');
  const path = join(cache, 'cirros-disk.img');
  if (!existsSync(path))
    await buildGuestImage({ outDir: cache, name: 'cirros', cacheDir: join(cache, 'debs'), run, log: () => undefined });
  const bytes = await readFile(path);
  const md5 = createHash('md5').update(bytes).digest('hex');
  return {
    path,
    refs: new Map([
      ['test-image.md5', md5],
      ['test-image.size', String(bytes.length)],
    ]),
  };
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const app = await buildWebApp({
  checkout,
  run,
  signal: new AbortController().signal,
  log: { info: say, warn: say },
  record: join(checkout, '.igloo/web-app.json'),
});
if (app.state === 'missing') throw new Error(`The dashboard's web app is ${describeWebApp(app)}`);
const image = await testImage();
const folder = await mkdtemp('/var/tmp/igloo-manual-');
const stage = await oneHost({
  folder,
  image: image.path,
  userspaceSwitch: !(await ovsKernelDatapath(run)).usable,
});
let cleared: Promise<void> | undefined;
const clear = (): Promise<void> =>
  (cleared ??= stage.stop().then(() => rm(folder, { recursive: true, force: true, maxRetries: 5 })));
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => void clear().then(() => process.exit(130)));
const results: Result[] = [];
try {
  const replay = createReplay(stage, image.refs);
  for (const command of programme()) {
    const result = await replay.play(command);
    if (wanted(command)) results.push(result);
    const mark = { passed: 'ok', replaced: 'ok (replaced)', skipped: 'skipped', failed: 'FAILED' }[result.outcome];
    process.stdout.write(`${command.id} ${mark} ${result.seconds.toFixed(1)} s\n`);
    if (result.outcome === 'failed') process.stdout.write(`${failureText(result)}\n`);
  }
  const report = reportText(results);
  process.stdout.write(`\n${report}\n`);
  if (values.report !== undefined) await writeFile(values.report, `${report}\n`);
  if (values.keep) {
    process.stdout.write(`\n${(await stage.doors()).join('\n')}\nThe hosts stay until Ctrl-C.\n`);
    await new Promise(() => undefined);
  }
} finally {
  await clear();
}
process.exitCode = results.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
