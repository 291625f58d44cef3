import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileAtomic } from '#common/host/files.ts';
import { findProgram } from '#common/host/privileges.ts';
import { accelerationFor } from '../acceleration.ts';
import { beginConsoleLog, limitConsoleLog, readConsoleLog } from '../console-log.ts';
import type { DriverDeps } from '../deps.ts';
import type {
  ComputeDriver,
  ConsoleEndpoint,
  GuestDisk,
  GuestInterface,
  GuestSpec,
  GuestState,
  HostResources,
  LifecycleEvent,
  PowerState,
} from '../driver.ts';
import type { KeptSpec } from '../guest-folders.ts';
import { GuestKit } from '../guest-kit.ts';
import { hostResources } from '../host-resources.ts';
import { Lifecycle } from '../lifecycle.ts';
import { LibvirtConnection } from './connection.ts';
import { supportsDirectIo } from './direct-io.ts';
import { changesPower, powerOf } from './domain-state.ts';
import { CONSOLE_LOG, diskXml, domainXml, interfaceXml, type DomainHost } from './domain-xml.ts';
import {
  CONFIG,
  LibvirtError,
  LIVE,
  NO_DOMAIN,
  OPERATION_INVALID,
  type Domain,
  type DomainEvent,
  type LibvirtClient,
} from './libvirt-client.ts';
import { printXml, type XmlElement } from './xml.ts';

/** How long a guest may take to release a device. */
const RELEASE_MS = 20_000;

type Volume = GuestDisk & { kind: 'volume' };

/** Guests as domains of libvirt, as the manual has them: `virsh` shows and drives them too. */
export class LibvirtDriver implements ComputeDriver {
  readonly name = 'libvirt';
  readonly acceleration: ComputeDriver['acceleration'];
  readonly #deps: DriverDeps;
  readonly #kit: GuestKit;
  readonly #lifecycle = new Lifecycle();
  readonly #connection: LibvirtConnection;
  /** What we last knew of a guest's power: after a lost connection the difference is what events would have told. */
  readonly #known = new Map<string, PowerState>();
  #host: Promise<DomainHost> | undefined;

