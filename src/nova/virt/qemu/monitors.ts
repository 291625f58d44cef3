import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, waitForEnd, type ProcessIdentity } from '#common/host/process.ts';
import { QmpClient, QmpClosed, type QmpEvent } from '#common/host/qmp.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { PowerState } from '../driver.ts';
import { MONITOR } from './command.ts';

export interface MonitorsDeps {
  readonly log: Logger;
  readonly tell: (id: string, power: PowerState) => void;
}

interface Watch {
  readonly identity: ProcessIdentity;
  client: Promise<QmpClient>;
  /** The guest switched itself off, rather than its process being killed. */
  orderly: boolean;
  /** Ended by us: nothing to tell. */
  forgotten: boolean;
}

/** One open monitor per running guest: commands are answered in a millisecond, and what a guest does by itself is heard. */
export class Monitors {
  readonly #deps: MonitorsDeps;
  readonly #watches = new Map<string, Watch>();

  constructor(deps: MonitorsDeps) {
    this.#deps = deps;
  }

  /** The monitor of a guest whose process runs. @throws QmpClosed */
  client(id: string, folder: string, identity: ProcessIdentity): Promise<QmpClient> {
    const known = this.#watches.get(id);
    if (known && known.identity.pid === identity.pid && known.identity.startTicks === identity.startTicks)
      return known.client;
    if (known) this.forget(id);
    const watch: Watch = { identity, client: connect(folder), orderly: false, forgotten: false };
    this.#watches.set(id, watch);
    void this.#follow(id, folder, watch);
    return watch.client;
  }

  /** Stops listening: what follows is our own doing. */
  forget(id: string): void {
    const watch = this.#watches.get(id);
    if (!watch) return;
    watch.forgotten = true;
    this.#watches.delete(id);
    void watch.client.then((client) => client.close()).catch(() => undefined);
  }

  close(): void {
    for (const id of [...this.#watches.keys()]) this.forget(id);
  }

  async #follow(id: string, folder: string, watch: Watch): Promise<void> {
    for (let pause = 100; !watch.forgotten; pause = Math.min(pause * 2, 5_000)) {
      try {
        const client = await watch.client;
        client.onEvent((event) => this.#hear(id, watch, event));
        await client.closed;
        pause = 100;
      } catch (error) {
        this.#deps.log.warn(`The monitor of instance ${id} does not answer`, error);
      }
      if (watch.forgotten) return;
      // QEMU closes its monitor a moment before it ends.
      if (await waitForEnd(watch.identity, 500)) break;
      await sleep(pause);
      if (isAlive(watch.identity)) {
        watch.client = connect(folder);
        watch.client.catch(() => undefined);
      }
    }
    if (watch.forgotten) return;
    this.#watches.delete(id);
    this.#deps.tell(id, watch.orderly ? 'shutdown' : 'crashed');
  }

  #hear(id: string, watch: Watch, { event }: QmpEvent): void {
    if (watch.forgotten) return;
    if (event === 'SHUTDOWN') watch.orderly = true;
    else if (event === 'STOP' && !watch.orderly) this.#deps.tell(id, 'paused');
    else if (event === 'RESUME') this.#deps.tell(id, 'running');
    else if (event === 'GUEST_PANICKED') this.#deps.tell(id, 'crashed');
  }
}

/** Through the folder's file descriptor: a socket's path may have 107 characters only, and instances_path be long. */
async function connect(folder: string): Promise<QmpClient> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY).catch((cause: unknown) => {
    throw new QmpClosed(`Cannot open ${folder}`, { cause });
  });
  try {
    return await QmpClient.connect(`/proc/self/fd/${handle.fd}/${MONITOR}`, { timeoutMs: 5_000 });
  } finally {
    await handle.close();
  }
}
