import { createServer, type Server, type Socket } from 'node:net';
import type { ConsoleEndpoint } from '../driver.ts';

/** Milliseconds between two lines that a guest says by itself. */
const EVERY_MS = 5_000;
/** Bytes that are kept, at least. */
const KEPT = 32_768;

const BOOT = [
  'FAKE CONSOLE OUTPUT',
  'Booting the simulated kernel',
  'Command line: root=/dev/vda1 console=ttyS0',
  'CPU: simulated',
  'virtio_blk virtio0: vda',
  'virtio_net virtio1: eth0',
  'EXT4-fs (vda1): mounted filesystem',
  'systemd: not at all',
  'eth0: link becomes ready',
  'Starting the simulated login service',
];

/**
 * The serial console of a guest that does not exist: it boots in words, says a line every few seconds, and answers what is
 * typed with an echo. All of it is in its log.
 */
export class FakeSerial {
  readonly #name: string;
  readonly #startedAt: number;
  readonly #now: () => number;
  readonly #clients = new Set<Socket>();
  #text: string;
  /** How many lines were said by itself. */
  #said = 0;
  #line = '';
  #server: Promise<Server> | undefined;
  #ended = false;

  /** @param startedAt milliseconds since 1970 */
  constructor(name: string, startedAt: number, now: () => number = Date.now) {
    this.#name = name;
    this.#startedAt = startedAt;
    this.#now = now;
    this.#text = `${BOOT.join('\n')}\n\n${this.#prompt}`;
  }

  /** All that is kept. */
  log(): string {
    this.#speak();
    return this.#text;
  }

  async endpoint(): Promise<ConsoleEndpoint> {
    this.#server ??= new Promise((resolve, reject) => {
      const server = createServer((socket) => this.#serve(socket));
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(server.unref()));
    });
    const address = (await this.#server).address();
    if (address === null || typeof address === 'string') throw new Error('The fake serial console is closed.');
    return { host: address.address, port: address.port };
  }

  /** The guest is off: its log stays as it is, and whoever is connected is sent away. */
  async end(): Promise<void> {
    this.#speak();
    this.#ended = true;
    const server = await this.#server;
    for (const client of this.#clients) client.destroy();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  get #prompt(): string {
    return `${this.#name} login: `;
  }

  #serve(socket: Socket): void {
    this.#clients.add(socket);
    const turn = setInterval(() => this.#speak(), 1_000).unref();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearInterval(turn);
      this.#clients.delete(socket);
    });
    socket.on('data', (typed) => this.#hear(typed.toString('utf8')));
  }

  #hear(typed: string): void {
    this.#speak();
    for (const character of typed.replaceAll('\r\n', '\r')) {
      if (character !== '\r' && character !== '\n') {
        this.#line = (this.#line + character).slice(-1_000);
        this.#say(character);
        continue;
      }
      this.#say(this.#line === '' ? `\n${this.#prompt}` : `\nYou said: ${this.#line}\n${this.#prompt}`);
      this.#line = '';
    }
  }

  /** What it should have said by now. The last line has no end, as that of a console that waits for a login. */
  #speak(): void {
    if (this.#ended) return;
    const due = Math.floor((this.#now() - this.#startedAt) / EVERY_MS);
    // A guest that nobody has looked at for days says the last of it.
    this.#said = Math.max(this.#said, due - 500);
    while (this.#said < due) {
      this.#said += 1;
      const seconds = (this.#said * EVERY_MS) / 1000;
      this.#say(`\n[${seconds.toFixed(6).padStart(12)}] simulated: still here after ${seconds} s`);
    }
  }

  #say(text: string): void {
    this.#text += text;
    if (this.#text.length > 2 * KEPT) this.#text = this.#text.slice(-KEPT);
    for (const client of this.#clients) client.write(text.replaceAll('\n', '\r\n'));
  }
}
