import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';

/** Bytes that may wait for a reader that has stopped reading; what comes after is dropped and counted. */
const mostWaiting = 1024 * 1024;

/** Milliseconds until a full pipe is tried again. */
const fullPipePause = 20;

/** The most milliseconds that the end of the process is held up by such a reader. */
const lastWait = 300;

/** Where lines go: a file, opened for appending and again on `reopen`, or standard error. */
export type LineTarget = { readonly path: string } | 'stderr';

/** Some text that is on its way, and how many lines are lost when it cannot be written. */
interface Item {
  bytes: Buffer;
  readonly lines: number;
}

/**
 * Writes each line before the caller goes on, so that what was logged before a crash or a `kill -9` is there. Only a full
 * pipe is not waited for: its lines follow when there is room. Nothing that goes wrong here reaches the caller.
 */
export class LineWriter {
  readonly #target: LineTarget;
  #fd: number;
  #waiting: Item[] = [];
  #size = 0;
  #dropped = 0;
  #retry: NodeJS.Timeout | undefined;
  readonly #atExit = (): void => this.#finish();

  /** @throws Error (ENOENT, EACCES …) when the file cannot be opened */
  constructor(target: LineTarget) {
    this.#target = target;
    this.#fd = target === 'stderr' ? openStandardError() : openFile(target.path);
    process.on('exit', this.#atExit);
  }

  write(line: string): void {
    const notice =
      this.#dropped > 0 ? `(${this.#dropped} log lines were dropped: the log could not be written in time)\n` : '';
    const bytes = Buffer.from(notice + line);
    if (this.#waiting.length > 0 && this.#size + bytes.length > mostWaiting) {
      this.#dropped++;
      return;
    }
    this.#waiting.push({ bytes, lines: this.#dropped + 1 });
    this.#size += bytes.length;
    this.#dropped = 0;
    if (!this.#retry) this.#flush();
  }

  /**
   * After the file was moved away (logrotate): the next lines go to a new one of the old name.
   * @throws Error when there can be none; lines go on into the moved file
   */
  reopen(): void {
    if (this.#target === 'stderr') return;
    const old = this.#fd;
    this.#fd = openFile(this.#target.path);
    closeSync(old);
  }

  close(): void {
    this.#finish();
    process.off('exit', this.#atExit);
    if (this.#fd !== process.stderr.fd) closeSync(this.#fd);
  }

  /** Writes what waits, as long as somebody takes it. */
  #finish(): void {
    clearTimeout(this.#retry);
    const end = performance.now() + lastWait;
    const nobody = new Int32Array(new SharedArrayBuffer(4));
    while (!this.#flush() && performance.now() < end) Atomics.wait(nobody, 0, 0, fullPipePause);
    clearTimeout(this.#retry);
  }

  /** Whether nothing waits any more. */
  #flush(): boolean {
    this.#retry = undefined;
    for (let item = this.#waiting[0]; item; item = this.#waiting[0]) {
      try {
        const written = writeSync(this.#fd, item.bytes);
        this.#size -= written;
        item.bytes = item.bytes.subarray(written);
        if (item.bytes.length > 0) continue;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') {
          this.#retry = setTimeout(() => this.#flush(), fullPipePause).unref();
          return false;
        }
        // The disk is full, or nobody reads any more: these lines are lost, not the ones after.
        this.#dropped += item.lines;
        this.#size -= item.bytes.length;
      }
      this.#waiting.shift();
    }
    return true;
  }
}

const openFile = (path: string): number => openSync(path, 'a', 0o640);

/** A pipe gets a description of our own that does not wait: on the one we were given, others would not wait either. */
function openStandardError(): number {
  const { fd } = process.stderr;
  try {
    const { O_WRONLY, O_NONBLOCK } = constants;
    if (fstatSync(fd).isFIFO()) return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK);
  } catch {
    // closed, or another user's: as it was given, then
  }
  return fd;
}
