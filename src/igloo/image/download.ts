import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { StartupError } from '#common/daemon.ts';

export interface DownloadOptions {
  readonly log: (progressLine: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** How often a broken connection is taken up again; 5 unless told. */
  readonly retries?: number | undefined;
  /** Milliseconds before the first retry, growing with each; 1000 unless told. */
  readonly retryDelayMs?: number | undefined;
  /** Milliseconds without a byte after which a connection counts as broken; 30 000 unless told. */
  readonly stallMs?: number | undefined;
}

/** The server's answer was a refusal, which trying again does not change. */
class Refused extends Error {}

/**
 * Downloads into a file, going on where an earlier download of that file ended.
 * @returns whether it went on from an earlier part, which may have been of another version
 * @throws StartupError with one clear line; what came stays in the file for the next try
 */
export async function download(url: string, path: string, options: DownloadOptions): Promise<{ resumed: boolean }> {
  const { retries = 5, retryDelayMs = 1000, log, signal } = options;
  const resumed = (await sizeOf(path)) > 0;
  for (let attempt = 1; ; attempt++) {
    const before = await sizeOf(path);
    try {
      await downloadRest(url, path, options);
      return { resumed };
    } catch (cause) {
      signal?.throwIfAborted();
      const why = reason(cause);
      if (cause instanceof Refused || attempt > retries)
        throw new StartupError(`Could not download ${url}: ${why}.`, { cause });
      if ((await sizeOf(path)) > before) attempt = 0; // it does get on, if slowly
      log(`the download broke off (${why}); going on from ${megabytes(await sizeOf(path))}`);
      await delay(retryDelayMs * (attempt + 1), undefined, signal ? { signal } : {});
    }
  }
}

/** Reads a small text. @throws StartupError with one clear line */
export async function downloadText(url: string, signal?: AbortSignal): Promise<string> {
  const limit = AbortSignal.timeout(30_000);
  try {
    const answer = await fetch(url, { signal: signal ? AbortSignal.any([signal, limit]) : limit });
    if (!answer.ok) throw new Refused(`the server answers ${answer.status} ${answer.statusText}`.trim());
    return await answer.text();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new StartupError(`Could not download ${url}: ${reason(cause)}.`, { cause });
  }
}

async function downloadRest(url: string, path: string, options: DownloadOptions): Promise<void> {
  const { stallMs = 30_000, signal, log } = options;
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(new Error(`no data for ${stallMs / 1000} s`)), stallMs);
  await using file = await open(path, 'a');
  try {
    let size = (await file.stat()).size;
    const answer = await fetch(url, {
      // Not compressed on the way: sizes and ranges are those of the file.
      headers: { 'accept-encoding': 'identity', ...(size > 0 && { range: `bytes=${size}-` }) },
      signal: signal ? AbortSignal.any([signal, stall.signal]) : stall.signal,
    });
    const total = totalSize(answer, size);
    if (answer.status === 416 && total === size) return; // all of it was there already
    if (answer.status !== 206 && size > 0) {
      await file.truncate(0);
      size = 0;
    }
    if (answer.status === 416) throw new Error('the file has changed at the server');
    if (!answer.ok || !answer.body)
      throw new Refused(`the server answers ${answer.status} ${answer.statusText}`.trim());
    const progress = progressOf(total, size, log);
    for await (const chunk of answer.body) {
      await file.write(chunk);
      size += chunk.length;
      progress(size);
      timer.refresh();
    }
    if (total !== undefined && size < total) throw new Error(`the connection ended at ${megabytes(size)}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Size of the whole file, as far as the server says it. */
function totalSize(answer: Response, from: number): number | undefined {
  const range = /\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1];
  if (range !== undefined) return Number(range);
  const length = answer.headers.get('content-length');
  return length === null ? undefined : Number(length) + (answer.status === 206 ? from : 0);
}

/** Says each tenth of the way, or each 50 MB when the way is not known. */
function progressOf(total: number | undefined, from: number, log: (line: string) => void): (size: number) => void {
  const step = total === undefined ? 50_000_000 : Math.max(1, total / 10);
  let said = Math.floor(from / step);
  return (size) => {
    if (Math.floor(size / step) <= said) return;
    said = Math.floor(size / step);
    log(total === undefined ? megabytes(size) : `${Math.floor((size / total) * 100)}% of ${megabytes(total)}`);
  };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** fetch says only "fetch failed"; the reason is below. */
function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? cause.cause.message || reason(cause.cause) : cause.message;
}

/** Bytes; 0 when there is no such file. */
async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** Forgets what an earlier download left. */
export const discard = (path: string): Promise<void> => rm(path, { force: true });
