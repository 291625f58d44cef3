import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { XdrReader, XdrWriter } from './xdr.ts';

/** libvirtd refused; `code` is libvirt's (`virErrorNumber`). */
export class LibvirtError extends Error {
  override readonly name = 'LibvirtError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(`libvirt: ${message}`);
    this.code = code;
  }
}

/** libvirtd cannot be reached, or went away during the call. */
export class LibvirtUnreachable extends Error {
  override readonly name = 'LibvirtUnreachable';
}

/** A domain as libvirt names it on the wire. */
export interface Domain {
  readonly name: string;
  readonly uuid: string;
  /** -1 when it does not run. */
  readonly id: number;
}

/** `virDomainEventType` and its detail. */
export interface DomainEvent {
  readonly domain: Domain;
  readonly event: number;
  readonly detail: number;
}

/** Numbers of libvirt's remote protocol: they never change, clients and servers of all versions work together. */
const PROGRAM = 0x20008086;
/** What only QEMU's driver has. */
const QEMU_PROGRAM = 0x20008087;
const QEMU_PROC = { domainMonitorCommand: 1, domainAgentCommand: 3 } as const;
const VERSION = 1;
const CALL = 0;
const MESSAGE = 2;
const OK = 0;
const PROC = {
  connectOpen: 1,
  connectClose: 2,
  getVersion: 4,
  domainDefineXml: 11,
  domainGetXmlDesc: 14,
  domainResume: 28,
  domainShutdown: 33,
  domainSuspend: 34,
  authList: 66,
  domainEventsRegister: 105,
  domainEventLifecycle: 107,
  secretDefineXml: 142,
  secretSetValue: 144,
  secretUndefine: 146,
  secretLookupByUsage: 147,
  getLibVersion: 157,
  domainAttachDeviceFlags: 160,
  domainDetachDeviceFlags: 161,
  domainManagedSave: 182,
  domainHasManagedSaveImage: 183,
  domainManagedSaveRemove: 184,
  domainGetBlockInfo: 194,
  domainCreateWithFlags: 196,
  domainGetState: 212,
  domainUndefineFlags: 231,
  domainDestroyFlags: 234,
  domainBlockJobAbort: 237,
  domainGetBlockJobInfo: 238,
  domainBlockResize: 251,
  listAllDomains: 273,
  domainBlockCopy: 345,
} as const;

/** virDomainModificationImpact */
export const LIVE = 1;
export const CONFIG = 2;
const UNDEFINE_WITH_SAVED_STATE_AND_SNAPSHOTS = 1 | 2;
const SECRET_USAGE_ISCSI = 3;
const NO_AUTH = 0;

const RESIZE_BYTES = 1;
const COPY_TO_WHAT_IS_THERE = 2;
const COPY_TRANSIENT_JOB = 4;
const ABORT_PIVOT = 2;

/** virErrorNumber */
export const NO_DOMAIN = 42;
export const OPERATION_INVALID = 55;

interface Pending {
  resolve(reader: XdrReader): void;
  reject(error: Error): void;
}

/**
 * A client of libvirtd's own protocol over its unix socket: a call takes a millisecond where a `virsh` process takes
 * forty, and events come by themselves.
 */
