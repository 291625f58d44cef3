import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import { ensureFolder, readIfExists, writeFileAtomic } from '#common/host/files.ts';
import { EMPTY_QCOW2 } from '#common/host/images/empty-qcow2.ts';
import type {
  ComputeDriver,
  ConsoleEndpoint,
  GuestDiagnostics,
  GuestDisk,
  GuestInterface,
  GuestSpec,
  GuestState,
  HostResources,
  LifecycleEvent,
  PowerState,
  SpawnOptions,
} from '../driver.ts';
import { Lifecycle } from '../lifecycle.ts';
import { serialDisabled } from '../serial.ts';
import { volumeIds } from '../volume-disks.ts';
import { vifNames } from '../vif/vif.ts';
import { FakeSerial } from './fake-serial.ts';

export interface FakeDriverOptions {
  /** Its guests survive a restart in this file; without it they are only in memory. */
  readonly stateFile?: string;
  readonly host: string;
  /** What the host pretends to have. */
  readonly vcpus?: number;
  readonly memoryMb?: number;
  readonly diskGb?: number;
  /** Whether its guests have serial consoles; they have unless told. */
  readonly serial?: boolean;
}

interface FakeGuest {
  readonly spec: Omit<GuestSpec, 'configDrive'>;
  power: PowerState;
  interfaces: GuestInterface[];
  volumes: (GuestDisk & { kind: 'volume' })[];
  /** Milliseconds since 1970. */
  startedAt?: number;
}

/** What is kept of a host: guests, and those that are set aside, by server. */
interface Kept {
  readonly guests: readonly (readonly [string, FakeGuest])[];
  readonly asides: readonly (readonly [string, { readonly tag: string; readonly guest: FakeGuest }])[];
}

/** Guests that are notes only: for work on the scale of thousands of servers, and for machines that can run none. */
export class FakeDriver implements ComputeDriver {
  readonly name = 'fake';
  readonly acceleration = { kvm: false, reason: 'guests are simulated: nothing runs' };
  readonly #options: FakeDriverOptions;
  readonly #guests: Map<string, FakeGuest>;
  readonly #asides: Map<string, { readonly tag: string; readonly guest: FakeGuest }>;
  readonly #lifecycle = new Lifecycle();
  #saving: Promise<void> = Promise.resolve();
  #dirty = false;
  #screen: Promise<Server> | undefined;
  /** Of guests that somebody has looked at since they were started. */
  readonly #serials = new Map<string, FakeSerial>();

  private constructor(options: FakeDriverOptions, kept: Kept) {
    this.#options = options;
    this.#guests = new Map(kept.guests);
    this.#asides = new Map(kept.asides);
  }

  static async create(options: FakeDriverOptions): Promise<FakeDriver> {
    const text = options.stateFile === undefined ? undefined : await readIfExists(options.stateFile);
    const kept = text === undefined ? [] : (JSON.parse(text) as Kept | Kept['guests']);
    // An earlier version kept guests only.
    return new FakeDriver(options, 'guests' in kept ? kept : { guests: kept, asides: [] });
  }

  async resources(): Promise<HostResources> {
    const { host, vcpus = 1_000, memoryMb = 8_000_000, diskGb = 600_000 } = this.#options;
    return {
      hypervisorType: 'fake',
      hypervisorVersion: 1_000_000,
      hypervisorHostname: host,
      vcpus,
      memoryMb,
      diskGb,
      freeDiskGb: diskGb,
      cpuInfo: {
        arch: 'x86_64',
        model: 'fake',
        vendor: 'fake',
        topology: { sockets: 1, cores: vcpus, threads: 1 },
        features: [],
      },
      supportedInstances: [['x86_64', 'fake', 'hvm']],
    };
  }

