import { connect, type Socket } from 'node:net';

/** What memcached answered: the line that ends the answer, and the value before it if there was one. */
export interface MemcachedAnswer {
  readonly line: string;
  readonly value: string | null;
}

interface Waiting {
  resolve(answer: MemcachedAnswer): void;
  reject(error: Error): void;
}

const LINE_END = '\r\n';

/**
 * A connection to one memcached over its text protocol. It is made when it is needed, again after it broke, and given up
 * when an answer takes longer than `limitMs`: whoever asks hears within that time.
 */
export class MemcachedConnection {
  readonly #server: string;
  readonly #limitMs: number;
  #socket: Socket | null = null;
  #waiting: Waiting[] = [];
  #received: Buffer = Buffer.alloc(0);
  #value: string | null = null;

  /** @param server `host:port`, `[::1]:port` or `unix:/path` */
  constructor(server: string, limitMs: number) {
    this.#server = server;
    this.#limitMs = limitMs;
  }

  /**
   * Sends one command, which must be one that can be said twice, and waits for its answer.
   * @param command without the last line break
   * @throws Error when nothing answers in time
   */
  async ask(command: string): Promise<MemcachedAnswer> {
    const kept = this.#socket;
    try {
      return await this.#send(command);
    } catch (error) {
      // It was restarted since the last command: a connection of now decides.
      if (kept === null || error instanceof SilentServer) throw error;
      return this.#send(command);
    }
  }

  close(): void {
    this.#drop(new Error('the connection was closed'));
  }

  #send(command: string): Promise<MemcachedAnswer> {
    return new Promise((resolve, reject) => {
      const socket = (this.#socket ??= this.#open());
      const timer = setTimeout(
        () => this.#drop(new SilentServer(`no answer within ${this.#limitMs / 1000} s`)),
        this.#limitMs,
      );
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T): void => {
          clearTimeout(timer);
          settle(value);
        };
      };
      this.#waiting.push({ resolve: settled(resolve), reject: settled(reject) });
      socket.write(command + LINE_END);
    });
  }

  #open(): Socket {
    const path = /^unix:(.*)$/.exec(this.#server)?.[1];
    const colon = this.#server.lastIndexOf(':');
    const host = this.#server.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
    const socket =
      path === undefined ? connect({ host, port: Number(this.#server.slice(colon + 1)) }) : connect({ path });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    let why = new Error('the connection was closed by the other side');
    socket.on('error', (error) => (why = error));
    socket.on('close', () => this.#socket === socket && this.#drop(why));
    socket.on('data', (chunk: Buffer) => this.#socket === socket && this.#read(chunk));
    return socket;
  }

  /** Nobody can tell any more which answer belongs to which command: all that wait hear why. */
  #drop(why: Error): void {
    const waiting = this.#waiting;
    this.#socket?.destroy();
    this.#socket = null;
    this.#waiting = [];
    this.#received = Buffer.alloc(0);
    this.#value = null;
    for (const one of waiting) one.reject(why);
  }

  #read(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    for (;;) {
      const end = this.#received.indexOf(LINE_END);
      if (end < 0) return;
      const line = this.#received.toString('utf8', 0, end);
      const bytes = /^VALUE \S+ \d+ (\d+)/.exec(line)?.[1];
      const start = end + LINE_END.length;
      if (bytes === undefined) {
        this.#received = this.#received.subarray(start);
        this.#waiting.shift()?.resolve({ line, value: this.#value });
        this.#value = null;
        continue;
      }
      const after = start + Number(bytes);
      if (this.#received.length < after + LINE_END.length) return;
      this.#value = this.#received.toString('utf8', start, after);
      this.#received = this.#received.subarray(after + LINE_END.length);
    }
  }
}

class SilentServer extends Error {
  override readonly name = 'SilentServer';
}
