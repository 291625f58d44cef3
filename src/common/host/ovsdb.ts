import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { JsonSplitter } from './json-stream.ts';
import type { Logger } from '../telemetry/log.ts';
import type { OvsdbRow, OvsdbValue } from './ovsdb-values.ts';

/** One operation of a transaction, in RFC 7047's own form (section 5.2). */
export type OvsdbOperation = { readonly op: string } & Readonly<Record<string, unknown>>;

export interface OvsdbResult {
  readonly count?: number;
  readonly uuid?: readonly ['uuid', string];
  readonly rows?: readonly OvsdbRow[];
}

/** The server refused a transaction; nothing of it was done. `reason` is OVSDB's word: `constraint violation` … */
export class OvsdbError extends Error {
  override readonly name = 'OvsdbError';
  readonly reason: string;

  constructor(reason: string, details: string) {
    super(`Open vSwitch's database refused a change: ${reason}${details ? `: ${details}` : ''}`);
    this.reason = reason;
  }
}

/** The database cannot be reached now, or went away during the work. */
export class OvsdbUnreachable extends Error {
  override readonly name = 'OvsdbUnreachable';
}

/** One row that came (`before` missing), changed, or went (`after` missing). */
export interface OvsdbChange {
  readonly table: string;
  readonly uuid: string;
  readonly before?: OvsdbRow;
  readonly after?: OvsdbRow;
}

export interface OvsdbOptions {
  /** Path of the server's unix socket: `/run/openvswitch/db.sock`. */
  readonly socket: string;
  /** Table → columns to mirror. */
  readonly mirror: Readonly<Record<string, readonly string[]>>;
  readonly log: Logger;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface RpcMessage {
  readonly id: unknown;
  readonly method?: string;
  readonly params?: readonly unknown[];
  readonly result?: unknown;
  readonly error?: unknown;
}

type TableUpdates = Readonly<Record<string, Readonly<Record<string, { readonly new?: OvsdbRow }>>>>;

const DATABASE = 'Open_vSwitch';
const TIMEOUT_MS = 30_000;

/**
 * A client of Open vSwitch's database (OVSDB, RFC 7047) over its unix socket: transactions, and a local mirror of the
 * tables that matter, kept current by the server. It reconnects by itself; the mirror then tells what changed meanwhile.
 */
export class OvsdbClient {
  readonly #options: OvsdbOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #tables = new Map<string, Map<string, OvsdbRow>>();
  readonly #changeListeners = new Set<(changes: readonly OvsdbChange[]) => void>();
  readonly #stateListeners = new Set<(connected: boolean) => void>();
  #socket: Socket | undefined;
  #ready = false;
  #closed = false;
  #nextId = 1;

  private constructor(options: OvsdbOptions) {
    this.#options = options;
    for (const table of Object.keys(options.mirror)) this.#tables.set(table, new Map());
  }

  /** @throws OvsdbUnreachable when nobody listens at the socket now */
  static async connect(options: OvsdbOptions): Promise<OvsdbClient> {
    const client = new OvsdbClient(options);
    await client.#open();
    return client;
  }

  get connected(): boolean {
    return this.#ready;
  }

  /** The mirrored rows by uuid. A live view. */
  rows(table: string): ReadonlyMap<string, OvsdbRow> {
    return this.#tables.get(table) ?? new Map<string, OvsdbRow>();
  }

