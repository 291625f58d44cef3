import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { writeFileAtomic } from '#common/host/files.ts';
import { hasProgram } from '#common/host/privileges.ts';
import { isAlive } from '#common/host/process.ts';
import { CommandError, type Run } from '#common/host/run.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { ownIdentity, type StateFolder } from './state.ts';
import { lockOwner, takeLock } from './web-app-lock.ts';
import { isCurrent, librariesFit, sourceStamp, STAMP_FILE } from './web-app-stamp.ts';

/** How the dashboard's web app stands in a checkout, for people. */
export type WebApp =
  | { readonly state: 'current' }
  | { readonly state: 'building' }
  /** `why`: what went wrong last time, or why nothing was tried. */
  | { readonly state: 'missing' | 'outdated'; readonly why: string };

export interface BuildDeps {
  /** Folder of the program. */
  readonly checkout: string;
  readonly run: Run;
  readonly signal: AbortSignal;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** The file that keeps why it could not be built, for `webAppOf`. */
  readonly record: string;
}

interface LastFailure {
  readonly stamp: string;
  readonly why: string;
}

const at = (checkout: string): { web: string; dist: string; tools: string; lock: string } => {
  const tools = join(checkout, '.igloo');
  return {
    web: join(checkout, 'web'),
    dist: join(checkout, 'web/dist'),
    tools,
    lock: join(tools, 'web-build.lock'),
  };
};
const MINUTES = 60_000;

/** Where a cloud keeps why it could not build the app. */
export const webAppRecord = (state: StateFolder): string => state.path('run', 'web-app.json');

/**
 * How it stands now, from the files alone: any process may ask.
 * @param record the file that `buildWebApp` kept its failure in
 */
export function webAppOf(checkout: string, record: string): WebApp {
  const { web, dist, lock } = at(checkout);
  if (isCurrent(web)) return { state: 'current' };
  const owner = lockOwner(lock);
  if (owner && isAlive(owner)) return { state: 'building' };
  const last = readFailure(record);
  const why = last?.stamp === sourceStamp(web) ? last.why : 'it has not been built';
  return { state: existsSync(join(dist, 'index.html')) ? 'outdated' : 'missing', why };
}

/** What `status` and the closing words of `up` say of it beside the address; nothing when all is well. */
export function describeWebApp(app: WebApp): string {
  if (app.state === 'current') return '';
  if (app.state === 'building') return 'being built: some seconds more';
  const served = app.state === 'outdated' ? 'older than its sources' : 'not built';
  return `${served}: ${app.why}. ./igloo up without --no-install builds it, or: cd web && npm ci && npm run build`;
}

/**
 * Builds `web/dist` when it is missing or older than its sources: fetches the libraries of `web/` if they do not fit, builds
 * beside, and puts the whole in place. One build at a time per checkout; who finds one under way waits for it. Dies with
 * this process, leaving the old folder.
 * @returns how it stands then. A failure is kept for `webAppOf` and does not throw
 */
export async function buildWebApp(deps: BuildDeps): Promise<WebApp> {
  const { checkout, signal, log, record } = deps;
  const { web, tools, lock } = at(checkout);
  let release: (() => void) | null = null;
  try {
    mkdirSync(tools, { recursive: true });
    for (; !isCurrent(web); await sleep(500, undefined, { signal })) {
      release = takeLock(lock, ownIdentity());
      if (!release) continue;
      const stamp = sourceStamp(web);
      const began = performance.now();
      log.info('The dashboard’s web app is being built.');
      await build(deps, stamp);
      rmSync(record, { force: true });
      log.info(`The dashboard’s web app is built: ${((performance.now() - began) / 1000).toFixed(0)} s.`);
      break;
    }
  } catch (error) {
    if (!signal.aborted) {
      const why = reason(error);
      log.warn(`The dashboard’s web app cannot be built: ${why}. All that was said:
${wordsOf(error)}`);
      await keepReason(checkout, record, why);
    }
  } finally {
    release?.();
  }
  return webAppOf(checkout, record);
}

async function build({ checkout, run, signal, log }: BuildDeps, stamp: string): Promise<void> {
  const { web, dist, tools } = at(checkout);
  // Guests and APIs come first; and no build outlives the program that would put it in place.
  const bound = hasProgram('setpriv') ? ['setpriv', '--pdeathsig', 'KILL', '--'] : [];
  const quietly = [...bound, 'nice', '-n', '15'];
  if (!librariesFit(web)) {
    log.info('The libraries of the dashboard’s web app are being fetched (npm ci in web/).');
    // Development libraries too: the builder is one. No package's own programs are run.
    const npm = [join(checkout, 'igloo'), '.npm', web, 'ci', '--ignore-scripts', '--include=dev'];
    await run([...quietly, ...npm], { signal, timeoutMs: 10 * MINUTES });
  }
  const made = join(tools, 'web-dist');
  const old = join(tools, 'web-dist-old');
  const vite = [process.execPath, join(web, 'node_modules/vite/bin/vite.js')];
  await rm(made, { recursive: true, force: true });
  await run([...quietly, ...vite, 'build', '--outDir', made, '--emptyOutDir', '--logLevel', 'warn'], {
    cwd: web,
    env: { NODE_ENV: 'production', NO_COLOR: '1', FORCE_COLOR: '0' },
    signal,
    timeoutMs: 10 * MINUTES,
  });
  if (!existsSync(join(made, 'index.html'))) throw new Error('the builder left no index.html');
  await writeFile(join(made, STAMP_FILE), `${stamp}\n`);
  await rm(old, { recursive: true, force: true });
  if (existsSync(dist)) await rename(dist, old);
  await rename(made, dist);
  await rm(old, { recursive: true, force: true });
}

/** What tells most of a program's words, for one line of `status`; the log has them all. */
function reason(error: unknown): string {
  const said = wordsOf(error);
  // The builder says that it failed, and only then what is wrong, with the place drawn below it.
  const wrong = said.split(/^Build failed with \d+ errors?:$/m)[1];
  const lines = (wrong ?? said)
    .split('\n')
    .map((line) => line.replace(/[\u2500-\u257f]+/g, '').trim())
    .filter((line) => line !== '');
  const find = (pattern: RegExp): string | undefined => lines.find((line) => pattern.test(line));
  const telling = find(/\breason: /) ?? find(/\b(error|cannot|denied|no space)\b.* /i) ?? lines[0] ?? '';
  return (wrong === undefined ? telling : lines.slice(0, 2).join(' ')).slice(0, 300).replace(/\.$/, '');
}

const wordsOf = (error: unknown): string =>
  stripVTControlCharacters(
    error instanceof CommandError && error.stderr !== '' ? error.stderr : (error as Error).message,
  );

/** Keeps for `webAppOf` why it is not built, as long as the sources stay as they are. */
export async function keepReason(checkout: string, record: string, why: string): Promise<void> {
  const failure: LastFailure = { stamp: sourceStamp(at(checkout).web), why };
  await writeFileAtomic(record, JSON.stringify(failure)).catch(() => undefined); // the log has it
}

function readFailure(path: string): LastFailure | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LastFailure;
  } catch {
    return undefined;
  }
}
