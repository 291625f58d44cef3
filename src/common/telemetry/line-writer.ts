import { closeSync, openSync, write, writeSync } from 'node:fs';

/** Characters that may wait for a slow disk or a reader that has stopped reading; what comes after is dropped and counted. */
const mostWaiting = 8 * 1024 * 1024;

/** Milliseconds until a full pipe is tried again. */
const fullPipePause = 20;

/** Where lines go. `path` is opened for appending, and again on `reopen`. */
export type LineTarget = { readonly path: string } | { readonly fd: number };

/**
 * Appends lines to a file or descriptor without ever making the caller wait: they are collected and written together by
 * the thread pool.
 */
export class LineWriter {
  readonly #target: LineTarget;
  #fd: number;
  #waiting: string[] = [];
  #size = 0;
  #dropped = 0;
  #writing = false;
  #ended: (() => void)[] = [];
  readonly #atExit = (): void => this.flushSync();

  /** @throws Error (ENOENT, EACCES …) when the file cannot be opened */
  constructor(target: LineTarget) {
    this.#target = target;
    this.#fd = 'path' in target ? openSync(target.path, 'a', 0o640) : target.fd;
    process.on('exit', this.#atExit);
  }

  write(line: string): void {
    if (this.#size + line.length > mostWaiting) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(line);
    this.#size += line.length;
    if (!this.#writing) {
      this.#writing = true;
      setImmediate(() => this.#flush());
    }
  }

  /** After the file was moved away (logrotate): the next lines go to a new one of the old name. */
  reopen(): void {
    if (!('path' in this.#target)) return;
    const old = this.#fd;
    this.#fd = openSync(this.#target.path, 'a', 0o640);
    // A write that is under way has the old descriptor's number: it must not be reused before that has ended.
    void this.settled().then(() => closeSync(old));
  }

  /** Resolves when everything written so far has been handed to the system. */
  settled(): Promise<void> {
    if (!this.#writing) return Promise.resolve();
    return new Promise((resolve) => this.#ended.push(resolve));
  }

  /** Writes what waits, at once: for the end of the process. */
  flushSync(): void {
    const text = this.#take();
    if (text === '') return;
    try {
      writeSync(this.#fd, text);
    } catch {
      // nobody reads any more, or the disk is full: there is no place left to say so
    }
  }

  async close(): Promise<void> {
    await this.settled();
    process.off('exit', this.#atExit);
    if ('path' in this.#target) closeSync(this.#fd);
  }

  #take(): string {
    const notice =
      this.#dropped > 0 ? `(${this.#dropped} log lines were dropped: the log could not be written in time)\n` : '';
    const text = this.#waiting.join('') + notice;
    this.#waiting = [];
    this.#size = 0;
    this.#dropped = 0;
    return text;
  }

  #flush(): void {
    const text = this.#take();
    if (text === '') {
      this.#writing = false;
      const ended = this.#ended;
      this.#ended = [];
      for (const resolve of ended) resolve();
      return;
    }
    this.#send(Buffer.from(text));
  }

  #send(bytes: Buffer): void {
    write(this.#fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#send(bytes), fullPipePause);
        return;
      }
      // Any other error (disk full) loses these lines, not the ones after.
      const rest = error ? undefined : bytes.subarray(written);
      if (rest && rest.length > 0) this.#send(rest);
      else this.#flush();
    });
  }
}