  /** Hears the changes of the mirror, one call per update of the server; the returned function ends that. */
  onChange(listener: (changes: readonly OvsdbChange[]) => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  /** Hears the connection going (`false`) and coming back with a current mirror (`true`). */
  onConnection(listener: (connected: boolean) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /**
   * Runs operations as one transaction: all or nothing.
   * @throws OvsdbError when refused, OvsdbUnreachable when the server is away or silent
   */
  async transact(operations: readonly OvsdbOperation[]): Promise<OvsdbResult[]> {
    const results = (await this.#request('transact', [DATABASE, ...operations])) as (
      (OvsdbResult & { readonly error?: string; readonly details?: string }) | null
    )[];
    for (const result of results) if (result?.error) throw new OvsdbError(result.error, result.details ?? '');
    return results.map((result) => result ?? {});
  }

  /**
   * Resolves when `condition` holds on the mirror (looked at after every change).
   * @throws OvsdbUnreachable with `what` when the time is over
   */
  waitFor(condition: () => boolean, what: string, timeoutMs = 10_000): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        forget();
      };
      const timer = setTimeout(() => {
        end();
        reject(new OvsdbUnreachable(`Waited ${timeoutMs / 1000} s in vain for Open vSwitch: ${what}`));
      }, timeoutMs);
      const forget = this.onChange(() => {
        if (!condition()) return;
        end();
        resolve();
      });
    });
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  async #open(): Promise<void> {
    const { socket: path, mirror } = this.#options;
    const socket = createConnection({ path });
    const splitter = new JsonSplitter();
    this.#socket = socket;
    const connected = new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (cause) =>
        reject(new OvsdbUnreachable(`Cannot reach Open vSwitch's database at ${path}: ${cause.message}`)),
      );
    });
    socket.on('error', () => undefined); // told by 'close'
    socket.on('data', (chunk) => {
      try {
        for (const message of splitter.push(chunk)) this.#receive(message as RpcMessage);
      } catch (error) {
        this.#options.log.error('An answer of Open vSwitch could not be taken; connecting anew', error);
        socket.destroy();
      }
    });
    socket.on('close', () => this.#lost(socket));
    await connected;
    const requests = Object.fromEntries(Object.entries(mirror).map(([table, columns]) => [table, { columns }]));
    const initial = (await this.#request('monitor', [DATABASE, 'mirror', requests], true)) as TableUpdates;
    const gone = [...this.#tables].flatMap(([table, rows]) =>
      [...rows.keys()].filter((uuid) => !initial[table]?.[uuid]).map((uuid) => [table, uuid] as const),
    );
    this.#ready = true;
    this.#apply(initial, gone);
  }

  #lost(socket: Socket): void {
    if (socket !== this.#socket) return;
    const wasReady = this.#ready;
    this.#ready = false;
    const error = new OvsdbUnreachable(`Open vSwitch's database at ${this.#options.socket} went away`);
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    if (!wasReady) return; // the opener hears of it and tries again
    for (const listener of this.#stateListeners) listener(false);
    if (!this.#closed) void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    this.#options.log.warn(`Open vSwitch's database at ${this.#options.socket} went away; connecting again`);
    for (let pause = 20; !this.#closed; pause = Math.min(pause * 2, 1_000)) {
      await sleep(pause);
      try {
        if (!this.#closed) await this.#open();
        if (this.#ready) for (const listener of this.#stateListeners) listener(true);
        return;
      } catch {
        // still away: the next attempt
      }
    }
  }

  #request(method: string, params: readonly unknown[], opening = false): Promise<unknown> {
    const socket = this.#socket;
    if (!socket || socket.destroyed || (!this.#ready && !opening))
      return Promise.reject(new OvsdbUnreachable(`Open vSwitch's database at ${this.#options.socket} is away`));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new OvsdbUnreachable(`Open vSwitch's database did not answer within ${TIMEOUT_MS / 1000} s`));
      }, TIMEOUT_MS);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          then(value);
        };
      this.#pending.set(id, { resolve: settle(resolve), reject: settle(reject) });
      socket.write(JSON.stringify({ method, params, id }));
    });
  }

  #receive(message: RpcMessage): void {
    if (message.method === 'echo')
      this.#socket?.write(JSON.stringify({ result: message.params, error: null, id: message.id }));
    else if (message.method === 'update') this.#apply((message.params?.[1] ?? {}) as TableUpdates);
    else if (typeof message.id === 'number') {
      const pending = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      const error = message.error as { readonly error?: string; readonly details?: string } | null | undefined;
      if (error) pending?.reject(new OvsdbError(error.error ?? JSON.stringify(error), error.details ?? ''));
      else pending?.resolve(message.result);
    }
  }

  #apply(updates: TableUpdates, gone: readonly (readonly [string, string])[] = []): void {
    const changes: OvsdbChange[] = [];
    const put = (table: string, uuid: string, after: OvsdbRow | undefined): void => {
      const rows = this.#tables.get(table);
      const before = rows?.get(uuid);
      if (!rows || (before && after && sameRow(before, after))) return;
      if (after) rows.set(uuid, after);
      else rows.delete(uuid);
      changes.push({ table, uuid, ...(before && { before }), ...(after && { after }) });
    };
    for (const [table, rows] of Object.entries(updates))
      for (const [uuid, update] of Object.entries(rows)) put(table, uuid, update.new);
    for (const [table, uuid] of gone) put(table, uuid, undefined);
    if (changes.length > 0) for (const listener of [...this.#changeListeners]) listener(changes);
  }
}

const sameRow = (a: OvsdbRow, b: OvsdbRow): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const sorted = (row: OvsdbRow): [string, OvsdbValue][] => Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1));
