import { createConnection, type Socket } from 'node:net';
import { JsonSplitter } from './json-stream.ts';

/** QEMU refused a command; `errorClass` is QMP's (`GenericError`, `DeviceNotFound`, `CommandNotFound` …). */
export class QmpError extends Error {
  override readonly name = 'QmpError';
  readonly command: string;
  readonly errorClass: string;

  constructor(command: string, errorClass: string, description: string) {
    super(`QEMU refused ${command}: ${description}`);
    this.command = command;
    this.errorClass = errorClass;
  }
}

/** The monitor is gone: QEMU ended, or the socket could not be reached. */
export class QmpClosed extends Error {
  override readonly name = 'QmpClosed';
}

/** Something that QEMU tells by itself: `SHUTDOWN`, `DEVICE_DELETED`, `BLOCK_JOB_COMPLETED` … */
export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Seconds since 1970. */
  readonly time: number;
}

export interface QmpWait {
  /** Milliseconds; 30 000 unless told. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

interface Pending {
  readonly command: string;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface QmpMessage {
  readonly QMP?: unknown;
  readonly event?: string;
  readonly data?: Record<string, unknown>;
  readonly timestamp?: { readonly seconds: number; readonly microseconds: number };
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
}

/**
 * A client of QEMU's monitor protocol over its unix socket. A command takes 0.2-4 ms.
 * QEMU serves one client at a time on a socket: a second one waits until the first has closed.
 */
export class QmpClient {
  /** Resolves when the connection has ended, for whatever reason. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<(event: QmpEvent) => void>();
  #greeted: () => void = () => undefined;
  #nextId = 1;
  #gone: QmpClosed | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const splitter = new JsonSplitter();
    socket.on('data', (chunk) => {
      try {
        for (const message of splitter.push(chunk)) this.#receive(message as QmpMessage);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on('error', () => undefined); // told by 'close'
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#gone ??= new QmpClosed('The monitor of QEMU has closed the connection');
        for (const pending of this.#pending.values()) pending.reject(this.#gone);
        this.#pending.clear();
        resolve();
      });
    });
  }

  /**
   * Connects and negotiates.
   * @throws QmpClosed when nobody listens at `path`, or nobody greets within the time
   */
  static async connect(path: string, wait: QmpWait = {}): Promise<QmpClient> {
    const socket = createConnection({ path });
    const client = new QmpClient(socket);
    const greeting = new Promise<void>((resolve, reject) => {
      client.#greeted = resolve;
      socket.once('error', (cause) => reject(new QmpClosed(`Cannot reach the monitor at ${path}: ${cause.message}`)));
      void client.closed.then(() => reject(new QmpClosed(`The monitor at ${path} closed before it greeted`)));
    });
    try {
      await within(greeting, `the greeting of the monitor at ${path}`, wait);
      await client.execute('qmp_capabilities', {}, wait);
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /**
   * Runs one command and returns what QEMU answers (`return`).
   * @throws QmpError when QEMU refuses, QmpClosed when it goes away or does not answer in time
   */
  async execute<T = unknown>(command: string, args: Readonly<Record<string, unknown>> = {}, wait: QmpWait = {}) {
    if (this.#gone) throw this.#gone;
    const id = this.#nextId++;
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { command, resolve, reject }));
    this.#socket.write(JSON.stringify({ execute: command, arguments: args, id }));
    try {
      return (await within(answer, `the answer to ${command}`, wait)) as T;
    } finally {
      this.#pending.delete(id);
    }
  }

  /** Hears every event from now on; the returned function ends that. */
  onEvent(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The next event of that name for which `match` holds. Call it before the command that causes the event.
   * @throws QmpClosed when QEMU goes away first or the time is over
   */
  async waitForEvent(name: string, match: (event: QmpEvent) => boolean = () => true, wait: QmpWait = {}) {
    let forget: () => void = () => undefined;
    const seen = new Promise<QmpEvent>((resolve, reject) => {
      forget = this.onEvent((event) => {
        if (event.event === name && match(event)) resolve(event);
      });
      void this.closed.then(() => reject(this.#gone ?? new QmpClosed('The monitor is closed')));
    });
    try {
      return await within(seen, `the event ${name}`, wait);
    } finally {
      forget();
    }
  }

  close(): void {
    this.#gone ??= new QmpClosed('The monitor connection was closed by us');
    this.#socket.destroy();
  }

  #receive(message: QmpMessage): void {
    if (message.QMP !== undefined) return this.#greeted();
    if (message.event !== undefined) {
      const { seconds = 0, microseconds = 0 } = message.timestamp ?? {};
      const event = { event: message.event, data: message.data ?? {}, time: seconds + microseconds / 1e6 };
      for (const listener of this.#listeners) listener(event);
      return;
    }
    const pending = message.id === undefined ? undefined : this.#pending.get(message.id);
    if (message.error) pending?.reject(new QmpError(pending.command, message.error.class, message.error.desc));
    else pending?.resolve(message.return);
  }
}

async function within<T>(work: Promise<T>, what: string, { timeoutMs = 30_000, signal }: QmpWait): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new QmpClosed(`Waited ${timeoutMs / 1000} s in vain for ${what}`)), timeoutMs);
    abort = () => reject(signal?.reason as Error);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
    if (abort) signal?.removeEventListener('abort', abort);
  }
}
