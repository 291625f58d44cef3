import { createConnection } from 'node:net';

/** What tgtd says no with (tgtadm_error.h); by number. */
const ERRORS = [
  ...['success', 'unknown error', 'out of memory', 'no such driver', 'no such target', 'no such logical unit'],
  ...['no such session', 'no such connection', 'no such binding', 'the target exists already'],
  ...['the binding exists already', 'the logical unit exists already', 'the access rule exists already'],
  ...['no such access rule', 'the account exists already', 'no such account', 'too many accounts', 'invalid request'],
  ...['the target has an outgoing account already', 'the target is still active', 'the logical unit is still active'],
  ...['the driver is busy', 'the operation is not supported', 'unknown parameter', 'removal is prevented'],
] as const;

/** tgtd refused a request. */
export class TgtError extends Error {
  override readonly name = 'TgtError';
  readonly reason: string;

  constructor(what: string, code: number) {
    const reason = ERRORS[code] ?? `error ${code}`;
    super(`tgtd refused to ${what}: ${reason}`);
    this.reason = reason;
  }
}

/** tgtd cannot be reached now. */
export class TgtUnreachable extends Error {
  override readonly name = 'TgtUnreachable';
}

export interface TgtLogicalUnit {
  readonly lun: number;
  /** Size as tgtd prints it: millions of bytes. */
  readonly megabytes: number;
  readonly path: string;
}

/** A target as it is now. */
export interface TgtState {
  readonly tid: number;
  readonly iqn: string;
  /** Without the controller, LUN 0. */
  readonly units: readonly TgtLogicalUnit[];
  readonly accounts: readonly string[];
  /** Addresses that may connect; `ALL`. */
  readonly allowed: readonly string[];
  /** Hosts that are connected now. */
  readonly initiators: number;
}

const MODE = { system: 0, target: 1, logicalunit: 2, portal: 3, account: 7 } as const;
const OP = { new: 0, delete: 1, show: 2, bind: 3, update: 5 } as const;

interface Request {
  readonly mode: keyof typeof MODE;
  readonly op: keyof typeof OP;
  readonly tid?: number;
  readonly lun?: number;
  /** `name=value`, joined by commas as tgtadm does. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly force?: boolean;
}

/** Bytes of the fixed part of a request (struct tgtadm_req of tgt 1.0). */
const HEADER = 120;

/**
 * A client of tgtd's management socket: what `tgtadm` does, in a millisecond instead of a process, and without a password
 * on a command line that everybody on the machine can read.
 */
export class TgtClient {
  readonly #socket: string;

  /** @param socket `/var/run/tgtd/socket.0`; TGT_IPC_SOCKET with `.0` behind it */
  constructor(socket: string) {
    this.#socket = socket;
  }

  /** @throws TgtUnreachable, or Error when it speaks another protocol or has no iSCSI */
  async check(): Promise<void> {
    const text = await this.#ask('show its state', { mode: 'system', op: 'show' });
    if (!/State: ready/.test(text)) throw new Error(`tgtd at ${this.#socket} is not ready, or of an unknown version`);
    if (!/^\s*iscsi: ready/m.test(text)) throw new Error(`tgtd at ${this.#socket} does not offer iSCSI; see its log`);
  }

  /** Addresses that it listens on: `127.0.0.1:3260`. */
  async portals(): Promise<string[]> {
    const text = await this.#ask('list its addresses', { mode: 'portal', op: 'show' });
    return [...text.matchAll(/^Portal: (.*),\d+$/gm)].map(([, address]) => address as string);
  }

  async targets(): Promise<TgtState[]> {
    return parseTargets(await this.#ask('list its targets', { mode: 'target', op: 'show' }));
  }

  async createTarget(tid: number, iqn: string): Promise<void> {
    await this.#ask(`make the target ${iqn}`, { mode: 'target', op: 'new', tid, parameters: { targetname: iqn } });
  }

  /** Whoever is connected loses it. */
  async deleteTarget(tid: number): Promise<void> {
    await this.#ask(`remove target ${tid}`, { mode: 'target', op: 'delete', tid, force: true });
  }

  /** @param writeCache whether guests are told of a write cache, which they then flush */
  async createUnit(tid: number, lun: number, path: string, writeCache: boolean): Promise<void> {
    const unit = { mode: 'logicalunit', tid, lun } as const;
    await this.#ask(`offer ${path}`, { ...unit, op: 'new', parameters: { path, bstype: 'rdwr' } });
    if (writeCache) return;
    // The caching mode page without "write cache enable", as tgt-admin's `write-cache off` writes it.
    const page = '8:0:18:0x10:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0';
    await this.#ask(`switch the write cache of ${path} off`, {
      ...unit,
      op: 'update',
      parameters: { mode_page: page },
    });
  }