  constructor(deps: DriverDeps) {
    this.#deps = deps;
    this.#kit = new GuestKit(deps);
    this.acceleration = accelerationFor(deps.virtType);
    this.#connection = new LibvirtConnection({
      run: deps.run,
      log: deps.log,
      folder: libvirtFolder(deps.statePath),
      onEvent: (event) => void this.#hear(event),
      onConnect: () =>
        void this.#compare().catch((error: unknown) => deps.log.warn('The guests cannot be listed', error)),
    });
  }

  /** Finishes removals of a predecessor, and connects in the background. */
  async adopt(): Promise<void> {
    await this.#kit.folders.sweep();
    this.#connection.warmUp();
  }

  async resources(): Promise<HostResources> {
    const client = await this.#connection.get();
    return hostResources(this.#deps.instancesPath, {
      type: 'QEMU',
      version: await client.hypervisorVersion(),
      hostname: this.#deps.host,
      kvm: this.acceleration.kvm,
    });
  }

  async list(): Promise<readonly GuestState[]> {
    const definitions = await this.#kit.folders.list();
    const client = await this.#connection.get();
    return Promise.all(definitions.map(({ spec }) => stateOf(client, spec)));
  }

  async state(id: string): Promise<GuestState | null> {
    const definition = await this.#kit.folders.read(id);
    return definition && stateOf(await this.#connection.get(), definition.spec);
  }

  spawn(spec: GuestSpec, signal: AbortSignal): Promise<void> {
    return this.#own(spec.id, async () => {
      const client = await this.#connection.get();
      const known = await this.#kit.folders.read(spec.id);
      if (known && isOn((await stateOf(client, known.spec)).power)) return;
      const kept = await this.#kit.prepare(spec, false);
      signal.throwIfAborted();
      await this.#start(client, kept);
    });
  }

  destroy(id: string): Promise<void> {
    return this.#own(id, async () => {
      const definition = await this.#kit.folders.read(id);
      if (!definition) return;
      const client = await this.#connection.get();
      const domain = domainOf(definition.spec);
      await unlessAbsent(client.destroy(domain));
      await unlessAbsent(client.undefine(domain));
      for (const disk of definition.spec.disks)
        if (disk.kind === 'volume') await client.removeIscsiSecret(disk.volumeId);
      await this.#kit.discard(id);
    });
  }

  powerOff(id: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      await this.#stop(await this.#connection.get(), spec, timeoutMs, signal);
    });
  }

  powerOn(id: string, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      await this.#startKept(await this.#connection.get(), spec, signal);
    });
  }

  reboot(id: string, kind: 'soft' | 'hard', timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const client = await this.#connection.get();
      await this.#stop(client, spec, kind === 'soft' ? timeoutMs : 0, signal);
      await this.#startKept(client, spec, signal);
    });
  }

  pause(id: string): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      await (await this.#connection.get()).suspend(domainOf(spec));
    });
  }

  unpause(id: string): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      await (await this.#connection.get()).resume(domainOf(spec));
    });
  }

  async consoleLog(id: string, maxBytes: number): Promise<Buffer> {
    await this.#kit.folders.require(id);
    return readConsoleLog(this.#kit.folders.path(id, CONSOLE_LOG), maxBytes);
  }

  async vncEndpoint(id: string): Promise<ConsoleEndpoint> {
    const { spec } = await this.#kit.folders.require(id);
    const text = await (await this.#connection.get()).xml(domainOf(spec));
    const graphics = /<graphics type='vnc'[^>]*>/.exec(text)?.[0] ?? '';
    const port = Number(/ port='(\d+)'/.exec(graphics)?.[1] ?? 0);
    if (!spec.vnc) throw new Error(`Instance ${id} has no VNC console.`);
    if (port === 0) throw new Error(`Instance ${id} is not running.`);
    return { host: / listen='([^']+)'/.exec(graphics)?.[1] ?? spec.vnc.listen, port };
  }

  attachInterface(id: string, nic: GuestInterface): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const others = spec.interfaces.filter(({ portId }) => portId !== nic.portId);
      await this.#kit.folders.write({ ...spec, interfaces: [...others, nic] });
      try {
        await this.#deps.vif.plug(id, [nic], { makeTap: false });
        await this.#attach(spec, interfaceXml(nic, await this.#domainHost()), nic.mac);
      } catch (error) {
        await this.#deps.vif.unplug([nic]).catch(() => undefined);
        await this.#kit.folders.write({ ...spec, interfaces: others });
        throw error;
      }
    });
  }

  detachInterface(id: string, portId: string, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const nic = spec.interfaces.find((one) => one.portId === portId);
      if (!nic) return;
      // A guest that does not let go keeps a card without a cable until it is next started.
      await this.#detach(spec, interfaceXml(nic, await this.#domainHost()), nic.mac, signal);
      await this.#deps.vif.unplug([nic]);
      await this.#kit.folders.write({ ...spec, interfaces: spec.interfaces.filter((one) => one !== nic) });
    });
  }

  attachDisk(id: string, disk: Volume): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const others = spec.disks.filter((one) => one.kind !== 'volume' || one.volumeId !== disk.volumeId);
      const kept = (await this.#kit.folders.write({ ...spec, disks: [...others, disk] })).spec;
      try {
        await setSecrets(await this.#connection.get(), kept);
        await this.#attach(spec, this.#volumeXml(disk, await this.#domainHost()), disk.volumeId);
      } catch (error) {
        await this.#kit.folders.write({ ...spec, disks: others });
        throw error;
      }
    });
  }

  detachDisk(id: string, volumeId: string, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const disk = spec.disks.find((one) => one.kind === 'volume' && one.volumeId === volumeId);
      if (disk?.kind !== 'volume') return;
      if (!(await this.#detach(spec, this.#volumeXml(disk, await this.#domainHost()), volumeId, signal)))
        throw new Error(
          `The guest did not release the disk within ${RELEASE_MS / 1000} s. Unmount it inside the guest, or stop the server, and detach it again.`,
        );
      await (await this.#connection.get()).removeIscsiSecret(volumeId);
      await this.#kit.folders.write({ ...spec, disks: spec.disks.filter((one) => one !== disk) });
    });
  }

  async rewire(signal: AbortSignal): Promise<void> {
    const client = await this.#connection.get();
    for (const { spec } of await this.#kit.folders.list()) {
      signal.throwIfAborted();
      // A guest that is off gets its wiring when it is started.
      if (isOn((await stateOf(client, spec)).power))
        await this.#deps.vif.plug(spec.id, spec.interfaces, { makeTap: false }, signal);
      await limitConsoleLog(this.#kit.folders.path(spec.id, CONSOLE_LOG));
    }
  }

  onLifecycle(listener: (event: LifecycleEvent) => void): void {
    this.#lifecycle.listen(listener);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  /** Our own work on a guest; afterwards we know its power without being told. */
  async #own<T>(id: string, work: () => Promise<T>): Promise<T> {
    return this.#lifecycle.during(id, async () => {
      try {
        return await work();
      } finally {
        const state = await this.state(id).catch(() => null);
        if (state) this.#known.set(id, state.power);
        else this.#known.delete(id);
      }
    });
  }

  async #start(client: LibvirtClient, spec: KeptSpec): Promise<void> {
    const folder = this.#kit.folders.path(spec.id);
    const document = printXml(domainXml(spec, folder, await this.#domainHost()));
    await Promise.all([
      beginConsoleLog(join(folder, CONSOLE_LOG)),
      writeFileAtomic(join(folder, 'libvirt.xml'), document, { mode: 0o600 }),
      setSecrets(client, spec),
    ]);
    const domain = await client.define(document);
    // A predecessor's start may have been under way: then it runs now.
    await client.start(domain).catch(async (error: unknown) => {
      const already = error instanceof LibvirtError && error.code === OPERATION_INVALID;
      if (!already || !isOn((await stateOf(client, spec)).power)) throw error;
    });
  }

  async #startKept(client: LibvirtClient, spec: KeptSpec, signal: AbortSignal): Promise<void> {
    if (isOn((await stateOf(client, spec)).power)) return;
    await this.#deps.vif.plug(spec.id, spec.interfaces, { makeTap: false }, signal);
    await this.#start(client, spec);
  }

  /** By ACPI within the time, then by force. */
  async #stop(client: LibvirtClient, spec: KeptSpec, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const domain = domainOf(spec);
    const deadline = performance.now() + timeoutMs;
    let pressed = -Infinity;
    for (;;) {
      const { power } = await stateOf(client, spec);
      if (!isOn(power)) return;
      // A guest that stands still hears no button.
      if (power !== 'running' || performance.now() >= deadline) break;
      // Pressed again: a guest that was still booting has not seen it.
      if (performance.now() - pressed > 2_000) {
        pressed = performance.now();
        await unlessAbsent(client.shutdown(domain));
      }
      await sleep(50, undefined, { signal });
    }
    await unlessAbsent(client.destroy(domain));
  }

  async #attach(spec: KeptSpec, device: XmlElement, sign: string): Promise<void> {
    const client = await this.#connection.get();
    const domain = domainOf(spec);
    const on = isOn((await stateOf(client, spec)).power);
    // A guest that is off is defined anew at its start.
    if (!on || (await client.xml(domain)).includes(sign)) return;
    await client.attachDevice(domain, printXml(device), LIVE | CONFIG);
  }

  /** Says whether the guest has let go. */
  async #detach(spec: KeptSpec, device: XmlElement, sign: string, signal: AbortSignal): Promise<boolean> {
    const client = await this.#connection.get();
    const domain = domainOf(spec);
    const deadline = performance.now() + RELEASE_MS;
    for (let flags = LIVE | CONFIG; performance.now() < deadline; flags = LIVE) {
      if (!isOn((await stateOf(client, spec)).power) || !(await client.xml(domain)).includes(sign)) return true;
      // Asked again while it hesitates: a guest that was still booting has not heard.
      await client.detachDevice(domain, printXml(device), flags).catch((error: unknown) => {
        if (!(error instanceof LibvirtError)) throw error;
        this.#deps.log.debug(`Detaching from ${spec.id}: ${error.message}`);
      });
      const again = performance.now() + 3_000;
      while (performance.now() < again) {
        if (!(await client.xml(domain).catch(() => '')).includes(sign)) return true;
        await sleep(50, undefined, { signal });
      }
    }
    return false;
  }

  /** Hot-plugged disks are virtio: IDE cannot be hot-plugged. */
  #volumeXml(disk: Volume, host: DomainHost): XmlElement {
    return diskXml({ ...disk, bus: disk.bus === 'ide' ? 'virtio' : disk.bus }, '', host);
  }

  /** An event is a hint: one of our own work may come late, so the guest itself is asked. */
  async #hear(event: DomainEvent): Promise<void> {
    const { uuid } = event.domain;
    if (!changesPower(event)) return;
    const state = await this.state(uuid).catch(() => null);
    if (!state || this.#known.get(uuid) === state.power) return;
    this.#known.set(uuid, state.power);
    this.#lifecycle.tell(uuid, state.power);
  }

  /** Tells what happened while nobody listened. */
  async #compare(): Promise<void> {
    for (const { id, power } of await this.list()) {
      const before = this.#known.get(id);
      this.#known.set(id, power);
      if (before !== undefined && before !== power) this.#lifecycle.tell(id, power);
    }
  }

  #domainHost(): Promise<DomainHost> {
    this.#host ??= this.#lookAround().catch((error: unknown) => {
      this.#host = undefined;
      throw error;
    });
    return this.#host;
  }

  async #lookAround(): Promise<DomainHost> {
    const { instancesPath, installation, usbTablet, vncKeymap, configDriveFormat } = this.#deps;
    return {
      virtType: this.acceleration.kvm ? 'kvm' : 'qemu',
      emulator: findProgram('qemu-system-x86_64') ?? '/usr/libexec/qemu-kvm',
      cacheMode: (await supportsDirectIo(instancesPath)) ? 'none' : 'writethrough',
      hostUuid: installation,
      libvirtVersion: await (await this.#connection.get()).libraryVersion(),
      usbTablet,
      vncKeymap,
      configDriveFormat,
    };
  }
}

