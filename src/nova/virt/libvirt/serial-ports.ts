import { createServer } from 'node:net';
import type { SerialConsoles } from '../serial.ts';

/**
 * Which guest has which port for its serial console: libvirt wants to be told one. A guest keeps its port while it is off,
 * since a suspended one comes back with the port that it had.
 */
export class SerialPorts {
  readonly #consoles: SerialConsoles;
  readonly #held = new Map<string, number>();

  constructor(consoles: SerialConsoles) {
    this.#consoles = consoles;
  }

  /** Notes what a guest has had since before this process. */
  keep(id: string, port: number): void {
    if (!this.#held.has(id)) this.#held.set(id, port);
  }

  /** The guest's port; a new one when it has none. @throws Error when there is none left */
  async of(id: string): Promise<number> {
    return this.#held.get(id) ?? this.next(id);
  }

  /** Another port, since somebody else has the guest's own. @throws Error when there is none left */
  async next(id: string): Promise<number> {
    const { listen, ports } = this.#consoles;
    const refused = this.#held.get(id) ?? ports.first - 1;
    const taken = new Set(this.#held.values());
    const size = ports.last - ports.first + 1;
    for (let step = 1; step <= size; step++) {
      const port = ports.first + ((refused + step - ports.first) % size);
      if (taken.has(port) || port === refused) continue;
      // Held first: others look at the same time.
      this.#held.set(id, port);
      taken.add(port);
      if (await isFree(listen, port)) return port;
    }
    this.#held.delete(id);
    throw new Error(
      `No port is left for the serial console of instance ${id}: all from ${ports.first} to ${ports.last} are taken. Enlarge [serial_console] port_range.`,
    );
  }

  release(id: string): void {
    this.#held.delete(id);
  }
}

const isFree = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
      .once('error', () => resolve(false))
      .listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