  async deleteUnit(tid: number, lun: number): Promise<void> {
    await this.#ask(`withdraw unit ${lun} of target ${tid}`, { mode: 'logicalunit', op: 'delete', tid, lun });
  }

  async createAccount(user: string, password: string): Promise<void> {
    await this.#ask(`make the account ${user}`, { mode: 'account', op: 'new', parameters: { user, password } });
  }

  /** Targets that it was bound to lose it. */
  async deleteAccount(user: string): Promise<void> {
    await this.#ask(`remove the account ${user}`, { mode: 'account', op: 'delete', parameters: { user } });
  }

  /** From now on only this account gets in. */
  async bindAccount(tid: number, user: string): Promise<void> {
    await this.#ask(`bind the account ${user}`, { mode: 'account', op: 'bind', tid, parameters: { user } });
  }

  /** Any address may connect. */
  async allowAll(tid: number): Promise<void> {
    const parameters = { 'initiator-address': 'ALL' };
    await this.#ask(`open target ${tid}`, { mode: 'target', op: 'bind', tid, parameters });
  }

  /** Ends tgtd; it must have no targets. */
  async shutdown(): Promise<void> {
    await this.#ask('end', { mode: 'system', op: 'delete' });
  }

  #ask(what: string, request: Request): Promise<string> {
    const unreachable = (cause: unknown): TgtUnreachable =>
      new TgtUnreachable(`tgtd does not answer at ${this.#socket}: ${(cause as Error).message}`, { cause });
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const connection = createConnection({ path: this.#socket });
      connection.setTimeout(30_000, () => connection.destroy(new Error('no answer within 30 s')));
      connection.on('connect', () => connection.write(encode(request)));
      connection.on('data', (chunk: Buffer) => chunks.push(chunk));
      connection.on('error', (error) => reject(unreachable(error)));
      connection.on('close', () => {
        const answer = Buffer.concat(chunks);
        if (answer.length < 8) return reject(unreachable(new Error('it closed the connection')));
        const code = answer.readUInt32LE(0);
        if (code === 0) resolve(answer.toString('utf8', 8).replace(/\0+$/, ''));
        else reject(new TgtError(what, code));
      });
    });
  }
}

function encode({ mode, op, tid = -1, lun, parameters = {}, force = false }: Request): Buffer {
  const text = Object.entries(parameters)
    .map(([name, value]) => {
      if (/[,\0]/.test(value)) throw new Error(`"${value}" cannot be told to tgtd: it has a comma in it`);
      return `${name}=${value}`;
    })
    .join(',');
  const tail = text === '' ? Buffer.alloc(0) : Buffer.from(`${text}\0`);
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(MODE[mode], 0);
  header.writeUInt32LE(OP[op], 4);
  header.write('iscsi', 8, 'latin1'); // lld[64]
  header.writeUInt32LE(HEADER + tail.length, 72);
  header.writeInt32LE(tid, 76);
  // 80: session. 88: logical unit, all ones for none.
  header.writeBigUInt64LE(lun === undefined ? 0xffffffffffffffffn : BigInt(lun), 88);
  // 96: connection, host, device type (disk), direction, pack.
  header.writeUInt32LE(force ? 1 : 0, 116);
  return Buffer.concat([header, tail]);
}

/** The text of `tgtadm --op show --mode target`. */
export function parseTargets(text: string): TgtState[] {
  return text
    .split(/^(?=Target \d+: )/m)
    .filter((part) => part.startsWith('Target '))
    .map((part) => {
      const [, tid = '', iqn = ''] = /^Target (\d+): (.*)$/m.exec(part) ?? [];
      const section = (name: string): string =>
        new RegExp(`^ {4}${name}:\\s*\\n((?: {8}.*\\n?)*)`, 'm').exec(part)?.[1] ?? '';
      const lines = (name: string): string[] =>
        section(name)
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== '');
      return {
        tid: Number(tid),
        iqn,
        units: section('LUN information')
          .split(/^ {8}(?=LUN: )/m)
          .filter((unit) => /^LUN: [1-9]/.test(unit))
          .map((unit) => ({
            lun: Number(/^LUN: (\d+)/.exec(unit)?.[1]),
            megabytes: Number(/Size: (\d+) MB/.exec(unit)?.[1]),
            path: /Backing store path: (.*)$/m.exec(unit)?.[1] ?? '',
          })),
        accounts: lines('Account information').map((line) => line.replace(/ \(outgoing\)$/, '')),
        allowed: lines('ACL information'),
        initiators: lines('I_T nexus information').filter((line) => line.startsWith('I_T nexus:')).length,
      };
    });
}