  async list(): Promise<readonly GuestState[]> {
    return [...this.#guests.values()].map(stateOf);
  }

  async state(id: string): Promise<GuestState | null> {
    const guest = this.#guests.get(id);
    return guest ? stateOf(guest) : null;
  }

  async spawn(spec: GuestSpec, _signal?: AbortSignal, { start = true }: SpawnOptions = {}): Promise<void> {
    const { configDrive: _, ...kept } = spec; // it holds passwords
    const before = this.#guests.get(spec.id);
    const guest: FakeGuest =
      before && isOn(before)
        ? before
        : {
            spec: kept,
            power: 'shutdown',
            interfaces: [...spec.interfaces],
            volumes: spec.disks.filter((disk) => disk.kind === 'volume'),
          };
    this.#guests.set(spec.id, guest);
    await (start ? this.#start(guest) : this.#save());
  }

  async wipe(id: string): Promise<void> {
    if (this.#guests.has(id)) await this.#set(id, 'shutdown');
  }

  async setAside(id: string, tag: string): Promise<void> {
    if (this.#asides.get(id)?.tag === tag) return;
    const guest = this.#guest(id);
    guest.power = 'shutdown';
    await this.#hangUp(id);
    this.#asides.set(id, { tag, guest });
    this.#guests.delete(id);
    await this.#save();
  }

  async restoreAside(id: string, tag: string, start: boolean): Promise<void> {
    const aside = this.#asides.get(id);
    if (aside?.tag === tag) {
      if (this.#guests.has(id)) throw new Error(`Instance ${id} is in the way of what was set aside of it.`);
      this.#guests.set(id, aside.guest);
      this.#asides.delete(id);
    }
    const guest = this.#guest(id);
    await (start ? this.#start(guest) : this.#save());
  }

  async discardAside(id: string, tag: string): Promise<void> {
    if (this.#asides.get(id)?.tag === tag && this.#asides.delete(id)) await this.#save();
  }

  async listAside(): Promise<readonly { readonly id: string; readonly tag: string }[]> {
    return [...this.#asides].map(([id, { tag }]) => ({ id, tag }));
  }

  async destroy(id: string): Promise<void> {
    await this.#hangUp(id);
    if (this.#guests.delete(id)) await this.#save();
  }

  async powerOff(id: string): Promise<void> {
    await this.#set(id, 'shutdown');
  }

  async powerOn(id: string): Promise<void> {
    await this.#start(this.#guest(id));
  }

  async reboot(id: string): Promise<void> {
    const guest = this.#guest(id);
    guest.power = 'shutdown';
    await this.#start(guest);
  }

  async pause(id: string): Promise<void> {
    await this.#set(id, 'paused');
  }

  async unpause(id: string): Promise<void> {
    await this.#set(id, 'running');
  }

  async suspend(id: string): Promise<void> {
    await this.#set(id, 'shutdown');
  }

  async resume(id: string): Promise<void> {
    await this.#hangUp(id);
    await this.#set(id, 'running');
  }

  async rescue(id: string): Promise<void> {
    const guest = this.#guest(id);
    guest.power = 'shutdown';
    await this.#start(guest);
  }

  async unrescue(id: string): Promise<void> {
    await this.rescue(id);
  }

  async snapshot(id: string, path: string): Promise<void> {
    this.#guest(id);
    await ensureFolder(dirname(path));
    await writeFile(path, EMPTY_QCOW2);
  }

  async injectNmi(id: string): Promise<void> {
    this.#guest(id);
  }

  async setPassword(id: string): Promise<void> {
    this.#guest(id);
  }

  async diagnostics(id: string): Promise<GuestDiagnostics> {
    const { spec, power, interfaces, startedAt } = this.#guest(id);
    if (power === 'shutdown' || power === 'crashed') throw new Error(`Instance ${id} is not running.`);
    const nothing = { octets: 0, packets: 0, errors: 0, drops: 0 };
    return {
      power,
      hypervisor: 'fake',
      uptimeSeconds: startedAt === undefined ? null : Math.floor((Date.now() - startedAt) / 1000),
      configDrive: false,
      cpus: Array.from({ length: spec.vcpus }, (_, cpu) => ({ id: cpu, nanoseconds: 0 })),
      disks: spec.disks.map(({ device }) => ({
        device,
        readBytes: 0,
        readRequests: 0,
        writeBytes: 0,
        writeRequests: 0,
        errors: 0,
      })),
      nics: interfaces.map(({ portId, mac }) => ({ device: vifNames(portId).tap, mac, rx: nothing, tx: nothing })),
      memory: { maximumMb: spec.memoryMb, usedMb: null },
    };
  }

  async consoleLog(id: string, maxBytes: number): Promise<Buffer> {
    return Buffer.from(this.#serial(this.#guest(id)).log()).subarray(-maxBytes);
  }

  async vncEndpoint(id: string): Promise<ConsoleEndpoint> {
    const guest = this.#guest(id);
    if (!guest.spec.vnc) throw new Error(`Instance ${id} has no VNC console.`);
    if (guest.power === 'shutdown' || guest.power === 'crashed') throw new Error(`Instance ${id} is not running.`);
    const address = (await this.#openScreen()).address();
    if (address === null || typeof address === 'string') throw new Error('The screen of fake guests is not open.');
    return { host: address.address, port: address.port };
  }

  async serialEndpoint(id: string): Promise<ConsoleEndpoint> {
    const guest = this.#guest(id);
    if (guest.power === 'shutdown' || guest.power === 'crashed') throw new Error(`Instance ${id} is not running.`);
    if (this.#options.serial === false) throw serialDisabled();
    return this.#serial(guest).endpoint();
  }

  async attachInterface(id: string, nic: GuestInterface): Promise<void> {
    const guest = this.#guest(id);
    guest.interfaces = [...guest.interfaces.filter((one) => one.portId !== nic.portId), nic];
    await this.#save();
  }

  async detachInterface(id: string, portId: string): Promise<void> {
    const guest = this.#guest(id);
    guest.interfaces = guest.interfaces.filter((one) => one.portId !== portId);
    await this.#save();
  }

  async volumes(id: string): Promise<readonly string[]> {
    return volumeIds(this.#guest(id).volumes);
  }

  async attachDisk(id: string, disk: GuestDisk & { kind: 'volume' }): Promise<void> {
    const guest = this.#guest(id);
    guest.volumes = [...guest.volumes.filter((one) => one.volumeId !== disk.volumeId), disk];
    await this.#save();
  }

  async detachDisk(id: string, volumeId: string): Promise<void> {
    const guest = this.#guest(id);
    guest.volumes = guest.volumes.filter((one) => one.volumeId !== volumeId);
    await this.#save();
  }

  async growDisk(id: string): Promise<void> {
    this.#guest(id);
  }

  async swapDisk(id: string, volumeId: string, disk: GuestDisk & { kind: 'volume' }): Promise<void> {
    const guest = this.#guest(id);
    guest.volumes = guest.volumes.map((one) => (one.volumeId === volumeId ? { ...disk, device: one.device } : one));
    await this.#save();
  }

  async rewire(): Promise<void> {
    // Nothing is wired.
  }

  onLifecycle(listener: (event: LifecycleEvent) => void): void {
    this.#lifecycle.listen(listener);
  }

  async close(): Promise<void> {
    await this.#saving;
    await Promise.all([...this.#serials.keys()].map((id) => this.#hangUp(id)));
    const screen = await this.#screen;
    await new Promise<void>((resolve) => (screen ? screen.close(() => resolve()) : resolve()));
  }

  /** For tests: the guest ends as if its process had been killed. */
  async crash(id: string): Promise<void> {
    await this.#set(id, 'crashed');
    this.#lifecycle.tell(id, 'crashed');
  }

  /** What a guest has, for tests. */
  devices(id: string): { readonly ports: readonly string[]; readonly volumes: readonly string[] } {
    const { interfaces, volumes } = this.#guest(id);
    return { ports: interfaces.map(({ portId }) => portId), volumes: volumes.map(({ volumeId }) => volumeId) };
  }

  async #start(guest: FakeGuest): Promise<void> {
    if (guest.power === 'running') return;
    guest.power = 'running';
    guest.startedAt = Date.now();
    await this.#hangUp(guest.spec.id);
    await this.#save();
  }

  async #set(id: string, power: PowerState): Promise<void> {
    this.#guest(id).power = power;
    if (power === 'shutdown' || power === 'crashed') await this.#serials.get(id)?.end();
    await this.#save();
  }

  #guest(id: string): FakeGuest {
    const guest = this.#guests.get(id);
    if (!guest) throw new Error(`Instance ${id} could not be found on host ${this.#options.host}.`);
    return guest;
  }

  /** The serial console of a guest since its last start. */
  #serial({ spec, power, startedAt = Date.now() }: FakeGuest): FakeSerial {
    const known = this.#serials.get(spec.id);
    if (known) return known;
    const off = power === 'shutdown' || power === 'crashed';
    const serial = new FakeSerial(spec.name, off ? Date.now() : startedAt);
    if (off) void serial.end();
    this.#serials.set(spec.id, serial);
    return serial;
  }

  async #hangUp(id: string): Promise<void> {
    const serial = this.#serials.get(id);
    this.#serials.delete(id);
    await serial?.end();
  }

  /** Somebody answers at the console's address, and hangs up. */
  #openScreen(): Promise<Server> {
    this.#screen ??= new Promise((resolve, reject) => {
      const server = createServer((socket) => socket.destroy());
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(server.unref()));
    });
    return this.#screen;
  }

  /** Changes that come while a write is under way share the next one. */
  #save(): Promise<void> {
    const { stateFile } = this.#options;
    if (stateFile === undefined || this.#dirty) return this.#saving;
    this.#dirty = true;
    this.#saving = this.#saving.then(async () => {
      this.#dirty = false;
      await ensureFolder(dirname(stateFile));
      await writeFileAtomic(
        stateFile,
        JSON.stringify({ guests: [...this.#guests], asides: [...this.#asides] } satisfies Kept),
        { mode: 0o600 },
      );
    });
    return this.#saving;
  }
}

const isOn = ({ power }: FakeGuest): boolean => power === 'running' || power === 'paused';

const stateOf = ({ spec, power }: FakeGuest): GuestState => ({ id: spec.id, name: spec.name, power });