export class LibvirtClient {
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners: ((event: DomainEvent) => void)[] = [];
  #serial = 0;
  #buffer = Buffer.alloc(0);
  #gone: LibvirtUnreachable | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => undefined); // told by 'close'
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#gone ??= new LibvirtUnreachable('libvirtd has closed the connection');
        for (const pending of this.#pending.values()) pending.reject(this.#gone);
        this.#pending.clear();
        resolve();
      });
    });
  }

  /**
   * Connects to QEMU's driver of the libvirtd at `path` and listens to its domains.
   * The very first connection to a new libvirtd takes seconds: it looks at what QEMU can do.
   * @throws LibvirtUnreachable
   */
  static async connect(path: string, timeoutMs = 60_000): Promise<LibvirtClient> {
    const client = new LibvirtClient(await openSocket(path));
    const timer = setTimeout(() => client.close(), timeoutMs);
    try {
      const answer = await client.#call(PROC.authList);
      const methods = answer.array(() => answer.int());
      if (methods.length > 0 && !methods.includes(NO_AUTH))
        throw new LibvirtUnreachable(
          `libvirtd at ${path} wants a sign-in that nova-compute does not have. Run nova-compute as root, or set auth_unix_rw = "none" in libvirtd.conf.`,
        );
      await client.#call(PROC.connectOpen, new XdrWriter().optional('qemu:///system').uint(0));
      await client.#call(PROC.domainEventsRegister);
      return client;
    } catch (error) {
      client.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  onEvent(listener: (event: DomainEvent) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#gone ??= new LibvirtUnreachable('The connection to libvirtd was closed by us');
    this.#socket.destroy();
  }

  /** Of QEMU: 7.2.22 → 7002022. */
  async hypervisorVersion(): Promise<number> {
    return Number((await this.#call(PROC.getVersion)).hyper());
  }

  /** Of libvirt: 9.0.0 → 9000000. */
  async libraryVersion(): Promise<number> {
    return Number((await this.#call(PROC.getLibVersion)).hyper());
  }

  /** All domains, running or not, whoever made them. */
  async domains(): Promise<Domain[]> {
    const answer = await this.#call(PROC.listAllDomains, new XdrWriter().int(1).uint(0));
    return answer.array(() => readDomain(answer));
  }

  /** `virDomainState` and its reason. */
  async state(domain: Domain): Promise<{ state: number; reason: number }> {
    const answer = await this.#call(PROC.domainGetState, writeDomain(domain).uint(0));
    return { state: answer.int(), reason: answer.int() };
  }

  async define(xml: string): Promise<Domain> {
    return readDomain(await this.#call(PROC.domainDefineXml, new XdrWriter().string(xml)));
  }

  async start(domain: Domain): Promise<void> {
    await this.#call(PROC.domainCreateWithFlags, writeDomain(domain).uint(0));
  }

  async destroy(domain: Domain): Promise<void> {
    await this.#call(PROC.domainDestroyFlags, writeDomain(domain).uint(0));
  }

  async undefine(domain: Domain): Promise<void> {
    await this.#call(PROC.domainUndefineFlags, writeDomain(domain).uint(UNDEFINE_WITH_SAVED_STATE_AND_SNAPSHOTS));
  }

  async shutdown(domain: Domain): Promise<void> {
    await this.#call(PROC.domainShutdown, writeDomain(domain));
  }

  async suspend(domain: Domain): Promise<void> {
    await this.#call(PROC.domainSuspend, writeDomain(domain));
  }

  async resume(domain: Domain): Promise<void> {
    await this.#call(PROC.domainResume, writeDomain(domain));
  }

  async xml(domain: Domain): Promise<string> {
    return (await this.#call(PROC.domainGetXmlDesc, writeDomain(domain).uint(0))).string();
  }

  /** @param flags `LIVE`, `CONFIG` or both */
  async attachDevice(domain: Domain, xml: string, flags: number): Promise<void> {
    await this.#call(PROC.domainAttachDeviceFlags, writeDomain(domain).string(xml).uint(flags));
  }

  async detachDevice(domain: Domain, xml: string, flags: number): Promise<void> {
    await this.#call(PROC.domainDetachDeviceFlags, writeDomain(domain).string(xml).uint(flags));
  }

  /** Writes a running domain's memory to libvirt's own file, and ends it; its next start goes on there. */
  async managedSave(domain: Domain): Promise<void> {
    await this.#call(PROC.domainManagedSave, writeDomain(domain).uint(0));
  }

  async hasManagedSave(domain: Domain): Promise<boolean> {
    return (await this.#call(PROC.domainHasManagedSaveImage, writeDomain(domain).uint(0))).int() === 1;
  }

  async removeManagedSave(domain: Domain): Promise<void> {
    await this.#call(PROC.domainManagedSaveRemove, writeDomain(domain).uint(0));
  }

  /** A command for QEMU's own monitor; libvirt marks the domain as touched by others. @throws LibvirtError */
  async monitorCommand<T>(domain: Domain, command: string, args: object): Promise<T> {
    const text = JSON.stringify({ execute: command, arguments: args });
    const answer = await this.#call(
      QEMU_PROC.domainMonitorCommand,
      writeDomain(domain).string(text).uint(0),
      QEMU_PROGRAM,
    );
    const { return: value, error } = JSON.parse(answer.string()) as { return?: unknown; error?: { desc: string } };
    if (error) throw new LibvirtError(0, `QEMU refused ${command}: ${error.desc}`);
    return value as T;
  }

  /** A command for the agent inside the guest. @throws LibvirtError when it does not answer within `seconds` */
  async agentCommand<T>(domain: Domain, command: string, args: object, seconds: number): Promise<T> {
    const text = JSON.stringify({ execute: command, arguments: args });
    const answer = await this.#call(
      QEMU_PROC.domainAgentCommand,
      writeDomain(domain).string(text).int(seconds).uint(0),
      QEMU_PROGRAM,
    );
    const { return: value } = JSON.parse(answer.optional() ?? '{}') as { return?: unknown };
    return value as T;
  }

  /** @param disk `vdb` */
  async blockResize(domain: Domain, disk: string, bytes: number): Promise<void> {
    await this.#call(PROC.domainBlockResize, writeDomain(domain).string(disk).hyper(BigInt(bytes)).uint(RESIZE_BYTES));
  }

  /** Bytes that a disk has for its guest. */
  async blockSize(domain: Domain, disk: string): Promise<bigint> {
    const answer = await this.#call(PROC.domainGetBlockInfo, writeDomain(domain).string(disk).uint(0));
    answer.hyper(); // what of it is in use
    return answer.hyper();
  }

  /** Begins to mirror a disk to another place. @param xml the new `<disk>` */
  async blockCopy(domain: Domain, disk: string, xml: string): Promise<void> {
    const args = writeDomain(domain)
      .string(disk)
      .string(xml)
      .uint(0)
      .uint(COPY_TO_WHAT_IS_THERE | COPY_TRANSIENT_JOB);
    await this.#call(PROC.domainBlockCopy, args);
  }

  /** How far a disk's job is; null when there is none. */
  async blockJob(domain: Domain, disk: string): Promise<{ done: bigint; total: bigint } | null> {
    const answer = await this.#call(PROC.domainGetBlockJobInfo, writeDomain(domain).string(disk).uint(0));
    const [found] = [answer.int(), answer.int(), answer.hyper()];
    return found === 1 ? { done: answer.hyper(), total: answer.hyper() } : null;
  }

  /** Ends a disk's job. @param pivot the guest goes on with the copy, else with what it had */
  async endBlockJob(domain: Domain, disk: string, pivot: boolean): Promise<void> {
    await this.#call(
      PROC.domainBlockJobAbort,
      writeDomain(domain)
        .string(disk)
        .uint(pivot ? ABORT_PIVOT : 0),
    );
  }

  /** Gives libvirtd the password of an iSCSI target under a name that a disk refers to. In its memory only. */
  async setIscsiSecret(usage: string, password: string): Promise<void> {
    const xml = `<secret ephemeral='yes' private='yes'><usage type='iscsi'><target>${usage}</target></usage></secret>`;
    const secret =
      (await this.#lookUpSecret(usage)) ??
      readSecret(await this.#call(PROC.secretDefineXml, new XdrWriter().string(xml).uint(0)));
    await this.#call(PROC.secretSetValue, writeSecret(secret).opaque(Buffer.from(password)).uint(0));
  }

  /** An absent one is no error. */
  async removeIscsiSecret(usage: string): Promise<void> {
    const secret = await this.#lookUpSecret(usage);
    if (secret) await this.#call(PROC.secretUndefine, writeSecret(secret));
  }

  async #lookUpSecret(usage: string): Promise<Secret | undefined> {
    try {
      const args = new XdrWriter().int(SECRET_USAGE_ISCSI).string(usage);
      return readSecret(await this.#call(PROC.secretLookupByUsage, args));
    } catch (error) {
      if (error instanceof LibvirtError) return undefined;
      throw error;
    }
  }

  #call(procedure: number, args = new XdrWriter(), program = PROGRAM): Promise<XdrReader> {
    if (this.#gone) return Promise.reject(this.#gone);
    const serial = ++this.#serial;
    const head = new XdrWriter().uint(program).uint(VERSION).int(procedure).int(CALL).uint(serial).int(OK);
    const body = Buffer.concat([head.bytes(), args.bytes()]);
    return new Promise((resolve, reject) => {
      this.#pending.set(serial, { resolve, reject });
      this.#socket.write(Buffer.concat([new XdrWriter().uint(body.length + 4).bytes(), body]));
    });
  }

  #receive(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    while (this.#buffer.length >= 4 && this.#buffer.length >= this.#buffer.readUInt32BE(0)) {
      const length = this.#buffer.readUInt32BE(0);
      const message = this.#buffer.subarray(4, length);
      this.#buffer = this.#buffer.subarray(length);
      this.#take(new XdrReader(message));
    }
  }

  #take(message: XdrReader): void {
    const [program, , procedure, type] = [message.uint(), message.uint(), message.int(), message.int()];
    const [serial, status] = [message.uint(), message.int()];
    if (program !== PROGRAM && program !== QEMU_PROGRAM) return; // keep-alive
    if (type === MESSAGE) {
      if (program !== PROGRAM || procedure !== PROC.domainEventLifecycle) return;
      const event = { domain: readDomain(message), event: message.int(), detail: message.int() };
      for (const listener of this.#listeners) listener(event);
      return;
    }
    const pending = this.#pending.get(serial);
    this.#pending.delete(serial);
    if (status === OK) pending?.resolve(message);
    else pending?.reject(readError(message));
  }
}

interface Secret {
  readonly uuid: Buffer;
  readonly usageType: number;
  readonly usage: string;
}

const readSecret = (reader: XdrReader): Secret => ({
  uuid: reader.fixed(16),
  usageType: reader.int(),
  usage: reader.string(),
});
const writeSecret = ({ uuid, usageType, usage }: Secret): XdrWriter =>
  new XdrWriter().fixed(uuid).int(usageType).string(usage);

const writeDomain = ({ name, uuid, id }: Domain): XdrWriter =>
  new XdrWriter()
    .string(name)
    .fixed(Buffer.from(uuid.replaceAll('-', ''), 'hex'))
    .int(id);

function readDomain(reader: XdrReader): Domain {
  const name = reader.string();
  const hex = reader.fixed(16).toString('hex');
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { name, uuid, id: reader.int() };
}

function readError(reader: XdrReader): LibvirtError {
  const code = reader.int();
  reader.int(); // the part of libvirt that it comes from
  return new LibvirtError(code, reader.optional() ?? `error ${code}`);
}

/** Through the folder's file descriptor: a socket's path may have 107 characters only, and a state folder be deep. */
async function openSocket(path: string): Promise<Socket> {
  const folder = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY).catch((cause: unknown) => {
    throw new LibvirtUnreachable(`There is no libvirtd at ${path}`, { cause });
  });
  try {
    return await new Promise((resolve, reject) => {
      const socket = createConnection({ path: `/proc/self/fd/${folder.fd}/${basename(path)}` });
      socket.once('connect', () => resolve(socket));
      socket.once('error', (cause) =>
        reject(new LibvirtUnreachable(`Cannot reach libvirtd at ${path}: ${cause.message}`, { cause })),
      );
    });
  } finally {
    await folder.close();
  }
}