/** The folder of a private libvirtd. */
export const libvirtFolder = (statePath: string): string => join(statePath, 'libvirt');

const isOn = (power: PowerState): boolean => power === 'running' || power === 'paused' || power === 'suspended';

const domainOf = (spec: KeptSpec): Domain => ({ name: spec.name, uuid: spec.id, id: -1 });

async function stateOf(client: LibvirtClient, spec: KeptSpec): Promise<GuestState> {
  const { id, name } = spec;
  try {
    return { id, name, power: powerOf(await client.state(domainOf(spec))) };
  } catch (error) {
    if (error instanceof LibvirtError && error.code === NO_DOMAIN) return { id, name, power: 'shutdown' };
    throw error;
  }
}

/** A domain that is not there, or not running, is what was wanted. */
async function unlessAbsent(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof LibvirtError) || (error.code !== NO_DOMAIN && error.code !== OPERATION_INVALID)) throw error;
  });
}

async function setSecrets(client: LibvirtClient, spec: KeptSpec): Promise<void> {
  for (const disk of spec.disks)
    if (disk.kind === 'volume' && disk.connection.type === 'iscsi' && disk.connection.password !== null)
      await client.setIscsiSecret(disk.volumeId, disk.connection.password);
}

/** Makes the driver; guests of a predecessor are adopted. */
export async function createLibvirtDriver(deps: DriverDeps): Promise<ComputeDriver> {
  const driver = new LibvirtDriver(deps);
  await driver.adopt();
  return driver;
}
