import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { missingPrograms, isRoot } from '#common/host/privileges.ts';
import type { Run } from '#common/host/run.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { LibvirtClient, LibvirtUnreachable, type DomainEvent } from './libvirt-client.ts';
import { privateSocket, startPrivateLibvirtd, SYSTEM_SOCKETS } from './private-libvirtd.ts';

export interface LibvirtConnectionDeps {
  readonly run: Run;
  readonly log: Logger;
  /** Folder of a private libvirtd. */
  readonly folder: string;
  readonly onEvent: (event: DomainEvent) => void;
  /** Called at the first connection and after each loss: events may have been missed. */
  readonly onConnect: () => void;
}

/** Where libvirt is on this machine. */
export type LibvirtPlace =
  | { readonly kind: 'system'; readonly socket: string }
  | { readonly kind: 'private'; readonly socket: string }
  | { readonly kind: 'none'; readonly reason: string };

/** The machine's libvirtd when one answers; else whether a private one can run here. */
export async function findLibvirt(folder: string, systemSockets = SYSTEM_SOCKETS): Promise<LibvirtPlace> {
  for (const socket of systemSockets) if (await answers(socket)) return { kind: 'system', socket };
  if (!isRoot()) return { kind: 'none', reason: 'no libvirtd runs, and only root can start one' };
  const missing = missingPrograms(['libvirtd', 'qemu-system-x86_64', 'unshare', 'mount']);
  return missing.length === 0
    ? { kind: 'private', socket: privateSocket(folder) }
    : { kind: 'none', reason: `no libvirtd runs, and ${missing.join(', ')} is missing to start one` };
}

async function answers(socket: string): Promise<boolean> {
  try {
    (await LibvirtClient.connect(socket)).close();
    return true;
  } catch {
    return false;
  }
}

/** The connection to libvirtd, made at the first use and again after a loss; a private libvirtd that died is started again. */
export class LibvirtConnection {
  readonly #deps: LibvirtConnectionDeps;
  #client: Promise<LibvirtClient> | undefined;
  #closed = false;

  constructor(deps: LibvirtConnectionDeps) {
    this.#deps = deps;
  }

  /** @throws LibvirtUnreachable with what to do */
  get(): Promise<LibvirtClient> {
    if (this.#closed) return Promise.reject(new LibvirtUnreachable('The libvirt driver is closed'));
    this.#client ??= this.#connect().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  /** In the background: the first connection to a new libvirtd takes seconds. */
  warmUp(): void {
    this.get().catch((error: unknown) => this.#deps.log.warn('libvirtd cannot be reached yet', error));
  }

  close(): void {
    this.#closed = true;
    void this.#client?.then((client) => client.close()).catch(() => undefined);
  }

  async #connect(): Promise<LibvirtClient> {
    const place = await findLibvirt(this.#deps.folder);
    if (place.kind === 'none') throw new LibvirtUnreachable(`libvirt is not usable here: ${place.reason}.`);
    const client =
      place.kind === 'system' ? await LibvirtClient.connect(place.socket) : await this.#privateClient(place.socket);
    client.onEvent(this.#deps.onEvent);
    void client.closed.then(() => this.#lost());
    this.#deps.log.info(
      `Connected to ${place.kind === 'system' ? "the machine's" : 'a private'} libvirtd at ${place.socket}`,
    );
    this.#deps.onConnect();
    return client;
  }

  async #privateClient(socket: string): Promise<LibvirtClient> {
    try {
      return await LibvirtClient.connect(socket);
    } catch {
      await startPrivateLibvirtd(this.#deps.run, this.#deps.folder);
    }
    // It listens a moment after it has gone into the background.
    for (let attempt = 1; ; attempt++) {
      try {
        return await LibvirtClient.connect(socket);
      } catch (error) {
        if (attempt === 100)
          throw new LibvirtUnreachable(
            `The private libvirtd does not answer; see ${join(this.#deps.folder, 'log', 'libvirtd.log')}`,
            { cause: error },
          );
        await sleep(50);
      }
    }
  }

  async #lost(): Promise<void> {
    this.#client = undefined;
    if (this.#closed) return;
    this.#deps.log.warn('The connection to libvirtd was lost; guests run on, connecting again');
    for (let pause = 100; !this.#closed; pause = Math.min(pause * 2, 5_000)) {
      await sleep(pause);
      const done = await this.get().then(
        () => true,
        () => this.#closed,
      );
      if (done) return;
    }
  }
}
